import { type ResourceType, resourceTypes } from '../fhir/resource-type.ts';
import { allOf, everything, type Filter } from '../search/filter.ts';

import type { SearchRequest } from '../search/search-request.ts';
import type { SearchPage, SearchQuery, StoredResource } from '../store/contract/store.ts';
import { tellAskedThrough } from './asked-through.ts';
import { hasOwnAudit, searchAuditEvents } from './audit/search-audit.ts';
import { type InteractionContext, requireAccess } from './context.ts';
import { fewCounted, tellsOfEach } from './few-counted.ts';
import { findIncluded, type Included } from './find-included.ts';
import { lookingUp, mostFound, openFound } from './look-up.ts';
import { mostCharacters } from './page-room.ts';
import type { ParameterList } from './parse-query.ts';
import type { SearchAnswer } from './search-answer.ts';
import { type Handling, toSearchRequest, withStale } from './search-request.ts';
import { subsetOf, subsetPage, summaryOf } from './subset-stored.ts';
import { withKnownCursor } from './with-known-cursor.ts';

const nothingIncluded: Included = { resources: [], truncated: false };

/** A page of long resources has fewer of them. */
export function searchPage({ view }: InteractionContext, query: SearchQuery): Promise<SearchPage> {
  return view.search({ ...query, room: mostCharacters });
}

/** R4 search.html over one type, several, or (undefined) all that are kept; `within` narrows it to a compartment. */
export async function searchResources(
  ctx: InteractionContext,
  types: readonly ResourceType[] | undefined,
  parameters: ParameterList,
  handling: Handling,
  within: Filter = everything,
): Promise<SearchAnswer> {
  const [only, ...others] = types ?? [];
  const single = others.length === 0 ? only : undefined;
  requireAccess(ctx, single ? 'search-type' : 'search-system', single);
  if (single === 'AuditEvent' && hasOwnAudit(ctx)) return searchAuditEvents(ctx, parameters, handling);
  const asked = await toSearchRequest(ctx, types ?? resourceTypes, parameters, handling);
  const request = withStale(ctx, asked, within);
  const { sort, count, after } = request;
  const filter = allOf([within, request.filter]);
  await tellAskedThrough(ctx, request.types, filter);
  // Whoever only counts looks nobody up: nobody would be told of it.
  if (count === 0 || request.summary === 'count') {
    const total = await countMatches(ctx, request.types, filter);
    return { request, matches: [], included: nothingIncluded, total, next: undefined };
  }
  const finder = await lookingUp(ctx, request);
  const room = finder === ctx ? count : Math.min(count, mostFound);
  const first = {
    types: request.types,
    filter,
    sort,
    count: room,
    room: mostCharacters,
    hasGone: ctx.hasGone,
  };
  const page = await pageAfter(finder, first, after);
  if (finder !== ctx) await openFound(ctx, page.matches);
  const total =
    request.total === 'none' ? undefined : await finder.view.count(request.types, filter, ctx.hasGone);
  const included = await includedBeside(ctx, request, page.matches);
  // Pages come in several at once, and to write one takes a while.
  await ctx.pace();
  return {
    request,
    matches: await subsetPage(ctx, page.matches, subsetOf(request)),
    included: {
      truncated: included.truncated,
      resources: await subsetPage(ctx, included.resources, summaryOf(request)),
    },
    total,
    next: page.next,
  };
}

async function countMatches(
  ctx: InteractionContext,
  types: readonly ResourceType[],
  filter: Filter,
): Promise<number> {
  const { view, hasGone } = ctx;
  const total = await view.count(types, filter, hasGone);
  if (tellsOfEach(ctx, total)) await searchPage(ctx, { types, filter, sort: [], count: fewCounted, hasGone });
  return total;
}

function pageAfter(
  { view }: InteractionContext,
  first: SearchQuery,
  after: string | undefined,
): Promise<SearchPage> {
  return after === undefined ? view.search(first) : withKnownCursor(() => view.search({ ...first, after }));
}

/** Most searches ask for none. */
function includedBeside(
  ctx: InteractionContext,
  request: SearchRequest,
  matches: readonly StoredResource[],
): Included | Promise<Included> {
  const { includes, revincludes } = request;
  const isAsked = includes.length > 0 || revincludes.length > 0;
  return isAsked ? findIncluded(ctx, request, matches) : nothingIncluded;
}
