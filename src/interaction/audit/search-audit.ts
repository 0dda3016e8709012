import { Problem } from '../../fhir/problem.ts';
import { type AuditRow, mostNamed, parseAuditId } from '../../store/contract/audit.ts';
import type { StoredResource } from '../../store/contract/store.ts';
import { everyId } from '../ask-persons.ts';
import type { InteractionContext } from '../context.ts';
import type { ParameterList } from '../parse-query.ts';
import type { SearchAnswer } from '../search-answer.ts';
import { type Handling, toSearchRequest } from '../search-request.ts';
import { subsetOf, subsetPage } from '../subset-stored.ts';
import { withKnownCursor } from '../with-known-cursor.ts';
import { toAuditEvent } from './audit-event.ts';
import { type AuditQuestion, auditParams, toAuditQuestion } from './audit-question.ts';

/** Whether AuditEvents are told of this server's own doings to the caller, and not only those that clients sent. */
export function hasOwnAudit({ audit, caller }: InteractionContext): boolean {
  return audit !== undefined && caller.kind === 'token';
}

/** Past it a page holds what clients sent. */
const sentMark = 'sent.';
/** So many rows are counted for a total. */
const mostCounted = 50_000;

/**
 * A search of AuditEvents: the server's own, the newest first, and after them those that clients sent. Throws 400 for what
 * is not known of the server's own, unless `_tag` says that only the others are meant.
 */
export async function searchAuditEvents(
  ctx: InteractionContext,
  parameters: ParameterList,
  handling: Handling,
): Promise<SearchAnswer> {
  const request = await toSearchRequest(ctx, ['AuditEvent'], parameters, handling);
  const question = requireQuestion(request);
  const isCount = request.count === 0 || request.summary === 'count';
  const page = isCount ? { matches: [] } : await pageOf(ctx, request, question);
  return {
    request,
    matches: await subsetPage(ctx, page.matches, subsetOf(request)),
    included: { resources: [], truncated: false },
    total: isCount || request.total !== 'none' ? await totalOf(ctx, request, question) : undefined,
    next: page.next,
  };
}

type Page = { readonly matches: readonly StoredResource[]; readonly next?: string };

/** The server's own, and where these end, those that clients sent. */
async function pageOf(ctx: InteractionContext, request: Request, question: AuditQuestion): Promise<Page> {
  const { count, after } = request;
  if (after?.startsWith(sentMark)) return sentPage(ctx, request, count, after.slice(sentMark.length));
  if (question.isNone) return sentPage(ctx, request, count, after);
  const own = await ownPage(ctx, question, count, after);
  const matches: StoredResource[] = [];
  for (const row of own.rows) {
    await ctx.pace();
    matches.push(toStored(row, ctx.baseUrl));
  }
  if (own.next !== undefined) return { matches, next: own.next };
  // A page that the server's own fill to its end may have others behind it.
  if (matches.length === count) return { matches, next: sentMark };
  const sent = await sentPage(ctx, request, count - matches.length, undefined);
  return { ...sent, matches: [...matches, ...sent.matches] };
}

type Request = SearchAnswer['request'];

function requireQuestion({ filter, sort, includes, revincludes }: Request): AuditQuestion {
  const question = toAuditQuestion(filter);
  const isPlain = includes.length === 0 && revincludes.length === 0 && sort.every(isNewestFirst);
  if (question && (isPlain || question.isNone)) return question;
  const known = auditParams.join(', ');
  const text =
    `The server's own AuditEvents are searched by ${known}, each once, and sorted by -date; ` +
    'those that clients sent, with _tag=https://jenner-iis.org/fhir/CodeSystem/audit-origin|client, by anything';
  throw new Problem('unknown-parameter', text, { expression: 'http' });
}

function isNewestFirst({ param, descending }: Request['sort'][number]): boolean {
  return descending && (param === 'date' || param === '_lastUpdated');
}

type OwnPage = { readonly rows: readonly AuditRow[]; readonly next?: string };

async function ownPage(
  ctx: InteractionContext,
  { ids, ...question }: AuditQuestion,
  count: number,
  after: string | undefined,
): Promise<OwnPage> {
  if (ids) return { rows: await rowsById(ctx, ids.slice(0, count), question) };
  const query = { ...question, count, hasGone: ctx.hasGone };
  return withKnownCursor(() => ctx.view.searchAudit(after === undefined ? query : { ...query, after }));
}

/** By id nothing else can be asked of the store: those few are looked at here. */
async function rowsById(
  { view, pace }: InteractionContext,
  ids: readonly string[],
  { patients, from, to, actions, outcomes, agent }: AuditQuestion,
): Promise<readonly AuditRow[]> {
  if (agent !== undefined) return [];
  const wanted = patients && new Set<string>(await everyId(view, patients));
  const isMeant = (row: AuditRow): boolean =>
    (!wanted || row.patients.some((id) => wanted.has(id))) &&
    (from === undefined || row.at >= from) &&
    (to === undefined || row.at <= to) &&
    (!actions || actions.includes(row.action)) &&
    (!outcomes || outcomes.includes(row.outcome));
  const rows: AuditRow[] = [];
  let named = 0;
  for (const id of ids) {
    await pace();
    const row = await readRow(view, id);
    if (!row || !isMeant(row)) continue;
    named += row.patients.length;
    if (named > mostNamed) throw tooManyNamed();
    rows.push(row);
  }
  return rows;
}

function tooManyNamed(): Problem {
  const text = `The AuditEvents of these ids name more than ${mostNamed} patients; ask for fewer at once`;
  return new Problem('too-large', text, { expression: 'http._id' });
}

async function readRow(view: InteractionContext['view'], text: string): Promise<AuditRow | undefined> {
  const id = parseAuditId(text);
  return id && view.readAudit(id);
}

async function sentPage(
  { view, hasGone }: InteractionContext,
  { types, filter, sort }: Request,
  count: number,
  after: string | undefined,
): Promise<Page> {
  const query = { types, filter, sort, count, hasGone };
  const { matches, next } = await withKnownCursor(() => view.search(after ? { ...query, after } : query));
  return { matches, ...(next !== undefined && { next: sentMark + next }) };
}

/** Undefined where there are more than anybody would count. */
async function totalOf(
  ctx: InteractionContext,
  { types, filter }: Request,
  question: AuditQuestion,
): Promise<number | undefined> {
  let total = await ctx.view.count(types, filter, ctx.hasGone);
  let after: string | undefined;
  while (!question.isNone) {
    const page = await ownPage(ctx, question, 1000, after);
    total += page.rows.length;
    after = page.next;
    if (after === undefined) break;
    if (total > mostCounted) return undefined;
    await ctx.pace();
  }
  return total;
}

/** One of the server's own by its id; undefined where there is none, or none that the caller may see. */
export async function readAuditEvent(
  ctx: InteractionContext,
  text: string,
): Promise<StoredResource | undefined> {
  const row = hasOwnAudit(ctx) ? await readRow(ctx.view, text) : undefined;
  return row && toStored(row, ctx.baseUrl);
}

function toStored(row: AuditRow, baseUrl: string): StoredResource {
  const text = JSON.stringify(toAuditEvent(row, baseUrl));
  const id = row.id as string as StoredResource['id'];
  return { type: 'AuditEvent', id, versionId: 1, lastUpdated: row.at, method: 'POST', text };
}
