import type { FastifyInstance, InjectOptions } from 'fastify';
import type { Caller } from '../../src/access/caller.ts';
import { type AppOptions, buildApp } from '../../src/app.ts';
import { passingSeal } from '../../src/auth/secrets/key-file.ts';
import type { Bucket } from '../../src/export/output-bucket.ts';
import { parseFhirJson } from '../../src/fhir/fhir-json.ts';
import type { ReadEvaluated } from '../../src/hl7v2/query/read-person.ts';
import { openAuditQueue } from '../../src/interaction/audit/audit-queue.ts';
import { type InteractionContext, openContext, type ServerContext } from '../../src/interaction/context.ts';
import { openOpenings } from '../../src/interaction/openings.ts';
import { openCdsHooks } from '../../src/open-cds-hooks.ts';
import { openExporting } from '../../src/open-exports.ts';
import { openHealthCards } from '../../src/open-health-cards.ts';
import { openHealthLinks } from '../../src/open-health-links.ts';
import { openMessages } from '../../src/open-messages.ts';
import type { Operation } from '../../src/operation/operation.ts';
import type { FetchFhir } from '../../src/registry/ehr-record/ehr-record.ts';
import { groupStatesBy } from '../../src/registry/forecasting/group-states.ts';
import type { Referential } from '../../src/registry/referential/referential-rule.ts';
import type { Bounds } from '../../src/rest/in-flight.ts';
import type { RateLimiter } from '../../src/rest/rate-limit.ts';
import { evaluatedRecordOf } from '../../src/shipped/evaluated-record.ts';
import { loadKnowledgeBases } from '../../src/shipped/knowledge-bases.ts';
import { loadOperations } from '../../src/shipped/operations.ts';
import { scheduleSettings } from '../../src/shipped/schedule-settings.ts';
import { loadServerContext } from '../../src/shipped/server-context.ts';
import { shippedTerminology } from '../../src/shipped/terminology.ts';
import { shippedGuide } from '../../src/shipped/v2-guide.ts';
import { shippedMapping } from '../../src/shipped/v2-mapping.ts';
import { shippedVaccineCodes, shippedVaccines } from '../../src/shipped/vaccines.ts';
import { viewsOf } from '../../src/shipped/views.ts';
import type { AuditRow } from '../../src/store/contract/audit.ts';
import type { Store } from '../../src/store/contract/store.ts';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { type Clock, clockIn } from '../../src/values/clock.ts';
import type { EpochMs } from '../../src/values/instant.ts';
import type { MatchingMode } from '../../src/values/matching-mode.ts';
import { type TimeZone, utc } from '../../src/values/time-zone.ts';
import { dropDatabase, freshDatabase, testMongoUrl } from '../mongo/test-mongo.ts';

export type TestServer = {
  readonly app: FastifyInstance;
  readonly context: ServerContext;
  readonly store: Store;
  /** What an open server works with, for interactions that are called without HTTP. */
  readonly ctx: InteractionContext;
  readonly operations: readonly Operation[];
  readonly readEvaluated: ReadEvaluated;
  /** All that was told up to now, the newest first. */
  readonly auditRows: () => Promise<readonly AuditRow[]>;
  /** Exports that are asked for are written from now on. */
  readonly startExports: () => void;
  /** What broke while a message was answered. */
  readonly failures: readonly unknown[];
  readonly close: () => Promise<void>;
  readonly get: (url: string, headers?: Headers) => Promise<TestAnswer>;
  readonly send: (
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body?: unknown,
    headers?: Headers,
  ) => Promise<TestAnswer>;
};

type Headers = Readonly<Record<string, string>>;

export type TestAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
};

export type TestServerOptions = {
  readonly auth?: 'smart' | 'off';
  readonly fitsCompatible?: boolean;
  readonly profiles?: readonly string[];
  readonly declaredProfiles?: 'error' | 'warning' | 'ignore';
  readonly deleteReferred?: 'refuse' | 'allow';
  readonly referential?: Referential;
  readonly fullText?: boolean;
  /** What becomes of a Patient who may be known; `off` when absent. */
  readonly matching?: MatchingMode;
  /** Whose schedule is followed where nothing else names one, and for who lives in a state. */
  readonly schedules?: { readonly schedule?: string; readonly states?: Readonly<Record<string, string>> };
  readonly rateLimiter?: RateLimiter;
  readonly metricsToken?: string;
  readonly bounds?: Bounds;
  /** Which pages of other sites may ask, where nobody has a token. */
  readonly crossOrigin?: (origin: string) => boolean;
  /** Who sends each request; everybody when absent. */
  readonly callerOf?: AppOptions['callerOf'];
  /** Beside those that ship. */
  readonly operations?: readonly Operation[];
  /** Whether who saw what is told. */
  readonly audit?: true;
  /** False: MongoDB as on a single node. */
  readonly transactions?: false;
  readonly bulkProfile?: 'both' | 'stu2' | 'stu4';
  /** Milliseconds by which a reading moves the clock; jobs that take long need few, or their lease is over. */
  readonly clockStep?: number;
  readonly exportUrls?: 'token' | 'capability';
  /** How CDS Hooks fetches what an EHR did not send; by HTTP when absent. */
  readonly fetchFhir?: FetchFhir;
  /** Where exports lie; in a folder when absent. */
  readonly bucket?: Bucket;
  /** The moment before the first reading of the clock, and where it hangs. */
  readonly startsAt?: number;
  readonly timeZone?: TimeZone;
  /** The ids of what is new; random ones when absent. */
  readonly newId?: ServerContext['newId'];
};

export const baseUrl = 'http://jenner.test/fhir';

/** No listener, and texts that are kept a year. */
export const messageSettings = {
  host: '127.0.0.1',
  hl7Port: undefined,
  hl7Account: undefined,
  hl7Tls: 'auto',
  hl7KeepDays: 365,
  hl7ForwardUrl: undefined,
  tlsCert: undefined,
  tlsKey: undefined,
} as const;

export type TestStore = { readonly store: Store; readonly dispose: () => Promise<void> };

/** SQLite in memory, or a new database of the MongoDB that the tests are given. */
export async function openTestStore(transactions?: false, clock?: Clock): Promise<TestStore> {
  const mongo = testMongoUrl();
  if (mongo === undefined) {
    const store = await openSqliteStore({ path: ':memory:', ...(clock && { clock }) });
    return { store, dispose: () => store.close() };
  }
  const url = freshDatabase(mongo);
  const store = await openMongoStore({
    url,
    ...(transactions === false && { transactions }),
    ...(clock && { clock }),
  });
  return {
    store,
    dispose: async () => {
      await store.close();
      await dropDatabase(url);
    },
  };
}

/** A whole server on the store of the tests; its clock moves at every reading, by a second where nothing else is said. */
export async function openTestServer({
  auth = 'off',
  fitsCompatible = false,
  profiles = [],
  declaredProfiles = 'error',
  deleteReferred = 'refuse',
  referential = 'off',
  fullText = false,
  matching = 'off',
  schedules = {},
  rateLimiter,
  metricsToken,
  bounds,
  crossOrigin,
  callerOf,
  operations: more = [],
  audit,
  transactions,
  bulkProfile = 'both',
  clockStep = 1000,
  exportUrls = 'token',
  fetchFhir,
  bucket,
  startsAt = Date.UTC(2026, 0, 1),
  timeZone = utc,
  newId,
}: TestServerOptions = {}): Promise<TestServer> {
  let now = startsAt;
  // What expires in the store does so by the same clock, which is not moved by that.
  const { store, dispose } = await openTestStore(transactions, { now: () => now as EpochMs });
  const followed = scheduleSettings(loadKnowledgeBases('no-such-folder'), {
    schedule: schedules.schedule,
    scheduleStates: new Map(Object.entries(schedules.states ?? {})),
  });
  const tick = () => {
    now += clockStep;
    return now as EpochMs;
  };
  const clock = clockIn(timeZone, { now: tick });
  const queue = audit && openAuditQueue({ store, firstSalt: 0 });
  const context = {
    ...(await loadServerContext({
      baseUrl,
      profiles,
      declaredProfiles,
      deleteReferred,
      referential,
      fullText,
      matching,
    })),
    clock,
    openings: openOpenings(store),
    ...(newId && { newId }),
    ...(queue && { audit: queue }),
  };
  const config = {
    store: { kind: 'sqlite-memory' },
    data: '',
    exportHours: 24,
    exportUrls,
    bulkProfile,
    exportBucket: bucket,
    exportBucketRegion: bucket?.region ?? '',
    exportBucketKey: bucket?.keyId,
    exportBucketSecret: bucket?.secret,
    exportBucketLinks: bucket?.isLinked ?? false,
  } as const;
  const forecast = { ...followed, fitsCompatible };
  const business = loadOperations(forecast);
  const readEvaluated = evaluatedRecordOf(forecast);
  const views = viewsOf(store);
  const log = () => undefined;
  const failures: unknown[] = [];
  const states = groupStatesBy(forecast);
  const exporting = openExporting({ config, store, context, log, operations: business, states, views });
  const contextFor = (caller: Caller) => openContext(context, store, caller);
  const messages = openMessages({
    config: { ...messageSettings, publicUrl: 'http://jenner.test' },
    store,
    context,
    contextFor,
    accounts: undefined,
    log: { warn: () => undefined, failed: (thrown) => failures.push(thrown) },
    guide: shippedGuide(),
    mapping: shippedMapping(),
    operations: business,
    readEvaluated,
  });
  const seal = passingSeal();
  const cards = openHealthCards({
    publicUrl: 'https://jenner.test',
    store,
    clock,
    seal: () => seal,
    operations: business,
    cvxByOtherCodes: shippedVaccines().cvxByOtherCodes,
  });
  const links = openHealthLinks({
    publicUrl: 'https://jenner.test',
    store,
    context,
    cards,
    operations: business,
    nameOf: (cvx) => (cvx === '08' ? 'HepB' : undefined),
    personsOf: undefined,
  });
  const cdsHooks = openCdsHooks({
    config: { publicUrl: 'http://jenner.test', allowPrivateJwks: false },
    contextFor,
    clients: undefined,
    isEhr: async (iss) => iss === 'https://ehr.example/fhir',
    operations: business,
    codes: shippedVaccineCodes,
    fetchFhir,
  });
  const operations = [
    ...business,
    ...exporting.operations,
    ...messages.operations,
    ...cards.operations,
    ...links.operations,
    ...more,
  ];
  const app = buildApp({
    context,
    contextFor,
    operations,
    within: exporting.routes,
    entrances: [exporting.entrance, cards.entrance, links.entrance, cdsHooks, ...messages.entrances],
    codeSystems: shippedTerminology().codeSystems,
    auth,
    log: 'silent',
    software: { name: 'Jenner', version: 'test', released: '2026-01-01' },
    check: () => store.check(),
    rateLimiter,
    metricsToken,
    ...(bounds && { bounds }),
    ...(callerOf && { callerOf }),
    ...(crossOrigin && {
      authorization: {
        callerOf: () => ({ kind: 'anonymous' }),
        crossOrigin,
        refused: async () => undefined,
        routes: async () => undefined,
      },
    }),
  });
  const inject = async (options: InjectOptions): Promise<TestAnswer> => {
    const { statusCode, headers, body } = await app.inject(options);
    return { status: statusCode, headers, text: body, body: parseAnswer(body, headers['content-type']) };
  };
  return {
    app,
    context,
    store,
    ctx: openContext(context, store, { kind: 'open' }),
    operations,
    readEvaluated,
    auditRows: async () => {
      await queue?.close();
      return (await store.searchAudit({ count: 10_000 })).rows;
    },
    startExports: () => exporting.start(),
    failures,
    close: async () => {
      await app.close();
      await exporting.stop();
      await queue?.close();
      await dispose();
    },
    get: (url, headers = {}) => inject({ method: 'GET', url, headers }),
    send: (method, url, body, headers = {}) =>
      inject({
        method,
        url,
        headers: { ...(body !== undefined && { 'content-type': 'application/fhir+json' }), ...headers },
        ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
  };
}

/** Every answer must keep the rules of FHIR JSON itself: no empty array, object or text, no name twice. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
export function parseAnswer(text: string, contentType: unknown): any {
  const type = String(contentType ?? '');
  if (text === '' || !type.includes('json') || type.includes('ndjson')) return undefined;
  if (!type.includes('fhir')) return JSON.parse(text);
  const parsed = parseFhirJson(text, 200);
  if (!parsed.ok) throw new Error(`the answer is no FHIR JSON: ${parsed.message}`);
  return parsed.value;
}
