import { parseStored } from '../../interaction/parse-stored.ts';
import { guardsBeside } from '../../interaction/referrers.ts';
import type { WritePlan } from '../../interaction/write-plan.ts';
import { storedResource } from '../../interaction/write-result.ts';
import type { Change } from '../../store/contract/store.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { type Judging, ownerOf } from './judge-record.ts';
import type { PatientStep } from './patient-steps.ts';
import type { PersonGroup } from './person-group.ts';
import type { PersonRecords } from './person-records.ts';
import { kindOf, personIdOf } from './record-links.ts';
import { groupOf, settle } from './regroup.ts';
import { deciderOf } from './regroup-commit.ts';
import { leftBy } from './review-changes.ts';

/** The person to whom a source belonged before it is written. */
export async function groupBefore(
  records: PersonRecords,
  { current }: PatientStep,
): Promise<PersonGroup | undefined> {
  const before = current && parseStored(storedResource(current)).resource;
  const personId = before && personIdOf(before);
  const person = personId === undefined ? undefined : await records.read(personId);
  return person && kindOf(person) === 'person' ? groupOf(records, String(person.id)) : undefined;
}

/**
 * A source that is deleted leaves its person, which is computed from the others: nobody has said that they are not the same. With the
 * last one the person goes, and whom it has replaced, unless somebody refers to one of them.
 */
export async function leavePerson(judging: Judging, plan: WritePlan, step: PatientStep): Promise<WritePlan> {
  const { records, caller } = judging;
  const group = await groupBefore(records, step);
  if (group?.personId === undefined) return plan;
  const { personId, replacedIds } = group;
  await settle(records, { ...group, sourceIds: group.sourceIds.filter((id) => id !== step.change.id) });
  const left = { ...plan, added: [...plan.added, partedBy(judging, personId, step.change)] };
  if (await records.read(personId)) return left;
  const gone = [personId, ...replacedIds].map((id) => ({
    type: 'Patient' as const,
    id: id as ResourceId,
    with: step.change,
  }));
  return { ...left, guards: [...left.guards, ...guardsBeside(caller, plan, gone)] };
}

/** Tells of it as of any other end of a join. */
function partedBy({ system, caller }: Judging, personId: string, { id, versionId }: Change): Change {
  return leftBy(system, deciderOf(caller), {
    patients: [personId, id],
    reason: `Patient/${id} was deleted`,
    message: { version: `Patient/${id}/_history/${versionId}`, owner: ownerOf(caller.caller) },
  });
}
