import { Problem } from '../fhir/problem.ts';
import { toLiteralReference } from '../fhir/reference.ts';
import type { Resource } from '../fhir/resource.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import { type LinkKind, type Rewrite, rewriteLinks } from '../fhir/rewrite-links.ts';
import { type Drawn, drawValues, drawWithPauses } from '../search/draw-values.ts';
import type { Filter } from '../search/filter.ts';
import type { Indexed } from '../search/index-values.ts';
import { matches, type World } from '../search/matches.ts';
import type { ResourceKey } from '../store/contract/store.ts';
import type { InteractionContext } from './context.ts';
import { entryIdentities, type PlacedEntry, rewriteVersions } from './entry-identities.ts';
import { findMatches, parseCriteria } from './find-matches.ts';
import { atEntryAsync, type RequestEntry } from './parse-bundle.ts';
import { parseQuery } from './parse-query.ts';
import { isLarge } from './resource-bounds.ts';

/**
 * The resources of a transaction with their links pointing at what the entries become: fullUrls first, then conditional
 * references, then versions (R4 http.html#trules). By place of the entry.
 */
export async function resolveReferences(
  ctx: InteractionContext,
  steps: readonly PlacedEntry[],
): Promise<ReadonlyMap<number, Resource>> {
  const identities = entryIdentities(steps);
  const rewritten = new Map<number, Resource>();
  const versioned = new Set<number>();
  const searching = new Set<number>();
  for (const { entry, parsed } of steps) {
    if (!parsed) continue;
    await ctx.pace();
    const rewrite: Rewrite = (link, kind) => {
      const { placed, version } = identities.find(link) ?? {};
      const key = placed?.target.key;
      if (!key) {
        if (isSearch(link, kind)) searching.add(entry.index);
        return missingEntry(link, kind, entry);
      }
      if (version === undefined) return `${key.type}/${key.id}`;
      versioned.add(entry.index);
      return undefined;
    };
    rewritten.set(entry.index, rewriteLinks(parsed.resource, ctx.definitions, rewrite));
  }
  await resolveConditional(ctx, steps, rewritten, searching);
  rewriteVersions(ctx, identities, rewritten, versioned);
  return rewritten;
}

async function resolveConditional(
  ctx: InteractionContext,
  steps: readonly PlacedEntry[],
  rewritten: Map<number, Resource>,
  searching: ReadonlySet<number>,
): Promise<void> {
  const known = new Map<string, string>();
  let sent: Sent | undefined;
  for (const index of searching) {
    await ctx.pace();
    const resource = rewritten.get(index);
    const criteria = resource && conditionalReferences(ctx, resource);
    if (!criteria || criteria.size === 0) continue;
    sent ??= await sentResources(ctx, steps, rewritten);
    const among = sent;
    await atEntryAsync(index, () => findAll(ctx, criteria, among, known));
    rewritten.set(index, withFound(ctx, resource, known));
  }
}

/** Resolves the conditional references of one resource that is written by itself (import). */
export async function resolveConditionalReferences<Kept extends Resource>(
  ctx: InteractionContext,
  resource: Kept,
): Promise<Kept> {
  const criteria = conditionalReferences(ctx, resource);
  if (criteria.size === 0) return resource;
  const found = new Map<string, string>();
  await findAll(ctx, criteria, new Map(), found);
  return withFound(ctx, resource, found);
}

function withFound<Kept extends Resource>(
  { definitions }: InteractionContext,
  resource: Kept,
  found: ReadonlyMap<string, string>,
): Kept {
  return rewriteLinks(resource, definitions, (link, kind) =>
    kind === 'reference' ? found.get(link) : undefined,
  );
}

/** A reference by urn:uuid that names no entry can never be resolved: the transaction fails. */
function missingEntry(text: string, kind: LinkKind, entry: RequestEntry): undefined {
  if (kind !== 'reference' || !/^urn:(?:uuid|oid):/.test(text)) return undefined;
  throw new Problem('invalid-content', `${text} is the fullUrl of no entry in this transaction`, {
    expression: `Bundle.entry[${entry.index}]`,
  });
}

/** R4 http.html#trules: a search stands in a reference; elsewhere it is the URL of a search. */
function isSearch(text: string, kind: LinkKind): boolean {
  return kind === 'reference' && text.includes('?');
}

type Criteria = { readonly type: ResourceType; readonly query: string };

type LinkContext = Pick<InteractionContext, 'baseUrl' | 'definitions'>;

export function hasConditionalReferences(ctx: LinkContext, resource: Resource): boolean {
  return conditionalReferences(ctx, resource).size > 0;
}

function conditionalReferences(ctx: LinkContext, resource: Resource): ReadonlyMap<string, Criteria> {
  const criteria = new Map<string, Criteria>();
  rewriteLinks(resource, ctx.definitions, (text, kind) => {
    if (!isSearch(text, kind)) return undefined;
    const reference = toLiteralReference(text, ctx.baseUrl);
    if (reference.kind === 'conditional') criteria.set(text, reference);
    return undefined;
  });
  return criteria;
}

/** Adds to `known` what each of the references means. */
async function findAll(
  ctx: InteractionContext,
  criteria: ReadonlyMap<string, Criteria>,
  sent: Sent,
  known: Map<string, string>,
): Promise<void> {
  for (const [text, { type, query }] of criteria) {
    if (known.has(text)) continue;
    const filter = await parseCriteria(ctx, type, parseQuery(query));
    const stored = await findMatches(ctx, type, filter);
    const others = matchesAmong(type, filter, sent).filter(
      ({ id }) => !stored.some((match) => match.id === id),
    );
    known.set(text, theOne(text, [...stored, ...others]));
  }
}

/** The resources of the transaction itself, by type: they are there when it is committed. */
type Sent = ReadonlyMap<string, readonly SentResource[]>;
type SentResource = ResourceKey & Indexed;

async function sentResources(
  ctx: InteractionContext,
  steps: readonly PlacedEntry[],
  resources: ReadonlyMap<number, Resource>,
): Promise<Sent> {
  const sent = new Map<string, SentResource[]>();
  for (const { entry, target } of steps) {
    const resource = resources.get(entry.index);
    if (!resource || !target.key) continue;
    await ctx.pace();
    const { type, id } = target.key;
    const drawn = await drawInTurns(ctx, target.key, resource);
    const indexed = { type, id, lastUpdated: ctx.clock.now(), ...drawn };
    const ofType = sent.get(indexed.type);
    if (ofType) ofType.push(indexed);
    else sent.set(indexed.type, [indexed]);
  }
  return sent;
}

function drawInTurns(ctx: InteractionContext, key: ResourceKey, resource: Resource): Drawn | Promise<Drawn> {
  if (isLarge(resource)) return drawWithPauses(ctx.indexResource, key, resource, ctx.pace);
  return drawValues(ctx.indexResource, key, resource);
}

function matchesAmong(type: ResourceType, filter: Filter, sent: Sent): readonly ResourceKey[] {
  const ofType = (name: string) => sent.get(name) ?? [];
  const world: World = {
    all: ofType,
    find: (name, id) => ofType(name).find((resource) => resource.id === id),
    // No search parameter asks where a person belongs.
    marksOf: () => new Set(),
    aliasesOf: () => [],
  };
  return ofType(type).filter((resource) => matches(filter, resource, world));
}

function theOne(text: string, candidates: readonly ResourceKey[]): string {
  const [match, ...others] = candidates;
  if (match && others.length === 0) return `${match.type}/${match.id}`;
  const count = match ? 'more than one resource' : 'no resource';
  const message = `The conditional reference ${text} matches ${count}; it must match one`;
  // R4 http.html#trules: 412 either way; what is the matter differs.
  throw new Problem(match ? 'multiple-matches' : 'no-match', message);
}
