import { createHash } from 'node:crypto';
import { Problem } from '../fhir/problem.ts';
import { parseResourceId, type ResourceId } from '../values/resource-id.ts';

/** An id drawn from where a resource stands: who brings it from the same place again finds it. */
export function placeId(place: string): ResourceId {
  const id = parseResourceId(createHash('sha256').update(place).digest('hex').slice(0, 32));
  if (id === undefined) throw new Problem('invalid-content', 'No id could be made');
  return id;
}
