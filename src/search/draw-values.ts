import type { ResourceType } from '../fhir/resource-type.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { patientsOf } from './compartment.ts';
import type { IndexResource } from './index-resource.ts';
import type { IndexValues } from './index-values.ts';
import { marksOf } from './reach.ts';

/** What is drawn from a resource beside its text: what it is found by, whom it concerns, and where they belong. */
export type Drawn = {
  readonly index: IndexValues;
  readonly patients: readonly ResourceId[];
  readonly marks: readonly string[];
};

export function drawValues(
  indexResource: IndexResource,
  { type, id }: { readonly type: ResourceType; readonly id: ResourceId },
  resource: object,
): Drawn {
  const index = indexResource(resource);
  return { index, patients: patientsOf(type, id, index), marks: marksOf(type, index) };
}
