import type { Resource } from '../fhir/resource.ts';
import type { Registry } from '../interaction/context.ts';
import { patientsOf } from '../search/compartment.ts';
import { marksOf } from '../search/reach.ts';
import type { Change, ResourceKey } from '../store/contract/store.ts';

/** What a store keeps beside the text of a resource. */
export function drawValues(
  indexResource: Registry['indexResource'],
  { type, id }: ResourceKey,
  resource: Resource,
): Pick<Change, 'index' | 'patients' | 'marks'> {
  const index = indexResource(resource);
  return { index, patients: patientsOf(type, id, index), marks: marksOf(type, index) };
}
