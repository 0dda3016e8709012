import type { Resource } from '../../fhir/resource.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { parseStored } from '../../interaction/parse-stored.ts';
import { isQuestion } from '../../interaction/task-system.ts';
import { changesOf, type WritePlan } from '../../interaction/write-plan.ts';
import { closedQuestion } from '../../operation/close-questions.ts';
import { allOf, anyOf, type Filter } from '../../search/filter.ts';
import type { Change } from '../../store/contract/store.ts';

const pageSize = 200;

/** What is asked of Patients that this plan deletes needs no answer any more. */
export async function closeQuestionsOfDeleted(
  system: InteractionContext,
  plan: WritePlan,
): Promise<readonly Change[]> {
  const closed = new Map<string, Change>();
  const isWritten = new Set<string>(plan.added.map(({ id }) => id));
  for (const { type, method, id } of changesOf(plan)) {
    if (type !== 'Patient' || method !== 'DELETE') continue;
    for (const task of await openQuestionsOf(system, id)) {
      if (!isWritten.has(String(task.id)))
        closed.set(String(task.id), await closedQuestion(system, task, `Patient/${id} was deleted`));
    }
  }
  return [...closed.values()];
}

async function openQuestionsOf(system: InteractionContext, id: string): Promise<readonly Resource[]> {
  const query = { types: ['Task'], filter: questionsOf(id), sort: [], count: pageSize } as const;
  const open: Resource[] = [];
  let after: string | undefined;
  do {
    // Of this record, and not of others of its person.
    const page = await system.view.search(after === undefined ? query : { ...query, after }, 'records');
    open.push(...page.matches.map((match) => parseStored(match).resource).filter(isOpen));
    after = page.next;
  } while (after !== undefined);
  return open;
}

/** R4 task.html: what may still be answered. */
function isOpen(task: Resource): boolean {
  return task['status'] === 'requested' || task['status'] === 'on-hold';
}

function questionsOf(id: string): Filter {
  const named = (param: string): Filter => ({
    kind: 'value',
    param,
    test: { kind: 'reference', anyOf: [{ type: 'Patient', id }] },
  });
  return allOf([isQuestion, anyOf([named('patient'), named('focus')])]);
}
