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

type Key = { readonly type: ResourceType; readonly id: ResourceId };

export function drawValues(
  indexResource: (resource: object) => IndexValues,
  key: Key,
  resource: object,
): Drawn {
  return toDrawn(key, indexResource(resource));
}

/** The same of a resource that may be large. */
export async function drawWithPauses(
  { withPauses }: IndexResource,
  key: Key,
  resource: object,
  pause: () => Promise<void> | undefined,
): Promise<Drawn> {
  return toDrawn(key, await withPauses(resource, pause));
}

function toDrawn({ type, id }: Key, index: IndexValues): Drawn {
  return { index, patients: patientsOf(type, id, index), marks: marksOf(type, index) };
}
