import type { Resource } from '../../fhir/resource.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { nextVersion } from '../../interaction/next-version.ts';
import { prepareChange } from '../../interaction/prepare-change.ts';
import { byMatching, type Decided, withDecision } from '../../operation/decision-task.ts';
import type { Change } from '../../store/contract/store.ts';
import { formatInstant } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { Likely } from './matcher.ts';
import { type Recorded, toProvenance } from './record-provenance.ts';
import { toReviewTask } from './review-task.ts';

/** Asks whether the record is the one who is known. */
export function reviewOf(system: InteractionContext, record: ResourceId, { id, comparison }: Likely): Change {
  return newTask(system, toReviewTask(system.newId(), { record, with: id }, comparison, nowAt(system)));
}

/** What was decided without anybody being asked: it can be looked at, and turned round, as any decision. */
export function joinedTask(
  system: InteractionContext,
  record: ResourceId,
  { id, comparison }: Likely,
): Change {
  const at = nowAt(system);
  const task = toReviewTask(system.newId(), { record, with: id }, comparison, at);
  return newTask(system, withDecision(task, sureAt(at)));
}

/** What people were asked, and nobody needs to answer any more. */
export async function closedByModel(
  system: InteractionContext,
  tasks: readonly Resource[],
): Promise<readonly Change[]> {
  const decided = sureAt(nowAt(system));
  return Promise.all(tasks.map((task) => nextVersion(system, withDecision(task, decided))));
}

/** Which message brought it about that records are one person. */
export function joinedBy(
  system: InteractionContext,
  recorded: Pick<Recorded, 'patients' | 'tasks' | 'message'>,
): Change {
  const id = system.newId();
  const at = nowAt(system);
  return created(
    system,
    toProvenance({ ...recorded, id, activity: 'join', decided: sureAt(at) }),
    'Provenance',
  );
}

/** Who deleted a record that was one of a person's, and when. */
export function leftBy(
  system: InteractionContext,
  by: string,
  recorded: Pick<Recorded, 'patients' | 'message'> & { readonly reason: string },
): Change {
  const { reason, ...told } = recorded;
  const decided = { by, at: nowAt(system), reason };
  const id = system.newId();
  return created(system, toProvenance({ ...told, id, activity: 'part', decided, tasks: [] }), 'Provenance');
}

function sureAt(at: string): Decided {
  return { decision: 'same', reason: 'certain by the model', by: byMatching, at };
}

function nowAt({ clock }: InteractionContext): string {
  return formatInstant(clock.now());
}

function newTask(system: InteractionContext, resource: Resource): Change {
  return created(system, resource, 'Task');
}

function created(system: InteractionContext, resource: Resource, type: 'Task' | 'Provenance'): Change {
  const id = resource.id as ResourceId;
  const target = { type, id, method: 'POST', current: undefined } as const;
  return prepareChange(system, { resource, exactNumbers: false }, target);
}
