import type { ResourceType } from '../fhir/resource-type.ts';
import { allOf, anyOf, type Filter } from '../search/filter.ts';
import type { Include, SearchRequest } from '../search/search-request.ts';
import type { ResourceKey, StoredResource } from '../store/contract/store.ts';
import { followCanonicals, refersByCanonical } from './canonical-includes.ts';
import type { InteractionContext } from './context.ts';
import { fittingOn } from './page-room.ts';
import { lookedUpAtOnce, readInTurns } from './read-in-turns.ts';

/** A page brings at most so many resources beside its matches; past it the answer says that it was cut. */
const maxIncluded = 1000;

/** `:iterate` goes so many steps from the matches; past it the answer says that it was cut. */
const maxSteps = 16;

export type Included = { readonly resources: readonly StoredResource[]; readonly truncated: boolean };

/** R4 search.html#include: what the matches refer to, what refers to them, and, iterating, on from there. */
export async function findIncluded(
  ctx: InteractionContext,
  request: SearchRequest,
  matches: readonly StoredResource[],
): Promise<Included> {
  if (request.includes.length + request.revincludes.length === 0 || matches.length === 0) {
    return { resources: [], truncated: false };
  }
  const seen = new Set(matches.map(nameOf));
  const resources: StoredResource[] = [];
  let fresh: readonly StoredResource[] = matches;
  let steps = 0;
  for (; fresh.length > 0 && resources.length <= maxIncluded && steps <= maxSteps; steps++) {
    const found: StoredResource[] = [];
    for (const resource of await findAround(ctx, request, fresh, steps > 0)) {
      if (seen.has(nameOf(resource))) continue;
      seen.add(nameOf(resource));
      found.push(resource);
    }
    resources.push(...found);
    fresh = found;
  }
  const kept = Math.min(maxIncluded, fittingOn(resources));
  const isCut = resources.length > kept || (fresh.length > 0 && steps > maxSteps);
  return { resources: resources.slice(0, kept), truncated: isCut };
}

/** One step from the resources; after the first only along what iterates. */
async function findAround(
  ctx: InteractionContext,
  { includes, revincludes }: SearchRequest,
  from: readonly StoredResource[],
  iterating: boolean,
): Promise<readonly StoredResource[]> {
  const found: StoredResource[] = [];
  for (const include of includes) {
    await ctx.pace();
    if (!iterating || include.iterate) found.push(...(await follow(ctx, include, from)));
  }
  for (const include of revincludes) {
    await ctx.pace();
    if (!iterating || include.iterate) found.push(...(await followBack(ctx, include, from)));
  }
  return found;
}

async function follow(
  ctx: InteractionContext,
  { source, param, target }: Include,
  from: readonly StoredResource[],
): Promise<readonly StoredResource[]> {
  const keys = from.filter(({ type }) => source === '*' || type === source);
  const params =
    param === '*' ? [...new Set(keys.flatMap(({ type }) => referenceParams(ctx, type)))] : [param];
  const referred = await referredBy(ctx, keys, params);
  const isWanted = ({ type }: ResourceKey) => target === undefined || type === target;
  const local = await readInTurns(ctx, await toPersons(ctx, params, referred.filter(isWanted)));
  return [...local, ...(await followCanonicals(ctx, keys, params)).filter(isWanted)];
}

/** The person instead of a source, unless links are followed: by them records are found. */
async function toPersons(
  ctx: InteractionContext,
  params: readonly string[],
  keys: readonly ResourceKey[],
): Promise<readonly ResourceKey[]> {
  if (params.includes('link')) return keys;
  const aliases = await ctx.view.aliasesOf(keys.flatMap(({ type, id }) => (type === 'Patient' ? [id] : [])));
  if (aliases.size === 0) return keys;
  const persons = keys.map((key) => {
    const [person] = (key.type === 'Patient' && aliases.get(key.id)) || [];
    return person === undefined ? key : { type: key.type, id: person };
  });
  return [...new Map(persons.map((key) => [nameOf(key), key])).values()];
}

async function referredBy(
  ctx: InteractionContext,
  keys: readonly ResourceKey[],
  params: readonly string[],
): Promise<readonly ResourceKey[]> {
  const found = new Map<string, ResourceKey>();
  for (let at = 0; at < keys.length; at += lookedUpAtOnce) {
    await ctx.pace();
    const referred = await ctx.view.referredBy(keys.slice(at, at + lookedUpAtOnce), params);
    for (const key of referred) found.set(nameOf(key), key);
  }
  return [...found.values()];
}

async function followBack(
  ctx: InteractionContext,
  include: Include,
  from: readonly StoredResource[],
): Promise<readonly StoredResource[]> {
  const { source, param, target } = include;
  const keys = from.filter(({ type }) => target === undefined || type === target);
  if (keys.length === 0) return [];
  const sources = source === '*' ? [...ctx.searchParams.keys()] : [source];
  const found: StoredResource[] = [];
  for (const type of sources) {
    const params = param === '*' ? referenceParams(ctx, type) : [param];
    if (params.length === 0) continue;
    await ctx.pace();
    const filters: Filter[] = [];
    for (const name of params) {
      filters.push(refersTo(name, keys), ...(await refersByCanonical(ctx, type, name, keys)));
    }
    const filter = anyOf(filters);
    const page = await ctx.view.search({
      types: [type],
      filter: allOf([filter]),
      sort: [],
      count: maxIncluded + 1,
      hasGone: ctx.hasGone,
    });
    found.push(...page.matches);
  }
  return found;
}

function refersTo(param: string, keys: readonly ResourceKey[]): Filter {
  return {
    kind: 'value',
    param,
    test: { kind: 'reference', anyOf: keys.map(({ type, id }) => ({ type, id })) },
  };
}

function referenceParams(ctx: InteractionContext, type: ResourceType): readonly string[] {
  const params = [...(ctx.searchParams.get(type)?.values() ?? [])];
  return params.filter((param) => param.type === 'reference').map(({ code }) => code);
}

function nameOf({ type, id }: ResourceKey): string {
  return `${type}/${id}`;
}
