import type { Store } from '../store/contract/store.ts';
import { createProgress } from './progress.ts';

/** Builds what was left out while an empty store was loaded, and shows how far it is. */
export async function buildIndexes(
  store: Store,
  output: NodeJS.WriteStream,
  now: () => number,
): Promise<void> {
  const progress = createProgress(output, now);
  let isShown = false;
  await store.buildIndexes((done, missing) => {
    if (!isShown) progress.start('indexes', missing);
    isShown = true;
    progress.update(done, `${done} of ${missing} built`);
  });
  if (isShown) progress.stop();
}
