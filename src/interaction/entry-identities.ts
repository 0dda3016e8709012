import { Problem } from '../fhir/problem.ts';
import { toLiteralReference } from '../fhir/reference.ts';
import type { ParsedResource, Resource } from '../fhir/resource.ts';
import { rewriteLinks } from '../fhir/rewrite-links.ts';
import type { InteractionContext } from './context.ts';
import type { RequestEntry } from './parse-bundle.ts';
import { isUnchanged } from './prepare-change.ts';
import type { WriteTarget } from './write-target.ts';

/** An entry, which resource it means, and what would be kept of it. */
export type PlacedEntry = {
  readonly entry: RequestEntry;
  readonly target: WriteTarget;
  readonly parsed?: ParsedResource;
};

/** The entry that a link means, and the version where it names one. */
export type Identities = { readonly find: (link: string) => Identity | undefined };
type Identity = { readonly placed: PlacedEntry; readonly version?: string };

/** Throws the Problem of a fullUrl that stands twice. */
export function entryIdentities(steps: readonly PlacedEntry[]): Identities {
  const byFullUrl = new Map<string, PlacedEntry>();
  const byPath = new Map<string, PlacedEntry>();
  for (const placed of steps) {
    const { entry, target } = placed;
    const { fullUrl, method, index } = entry;
    if (!target.key || fullUrl === undefined || method === 'DELETE') continue;
    if (byFullUrl.has(fullUrl)) {
      const text = `The fullUrl ${fullUrl} stands at two entries`;
      throw new Problem('invalid-content', text, { expression: `Bundle.entry[${index}].fullUrl` });
    }
    byFullUrl.set(fullUrl, placed);
    const path = pathOf(fullUrl);
    if (path !== undefined && !byPath.has(path)) byPath.set(path, placed);
  }
  const named = (name: string) => byFullUrl.get(name) ?? byPath.get(name);
  const find: Identities['find'] = (link) => {
    const placed = named(link);
    if (placed) return { placed };
    const [, name = '', version] = versionShape.exec(link) ?? [];
    const meant = version === undefined ? undefined : named(name);
    return meant && version !== undefined ? { placed: meant, version } : undefined;
  };
  return { find };
}

const versionShape = /^(.+)\/_history\/([A-Za-z0-9\-.]{1,64})$/;

/** A resource under a RESTful fullUrl is also meant by the relative reference that the URL ends in. */
function pathOf(fullUrl: string): string | undefined {
  return /^https?:.*\/([A-Za-z]+\/[A-Za-z0-9\-.]{1,64})$/.exec(fullUrl)?.[1];
}

/**
 * Points links that name a version of an entry at the version that it becomes (R4 http.html#trules: version-specific
 * references stay so). A version that this server has stays as it is. `resources` by place of the entry; those at
 * `places` have such links.
 */
export function rewriteVersions(
  ctx: InteractionContext,
  identities: Identities,
  resources: Map<number, Resource>,
  places: ReadonlySet<number>,
): void {
  const versions = new Map<PlacedEntry, number>();
  const becomes = (placed: PlacedEntry) => {
    const version = versions.get(placed) ?? nextVersion(ctx, placed, resources.get(placed.entry.index));
    versions.set(placed, version);
    return version;
  };
  for (const place of places) {
    const resource = resources.get(place);
    if (!resource) continue;
    const rewritten = rewriteLinks(resource, ctx.definitions, (link) => {
      const { placed, version } = identities.find(link) ?? {};
      const key = placed?.target.key;
      if (!placed || !key || version === undefined || isThere(ctx, link, placed.target)) return undefined;
      return `${key.type}/${key.id}/_history/${becomes(placed)}`;
    });
    resources.set(place, rewritten);
  }
}

function nextVersion(
  ctx: InteractionContext,
  { target, parsed }: PlacedEntry,
  resource: Resource | undefined,
): number {
  const { found, current } = target;
  if (found) return found.versionId;
  const isKept = current && parsed && resource && isUnchanged(ctx, { ...parsed, resource }, current);
  return isKept ? current.versionId : (current?.versionId ?? 0) + 1;
}

function isThere({ baseUrl }: InteractionContext, link: string, { key, current }: WriteTarget): boolean {
  const named = toLiteralReference(link, baseUrl);
  if (named.kind !== 'local' || named.type !== key?.type || named.id !== key.id) return false;
  return current !== undefined && Number(named.version) <= current.versionId;
}
