import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import type { Caller } from './access/caller.ts';
import { type AppOptions, buildApp } from './app.ts';
import type { EhrApp } from './auth/auth-server.ts';
import { openEpoch } from './auth/epoch.ts';
import { jobOwner } from './cli/foreground-jobs.ts';
import type { Config } from './config.ts';
import { watchAuditExpiry } from './interaction/audit/audit-expiry.ts';
import { type AuditQueue, openAuditQueue } from './interaction/audit/audit-queue.ts';
import { type InteractionContext, openContext, type ServerContext } from './interaction/context.ts';
import { openOpenings } from './interaction/openings.ts';
import { type JobRunnerOptions, openJobRunner } from './job/job-runner.ts';
import { openAuthorization } from './open-authorization.ts';
import { openCdsHooks } from './open-cds-hooks.ts';
import { ehrAppOf } from './open-ehr-app.ts';
import { type Exporting, openExporting } from './open-exports.ts';
import { type Forwarding, openForwarding } from './open-forwarding.ts';
import { healthCardsOf } from './open-health-cards.ts';
import { openHealthLinks } from './open-health-links.ts';
import { jobsOf } from './open-jobs.ts';
import { type MessageLog, type Messages, openMessages } from './open-messages.ts';
import { networkOf } from './open-network.ts';
import { reportersOf } from './open-reporters.ts';
import { siteEntrance } from './open-site.ts';
import type { AuthPages } from './pages/auth-pages.ts';
import { followedSchedules } from './registry/forecasting/followed-schedules.ts';
import { groupStatesBy } from './registry/forecasting/group-states.ts';
import type { ScheduleSettings } from './registry/forecasting/patient-schedule.ts';
import { publishJob } from './registry/jobs/publish-job.ts';
import { type IndexState, indexWarnings, openIndexState } from './registry/reindex/index-state.ts';
import { reindexJob, reindexJobId } from './registry/reindex/reindex-job.ts';
import { watchIndex } from './registry/reindex/watch-index.ts';
import { definitionResources } from './shipped/definition-resources.ts';
import { evaluatedRecordOf } from './shipped/evaluated-record.ts';
import { installDefinitions } from './shipped/install-definitions.ts';
import { readSchedules } from './shipped/kept-schedules.ts';
import { loadOperations } from './shipped/operations.ts';
import { type ContextSettings, loadServerContext } from './shipped/server-context.ts';
import { shippedTerminology } from './shipped/terminology.ts';
import { openThreadedValidator } from './shipped/threaded-validator.ts';
import { shippedGuide } from './shipped/v2-guide.ts';
import { shippedMapping } from './shipped/v2-mapping.ts';
import { shippedVaccineProducts } from './shipped/vaccine-products.ts';
import { shippedVaccineCodes as codes, shippedVaccines } from './shipped/vaccines.ts';
import { viewsOf } from './shipped/views.ts';
import { loadWebAssets } from './shipped/web-assets.ts';
import type { Store } from './store/contract/store.ts';
import type { EpochDay } from './values/epoch-day.ts';

/** What the interactions work with on a store, and how far its index is as they draw it. */
export type Ground = {
  readonly store: Store;
  readonly context: ServerContext;
  readonly index: IndexState;
  /** Absent where nobody is known of whom anything could be told. */
  readonly audit?: AuditQueue;
};

/** To be called before anything is written: an empty store notes how its index is built. */
export async function openGround(config: Config, store: Store): Promise<Ground> {
  const loaded = await openServerContext(config);
  const index = await openIndexState(store, loaded);
  const context = { ...loaded, staleness: index.staleness };
  if (config.auth === 'off') return { store, index, context };
  const audit = openAuditQueue({ store, firstSalt: randomBytes(6).readUIntBE(0, 6) });
  const relationsChanged = openEpoch(store).advance;
  return { store, index, audit, context: { ...context, audit, relationsChanged } };
}

export type StartOptions = {
  readonly software: { readonly version: string; readonly released: string };
  /** Told what the server answers less well than it should. */
  readonly warn: (text: string) => void;
  /** Who sends each request; by the settings alone when absent. */
  readonly callerOf?: AppOptions['callerOf'] | undefined;
  /** How the authorization server shows itself; without them there is none. */
  readonly pages?: AuthPages | undefined;
  /** Whether the parts that pages are made of are shown. */
  readonly showsParts?: boolean;
  /** What is served beside. */
  readonly entrances?: AppOptions['entrances'];
  /** How EHRs that open the app are asked; by HTTP when absent. */
  readonly fetchEhr?: EhrApp['fetch'];
  /** Where the metrics of processes that answer together are added up. */
  readonly metricsBoard?: AppOptions['metricsBoard'];
  /** Told on which port MLLP listens, by who takes any other where the one of the settings is taken. */
  readonly onHl7Port?: (port: number | undefined) => void;
};

function logJob(
  app: ReturnType<typeof buildApp> | undefined,
  ...told: Parameters<JobRunnerOptions['log']>
): void {
  const [line, { id, kind }, level] = told;
  app?.log[level]({ job: id, kind }, line);
}

/** The server of the settings on what stands, listening, with its jobs running; nothing of it is left when it throws. */
export async function startServer(
  config: Config,
  { store, context, index, audit }: Ground,
  { software, warn, callerOf, entrances = [], metricsBoard, onHl7Port, ...shown }: StartOptions,
): Promise<ReturnType<typeof buildApp>> {
  const judge = openThreadedValidator();
  const validation = { ...context.validation, judgeElsewhere: judge.judge };
  const served = { ...context, validation, openings: openOpenings(store) };
  // V8 lets garbage grow to several times what lives; a burst of large Bundles would hold that memory for good.
  setFlagsFromString('--heap-growing-percent=100');
  const schedules = await readSchedules(store, config);
  const logged: { app?: ReturnType<typeof buildApp> } = {};
  const log: JobRunnerOptions['log'] = (line, job, level) => logJob(logged.app, line, job, level);
  const parts = openParts({ config, store, served, schedules, ...shown, logged, log });
  const { exporting, messages, operations } = parts;
  const warnings = () => warningsOf(index, schedules, context.clock.today());
  const own = serverContext(served, store);
  await installDefinitions(own, store, definitionResources(operations));
  const app = buildApp({
    context: served,
    contextFor: parts.contextFor,
    authorization: parts.authorization,
    entrances: [...entrances, ...parts.entrances],
    ...networkOf(config, { store, context }),
    operations,
    within: exporting.routes,
    codeSystems: shippedTerminology().codeSystems,
    auth: config.auth,
    metricsBoard,
    log: config.log,
    software: { name: 'Jenner', ...software },
    check: () => store.check(),
    warnings,
    ...(callerOf && { callerOf }),
  });
  const runner = openRunner({ store, context, index }, own, log);
  const { clock } = context;
  const forwarding = openForwarding({ config, store, clock, log, warn: (text) => app.log.warn(text) });
  logged.app = app;
  stopWith(app, config.stopGrace, { messages, forwarding, exporting, runner, judge });
  keepAudit(app, config, { store, context, audit });
  watchUntilClosed(app, index);
  try {
    await app.listen({ host: config.host, port: config.port });
    const hl7Port = await messages.listen(onHl7Port !== undefined);
    if (hl7Port !== undefined) app.log.info(`HL7 v2 over MLLP at ${config.host}:${hl7Port}`);
    onHl7Port?.(hl7Port);
  } catch (thrown) {
    await app.close();
    throw thrown;
  }
  for (const warning of warnings()) warn(warning);
  if (index.pending().length > 0) {
    await runner.submit({ id: reindexJobId, kind: 'reindex', input: { changed: true } });
  }
  runner.start();
  exporting.start();
  forwarding?.start();
  return app;
}

type Stopping = {
  readonly messages: Messages;
  readonly forwarding: Forwarding | undefined;
  readonly exporting: Pick<Exporting, 'stop'>;
  readonly runner: Pick<ReturnType<typeof openJobRunner>, 'stop'>;
  readonly judge: Pick<ReturnType<typeof openThreadedValidator>, 'close'>;
};

/** What runs beside requests ends with the server; messages that are under way are answered first. */
function stopWith(app: ReturnType<typeof buildApp>, graceMs: number, parts: Stopping): void {
  const { messages, forwarding, exporting, runner, judge } = parts;
  app.addHook('preClose', () => messages.close(graceMs));
  app.addHook('onClose', async () => forwarding?.stop());
  app.addHook('onClose', () => exporting.stop());
  app.addHook('onClose', () => runner.stop());
  app.addHook('onClose', () => judge.close());
}

type PartsOptions = Pick<StartOptions, 'pages' | 'showsParts' | 'fetchEhr'> & {
  readonly config: Config;
  readonly store: Store;
  readonly served: ServerContext;
  readonly schedules: ScheduleSettings;
  readonly logged: { readonly app?: ReturnType<typeof buildApp> };
  readonly log: JobRunnerOptions['log'];
};

/** What is served beside FHIR's interactions: exports, messages, accounts, operations. */
function openParts({
  config,
  store,
  served,
  schedules,
  logged,
  log,
  pages,
  showsParts = false,
  fetchEhr,
}: PartsOptions) {
  const { immdsFits: fitsCompatible, countryUnknown: countryWhereUnknown, publicUrl } = config;
  const forecast = { ...schedules, fitsCompatible, countryWhereUnknown };
  const business = loadOperations(forecast);
  const views = viewsOf(store);
  const contextFor = (caller: Caller) => openContext(served, store, caller);
  const ehrApp = ehrAppOf(business, schedules, fetchEhr);
  const door = pages && openAuthorization(config, { store, context: served, contextFor, pages, ehrApp });
  const states = groupStatesBy(forecast);
  const ground = { config, store, context: served, operations: business };
  const exporting = openExporting({ ...ground, log, states, views });
  const messages = openMessages({
    ...ground,
    contextFor,
    accounts: door?.accounts,
    log: messageLog(logged),
    guide: shippedGuide(),
    mapping: shippedMapping(),
    readEvaluated: evaluatedRecordOf(forecast),
  });
  const { cvxByOtherCodes } = shippedVaccines();
  const cards = healthCardsOf(config, { store, clock: served.clock, operations: business, cvxByOtherCodes });
  const [{ displayOf: nameOf }] = forecast.knowledgeBases;
  const links = openHealthLinks({ ...ground, publicUrl, cards, nameOf, personsOf: door?.personsOf });
  const beside = [exporting, messages, cards, links];
  const operations = [...business, ...beside.flatMap((part) => part.operations)];
  const { cdsClients: clients, isEhr } = door ?? {};
  const cdsHooks = openCdsHooks({ config, contextFor, clients, isEhr, operations: business, codes });
  const site =
    door &&
    siteEntrance(
      {
        door: door.pageDoor,
        zone: config.timeZone,
        forecast,
        operations,
        vaccineMeanings: shippedVaccines(),
        vaccineProducts: shippedVaccineProducts,
        admin: door.admin,
        jobs: jobsOf(store, served.clock),
        reporters: reportersOf(shippedGuide(), door.admin.users),
        showsParts,
      },
      loadWebAssets(),
    );
  const entrances = [
    ...(site ? [site] : []),
    exporting.entrance,
    cards.entrance,
    links.entrance,
    cdsHooks,
    ...messages.entrances,
  ];
  return { entrances, exporting, messages, operations, contextFor, authorization: door?.authorization };
}

function messageLog(logged: { readonly app?: ReturnType<typeof buildApp> }): MessageLog {
  return {
    warn: (text) => logged.app?.log.warn(text),
    failed: (err, controlId) => logged.app?.log.error({ err, controlId }, 'a message failed'),
  };
}

/** What is told is on disk when the server has stopped; what is too old goes while it runs. */
function keepAudit(
  app: ReturnType<typeof buildApp>,
  { auditYears: years }: Config,
  {
    store,
    context: { clock },
    audit,
  }: Pick<Ground, 'store' | 'context'> & { readonly audit: Ground['audit'] | undefined },
): void {
  if (!audit) return;
  const warn = (text: string) => (err: unknown) => app.log.error({ err }, text);
  audit.onFailure(warn('the audit cannot be written; it is tried again'));
  const unkept = warn('months of the audit whose time is over cannot be removed');
  const unwatch = watchAuditExpiry({ store, clock, years, warn: unkept });
  app.addHook('onClose', async () => {
    unwatch();
    await audit.close();
  });
}

/** What it answers less well than it should. */
function warningsOf(index: IndexState, schedules: ScheduleSettings, today: EpochDay): readonly string[] {
  const followed = followedSchedules(schedules, today);
  return [...indexWarnings(index), ...followed.flatMap(({ warningsOn }) => warningsOn(today))];
}

function watchUntilClosed(app: ReturnType<typeof buildApp>, index: IndexState): void {
  const unwatch = watchIndex(index, (err) => app.log.warn({ err }, 'the state of the index cannot be read'));
  app.addHook('onClose', async () => unwatch());
}

/** The server's own doings: what it installs, and what its jobs write. */
function serverContext(context: ServerContext, store: Store): InteractionContext {
  return openContext(context, store, { kind: 'system', name: 'server' });
}

function openServerContext(config: Config): Promise<ServerContext> {
  return loadServerContext(contextSettings(config));
}

export function contextSettings(config: Config): ContextSettings {
  return {
    baseUrl: `${config.publicUrl}/fhir`,
    profiles: config.profiles,
    declaredProfiles: config.declaredProfiles,
    deleteReferred: config.deleteReferred,
    referential: config.referential,
    matching: config.matching,
    fullText: config.fullText,
    timeZone: config.timeZone,
    ids: config.store.kind === 'mongodb' ? 'random' : 'in-order',
  };
}

function openRunner(
  { store, context, index }: Ground,
  own: InteractionContext,
  log: JobRunnerOptions['log'],
) {
  return openJobRunner({
    store,
    clock: context.clock,
    kinds: [reindexJob({ store, context, index })],
    owner: jobOwner(),
    publish: (job) => publishJob(own, job),
    log,
  });
}
