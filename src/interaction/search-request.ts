import { Problem } from '../fhir/problem.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import { allOf, type Filter } from '../search/filter.ts';
import { parseSearch } from '../search/parse-search.ts';
import type { SearchRequest } from '../search/search-request.ts';
import { type UsedParam, usedParams } from '../search/used-params.ts';
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
  if (ctx.staleness('*', '*') === undefined) return request;
  const names = staleNames(ctx, { ...request, filter: allOf([within, request.filter]) });
  if (names.length === 0) return request;
  const warnings = names.map((parameter) => ({
    parameter,
    message: `The index of ${parameter} is being built anew: resources may be missing from this answer`,
  }));
  return { ...request, warnings: [...request.warnings, ...warnings] };
}

/** The parameters of the search that the index does not hold as they are defined, as `Type.code`. */
function staleNames(ctx: InteractionContext, request: SearchRequest): readonly string[] {
  const stale = usedParams(request).filter(({ type, code }) => ctx.staleness(type, code) !== undefined);
  return [...new Set(stale.map(({ type, code }) => `${type}.${code}`))];
}

/**
 * Throws 503 when the index does not hold what one of the parameters is now: to go on would take what is missing for
 * absent, and make a second one of it, or judge without it.
 */
export function requireBuilt(ctx: InteractionContext, used: readonly UsedParam[]): void {
  const changed = used.find(({ type, code }) => ctx.staleness(type, code) === 'changed');
  if (!changed) return;
  const name = `${changed.type}.${changed.code}`;
  const text = `The index of ${name} is being built anew, so it cannot be told what matches; try again later`;
  throw new Problem('busy', text, { retryAfter: 30 });
}
