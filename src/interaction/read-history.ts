import { Problem } from '../fhir/problem.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import type { HistoryPage, HistoryQuery } from '../store/contract/store.ts';
import { parseMsRange } from '../values/instant.ts';
import { parseResourceId, type ResourceId } from '../values/resource-id.ts';
import { type InteractionContext, requireAccess } from './context.ts';
import { fewCounted, tellsOfEach } from './few-counted.ts';
import { readListHistory } from './list-history.ts';
import { mostCharacters } from './page-room.ts';
import type { ParameterList } from './parse-query.ts';
import { withKnownCursor } from './with-known-cursor.ts';

const defaultCount = 50;
const maxCount = 1000;

export type HistoryScope = { readonly type?: ResourceType; readonly id?: string };

export type HistoryAnswer = HistoryPage & {
  /** All versions that the query means, over all pages. */
  readonly total: number;
  readonly count: number;
};

/** R4 http.html#history, of an instance, a type or the whole system; newest first, deletes included. */
export async function readHistory(
  ctx: InteractionContext,
  scope: HistoryScope,
  parameters: ParameterList,
): Promise<HistoryAnswer> {
  const query = { ...toHistoryQuery(scope, parameters), hasGone: ctx.hasGone };
  const interaction = query.id ? 'history-instance' : query.type ? 'history-type' : 'history-system';
  requireAccess(ctx, interaction, query.type);
  const list = parameters.find(([name]) => name === '_list')?.[1];
  if (list !== undefined) return { ...(await readListHistory(ctx, query, list)), count: query.count };
  // `_count=0` asks for the total alone, as in a search.
  const page = query.count === 0 ? { versions: [] } : await withKnownCursor(() => historyPage(ctx, query));
  // Pages come in several at once, and to count takes a while, as to write does.
  await ctx.pace();
  const total = isAll(query, page) ? page.versions.length : await ctx.view.countHistory(query);
  if (total === 0 && query.type && query.id && !(await isThere(ctx, query.type, query.id))) {
    throw new Problem('not-found', `There is no ${query.type}/${query.id}`);
  }
  if (query.count === 0 && tellsOfEach(ctx, total)) await historyPage(ctx, { ...query, count: fewCounted });
  await ctx.pace();
  return { ...page, total, count: query.count };
}

/** A first page without a next one has all. */
function isAll({ count, after }: HistoryQuery, { next }: HistoryPage): boolean {
  return count > 0 && after === undefined && next === undefined;
}

/** A page of long versions has fewer of them. */
function historyPage({ view }: InteractionContext, query: HistoryQuery): Promise<HistoryPage> {
  return view.history({ ...query, room: mostCharacters });
}

async function isThere(ctx: InteractionContext, type: ResourceType, id: ResourceId): Promise<boolean> {
  if ((await ctx.view.countHistory({ type, id, count: 1 })) > 0) return true;
  return (await ctx.view.read({ type, id }, 'history-instance')) !== undefined;
}

function toHistoryQuery(scope: HistoryScope, parameters: ParameterList): HistoryQuery {
  let query: HistoryQuery = { ...toScope(scope), count: defaultCount };
  for (const [name, value] of parameters) query = { ...query, ...toQueryPart(name, value) };
  return query;
}

function toScope({ type, id }: HistoryScope): Pick<HistoryQuery, 'type' | 'id'> {
  if (type === undefined) return {};
  if (id === undefined) return { type };
  const parsed = parseResourceId(id);
  if (parsed === undefined) throw new Problem('not-found', `There is no ${type}/${id}`);
  return { type, id: parsed };
}

function toQueryPart(name: string, value: string): Partial<HistoryQuery> {
  switch (name) {
    case '_count':
      return { count: toCount(value) };
    case '_since':
      return { since: requireSpan(name, value).first };
    case '_at':
      return { at: requireSpan(name, value) };
    case '_cursor':
      return { after: value };
    case '_summary':
      return value === 'count' ? { count: 0 } : {};
    // Read apart: whose history is meant, and how it is written.
    case '_list':
    case '_elements':
    case '_format':
    case '_pretty':
      return {};
    default:
      throw new Problem(
        'unknown-parameter',
        `A history has no parameter "${name}": _count, _since, _at, _list, _summary, _elements are known`,
      );
  }
}

function toCount(value: string): number {
  if (!/^[0-9]{1,9}$/.test(value)) {
    throw new Problem('invalid-parameter', `_count=${value} is not a whole number`);
  }
  return Math.min(Number(value), maxCount);
}

/** '+' of an offset arrives as a blank where a client did not encode it. */
function requireSpan(name: string, value: string) {
  const span = parseMsRange(value.replace(' ', '+'));
  if (span === undefined)
    throw new Problem('invalid-parameter', `${name}=${value} is not a FHIR date or instant`);
  return span;
}
