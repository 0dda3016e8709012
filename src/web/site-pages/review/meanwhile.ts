import type { Patient } from 'fhir/r4.js';
import type { Resource } from '../../../fhir/resource.ts';
import type { InteractionContext } from '../../../interaction/context.ts';
import { searchResources } from '../../../interaction/search-resources.ts';
import { personIdOf, replacedIdsOf, sourceIdsOf } from '../../../registry/identity/record-links.ts';
import { readPersonNamed } from '../../person-reading.ts';
import { codeOfKind, type Question } from './question.ts';

/** A record belongs to a person, and a person may have been replaced by another. */
const mostSteps = 3;

/** The person to whom a record belongs by now; the record itself where it stands alone, or more is not shown. */
export async function personNow(ctx: InteractionContext, record: Patient): Promise<Patient> {
  let person = record;
  for (let step = 0; step < mostSteps; step++) {
    const next = await readPersonNamed(ctx, personIdOf(asResource(person)));
    if (!next) return person;
    person = next;
  }
  return person;
}

/** How many other questions ask of the same two persons, by other records of theirs: one answer is for all of them. */
export async function countAlso(
  ctx: InteractionContext,
  question: Pick<Question, 'id' | 'kind'>,
  [some, others]: readonly [Patient, Patient],
): Promise<number> {
  const ids = new Set<string>();
  for (const [one, other] of [
    [some, others],
    [others, some],
  ] as const) {
    const asked = [
      ['code', codeOfKind.people],
      ['status', 'requested,on-hold'],
      ['patient', idsOf(one)],
      ['focus', idsOf(other)],
    ] as const;
    const { matches } = await searchResources(ctx, ['Task'], asked, 'strict');
    for (const { id } of matches) ids.add(String(id));
  }
  ids.delete(question.id);
  return ids.size;
}

/** All by which a Task may speak of the person. */
function idsOf(patient: Patient): string {
  const person = asResource(patient);
  return [String(person.id), ...sourceIdsOf(person), ...replacedIdsOf(person)]
    .map((id) => `Patient/${id}`)
    .join(',');
}

/** The types of FHIR say less of members than those of our own reader. */
function asResource(patient: Patient): Resource {
  return patient as unknown as Resource;
}
