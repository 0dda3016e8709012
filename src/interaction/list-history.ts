import { Problem } from '../fhir/problem.ts';
import { toLiteralReference } from '../fhir/reference.ts';
import { compareText } from '../search/fold-text.ts';
import { startOfTime } from '../search/index-values.ts';
import type { HistoryPage, HistoryQuery, ResourceKey, StoredVersion } from '../store/contract/store.ts';
import type { EpochMs } from '../values/instant.ts';
import { parseResourceId } from '../values/resource-id.ts';
import type { InteractionContext } from './context.ts';
import { fittingOn } from './page-room.ts';
import { readStoredJson } from './parse-stored.ts';
import { readResource } from './read-resource.ts';

/** So many entries a list may have whose history is read: each is looked up by itself. */
const maxItems = 500;

/** What an entry of the list refers to: a resource, or one version of it. */
type Item = { readonly key: ResourceKey; readonly version?: number };

/** The version that a page ended with; versions go by time, newest first, then by type, id and number. */
type Position = Pick<StoredVersion, 'type' | 'id' | 'versionId' | 'lastUpdated'>;

/** R4 http.html#history, `_list`: the versions that the list refers to; all of a resource where it names none. */
export async function readListHistory(
  ctx: InteractionContext,
  query: HistoryQuery,
  list: string,
): Promise<HistoryPage & { readonly total: number }> {
  const items = await readItems(ctx, query, list);
  const after = query.after === undefined ? undefined : readPosition(query.after);
  const found: StoredVersion[] = [];
  let total = 0;
  for (const item of items) {
    await ctx.pace();
    total += await countOf(ctx, query, item);
    if (query.count > 0) found.push(...(await versionsBehind(ctx, query, item, after)));
  }
  found.sort(compare);
  const versions = found.slice(0, Math.min(query.count, fittingOn(found)));
  const last = versions.at(-1);
  const next = last && found.length > versions.length ? writePosition(last) : undefined;
  return { versions, total, ...(next !== undefined && { next }) };
}

type Entry = { readonly item?: { readonly reference?: string } };

async function readItems(
  ctx: InteractionContext,
  scope: HistoryQuery,
  list: string,
): Promise<readonly Item[]> {
  const id = parseResourceId(list.startsWith('List/') ? list.slice('List/'.length) : list);
  if (id === undefined) {
    throw new Problem('invalid-parameter', `_list=${list.slice(0, 80)} is not the id of a List`, {
      expression: 'http._list',
    });
  }
  const stored = await readResource(ctx, { type: 'List', id });
  const { entry = [] } = await readStoredJson<{ readonly entry?: readonly Entry[] }>(stored, ctx.pace);
  const items = new Map<string, Item>();
  for (const { item } of entry) {
    const target = toLiteralReference(item?.reference ?? '', ctx.baseUrl);
    if (target.kind !== 'local' || !isWithin(scope, target)) continue;
    const { type, version } = target;
    const one = { key: { type, id: target.id }, ...(version !== undefined && { version: Number(version) }) };
    items.set(`${type}/${target.id}/${version ?? ''}`, one);
  }
  if (items.size <= maxItems) return [...items.values()];
  throw new Problem(
    'business-rule',
    `The List refers to ${items.size} resources; at most ${maxItems} are followed`,
  );
}

function isWithin({ type, id }: HistoryQuery, key: ResourceKey): boolean {
  return (type === undefined || key.type === type) && (id === undefined || key.id === id);
}

async function countOf(ctx: InteractionContext, query: HistoryQuery, item: Item): Promise<number> {
  const own = { ...withoutPage(query), ...item.key, count: 1 };
  if (item.version === undefined) return ctx.view.countHistory(own);
  let count = 0;
  for await (const _ of versionsOf(ctx, { ...own, count: 100 }, item)) count++;
  return count;
}

function withoutPage({ since, at, count }: HistoryQuery): HistoryQuery {
  return { count, ...(since !== undefined && { since }), ...(at && { at }) };
}

/** One more than a page of an item, so that it shows whether there is a next page. */
async function versionsBehind(
  ctx: InteractionContext,
  query: HistoryQuery,
  item: Item,
  after: Position | undefined,
): Promise<readonly StoredVersion[]> {
  const own = { ...withoutPage(query), ...item.key, count: query.count + 1 };
  const found: StoredVersion[] = [];
  for await (const version of versionsOf(
    ctx,
    after ? { ...own, at: until(query, after.lastUpdated) } : own,
    item,
  )) {
    if (after && compare(version, after) <= 0) continue;
    found.push(version);
    if (found.length > query.count) break;
  }
  return found;
}

/** What was current at some time up to the moment was written by then, so later versions need not be read. */
function until({ at }: HistoryQuery, moment: EpochMs): NonNullable<HistoryQuery['at']> {
  const { first, last } = at ?? { first: startOfTime, last: moment };
  const end = Math.max(first, Math.min(last, moment));
  return { first, last: end as EpochMs };
}

async function* versionsOf(
  ctx: InteractionContext,
  query: HistoryQuery,
  { version }: Item,
): AsyncGenerator<StoredVersion> {
  let after: string | undefined;
  do {
    const page = await ctx.view.history(after === undefined ? query : { ...query, after });
    for (const each of page.versions) if (version === undefined || each.versionId === version) yield each;
    after = page.next;
  } while (after !== undefined);
}

function compare(a: Position, b: Position): number {
  return (
    b.lastUpdated - a.lastUpdated ||
    compareText(a.type, b.type) ||
    compareText(a.id, b.id) ||
    b.versionId - a.versionId
  );
}

function writePosition({ type, id, versionId, lastUpdated }: Position): string {
  return Buffer.from(JSON.stringify([lastUpdated, type, id, versionId])).toString('base64url');
}

function readPosition(text: string): Position {
  try {
    const [lastUpdated, type, id, versionId] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (Number.isSafeInteger(lastUpdated) && Number.isSafeInteger(versionId)) {
      return { lastUpdated, type: String(type), id: String(id), versionId } as Position;
    }
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError || thrown instanceof TypeError)) throw thrown;
  }
  throw new Problem('invalid-parameter', '_cursor is none of this history; follow the links of its pages');
}
