import type { ResourceType } from '../fhir/resource-type.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { patientsOf } from './compartment.ts';
import type { IndexResource } from './index-resource.ts';
import type { IndexValues } from './index-values.ts';
import { personOf, withPerson } from './person-link.ts';
import { marksOf } from './reach.ts';

/** What is drawn from a resource beside its text: what it is found by, whom it concerns, and where they belong. */
export type Drawn = {
  readonly index: IndexValues;
  readonly patients: readonly ResourceId[];
  readonly marks: readonly string[];
  /** The person to whom it belongs, of a Patient that is a source. */
  readonly person?: ResourceId;
};

type Key = { readonly type: ResourceType; readonly id: ResourceId };

export function drawValues(
  indexResource: (resource: object) => IndexValues,
  key: Key,
  resource: object,
): Drawn {
  return toDrawn(key, resource, indexResource(resource));
}

/** The same of a resource that may be large. */
export async function drawWithPauses(
  { withPauses }: IndexResource,
  key: Key,
  resource: object,
  pause: () => Promise<void> | undefined,
): Promise<Drawn> {
  return toDrawn(key, resource, await withPauses(resource, pause));
}

function toDrawn({ type, id }: Key, resource: object, values: IndexValues): Drawn {
  const person = personOf(type, id, resource);
  const index = withPerson(values, person);
  const patients = patientsOf(type, id, index);
  const marks = marksOf(type, index, resource);
  return person === undefined ? { index, patients, marks } : { index, patients, marks, person };
}
