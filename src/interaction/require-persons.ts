import { toPersonFilter } from '../access/restrict-filter.ts';
import { allOf, type Filter } from '../search/filter.ts';
import type { Change, Store } from '../store/contract/store.ts';
import type { InteractionContext } from './context.ts';
import { refusedOfPersons } from './refused-write.ts';
import { type WritePlan, writtenBy } from './write-plan.ts';

/**
 * Throws 403 when the caller writes about a person who is not within its reach already and does not come with the unit. A
 * dose or a roster makes a person belong somewhere; it must not be what lets its writer at the person.
 */
export async function requirePersons(
  ctx: InteractionContext,
  store: Store,
  { steps }: WritePlan,
): Promise<void> {
  const brought = new Set(steps.flatMap(({ change }) => (change?.type === 'Patient' ? [change.id] : [])));
  for (const { change } of steps) {
    if (!change || change.method === 'DELETE' || change.type === 'Patient') continue;
    const reach = ctx.view.reach(writtenBy[change.method], change.type);
    if (reach) await requireEach(store, change, reach, brought);
  }
}

async function requireEach(
  store: Store,
  { patients }: Change,
  reach: Filter,
  brought: ReadonlySet<string>,
): Promise<void> {
  const others = patients.filter((id) => !brought.has(id));
  if (others.length === 0) return;
  const filter = allOf([{ kind: 'id', anyOf: others }, toPersonFilter(reach)]);
  if ((await store.count(['Patient'], filter)) === others.length) return;
  throw refusedOfPersons();
}
