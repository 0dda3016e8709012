#!/usr/bin/env node
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Caller } from './access/caller.ts';
import { fetchJson } from './auth/clients/fetch-json.ts';
import { openSeal } from './auth/secrets/key-file.ts';
import { loadingWidth } from './bulk/import-pool.ts';
import { accountCommands } from './cli/accounts.ts';
import { checkBackup, runBackup } from './cli/backup/backup-command.ts';
import { runRestore } from './cli/backup/restore-command.ts';
import { runBench } from './cli/bench-command.ts';
import { runDedupe } from './cli/dedupe-command.ts';
import { demoGreeting, describeDemo } from './cli/demo-command.ts';
import { describeFailure } from './cli/describe-failure.ts';
import { runExport } from './cli/export-command.ts';
import { forecastFile, forecastPatient, parseForecastDate } from './cli/forecast-command.ts';
import { foregroundJobs } from './cli/foreground-jobs.ts';
import { giveWay } from './cli/give-way.ts';
import { runImport } from './cli/import-command.ts';
import { cancelOneJob, listJobs } from './cli/jobs-command.ts';
import { runMove } from './cli/move-command.ts';
import { retryDead, showOutbox } from './cli/outbox-command.ts';
import { buildProgram, type Commands } from './cli/program.ts';
import { runReindex } from './cli/reindex-command.ts';
import { runReport } from './cli/report-command.ts';
import { runReprocess } from './cli/reprocess-command.ts';
import { diffOf, importScheduleFrom, listSchedules } from './cli/schedule-command.ts';
import { type CommandTold, toldCommand } from './cli/tell-command.ts';
import { endWithoutReader, untilInterrupted, untilStopped } from './cli/until-stopped.ts';
import { addView, listViews, removeView, showView, type ViewCommand } from './cli/view-command.ts';
import {
  type Config,
  describeSettings,
  loadConfig,
  loadDemoConfig,
  processEnvironment,
  requireStore,
} from './config.ts';
import {
  type InteractionContext,
  openContext,
  type ServerContext,
  withCaller,
} from './interaction/context.ts';
import { commandLineAccount, keyPlace } from './open-authorization.ts';
import { answersOf, servicesOf } from './open-messages.ts';
import { inspectStoreFile, openExisting, openStore, storeFileOf } from './open-store.ts';
import { groupStatesBy } from './registry/forecasting/group-states.ts';
import type { ScheduleSettings } from './registry/forecasting/patient-schedule.ts';
import { openMatcher } from './registry/matching/matcher.ts';
import { shippedModel } from './registry/matching/shipped-model.ts';
import { serve } from './serve.ts';
import { readSchedules, removeSchedule, scheduleKeeper } from './shipped/kept-schedules.ts';
import { loadKnowledgeBases, shippedSchedules } from './shipped/knowledge-bases.ts';
import { loadOperations } from './shipped/operations.ts';
import { packageRoot } from './shipped/package-files.ts';
import { scheduleSettings } from './shipped/schedule-settings.ts';
import { openThreadedPreparer, type ThreadedPreparer } from './shipped/threaded-preparer.ts';
import { shippedGuide } from './shipped/v2-guide.ts';
import { shippedMapping } from './shipped/v2-mapping.ts';
import { doseReviewer } from './shipped/vaccines.ts';

import { loadValidator } from './shipped/validator.ts';
import { viewsOf } from './shipped/views.ts';
import { loadWebAssets } from './shipped/web-assets.ts';
import { startDemo } from './start-demo.ts';
import { contextSettings, type Ground, openGround } from './start-server.ts';
import type { Store } from './store/contract/store.ts';
import { clockIn, systemClock } from './values/clock.ts';
import { OperatorError } from './values/operator-error.ts';
import { parseResourceId, type ResourceId } from './values/resource-id.ts';
import { assetsPlugin } from './web/assets-plugin.ts';
import { authPagesWith } from './web/auth-pages.ts';
import { linkViewer } from './web/link-viewer.ts';

type Package = { readonly version: string; readonly released: string };

const software = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as Package;
const { stdout, stderr } = process;
const benches = join(packageRoot, 'bench');
const startOptions = { software, warn: (text: string) => void stderr.write(`warning: ${text}\n`) };

const commands: Commands = {
  serve: () => {
    const config = loadConfig(processEnvironment());
    const options = { ...startOptions, ...pageOptions(config) };
    return serve(config, options, (line) => void stderr.write(`${line}\n`));
  },
  demo: async ({ people, describe }) => {
    const config = loadDemoConfig(processEnvironment());
    const options = { ...startOptions, ...pageOptions(config) };
    const { server, store, greeting } = await startDemo({
      config,
      people,
      operator: operatorName(),
      options,
    });
    if (describe !== undefined) writeFileSync(describe, describeDemo(greeting), { mode: 0o600 });
    stdout.write(demoGreeting(greeting));
    return untilStopped(server, store, config.stopGrace);
  },
  import: async (files, { rejected, skipUnkept, as }) =>
    withStore(
      'import',
      async (config, store) => {
        giveWay();
        const work = async ({ context }: Ground) => {
          const operator = asOperator(context, store);
          const account = await sendingAs(as, config, operator, store);
          const ctx = withCaller(operator, account.callerAs());
          const preparer = openPreparer(config, ctx);
          return runImport({
            ctx,
            prepare: preparer?.prepare,
            jobs: foregroundJobs(asOperator(context, store), store, stderr),
            files,
            rejectedDirectory: rejected,
            skipUnkept,
            width: config.store.kind === 'sqlite' ? loadingWidth : undefined,
            messages: { answer: answersOf(messageParts(config, context, store)), account },
            output: stdout,
            errors: (text) => void stderr.write(text),
          }).finally(preparer?.close);
        };
        return onGround(config, store, work);
      },
      forLoading,
    ),
  export: async (folder, options) =>
    withExisting(`export ${folder}`, (config, store) =>
      onGround(config, store, async ({ context }) => {
        giveWay();
        const ctx = asOperator(context, store);
        const jobs = foregroundJobs(ctx, store, stderr);
        const { immdsFits: fitsCompatible, countryUnknown: countryWhereUnknown } = config;
        const schedules = await readSchedules(store, config);
        const forecast = { ...schedules, fitsCompatible, countryWhereUnknown };
        const operations = loadOperations(forecast);
        const states = groupStatesBy(forecast);
        const views = viewsOf(store);
        return runExport({ ...options, ctx, store, jobs, folder, views, operations, states, output: stdout });
      }),
    ),
  forecast: async (file, { patient, date, as, explain, json }) => {
    if ((file === undefined) === (patient === undefined)) {
      throw new OperatorError('forecast: either a file or --patient was expected');
    }
    if (file !== undefined && date !== undefined) {
      throw new OperatorError('--date goes with --patient: a file has its own assessmentDate');
    }
    if (file !== undefined && as !== undefined) {
      throw new OperatorError('--as goes with --patient: nobody asks for leave to forecast a file');
    }
    const config = loadConfig(processEnvironment());
    const form = {
      explain,
      json,
      fitsCompatible: config.immdsFits,
      countryWhereUnknown: config.countryUnknown,
      ...(await loadSchedules(config)),
    };
    if (file !== undefined) {
      const input = {
        newReference: () => `urn:uuid:${crypto.randomUUID()}`,
        checkStructure: loadValidator().checkStructure,
      };
      stdout.write(forecastFile({ ...form, file, input }));
      return 0;
    }
    const told = { words: `forecast ${patient}`, patients: patientsNamed(patient) };
    return withExisting(told, (_config, store) =>
      onGround(config, store, async ({ context }) => {
        const assessmentDate = parseForecastDate(date) ?? context.clock.today();
        const ctx = await actingAs(as, config, context, store);
        stdout.write(await forecastPatient({ ...form, ctx, patient: patient ?? '', assessmentDate }));
        return 0;
      }),
    );
  },
  scheduleList: async () => {
    const config = loadConfig(processEnvironment());
    stdout.write(listSchedules(await loadSchedules(config), clockIn(config.timeZone).today()));
    return 0;
  },
  scheduleDiff: async (a, b) => {
    const config = loadConfig(processEnvironment());
    const { knowledgeBases } = await loadSchedules(config);
    stdout.write(diffOf(knowledgeBases, [a, b], clockIn(config.timeZone).today()));
    return 0;
  },
  scheduleImport: async (path, { release }) =>
    withKeepingStore('schedule import', async (config, store) => {
      await importScheduleFrom({
        path,
        ...(release !== undefined && { version: release }),
        keeper: scheduleKeeper(store, config),
        today: clockIn(config.timeZone).today(),
        log: (line) => void stdout.write(`${line}\n`),
      });
      return 0;
    }),
  scheduleRemove: async (name) =>
    withKeepingStore(`schedule remove ${name}`, async (config, store) => {
      await removeSchedule(store, config, name);
      stdout.write(`removed ${name}\n`);
      return 0;
    }),
  reindex: async ({ changed }) =>
    withStore('reindex', async (config, store) => {
      giveWay();
      const { context, index } = await openGround(config, store);
      const jobs = foregroundJobs(asOperator(context, store), store, stderr);
      return runReindex({ context, index, jobs, changed, output: stdout });
    }),
  dedupe: async ({ matching, all, report }) =>
    withExisting('dedupe', (config, store) =>
      onGround(config, store, async ({ context }) => {
        giveWay();
        const ctx = asOperator(context, store);
        const jobs = foregroundJobs(ctx, store, stderr);
        const matcher = openMatcher(shippedModel);
        const reviewDoses = doseReviewer();
        return runDedupe({ ctx, matcher, reviewDoses, jobs, mode: matching, all, report, output: stdout });
      }),
    ),
  reporterReport: async (query, form) =>
    withExisting(`reporter report ${query.account}`, (config, store) =>
      onGround(config, store, async ({ context }) => {
        const ctx = asOperator(context, store);
        return runReport({ ctx, guide: shippedGuide(), query, form, output: stdout });
      }),
    ),
  reporterReprocess: async (query) =>
    withExisting('reporter reprocess', (config, store) =>
      onGround(config, store, async ({ context }) => {
        giveWay();
        const services = servicesOf(messageParts(config, context, store));
        return runReprocess({ services, query, output: stdout });
      }),
    ),
  outbox: async ({ json }) =>
    withExisting('outbox', (_config, store) => showOutbox({ store, json, output: stdout })),
  outboxRetry: async (id) =>
    withExisting('outbox retry', (_config, store) => retryDead({ store, json: false, output: stdout }, id)),
  jobs: async ({ json }) =>
    withExisting('jobs', (_config, store) => listJobs({ store, clock: systemClock, json, output: stdout })),
  jobsCancel: async (id, { json }) =>
    withExisting(`jobs cancel ${id}`, (_config, store) =>
      cancelOneJob({ store, clock: systemClock, json, output: stdout }, id),
    ),
  move: async ({ from, to }) => {
    giveWay();
    const config = loadConfig(processEnvironment());
    if (from === to) throw new OperatorError(`--from and --to are the same store: ${from}`);
    const source = await openExisting(requireStore('--from', from));
    const target = await forLoading(requireStore('--to', to));
    try {
      const { context } = await openGround(config, target);
      const { indexResource, clock } = context;
      return await tellIn(config, source, 'move', () =>
        runMove({ from: source, to: target, indexResource, clock, output: stdout }),
      );
    } finally {
      await target.close();
      await source.close();
    }
  },
  backup: async (file, { key, check }) => {
    const common = { file, key, clock: systemClock, output: stdout, signal: untilInterrupted() };
    if (check) return checkBackup({ ...common, inspect: inspectStoreFile });
    const { store: location, data } = loadConfig(processEnvironment());
    const store = storeFileOf(location);
    if (!existsSync(store.path)) throw new OperatorError(`${store.path}: there is no such store`);
    await tellInFile(location, 'backup');
    return runBackup({ ...common, store, data, software: software.version });
  },
  restore: async (file, { key }) => {
    const { store: location, data } = loadConfig(processEnvironment());
    const store = storeFileOf(location);
    const signal = untilInterrupted();
    const code = await runRestore({ file, key, store, data, clock: systemClock, output: stdout, signal });
    if (code === 0) await tellInFile(location, 'restore');
    return code;
  },
  // A package that is installed to be run has no benches.
  ...(existsSync(benches) && {
    bench: (name: string, args: readonly string[]) => runBench(benches, name, args),
  }),
  viewList: async ({ json }) => withViews('view list', (command) => listViews(command, json)),
  viewShow: async (name) => withViews(`view show ${name}`, (command) => showView(command, name)),
  viewAdd: async (file) =>
    withKeepingStore(`view add ${file}`, (_config, store) =>
      addView({ views: viewsOf(store), output: stdout }, file),
    ),
  viewRemove: async (name) =>
    withKeepingStore(`view remove ${name}`, (_config, store) =>
      removeView({ views: viewsOf(store), output: stdout }, name),
    ),
  ...accountCommands({
    withStore: (command, work) =>
      withKeepingStore(command, (config, store) => work(store, () => openSeal(keyPlace(config)))),
    output: stdout,
    warn: startOptions.warn,
    readInput: async () => {
      const pieces: Buffer[] = [];
      for await (const piece of process.stdin) pieces.push(piece as Buffer);
      return Buffer.concat(pieces).toString('utf8');
    },
    fetchKeys: (url) => fetchJson(url, { allowPrivate: loadConfig(processEnvironment()).allowPrivateJwks }),
  }),
  config: async () => {
    for (const { name, value, isDefault, meaning } of describeSettings(processEnvironment())) {
      stdout.write(`${name}=${value}${isDefault ? ' (default)' : ''}\n    ${meaning}\n`);
    }
    loadConfig(processEnvironment());
    return 0;
  },
};

type StoreWork = (config: Config, store: Store) => Promise<number>;

/** A command as the audit tells of it: its words alone, or with whose data it shows. */
type Named = string | CommandTold;

function withViews(command: string, work: (command: ViewCommand) => Promise<number>): Promise<number> {
  return withExisting(command, (_config, store) => work({ views: viewsOf(store), output: stdout }));
}

function withExisting(command: Named, work: StoreWork): Promise<number> {
  return withStore(command, work, openExisting);
}

/** What messages are answered with on the command line. */
function messageParts(config: Config, context: ServerContext, store: Store) {
  return {
    config,
    store,
    context,
    contextFor: (asked: Caller) => openContext(context, store, asked),
    guide: shippedGuide(),
    mapping: shippedMapping(),
    // A query in a file has nobody who waits for its answer.
    operations: [],
    log: {
      warn: (text: string) => void stderr.write(`warning: ${text}\n`),
      failed: (thrown: unknown, controlId: string) =>
        void stderr.write(`jenner: message ${controlId}: ${describeFailure(thrown as Error)}\n`),
    },
  };
}

/** What an operator brings is prepared in a thread, where there is a core for it. */
function openPreparer(config: Config, { caller }: InteractionContext): ThreadedPreparer | undefined {
  if (caller.kind !== 'system' || availableParallelism() < 2) return undefined;
  return openThreadedPreparer({ settings: contextSettings(config), caller });
}

const forLoading = (location: Config['store']): Promise<Store> => openStore(location, { loads: true });

async function withStore(
  command: Named,
  work: StoreWork,
  open: (location: Config['store']) => Promise<Store> = openStore,
): Promise<number> {
  const config = loadConfig(processEnvironment());
  const store = await open(config.store);
  try {
    return await tellIn(config, store, command, () => work(config, store));
  } finally {
    await store.close();
  }
}

/** For what is kept in the store: one in memory would keep it for nobody. */
function withKeepingStore(command: Named, work: StoreWork): Promise<number> {
  return withStore(command, work, (location) => {
    if (location.kind !== 'sqlite-memory') return openStore(location);
    throw new OperatorError(
      'JENNER_STORE=sqlite::memory: nothing outlasts the process; name a store to keep it in',
    );
  });
}

function tellIn(
  { auth }: Config,
  store: Store,
  command: Named,
  work: () => Promise<number>,
): Promise<number> {
  if (auth === 'off') return work();
  const newSalt = () => randomBytes(6).readUIntBE(0, 6);
  const told = typeof command === 'string' ? { words: command } : command;
  return toldCommand({ store, clock: systemClock, newSalt, operator: operatorName() }, told, work);
}

/** Tells of what is done to the file itself, in the store that lies in it. */
async function tellInFile(location: Config['store'], command: string): Promise<void> {
  const store = await openExisting(location);
  try {
    await tellIn(loadConfig(processEnvironment()), store, command, async () => 0);
  } finally {
    await store.close();
  }
}

function patientsNamed(text = ''): readonly ResourceId[] {
  const id = parseResourceId(text.replace(/^Patient\//, ''));
  return id === undefined ? [] : [id];
}

/** What an account was shown on the command line is on disk before the command ends. */
async function onGround(
  config: Config,
  store: Store,
  work: (ground: Ground) => Promise<number>,
): Promise<number> {
  const ground = await openGround(config, store);
  try {
    return await work(ground);
  } finally {
    await ground.audit?.close();
  }
}

/** Those of the store where there is one, and what ships: commands that only look make no store. */
async function loadSchedules(config: Config): Promise<ScheduleSettings> {
  const { store: location } = config;
  const isThere = location.kind === 'mongodb' || (location.kind === 'sqlite' && existsSync(location.path));
  if (!isThere) return scheduleSettings(loadKnowledgeBases(config.data), config);
  const store = await openStore(location);
  try {
    return await readSchedules(store, config);
  } finally {
    await store.close();
  }
}

/** The command line works with all rights: whoever can run it can read the database file. */
function asOperator(context: ServerContext, store: Store): InteractionContext {
  return openContext(context, store, { kind: 'system', name: operatorName() });
}

/** The same, or an account with what it may. */
function sendingAs(login: string | undefined, config: Config, operator: InteractionContext, store: Store) {
  const name = operatorName();
  if (login !== undefined) return commandLineAccount(config, operator, store, login, name);
  return Promise.resolve({ name, organizations: [], callerAs: () => operator.caller });
}

async function actingAs(login: string | undefined, config: Config, context: ServerContext, store: Store) {
  const operator = asOperator(context, store);
  return withCaller(operator, (await sendingAs(login, config, operator, store)).callerAs());
}

function operatorName(): string {
  return `cli:${userInfo().username}`;
}

/** The pages that the authorization server shows, and the files that they load. */
function pageOptions({ timeZone: zone }: Config) {
  const assets = loadWebAssets();
  const entrance = (app: Parameters<typeof assetsPlugin>[0]) =>
    assetsPlugin(app, { assets: Object.values(assets) });
  const pages = authPagesWith({ styles: assets.styles.path, icon: assets.icon.path }, zone);
  const { styles, icon, link } = assets;
  const paths = { styles: styles.path, icon: icon.path, link: link.path };
  const vaccines = () =>
    shippedSchedules()[0].data.vaccines.map(({ cvx, shortDescription: name }) => ({ cvx, name }));
  const viewer = (app: Parameters<typeof linkViewer>[0]) =>
    linkViewer(app, { assets: paths, zone, vaccines });
  return { pages, entrances: [entrance, viewer] };
}

endWithoutReader([stdout, stderr]);
const program = buildProgram(commands, software.version, (code) => {
  process.exitCode = code;
});
try {
  await program.parseAsync();
} catch (thrown) {
  stderr.write(`jenner: ${describeFailure(thrown)}\n`);
  process.exitCode = 1;
}
