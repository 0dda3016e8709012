import { Problem } from '../fhir/problem.ts';
import { type Subset, subsetResource } from '../fhir/subset-resource.ts';
import { writeJson, writeJsonWithPauses } from '../fhir/write-json.ts';
import type { SearchRequest } from '../search/search-request.ts';
import type { StoredResource } from '../store/contract/store.ts';
import type { InteractionContext } from './context.ts';
import type { ParameterList } from './parse-query.ts';
import { parseStored, parseStoredInTurns } from './parse-stored.ts';

/** What a search asks of its matches; `_elements` counts for them alone. */
export function subsetOf(request: Pick<SearchRequest, 'summary' | 'elements'>): Subset | undefined {
  if (request.elements.length > 0) return { kind: 'elements', elements: request.elements };
  return summaryOf(request);
}

/** What it asks of what is included: a summary, if one is asked for. */
export function summaryOf({ summary }: Pick<SearchRequest, 'summary'>): Subset | undefined {
  return summary === 'false' || summary === 'count' ? undefined : { kind: 'summary', mode: summary };
}

/** R4 http.html#parameters: `_summary` and `_elements` count for what is read, and for each version of a history. */
export function subsetOfRead(query: ParameterList): Subset | undefined {
  if (query.length === 0) return undefined;
  const asked = new Map(query);
  const elements = asked.get('_elements');
  if (elements !== undefined) return { kind: 'elements', elements: elements.split(',') };
  const mode = asked.get('_summary');
  if (mode === undefined || mode === 'false') return undefined;
  if (mode === 'true' || mode === 'text' || mode === 'data') return { kind: 'summary', mode };
  throw new Problem('invalid-parameter', `_summary=${mode} is none of true, text, data, false on a read`);
}

/** So many characters are read and written at a stretch. */
const ordinaryLength = 65_536;

/** The resource with the text of its subset; the resource itself when all of it is asked for. */
export function subsetStored(
  ctx: InteractionContext,
  stored: StoredResource,
  subset: Subset | undefined,
): StoredResource | Promise<StoredResource> {
  if (!subset) return stored;
  if (stored.text.length > ordinaryLength) return subsetLarge(ctx, stored, subset);
  const { resource, exactNumbers } = parseStored(stored);
  return { ...stored, text: writeJson(subsetResource(resource, subset, ctx.elementTables), exactNumbers) };
}

async function subsetLarge(
  { pace, elementTables }: InteractionContext,
  stored: StoredResource,
  subset: Subset,
): Promise<StoredResource> {
  const { resource, exactNumbers } = await parseStoredInTurns(stored, pace);
  const kept = subsetResource(resource, subset, elementTables);
  return { ...stored, text: await writeJsonWithPauses(kept, exactNumbers, pace) };
}

/** The same of a page. */
export async function subsetPage(
  ctx: InteractionContext,
  page: readonly StoredResource[],
  subset: Subset | undefined,
): Promise<readonly StoredResource[]> {
  if (!subset) return page;
  const subsets: StoredResource[] = [];
  for (const stored of page) {
    await ctx.pace();
    subsets.push(await subsetStored(ctx, stored, subset));
  }
  return subsets;
}
