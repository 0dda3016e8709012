#!/usr/bin/env node
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { type AppOptions, buildApp } from './app.ts';
import type { ImportJobs } from './bulk/import-job.ts';
import { checkBackup, runBackup, type StoreFile } from './cli/backup/backup-command.ts';
import { runRestore } from './cli/backup/restore-command.ts';
import { demoGreeting, fillWithDemo, findGreeted } from './cli/demo-command.ts';
import { describeFailure } from './cli/describe-failure.ts';
import { forecastFile, forecastPatient, parseForecastDate } from './cli/forecast-command.ts';
import { runImport } from './cli/import-command.ts';
import { cancelJob, listJobs } from './cli/jobs-command.ts';
import { runMove } from './cli/move-command.ts';
import { buildProgram, type Commands } from './cli/program.ts';
import { runReindex } from './cli/reindex-command.ts';
import { importScheduleDirectory, listSchedules } from './cli/schedule-command.ts';
import {
  type Config,
  describeSettings,
  type Environment,
  isLoopback,
  loadConfig,
  processEnvironment,
  requireStore,
  type StoreLocation,
} from './config.ts';
import { type InteractionContext, openContext, type ServerContext } from './interaction/context.ts';
import { openJobRunner } from './job/job-runner.ts';
import { publishJob } from './registry/jobs/publish-job.ts';
import { type IndexState, indexWarnings, openIndexState } from './registry/reindex/index-state.ts';
import { reindexJob, reindexJobId } from './registry/reindex/reindex-job.ts';
import { openRateLimiter } from './rest/rate-limit.ts';
import { callerByToken } from './rest/shared-token.ts';
import { definitionResources } from './shipped/definition-resources.ts';
import { installDefinitions } from './shipped/install-definitions.ts';
import { loadKnowledgeBases } from './shipped/knowledge-bases.ts';
import { loadOperations } from './shipped/operations.ts';
import { packageRoot } from './shipped/package-files.ts';
import { loadServerContext } from './shipped/server-context.ts';
import { shippedTerminology } from './shipped/terminology.ts';
import { loadValidator } from './shipped/validator.ts';
import type { Store } from './store/contract/store.ts';
import { copySqliteStore, inspectSqliteStore } from './store/sqlite/snapshot.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';
import { systemClock } from './values/clock.ts';
import type { EpochDay } from './values/epoch-day.ts';
import { utcDayOf } from './values/instant.ts';
import { OperatorError } from './values/operator-error.ts';

type Package = { readonly version: string; readonly released: string };

const software = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as Package;
const { stdout, stderr } = process;

type Server = ReturnType<typeof buildApp>;

const demoDefaults = { JENNER_LOG: 'warn', JENNER_REFERENTIAL: 'patient' };

const commands: Commands = {
  serve: async () => {
    const config = loadConfig(processEnvironment());
    const store = await openStore(config.store);
    const server = await startServer(config, await openGround(config, store));
    if (config.auth === 'off') {
      stderr.write('warning: JENNER_AUTH=off, the API is open to everybody on this machine\n');
    } else {
      const why =
        'this version has no authorization server, so all but /fhir/metadata and /health answers 401';
      stderr.write(`JENNER_AUTH=smart: ${why}; JENNER_AUTH=off opens the API to this machine alone\n`);
    }
    return untilStopped(server, store, config.stopGrace);
  },
  demo: async ({ people }) => {
    const { config, token } = demoConfig(processEnvironment());
    const store = await openStore({ kind: 'sqlite-memory' });
    const ground = await openGround(config, store);
    const { context } = ground;
    const ctx = asOperator(context, store);
    const today = utcDayOf(context.clock.now());
    const resources = await fillWithDemo(ctx, people, today);
    const person = await forecastGreeted(config, ctx, people, today);
    const server = await startServer(config, ground, token === undefined ? undefined : callerByToken(token));
    const { publicUrl: url } = config;
    stdout.write(demoGreeting({ url, resources, ...(person && { person }), ...(token && { token }) }));
    return untilStopped(server, store, config.stopGrace);
  },
  import: async (files, { rejected, skipUnkept }) =>
    withStore(async (config, store) => {
      const { context } = await openGround(config, store);
      const ctx = asOperator(context, store);
      return runImport({
        ctx,
        jobs: foregroundJobs(ctx, store),
        files,
        rejectedDirectory: rejected,
        skipUnkept,
        output: stdout,
        errors: (text) => void stderr.write(text),
      });
    }),
  forecast: async (file, { patient, date, explain, json }) => {
    if ((file === undefined) === (patient === undefined)) {
      throw new OperatorError('forecast: either a file or --patient was expected');
    }
    const config = loadConfig(processEnvironment());
    const knowledgeBases = loadKnowledgeBases(config.data);
    const form = {
      explain,
      json,
      fitsCompatible: config.immdsFits,
      countryWhereUnknown: config.countryUnknown,
      knowledgeBases,
    };
    if (file !== undefined) {
      const input = {
        newReference: () => `urn:uuid:${crypto.randomUUID()}`,
        checkStructure: loadValidator().checkStructure,
      };
      stdout.write(forecastFile({ ...form, file, input }));
      return 0;
    }
    return withExisting(async (_config, store) => {
      const { context } = await openGround(config, store);
      const assessmentDate = parseForecastDate(date) ?? utcDayOf(context.clock.now());
      const ctx = asOperator(context, store);
      stdout.write(await forecastPatient({ ...form, ctx, patient: patient ?? '', assessmentDate }));
      return 0;
    });
  },
  scheduleList: async () => {
    const { data } = loadConfig(processEnvironment());
    stdout.write(listSchedules(loadKnowledgeBases(data), utcDayOf(systemClock.now())));
    return 0;
  },
  scheduleImport: async (directory, { release }) => {
    const { data } = loadConfig(processEnvironment());
    await importScheduleDirectory({
      directory,
      outDirectory: join(data, 'schedules'),
      ...(release !== undefined && { version: release }),
      log: (line) => void stdout.write(`${line}\n`),
    });
    return 0;
  },
  reindex: async ({ changed }) =>
    withStore(async (config, store) => {
      const { context, index } = await openGround(config, store);
      const jobs = foregroundJobs(asOperator(context, store), store);
      return runReindex({ context, index, jobs, changed, output: stdout });
    }),
  jobs: async ({ json }) =>
    withExisting((_config, store) => listJobs({ store, clock: systemClock, json, output: stdout })),
  jobsCancel: async (id, { json }) =>
    withExisting((_config, store) => cancelJob({ store, clock: systemClock, json, output: stdout }, id)),
  move: async ({ from, to }) => {
    const config = loadConfig(processEnvironment());
    if (from === to) throw new OperatorError(`--from and --to are the same store: ${from}`);
    const source = await openExisting(requireStore('--from', from));
    const target = await openStore(requireStore('--to', to));
    try {
      const { context } = await openGround(config, target);
      const { indexResource, clock } = context;
      return await runMove({ from: source, to: target, indexResource, clock, output: stdout });
    } finally {
      await target.close();
      await source.close();
    }
  },
  backup: async (file, { key, check }) => {
    const common = { file, key, clock: systemClock, output: stdout, signal: untilInterrupted() };
    if (check) return checkBackup({ ...common, inspect: inspectSqliteStore });
    const { store: location, data } = loadConfig(processEnvironment());
    const store = storeFileOf(location);
    if (!existsSync(store.path)) throw new OperatorError(`${store.path}: there is no such store`);
    return runBackup({ ...common, store, data, software: software.version });
  },
  restore: async (file, { key }) => {
    const { store: location, data } = loadConfig(processEnvironment());
    const store = storeFileOf(location);
    return runRestore({
      file,
      key,
      store,
      data,
      clock: systemClock,
      output: stdout,
      signal: untilInterrupted(),
    });
  },
  // A package that is installed to be run has no benches.
  ...(existsSync(join(packageRoot, 'bench')) && { bench: runBench }),
  config: async () => {
    for (const { name, value, isDefault, meaning } of describeSettings(processEnvironment())) {
      stdout.write(`${name}=${value}${isDefault ? ' (default)' : ''}\n    ${meaning}\n`);
    }
    loadConfig(processEnvironment());
    return 0;
  },
};

async function runBench(name: string, args: readonly string[]): Promise<number> {
  if (!/^[a-z][a-z-]*$/.test(name)) throw new OperatorError(`bench ${name}: no such bench`);
  if (!existsSync(join(packageRoot, 'bench', `${name}.mjs`))) {
    throw new OperatorError(
      `bench ${name}: no such bench; there are block, forecast, rest, store, turns, validate`,
    );
  }
  const script = pathToFileURL(join(packageRoot, 'bench', `${name}.mjs`)).href;
  const { run } = (await import(script)) as { run: (args: readonly string[]) => Promise<void> };
  await run(args);
  return 0;
}

/** Open on a loopback address; elsewhere whoever reads the greeting may come in. */
function demoConfig(environment: Environment): { readonly config: Config; readonly token?: string } {
  const asked = loadConfig({ ...demoDefaults, ...environment, JENNER_AUTH: 'smart' });
  if (isLoopback(asked.host)) return { config: { ...asked, auth: 'off' } };
  // Nobody can be sent to the address that stands for all.
  const isNamed = environment['JENNER_PUBLIC_URL'] || !/^(?:0\.0\.0\.0|::)$/.test(asked.host);
  const publicUrl = isNamed ? asked.publicUrl : `http://127.0.0.1:${asked.port}`;
  return { config: { ...asked, publicUrl }, token: randomBytes(24).toString('base64url') };
}

async function forecastGreeted(config: Config, ctx: InteractionContext, people: number, today: EpochDay) {
  const person = findGreeted(people);
  if (!person) return undefined;
  const forecast = await forecastPatient({
    ctx,
    patient: person.id,
    assessmentDate: today,
    knowledgeBases: loadKnowledgeBases(config.data),
    json: false,
    explain: false,
    fitsCompatible: false,
  });
  return { ...person, forecast };
}

/** For commands that only look at what there is: a name that was mistyped must not become an empty store. */
async function openExisting(location: StoreLocation): Promise<Store> {
  if (location.kind === 'sqlite' && !existsSync(location.path)) {
    throw new OperatorError(`${location.path}: there is no such store`);
  }
  return openStore(location);
}

async function openStore(location: StoreLocation): Promise<Store> {
  switch (location.kind) {
    case 'sqlite-memory':
      return openSqliteStore({ path: ':memory:' });
    case 'sqlite':
      mkdirSync(dirname(location.path), { recursive: true });
      return openSqliteStore({ path: location.path });
    case 'mongodb': {
      // The driver is loaded only where it is used: it takes longer than the rest of the start.
      const { openMongoStore } = await import('./store/mongo/mongo-store.ts');
      return openMongoStore({ url: location.url });
    }
  }
}

/** A store that a backup can hold; throws for one that has its own tools. */
function storeFileOf(location: StoreLocation): StoreFile {
  switch (location.kind) {
    case 'sqlite-memory':
      throw new OperatorError(
        'JENNER_STORE=sqlite::memory: nothing outlasts the process; no backup is possible',
      );
    case 'mongodb':
      throw new OperatorError(
        'JENNER_STORE is a MongoDB: a backup of one moment is made by its own tools, mongodump --oplog or a snapshot ' +
          'of the volume (docs/operations.md, Backup)',
      );
    case 'sqlite':
      return {
        path: location.path,
        copy: (to, progress) => copySqliteStore(location.path, to, progress),
        inspect: inspectSqliteStore,
      };
  }
}

/** Aborted by Ctrl-C, so that what is half done is cleared away. */
function untilInterrupted(): AbortSignal {
  const stop = new AbortController();
  const reason = new OperatorError('interrupted');
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(reason));
  return stop.signal;
}

type StoreWork = (config: Config, store: Store) => Promise<number>;

function withExisting(work: StoreWork): Promise<number> {
  return withStore(work, openExisting);
}

async function withStore(work: StoreWork, open = openStore): Promise<number> {
  const config = loadConfig(processEnvironment());
  const store = await open(config.store);
  try {
    return await work(config, store);
  } finally {
    await store.close();
  }
}

function openServerContext(config: Config): Promise<ServerContext> {
  return loadServerContext({
    baseUrl: `${config.publicUrl}/fhir`,
    profiles: config.profiles,
    declaredProfiles: config.declaredProfiles,
    deleteReferred: config.deleteReferred,
    referential: config.referential,
    fullText: config.fullText,
  });
}

/** Jobs of the command line say what becomes of them on standard error; Ctrl-C leaves them to be gone on with. */
function foregroundJobs(ctx: InteractionContext, store: Store): ImportJobs {
  return {
    store,
    clock: ctx.clock,
    owner: jobOwner(),
    publish: (job) => publishJob(ctx, job),
    log: () => {},
    waiting: ({ lease }) => stderr.write(`${lease?.owner ?? 'another process'} is at this file; waiting\n`),
    signal: untilInterrupted(),
  };
}

/** Tells this process from all others that work on the store. */
function jobOwner(): string {
  return `${hostname()}:${process.pid}:${crypto.randomUUID().slice(0, 8)}`;
}

/** The command line works with all rights: whoever can run it can read the database file. */
function asOperator(context: ServerContext, store: Store): InteractionContext {
  return openContext(context, store, { kind: 'system', name: `cli:${userInfo().username}` });
}

/** What the interactions work with on a store, and how far its index is as they draw it. */
type Ground = { readonly store: Store; readonly context: ServerContext; readonly index: IndexState };

/** To be called before anything is written: an empty store notes how its index is built. */
async function openGround(config: Config, store: Store): Promise<Ground> {
  const loaded = await openServerContext(config);
  const index = await openIndexState(store, loaded);
  return { store, index, context: { ...loaded, staleness: index.staleness } };
}

async function startServer(
  config: Config,
  { store, context, index }: Ground,
  callerOf?: AppOptions['callerOf'],
): Promise<Server> {
  // V8 lets garbage grow to several times what lives; a burst of large Bundles would hold that memory for good.
  setFlagsFromString('--heap-growing-percent=100');
  const knowledgeBases = loadKnowledgeBases(config.data);
  const operations = loadOperations({
    knowledgeBases,
    fitsCompatible: config.immdsFits,
    countryWhereUnknown: config.countryUnknown,
  });
  const [newest] = knowledgeBases;
  const warnings = () => [...indexWarnings(index), ...newest.warningsOn(utcDayOf(context.clock.now()))];
  const own = serverContext(context, store);
  await installDefinitions(own, store, definitionResources(operations));
  const app = buildApp({
    context,
    contextFor: (caller) => openContext(context, store, caller),
    operations,
    codeSystems: shippedTerminology().codeSystems,
    auth: config.auth,
    log: config.log,
    software: { name: 'Jenner', ...software },
    check: () => store.check(),
    warnings,
    ...(callerOf && { callerOf }),
    ...(config.rateLimit !== undefined && {
      rateLimiter: openRateLimiter(config.rateLimit, () => performance.now()),
    }),
  });
  const runner = openJobRunner({
    store,
    clock: context.clock,
    kinds: [reindexJob({ store, context, index })],
    owner: jobOwner(),
    publish: (job) => publishJob(own, job),
    log: (line, { id, kind }, level) => app.log[level]({ job: id, kind }, line),
  });
  app.addHook('onClose', () => runner.stop());
  watchIndex(app, index);
  await app.listen({ host: config.host, port: config.port });
  for (const warning of warnings()) stderr.write(`warning: ${warning}\n`);
  if (index.pending().length > 0) {
    await runner.submit({ id: reindexJobId, kind: 'reindex', input: { changed: true } });
  }
  runner.start();
  return app;
}

/** Milliseconds between two looks whether another process has drawn the index anew. */
const indexLookMs = 10_000;

/** A stale index is mended, or made stale, by whichever process has the job; all of them must come to know. */
function watchIndex(app: Server, index: IndexState): void {
  const look = () => {
    index.refresh().catch((err: unknown) => app.log.warn({ err }, 'the state of the index cannot be read'));
  };
  const timer = setInterval(look, indexLookMs).unref();
  app.addHook('onClose', () => clearInterval(timer));
}

/** The server's own doings: what it installs, and what its jobs write. */
function serverContext(context: ServerContext, store: Store): InteractionContext {
  return openContext(context, store, { kind: 'system', name: 'server' });
}

/**
 * Resolves with exit code 0 after SIGINT or SIGTERM, when requests under way are answered and the store is closed. What is
 * not answered within the grace is ended.
 */
async function untilStopped(server: Server, store: Store, graceMs: number): Promise<number> {
  isServing = true;
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  const impatient = setTimeout(() => server.server.closeAllConnections(), graceMs);
  await server.close();
  clearTimeout(impatient);
  await store.close();
  return 0;
}

/** A server goes on when nobody reads its log any more, or the disk of the log is full. */
let isServing = false;

// Who reads the output may stop reading, as `head` does; then there is nobody to tell.
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (isServing) return;
    if (error.code !== 'EPIPE') throw error;
    process.exit(process.exitCode ?? 0);
  });
}

const program = buildProgram(commands, software.version, (code) => {
  process.exitCode = code;
});
try {
  await program.parseAsync();
} catch (thrown) {
  stderr.write(`jenner: ${describeFailure(thrown)}\n`);
  process.exitCode = 1;
}
