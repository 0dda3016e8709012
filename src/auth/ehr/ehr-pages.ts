import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { audited } from '../../interaction/audit/audited.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import type { ProblemCode } from '../../pages/auth-pages.ts';
import type { EhrServer } from '../../registry/ehr-record/ehr-record.ts';
import type { EpochMs } from '../../values/instant.ts';
import type { Mutable } from '../../values/mutable.ts';
import { openToAll } from '../../values/open-to-all.ts';
import type { AuthServer, EhrApp } from '../auth-server.ts';
import type { Client } from '../clients/client.ts';
import { FetchError } from '../clients/fetch-json.ts';
import { frameOf } from '../page/frame.ts';
import type { Page } from '../page/page.ts';
import { getPage, postForm } from '../page/page-route.ts';
import { seeOther, sendPage, sendProblem } from '../page/send-page.ts';
import { hashSecret } from '../secrets/random-secret.ts';
import { ownCookieOf, setOwnCookie } from '../session/browser.ts';
import type { EhrVisit } from './ehr-launch.ts';
import { readNames } from './ehr-names.ts';
import { toReported, toShown, toWritten } from './ehr-shown.ts';
import { type MergedRecord, mergeRecords, readWholeEhr } from './merged-record.ts';
import { chosenOf, refusalIn, reportDoses } from './report-doses.ts';
import { writeDoses } from './write-doses.ts';

const path = '/app/launch';
const cookieSuffix = '-ehr';

/** Jenner's own app, opened from an EHR: what both know of a person, what is due, and what either lacks. */
export function addEhrPages(app: FastifyInstance, server: AuthServer): void {
  const { ehrApp } = server;
  if (!ehrApp) return;
  app.get(`${path}/jwks`, async (_request, reply) =>
    reply.headers(openToAll).send(await server.ehrKeys.publicKeys()),
  );
  getPage(app, server, path, (page) => unlessSilent(page, () => begin(page)));
  getPage(app, server, `${path}/callback`, (page) => unlessSilent(page, () => finish(page)));
  getPage(app, server, `${path}/record`, (page) => unlessSilent(page, () => show(page, ehrApp)));
  postForm(app, server, `${path}/record`, (page) => unlessSilent(page, () => act(page, ehrApp)));
}

/** What an EHR answers is of no use; the detail is for the page alone, since it may hold what the EHR sent. */
class EhrFault extends Error {
  override readonly name = 'EhrFault';
  readonly detail: string | undefined;

  constructor(text: string, detail?: string) {
    super(text);
    this.detail = detail;
  }
}

/** An EHR that does not answer, or not as it should, is not to be taken for a fault of the registry. */
async function unlessSilent(page: Page, work: () => Promise<FastifyReply>): Promise<FastifyReply> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof FetchError || thrown instanceof EhrFault)) throw thrown;
    const { id: reqId, log } = page.request;
    log.warn({ reqId, reason: thrown.message }, 'an EHR did not answer as it should');
    const detail = thrown instanceof EhrFault ? thrown.detail : undefined;
    return problem(page, 502, 'ehr-silent', detail === undefined ? {} : { detail });
  }
}

type ToldMore = { readonly detail?: string };

function problem(
  { server, request, reply, browser }: Page,
  status: number,
  code: ProblemCode,
  more: ToldMore = {},
): Promise<FastifyReply> {
  return sendProblem(server, request, reply, { status, code, browser, ...more });
}

/** SMART App Launch, EHR launch: `iss` and `launch`. */
async function begin(page: Page): Promise<FastifyReply> {
  const { server, reply, browser, fields } = page;
  const [iss, launch] = [fields.get('iss') ?? '', fields.get('launch') ?? ''];
  const isWhole = iss !== '' && iss.length <= 500 && launch !== '' && launch.length <= 2000;
  const to = isWhole ? await server.ehrLaunches.begin(iss, launch, browser.key) : undefined;
  if (to !== undefined) return seeOther(reply, to);
  // Whoever looks after the system is told what to have registered, letter by letter.
  return problem(page, 400, 'unknown-ehr', iss === '' ? {} : { detail: `iss: ${iss.slice(0, 500)}` });
}

async function finish(page: Page): Promise<FastifyReply> {
  const { server, reply, browser, fields } = page;
  const [state, code] = [fields.get('state') ?? '', fields.get('code') ?? ''];
  if (state === '' || state.length > 100 || code.length > 4096) return problem(page, 400, 'ehr-expired');
  const refusal = /^[a-z_]{1,60}$/.exec(fields.get('error') ?? '')?.[0];
  if (code === '') return problem(page, 400, 'ehr-refused', refusal === undefined ? {} : { detail: refusal });
  const answer = { state, code, iss: fields.get('iss') ?? undefined };
  const visit = await server.ehrLaunches.finish(answer, browser.key);
  if (visit.kind === 'unknown') return problem(page, 400, 'ehr-expired');
  if (visit.kind === 'refused') return problem(page, 400, 'ehr-refused', { detail: visit.why });
  setOwnCookie(server, reply, cookieSuffix, visit.cookie);
  return seeOther(reply, `${path}/record`);
}

type Notice = Parameters<AuthServer['pages']['ehrRecord']>[0]['notice'];

async function show(page: Page, app: EhrApp, notice = noticeIn(page.fields)): Promise<FastifyReply> {
  const { server, request, reply, browser } = page;
  const visit = await visitOf(server, request);
  if (!visit) return problem(page, 401, 'ehr-expired');
  const ctx = await contextOf(server, visit);
  const record = await toldAs(visit, ctx, request, () => readMerged(server, app, visit, ctx));
  const frame = await frameOf(server, request, reply, browser);
  const shown = toShown(visit, record, app);
  const mark = markOf(server, request);
  return sendPage(
    reply,
    server.pages.ehrRecord({ ...frame, ...shown, visit: mark, ...(notice && { notice }) }),
  );
}

/** How many were reported or written a moment ago, where all were. */
function noticeIn(fields: URLSearchParams): Notice {
  for (const kind of ['reported', 'written'] as const) {
    const count = Number(/^[1-9][0-9]{0,3}$/.exec(fields.get(kind) ?? '')?.[0] ?? 0);
    if (count > 0) return { kind, count, failed: [] };
  }
  return undefined;
}

/** What is chosen is written, and the page shown anew by GET: who presses "back" writes nothing twice. */
async function act(page: Page, app: EhrApp): Promise<FastifyReply> {
  const { server, request, reply, fields } = page;
  const visit = await visitOf(server, request);
  if (!visit) return problem(page, 401, 'ehr-expired');
  // Another patient was opened in another tab: the form is not of whom the visit is now.
  if (fields.get('visit') !== markOf(server, request)) return show(page, app, 'other-visit');
  const isWrite = fields.get('do') === 'write';
  if (visit.ehr.organization === undefined || (isWrite && !visit.canWrite)) {
    return problem(page, 403, 'forbidden');
  }
  const chosen = new Set(fields.getAll(isWrite ? 'write' : 'report'));
  if (chosen.size === 0) return show(page, app, 'nothing-chosen');
  const ctx = await contextOf(server, visit);
  const acting: Acting = { server, app, visit, ctx, chosen };
  const done = await toldAs(visit, ctx, request, () => (isWrite ? write(acting) : report(acting)));
  // What was refused, and why, would be lost by a redirect.
  if (done.failed.length > 0) return show(page, app, done);
  return seeOther(reply, `${path}/record${done.count > 0 ? `?${done.kind}=${done.count}` : ''}`);
}

type Acting = {
  readonly server: AuthServer;
  readonly app: EhrApp;
  readonly visit: EhrVisit;
  readonly ctx: Mutable<InteractionContext>;
  readonly chosen: ReadonlySet<string>;
};

async function report({ server, app, visit, ctx, chosen }: Acting) {
  const record = await readMerged(server, app, visit, ctx);
  const doses = chosenOf({ record, chosen });
  const names = await readNames(serverOf(server, visit), [...doses, record.ehr.patient]);
  return toReported(await reportDoses(ctx, { ehr: visit.ehr, record, chosen, names }), app);
}

async function write({ server, app, visit, ctx, chosen }: Acting) {
  const record = await readMerged(server, app, visit, ctx);
  const { store, clock, fetchEhr: fetch, base } = server;
  return toWritten(await writeDoses({ store, clock, fetch, base }, visit, { record, chosen }), app);
}

/** Of which visit a form is; it opens nothing. */
function markOf(server: AuthServer, request: FastifyRequest): string {
  return hashSecret(`form ${ownCookieOf(request, server, cookieSuffix) ?? ''}`);
}

function visitOf(server: AuthServer, request: FastifyRequest): Promise<EhrVisit | undefined> {
  return server.ehrLaunches.visit(ownCookieOf(request, server, cookieSuffix));
}

const scope = [
  'system/Patient.crus',
  'system/Immunization.crus',
  ...['Condition', 'Observation', 'AllergyIntolerance', 'Procedure'].map((type) => `system/${type}.rs`),
].join(' ');

/** The EHR acts for its organization, as an app of it would. */
async function contextOf(server: AuthServer, { ehr }: EhrVisit): Promise<Mutable<InteractionContext>> {
  const client: Client = {
    id: `ehr-${ehr.id}`,
    name: ehr.name,
    kind: 'key',
    created: 0 as EpochMs,
    redirects: [],
    scope,
    groups: [],
    ...(ehr.organization !== undefined && { organization: ehr.organization }),
  };
  // Without an organization it would be an app of the whole registry.
  const scopes = ehr.organization === undefined ? [] : scope.split(' ');
  const caller = server.toCaller(await server.entitle({ client, scopes }));
  return { ...server.contextFor(caller) };
}

function toldAs<Result>(
  visit: EhrVisit,
  ctx: Mutable<InteractionContext>,
  { ip, method }: FastifyRequest,
  work: () => Promise<Result>,
): Promise<Result> {
  const start = {
    interaction: 'page launch',
    action: method === 'POST' ? 'U' : 'R',
    query: `${visit.ehr.iss} user ${visit.fhirUser ?? 'unknown'}`.slice(0, 1000),
    keepsQuery: true,
    from: ip,
  } as const;
  return audited(ctx, start, work);
}

/** What is behind the access token of the visit. */
function serverOf(server: AuthServer, { ehr, accessToken }: EhrVisit): EhrServer {
  const fetchFhir = async (url: string, token: string | undefined) => {
    const headers = {
      accept: 'application/fhir+json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    return (await server.fetchEhr(url, { headers })).json;
  };
  return { fhirServer: ehr.iss, accessToken, fetchFhir };
}

/** Rejects with an EhrFault where the EHR does not answer. Without an organization the registry is not looked into. */
async function readMerged(
  server: AuthServer,
  { operations, leftOut }: EhrApp,
  visit: EhrVisit,
  ctx: InteractionContext,
): Promise<MergedRecord> {
  const found = await readWholeEhr(serverOf(server, visit), visit.patient);
  if (!found) throw new EhrFault('it has not answered the whole record');
  const isJoined = visit.ehr.organization !== undefined;
  try {
    return await mergeRecords({ ctx, operations, leftOut, isJoined }, found);
  } catch (thrown) {
    const why = refusalIn(thrown);
    throw why === undefined ? thrown : new EhrFault('its record is no FHIR', why);
  }
}
