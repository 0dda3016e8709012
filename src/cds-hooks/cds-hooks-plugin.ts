import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.ts';
import type { CdsClient, CdsClients } from '../access/cds-client.ts';
import { Problem } from '../fhir/problem.ts';
import { audited } from '../interaction/audit/audited.ts';
import type { InteractionContext } from '../interaction/context.ts';
import type { Operation } from '../operation/operation.ts';
import { askForecast } from '../registry/ehr-record/ask-forecast.ts';
import type { FetchFhir } from '../registry/ehr-record/ehr-record.ts';
import { openToAll } from '../values/open-to-all.ts';
import { type Card, cardsOfDue, withNotes } from './cards.ts';
import { keepFeedback, parseFeedback } from './feedback.ts';
import { cardsOfOrders } from './order-cards.ts';
import { type OrderedVaccine, orderedVaccines, type VaccineCodes } from './ordered-vaccines.ts';
import { type HookCall, parseBody, parseCall } from './parse-call.ts';
import { readEhrRecord } from './read-prefetch.ts';
import { type CdsService, serviceOf, services } from './services.ts';
import type { Told } from './told.ts';

export type CdsHooksOptions = {
  readonly publicUrl: string;
  readonly contextFor: (caller: Caller) => InteractionContext;
  /** Absent on an open server, where everybody may ask. */
  readonly clients: CdsClients | undefined;
  /** `$match`, `$immds-forecast`, `$immds-what-if`. */
  readonly operations: readonly Operation[];
  readonly fetchFhir: FetchFhir;
  readonly codes: VaccineCodes;
  /** Where an EHR opens Jenner's app, if it is registered for it. */
  readonly launchUrlFor: (fhirServer: string | undefined) => Promise<string | undefined>;
};

const path = '/cds-services';

/** The histories of a hundred doses and as many conditions fit into far less. */
const maxCall = 4 * 1024 * 1024;

/** CDS Hooks 2.0: what is overdue and due, as cards in the EHR. */
export async function cdsHooksPlugin(app: FastifyInstance, options: CdsHooksOptions): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ['application/json', 'application/fhir+json'],
    { parseAs: 'string', bodyLimit: maxCall },
    (_request, body, done) => done(null, body),
  );
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(corsOf(options));
    done();
  });
  app.get(path, (_request, reply) => reply.headers(openToAll).send({ services }));
  for (const url of [path, `${path}/:id`, `${path}/:id/feedback`]) {
    app.options(url, (_request, reply) => reply.status(204).send());
  }
  app.post<{ Params: { id: string } }>(`${path}/:id`, (request, reply) =>
    answerCall(options, request, reply),
  );
  app.post<{ Params: { id: string } }>(`${path}/:id/feedback`, (request, reply) =>
    answerFeedback(options, request, reply),
  );
}

/** EHRs may call from a browser. Who asks is known by a JWT alone, so no page of another site asks in somebody's name. */
function corsOf({ clients }: CdsHooksOptions): Readonly<Record<string, string>> {
  if (!clients) return {};
  return {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers': 'authorization, content-type, accept',
    'access-control-max-age': '600',
  };
}

type CallRequest = FastifyRequest<{ Params: { id: string } }>;

async function answerCall(
  options: CdsHooksOptions,
  request: CallRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const service = requireService(request);
  const client = await requireClient(options, request, reply);
  const call = parseCall(bodyOf(request), service);
  requireOwnServer(client, call);
  const ctx = options.contextFor(client.caller);
  const start = {
    interaction: `CDS Hooks ${service.hook}`,
    action: 'E',
    query: `hookInstance ${call.hookInstance} user ${call.userId ?? 'unknown'}`.slice(0, 1000),
    keepsQuery: true,
    from: request.ip,
  } as const;
  const cards = await audited(ctx, start, () => cardsFor(options, ctx, { service, call }));
  return reply.send({ cards });
}

type Asked = { readonly service: CdsService; readonly call: HookCall };

async function cardsFor(
  options: CdsHooksOptions,
  ctx: InteractionContext,
  { service, call }: Asked,
): Promise<readonly Card[]> {
  const { operations, publicUrl, codes } = options;
  const ordered = orderedVaccines(call, codes);
  if (service.hook === 'order-select' && !ordered.some(({ isSelected }) => isSelected)) return [];
  const ehr = await readEhrRecord(call, service, options.fetchFhir);
  const asking = { ctx, operations, ehr, orders: [] };
  const before = await askForecast(asking);
  const launchUrl = await options.launchUrlFor(call.fhirServer);
  const told: Told = { call, ehr, asked: before, newId: ctx.newId, publicUrl, launchUrl };
  if (service.hook === 'patient-view') return withNotes(cardsOfDue(told), told);
  const asked = await askForecast({ ...asking, orders: ordered.map(toVaccineCode) });
  return withNotes(cardsOfOrders({ ...told, asked }, before, ordered), told);
}

function toVaccineCode({ cvx }: OrderedVaccine) {
  return { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: cvx }] };
}

/** What is fetched, and the token that is sent along, are of the server that the EHR is registered with. */
function requireOwnServer({ fhirServer: own }: CdsClient, { fhirServer: named }: HookCall): void {
  if (own === undefined || named === undefined || withoutSlash(own) === withoutSlash(named)) return;
  const text = `fhirServer ${named} is not the one that the EHR is registered with`;
  throw new Problem('invalid-parameter', text, { expression: 'fhirServer' });
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

async function answerFeedback(
  options: CdsHooksOptions,
  request: CallRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const service = requireService(request);
  const client = await requireClient(options, request, reply);
  const feedback = parseFeedback(bodyOf(request));
  const ctx = options.contextFor(client.caller);
  const start = {
    interaction: 'CDS Hooks feedback',
    action: 'C',
    query: feedback
      .map(({ card, outcome }) => `${card} ${outcome}`)
      .join(', ')
      .slice(0, 1000),
    keepsQuery: true,
    from: request.ip,
  } as const;
  await audited(ctx, start, () => keepFeedback(ctx, { client: client.id, service: service.id }, feedback));
  return reply.status(200).send();
}

function bodyOf({ body }: CallRequest) {
  return parseBody(typeof body === 'string' ? body : '');
}

function requireService({ params }: CallRequest): CdsService {
  const service = serviceOf(params.id);
  if (service) return service;
  throw new Problem('not-found', 'There is no such service: GET /cds-services names them');
}

/** Who asks, by the JWT of the EHR for this URL; an open server takes no calls from pages of other sites. */
async function requireClient(
  { clients, publicUrl }: CdsHooksOptions,
  request: CallRequest,
  reply: FastifyReply,
): Promise<CdsClient> {
  if (!clients) return requireOwnPage(request);
  const jwt = /^Bearer +([\w.-]{1,16384})$/i.exec(request.headers.authorization ?? '')?.[1];
  const url = `${publicUrl}${(request.url.split('?')[0] ?? '').replace(/\/+$/, '')}`;
  const client = jwt === undefined ? undefined : await clients.byJwt(jwt, url);
  if (client) return client;
  reply.header('www-authenticate', 'Bearer realm="Jenner"');
  throw new Problem(
    'unauthenticated',
    `A JWT of an EHR that is registered is needed (Authorization: Bearer …), for the audience ${url}`,
  );
}

const open: CdsClient = { id: 'open', caller: { kind: 'open' } };

function requireOwnPage({ headers, host, protocol }: FastifyRequest): CdsClient {
  const { origin } = headers;
  if (origin === undefined || origin === `${protocol}://${host}`) return open;
  throw new Problem('forbidden', 'This server takes no calls from pages of other sites');
}
