import { isResourceType, type ResourceType } from '../fhir/resource-type.ts';
import { allOf, anyOf, type Filter } from '../search/filter.ts';
import { foldCode } from '../search/fold-text.ts';
import type { SearchParam } from '../search/search-params.ts';
import type { StoredResource } from '../store/contract/store.ts';
import type { InteractionContext } from './context.ts';
import { parseStoredInTurns, readStoredJson } from './parse-stored.ts';

/** A canonical reference: a URL, and the version where it names one (R4 references.html#canonical). */
type Canonical = { readonly url: string; readonly version: string };

/** So many canonicals of one page are followed. */
const maxCanonicals = 200;

/** The resources that the given ones refer to by canonical URL in the parameters, as `_include` asks. */
export async function followCanonicals(
  ctx: InteractionContext,
  from: readonly StoredResource[],
  params: readonly string[],
): Promise<readonly StoredResource[]> {
  const wanted = new Map<ResourceType, Map<string, Canonical>>();
  for (const resource of from) {
    const canonical = paramsOf(ctx, resource.type).filter(({ code }) => params.includes(code));
    if (canonical.length === 0) continue;
    await ctx.pace();
    await note(ctx, resource, canonical, wanted);
  }
  const found: StoredResource[] = [];
  for (const [type, canonicals] of wanted) {
    for (const canonical of [...canonicals.values()].slice(0, maxCanonicals)) {
      await ctx.pace();
      found.push(...(await resolve(ctx, type, canonical)));
    }
  }
  return found;
}

/**
 * The reference parameters of the type that hold canonicals: all that a definition refers by, and those that lead to
 * definitions alone. What may refer to anything does so by Reference.
 */
function paramsOf(ctx: InteractionContext, type: ResourceType): readonly SearchParam[] {
  const params = [...(ctx.searchParams.get(type)?.values() ?? [])];
  return params.filter((param) => {
    const kept = param.target.filter(isResourceType);
    const definitions = targetsOf(ctx, param);
    const leadsThere = isDefinition(ctx, type) || definitions.length === kept.length;
    return param.type === 'reference' && definitions.length > 0 && leadsThere;
  });
}

function targetsOf(ctx: InteractionContext, { target }: SearchParam): readonly ResourceType[] {
  return target.filter(isResourceType).filter((type) => isDefinition(ctx, type));
}

function isDefinition(ctx: InteractionContext, type: ResourceType): boolean {
  return ctx.searchParams.get(type)?.get('url')?.type === 'uri';
}

async function note(
  ctx: InteractionContext,
  stored: StoredResource,
  params: readonly SearchParam[],
  wanted: Map<ResourceType, Map<string, Canonical>>,
): Promise<void> {
  const { resource } = await parseStoredInTurns(stored, ctx.pace);
  const index = await ctx.indexResource.withPauses(resource, ctx.pace);
  for (const param of params) {
    for (const value of index[param.code] ?? []) {
      if (value.kind !== 'uri') continue;
      const canonical = { url: value.uri, version: value.version };
      for (const type of targetsOf(ctx, param)) {
        const ofType = wanted.get(type) ?? new Map<string, Canonical>();
        wanted.set(type, ofType.set(`${value.uri}|${value.version}`, canonical));
      }
    }
  }
}

/** Of several resources with the URL, the one of the version, or else the one written last. */
async function resolve(
  ctx: InteractionContext,
  type: ResourceType,
  { url, version }: Canonical,
): Promise<readonly StoredResource[]> {
  const byUrl: Filter = { kind: 'value', param: 'url', test: { kind: 'uri', match: 'exact', uri: url } };
  const byVersion: readonly Filter[] =
    version === ''
      ? []
      : [{ kind: 'value', param: 'version', test: { kind: 'token', anyOf: [{ code: foldCode(version) }] } }];
  const newestFirst = { param: '_lastUpdated', by: 'lastUpdated', descending: true } as const;
  const query = { types: [type], filter: allOf([byUrl, ...byVersion]), sort: [newestFirst], count: 1 };
  return (await ctx.view.search(query)).matches;
}

/** What in the parameter refers to one of the resources by its canonical URL, as `_revinclude` asks. */
export async function refersByCanonical(
  ctx: InteractionContext,
  source: ResourceType,
  code: string,
  targets: readonly StoredResource[],
): Promise<readonly Filter[]> {
  const param = paramsOf(ctx, source).find((each) => each.code === code);
  if (!param) return [];
  const types = targetsOf(ctx, param);
  const filters: Filter[] = [];
  for (const target of targets.filter(({ type }) => types.includes(type))) {
    const { url, version } = await readStoredJson<Named>(target, ctx.pace);
    if (typeof url !== 'string') continue;
    const versions = typeof version === 'string' ? ['', version] : [''];
    filters.push(anyOf(versions.map((each): Filter => refersTo(code, { url, version: each }))));
  }
  return filters;
}

type Named = { readonly url?: unknown; readonly version?: unknown };

function refersTo(param: string, { url, version }: Canonical): Filter {
  return { kind: 'value', param, test: { kind: 'uri', match: 'exact', uri: url, version } };
}
