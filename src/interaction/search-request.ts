import { Problem } from '../fhir/problem.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import { allOf, type Filter } from '../search/filter.ts';
import { parseSearch } from '../search/parse-search.ts';
import type { SearchRequest } from '../search/search-request.ts';
import { usedParams } from '../search/used-params.ts';
import type { InteractionContext } from './context.ts';
import type { ParameterList } from './parse-query.ts';
import { openLookups } from './search-lookups.ts';

const defaultCount = 50;
const maxCount = 1000;

/** `Prefer: handling=…`: strict refuses an unknown parameter, lenient passes over it with a warning. */
export type Handling = 'strict' | 'lenient';

/** Reads the parameters of a search; throws a Problem with an issue for each that cannot be answered. */
export async function toSearchRequest(
  ctx: InteractionContext,
  types: readonly ResourceType[],
  parameters: ParameterList,
  handling: Handling,
): Promise<SearchRequest> {
  const lookups = openLookups(ctx);
  const { expand, subsume, near } = lookups.context;
  const context = {
    types,
    params: ctx.searchParams,
    baseUrl: ctx.baseUrl,
    now: ctx.clock.now(),
    lenient: handling === 'lenient',
    defaultCount,
    maxCount,
    expand,
    subsume,
    near,
  };
  let parsed = parseSearch(parameters, context);
  if (lookups.isOpen()) {
    await lookups.load();
    parsed = parseSearch(parameters, context);
  }
  if (parsed.kind === 'search') return parsed.request;
  const issues = parsed.problems.map(({ message, parameter }) => ({
    severity: 'error' as const,
    code: 'invalid',
    text: message,
    expression: `http.${parameter}`,
  }));
  throw new Problem('invalid-parameter', issues.map(({ text }) => text).join(' '), { issues });
}

/** Says of what the index does not hold whole that the answer may lack something. */
export function withStale(ctx: InteractionContext, request: SearchRequest, within: Filter): SearchRequest {
  const names = staleNames(ctx, { ...request, filter: allOf([within, request.filter]) });
  if (names.length === 0) return request;
  const warnings = names.map((parameter) => ({
    parameter,
    message: `The index of ${parameter} is being built anew: resources may be missing from this answer`,
  }));
  return { ...request, warnings: [...request.warnings, ...warnings] };
}

/** Throws 503 when the index does not hold one of the parameters whole: to go on would take what is missing for absent. */
export function requireBuilt(ctx: InteractionContext, type: ResourceType, codes: readonly string[]): void {
  const stale = codes.find((code) => ctx.isStale(type, code));
  if (stale !== undefined) throw unbuilt(`${type}.${stale}`);
}

export function unbuilt(name: string): Problem {
  const text = `The index of ${name} is being built anew, so it cannot be told what matches; try again later`;
  return new Problem('busy', text, { retryAfter: 30 });
}

/** The parameters of the search that the index does not hold as they are defined, as `Type.code`. */
export function staleNames(ctx: InteractionContext, request: SearchRequest): readonly string[] {
  const stale = usedParams(request).filter(({ type, code }) => ctx.isStale(type, code));
  return [...new Set(stale.map(({ type, code }) => `${type}.${code}`))];
}
