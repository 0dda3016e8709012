import { Problem } from '../fhir/problem.ts';
import { toLiteralReference } from '../fhir/reference.ts';
import type { ParsedResource, Resource } from '../fhir/resource.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import { drawValues } from '../search/draw-values.ts';
import type { Filter } from '../search/filter.ts';
import type { Indexed } from '../search/index-values.ts';
import { matches, type World } from '../search/matches.ts';
import type { ResourceKey } from '../store/contract/store.ts';
import type { InteractionContext } from './context.ts';
import { findMatches, parseCriteria } from './find-matches.ts';
import { atEntryAsync, type RequestEntry } from './parse-bundle.ts';
import { parseQuery } from './parse-query.ts';
import { rewriteReferences } from './rewrite-references.ts';
import type { WriteTarget } from './write-target.ts';

/** An entry, which resource it means, and what would be kept of it. */
type Placed = {
  readonly entry: RequestEntry;
  readonly target: WriteTarget;
  readonly parsed?: ParsedResource;
};

/**
 * The resources of a transaction with their references pointing at what the entries become: fullUrls first, then
 * conditional references (R4 http.html#trules). By place of the entry.
 */
export async function resolveReferences(
  ctx: InteractionContext,
  steps: readonly Placed[],
): Promise<ReadonlyMap<number, Resource>> {
  const becomes = identityMap(steps);
  const rewritten = new Map<number, Resource>();
  for (const { entry, parsed } of steps) {
    if (!parsed) continue;
    await ctx.pace();
    rewritten.set(
      entry.index,
      rewriteReferences(
        parsed.resource,
        (text, element) => becomes.get(text) ?? missingEntry(text, element, entry),
      ),
    );
  }
  const known = new Map<string, string>();
  let sent: Sent | undefined;
  for (const [index, resource] of rewritten) {
    await ctx.pace();
    const criteria = conditionalReferences(ctx, resource);
    if (criteria.size === 0) continue;
    sent ??= await sentResources(ctx, steps, rewritten);
    const among = sent;
    await atEntryAsync(index, () => findAll(ctx, criteria, among, known));
    rewritten.set(
      index,
      rewriteReferences(resource, (text) => known.get(text)),
    );
  }
  return rewritten;
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
  return rewriteReferences(resource, (text) => found.get(text));
}

function identityMap(steps: readonly Placed[]): ReadonlyMap<string, string> {
  const becomes = new Map<string, string>();
  for (const { entry, target } of steps) {
    if (!target.key || entry.fullUrl === undefined || entry.method === 'DELETE') continue;
    if (becomes.has(entry.fullUrl)) {
      const text = `The fullUrl ${entry.fullUrl} stands at two entries`;
      throw new Problem('invalid-content', text, { expression: `Bundle.entry[${entry.index}].fullUrl` });
    }
    for (const name of namesOf(entry)) becomes.set(name, `${target.key.type}/${target.key.id}`);
  }
  return becomes;
}

/** A new resource under a RESTful fullUrl is also meant by the relative reference that the URL ends in. */
function namesOf({ fullUrl = '', method }: RequestEntry): readonly string[] {
  const relative = /^https?:.*\/([A-Za-z]+\/[A-Za-z0-9\-.]{1,64})$/.exec(fullUrl)?.[1];
  return method === 'POST' && relative !== undefined ? [fullUrl, relative] : [fullUrl];
}

/** A reference by urn:uuid that names no entry can never be resolved: the transaction fails. */
function missingEntry(text: string, element: string, entry: RequestEntry): undefined {
  if (element !== 'reference' || !/^urn:(?:uuid|oid):/.test(text)) return undefined;
  throw new Problem('invalid-content', `${text} is the fullUrl of no entry in this transaction`, {
    expression: `Bundle.entry[${entry.index}]`,
  });
}

type Criteria = { readonly type: ResourceType; readonly query: string };

function conditionalReferences(ctx: InteractionContext, resource: Resource): ReadonlyMap<string, Criteria> {
  const criteria = new Map<string, Criteria>();
  rewriteReferences(resource, (text) => {
    if (!text.includes('?')) return undefined;
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
  steps: readonly Placed[],
  resources: ReadonlyMap<number, Resource>,
): Promise<Sent> {
  const sent = new Map<string, SentResource[]>();
  for (const { entry, target } of steps) {
    const resource = resources.get(entry.index);
    if (!resource || !target.key) continue;
    await ctx.pace();
    const { type, id } = target.key;
    const drawn = drawValues(ctx.indexResource, target.key, resource);
    const indexed = { type, id, lastUpdated: ctx.clock.now(), ...drawn };
    const ofType = sent.get(indexed.type);
    if (ofType) ofType.push(indexed);
    else sent.set(indexed.type, [indexed]);
  }
  return sent;
}

function matchesAmong(type: ResourceType, filter: Filter, sent: Sent): readonly ResourceKey[] {
  const ofType = (name: string) => sent.get(name) ?? [];
  const world: World = {
    all: ofType,
    find: (name, id) => ofType(name).find((resource) => resource.id === id),
    // No search parameter asks where a person belongs.
    marksOf: () => new Set(),
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
