import { AbandonedError } from '../../values/turns.ts';
import type { HasGone } from './store.ts';

/** To be called between two parts of a read: throws an AbandonedError when nobody waits for it any more. */
export function requireWaiter(hasGone: HasGone): void {
  if (hasGone?.()) throw new AbandonedError('Nobody waits for what is read.');
}
