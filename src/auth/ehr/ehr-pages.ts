import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Immunization } from 'fhir/r4.js';
import { audited } from '../../interaction/audit/audited.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import type { EhrDoseShown, EhrDueShown, EhrRecordPage } from '../../pages/auth-pages.ts';
import { forbiddenIn, rowsOf, verdictOn } from '../../registry/ehr-record/read-answer.ts';
import type { EpochMs } from '../../values/instant.ts';
import type { Mutable } from '../../values/mutable.ts';
import { openToAll } from '../../values/open-to-all.ts';
import type { AuthServer, EhrApp } from '../auth-server.ts';
import type { Client } from '../clients/client.ts';
import { frameOf } from '../page/frame.ts';
import type { Page } from '../page/page.ts';
import { getPage, postForm } from '../page/page-route.ts';
import { nameOf } from '../page/person-shown.ts';
import { seeOther, sendPage, sendProblem } from '../page/send-page.ts';
import { ownCookieOf, setOwnCookie } from '../session/browser.ts';
import type { EhrVisit } from './ehr-launch.ts';
import { type MergedRecord, type MergedRow, mergeRecords, readWholeEhr } from './merged-record.ts';
import { type Reported, reportDoses } from './report-doses.ts';

const path = '/app/launch';
const cookieSuffix = '-ehr';

/** Jenner's own app, opened from an EHR: what both know of a person, what is due, and what the registry lacks. */
export function addEhrPages(app: FastifyInstance, server: AuthServer): void {
  const { ehrApp } = server;
  if (!ehrApp) return;
  app.get(`${path}/jwks`, async (_request, reply) =>
    reply.headers(openToAll).send(await server.ehrKeys.publicKeys()),
  );
  getPage(app, server, path, begin);
  getPage(app, server, `${path}/callback`, finish);
  getPage(app, server, `${path}/record`, (page) => show(page, ehrApp));
  postForm(app, server, `${path}/record`, (page) => report(page, ehrApp));
}

/** SMART App Launch, EHR launch: `iss` and `launch`. */
async function begin({ server, request, reply, browser, fields }: Page): Promise<FastifyReply> {
  const [iss, launch] = [fields.get('iss') ?? '', fields.get('launch') ?? ''];
  const isWhole = iss !== '' && iss.length <= 500 && launch !== '' && launch.length <= 2000;
  const to = isWhole ? await server.ehrLaunches.begin(iss, launch, browser.key) : undefined;
  if (to !== undefined) return seeOther(reply, to);
  return sendProblem(server, request, reply, { status: 400, code: 'unknown-ehr', browser });
}

async function finish({ server, request, reply, browser, fields }: Page): Promise<FastifyReply> {
  const [state, code] = [fields.get('state') ?? '', fields.get('code') ?? ''];
  const isWhole = state !== '' && code !== '' && state.length <= 100 && code.length <= 4096;
  const cookie = isWhole ? await server.ehrLaunches.finish(state, code, browser.key) : undefined;
  if (cookie === undefined)
    return sendProblem(server, request, reply, { status: 400, code: 'expired', browser });
  setOwnCookie(server, reply, cookieSuffix, cookie);
  return seeOther(reply, `${path}/record`);
}

async function show(page: Page, app: EhrApp, reported?: Reported): Promise<FastifyReply> {
  const { server, request, reply, browser } = page;
  const visit = await visitOf(server, request);
  if (!visit) return sendProblem(server, request, reply, { status: 401, code: 'expired', browser });
  const ctx = await contextOf(server, visit);
  const record = await toldAs(visit, ctx, request, () => readMerged(server, app, visit, ctx));
  if (!record) return sendProblem(server, request, reply, { status: 502, code: 'busy', browser });
  const frame = await frameOf(server, request, reply, browser);
  return sendPage(
    reply,
    server.pages.ehrRecord({ ...frame, ...toShown(visit, record), ...(reported && { reported }) }),
  );
}

/** What is chosen is written, and the page shown anew by GET: who presses "back" writes nothing twice. */
async function report(page: Page, app: EhrApp): Promise<FastifyReply> {
  const { server, request, reply, browser, fields } = page;
  const visit = await visitOf(server, request);
  if (!visit) return sendProblem(server, request, reply, { status: 401, code: 'expired', browser });
  const { ehr } = visit;
  if (ehr.organization === undefined)
    return sendProblem(server, request, reply, { status: 403, code: 'forbidden', browser });
  const ctx = await contextOf(server, visit);
  const places = new Set(fields.getAll('dose').map(Number));
  const reported = await toldAs(visit, ctx, request, async () => {
    const record = await readMerged(server, app, visit, ctx);
    return record && reportDoses(ctx, { ehr, record, places });
  });
  if (!reported) return sendProblem(server, request, reply, { status: 502, code: 'busy', browser });
  // What was refused, and why, would be lost by a redirect.
  return reported.refused.length > 0 ? show(page, app, reported) : seeOther(reply, `${path}/record`);
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

/** Undefined where the EHR does not answer. Without an organization the registry is not looked into. */
async function readMerged(
  server: AuthServer,
  { operations, leftOut }: EhrApp,
  { ehr, patient, accessToken }: EhrVisit,
  ctx: InteractionContext,
): Promise<MergedRecord | undefined> {
  const fetchFhir = async (url: string, token: string | undefined) => {
    const headers = {
      accept: 'application/fhir+json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    return (await server.fetchEhr(url, { headers })).json;
  };
  const found = await readWholeEhr({ fhirServer: ehr.iss, accessToken, fetchFhir }, patient);
  const isJoined = ehr.organization !== undefined;
  return found && mergeRecords({ ctx, operations, leftOut, isJoined }, found);
}

type Shown = Omit<EhrRecordPage, keyof Awaited<ReturnType<typeof frameOf>>>;

function toShown({ ehr }: EhrVisit, record: MergedRecord): Shown {
  const { patient, known, rows, forecast } = record;
  const isAsked = ehr.organization !== undefined;
  return {
    ehr: ehr.name,
    person: {
      name: (Array.isArray(patient.name) ? nameOf(patient.name) : undefined) ?? '',
      ...(patient.birthDate !== undefined && { birthDate: patient.birthDate }),
    },
    registry: isAsked ? (known === undefined ? 'unknown' : 'known') : 'not-asked',
    forbidden: forbiddenIn(forecast),
    due: rowsOf(forecast).flatMap(toDue),
    doses: rows.map((row) => ({ ...toDose(row, isAsked), ...notCounted(row, forecast) })),
    missing: record.ehr.missing,
  };
}

function toDue({
  group,
  urgency,
  since,
  doseNumber,
}: ReturnType<typeof rowsOf>[number]): readonly EhrDueShown[] {
  if (urgency === undefined) return [];
  return [
    {
      group,
      urgency,
      ...(since !== undefined && { since }),
      ...(doseNumber !== undefined && { doseNumber }),
    },
  ];
}

function toDose({ dose, in: where, place }: MergedRow, isAsked: boolean): EhrDoseShown {
  const { occurrenceDateTime: date } = dose;
  return {
    ...(date !== undefined && { date: date.slice(0, 10) }),
    vaccine: vaccineOf(dose),
    in: where,
    notGiven: dose.status !== 'completed',
    ...(isAsked && place !== undefined && { place }),
  };
}

/** By the id that the forecast knows the dose by (`ask-forecast.ts`). */
function notCounted(
  { dose, place }: MergedRow,
  forecast: MergedRecord['forecast'],
): Pick<EhrDoseShown, 'notCounted'> {
  const verdict = verdictOn(forecast, place === undefined ? (dose.id ?? '') : `ehr-${place + 1}`);
  return verdict === undefined || verdict === 'counts' ? {} : { notCounted: verdict };
}

function vaccineOf({ vaccineCode }: Immunization): string {
  const [first] = vaccineCode?.coding ?? [];
  return vaccineCode?.text ?? first?.display ?? first?.code ?? '';
}
