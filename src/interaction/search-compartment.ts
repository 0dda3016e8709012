import { Problem } from '../fhir/problem.ts';
import { type ResourceType, resourceTypes } from '../fhir/resource-type.ts';
import { compartmentFilter } from '../search/compartment.ts';
import { anyOf, type Filter } from '../search/filter.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { hasOwnAudit } from './audit/search-audit.ts';
import type { InteractionContext } from './context.ts';
import type { ParameterList } from './parse-query.ts';
import type { SearchAnswer } from './search-answer.ts';
import type { Handling } from './search-request.ts';
import { searchResources } from './search-resources.ts';

/** R4 search.html#variant-searches: what belongs to a patient, of one type or (undefined, `*`) of all. */
export function searchCompartment(
  ctx: InteractionContext,
  patient: ResourceId,
  type: ResourceType | undefined,
  parameters: ParameterList,
  handling: Handling,
): Promise<SearchAnswer> {
  if (type === 'AuditEvent' && hasOwnAudit(ctx)) {
    return searchResources(ctx, [type], [...parameters, ['patient', `Patient/${patient}`]], handling);
  }
  const filters = new Map<ResourceType, Filter>();
  for (const each of type ? [type] : resourceTypes) {
    const filter = compartmentFilter(patient, each);
    if (filter) filters.set(each, filter);
  }
  if (filters.size === 0)
    throw new Problem('not-found', `${type} has no part in the compartment of a Patient`);
  return searchResources(ctx, [...filters.keys()], parameters, handling, anyOf([...filters.values()]));
}
