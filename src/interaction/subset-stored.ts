import { writeJson } from '../fhir/fhir-json.ts';
import { type Subset, subsetResource } from '../fhir/subset-resource.ts';
import type { SearchRequest } from '../search/search-request.ts';
import type { StoredResource } from '../store/contract/store.ts';
import type { InteractionContext } from './context.ts';
import { parseStored } from './parse-stored.ts';

/** What a search asks of its matches; `_elements` counts for them alone. */
export function subsetOf(request: Pick<SearchRequest, 'summary' | 'elements'>): Subset | undefined {
  if (request.elements.length > 0) return { kind: 'elements', elements: request.elements };
  return summaryOf(request);
}

/** What it asks of what is included: a summary, if one is asked for. */
export function summaryOf({ summary }: Pick<SearchRequest, 'summary'>): Subset | undefined {
  return summary === 'false' || summary === 'count' ? undefined : { kind: 'summary', mode: summary };
}

/** The resource with the text of its subset; the resource itself when all of it is asked for. */
export function subsetStored(
  ctx: InteractionContext,
  stored: StoredResource,
  subset: Subset | undefined,
): StoredResource {
  if (!subset) return stored;
  const { resource, exactNumbers } = parseStored(stored);
  return { ...stored, text: writeJson(subsetResource(resource, subset, ctx.elementTables), exactNumbers) };
}
