import { textAt } from '../../fhir/json-members.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { parseStored } from '../../interaction/parse-stored.ts';
import type { Filter } from '../../search/filter.ts';
import { joinIn } from './record-provenance.ts';
import type { Pair } from './review-task.ts';

/** A question is answered so many times at the most, before what was said first is forgotten. */
const mostAnswers = 200;

/** Which two records were joined because of the Task, the last time; undefined where none were. */
export async function joinOfTask(system: InteractionContext, taskId: string): Promise<Pair | undefined> {
  const filter: Filter = {
    kind: 'value',
    param: 'entity',
    test: { kind: 'reference', anyOf: [{ type: 'Task', id: taskId }] },
  };
  const query = { types: ['Provenance'], filter, sort: [], count: mostAnswers } as const;
  const { matches } = await system.view.search(query, 'records');
  let last: { readonly pair: Pair; readonly at: string } | undefined;
  for (const match of matches) {
    const { resource } = parseStored(match);
    const [pair, at = ''] = [joinIn(resource), textAt(resource, 'recorded')];
    if (pair && (!last || at >= last.at)) last = { pair, at };
  }
  return last?.pair;
}
