import type { JsonObject, JsonValue } from '../fhir/fhir-json.ts';
import { Problem } from '../fhir/problem.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import { type InteractionContext, requireAccess } from '../interaction/context.ts';
import { readStoredJson } from '../interaction/parse-stored.ts';

/** The lists of a Meta that `$meta` sums up, and that `$meta-add` and `$meta-delete` change. */
export const metaLists = ['profile', 'security', 'tag'] as const;

const pageSize = 200;

/** More would be no summary, and is kept in memory while the registry is read. */
const maxInUse = 10_000;

/**
 * The profiles, security labels and tags in use on resources of the types, each once (R4 resource-operation-meta.html).
 * Reads every resource of the types, a page at a time: time grows with the registry, memory does not. Throws a
 * Problem when more than 10,000 are in use.
 */
export async function metaInUse(
  ctx: InteractionContext,
  types: readonly ResourceType[],
): Promise<JsonObject> {
  const found: Found = { profile: new Map(), security: new Map(), tag: new Map() };
  for (const type of types) {
    requireAccess(ctx, 'search-type', type);
    await readType(ctx, type, found);
  }
  return Object.fromEntries(
    metaLists.flatMap((name) => (found[name].size === 0 ? [] : [[name, [...found[name].values()]]])),
  );
}

type Found = Readonly<Record<(typeof metaLists)[number], Map<string, JsonValue>>>;

async function readType(ctx: InteractionContext, type: ResourceType, found: Found): Promise<void> {
  let after: string | undefined;
  do {
    const page = await ctx.view.scan({ type, count: pageSize, ...(after !== undefined && { after }) });
    for (const stored of page.matches) note(await readStoredJson<Noted>(stored, ctx.pace), found);
    if (metaLists.some((name) => found[name].size > maxInUse)) {
      throw new Problem(
        'business-rule',
        `More than ${maxInUse} profiles, security labels or tags are in use`,
      );
    }
    after = page.next;
  } while (after !== undefined);
}

type Noted = { readonly meta?: Readonly<Record<string, JsonValue>> };

function note({ meta }: Noted, found: Found): void {
  for (const name of metaLists) {
    const list = meta?.[name];
    if (!Array.isArray(list)) continue;
    for (const item of list) {
      const key = keyOf(item);
      if (!found[name].has(key)) found[name].set(key, item);
    }
  }
}

/** Profiles are equal by URL, codings by system and code. */
function keyOf(item: JsonValue): string {
  if (typeof item !== 'object' || item === null) return String(item);
  const { system, code } = item as JsonObject;
  return JSON.stringify([system, code]);
}
