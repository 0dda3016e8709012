import { commit } from '../../interaction/commit.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { askOfDoses, storedDoses } from './ask-of-doses.ts';
import type { Vaccines } from './dose-event.ts';

/** Asks of all doses of a person that may be one, each pair once; answers of how many. */
export async function reviewDoses(
  ctx: InteractionContext,
  patientId: string,
  vaccines: Vaccines,
): Promise<number> {
  const ask = async () => {
    const doses = await storedDoses(ctx, [patientId]);
    return askOfDoses(ctx, { ids: [patientId], known: [], brought: doses }, vaccines);
  };
  if ((await ask()).added.length === 0) return 0;
  let count = 0;
  await commit(ctx, async () => {
    const asked = await ask();
    count = asked.added.length;
    return { ...asked, steps: [], records: [] };
  });
  return count;
}
