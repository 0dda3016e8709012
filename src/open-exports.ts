import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppOptions } from './app.ts';
import { exportRoutes, secretFileRoutes } from './bulk/export-routes.ts';
import { viewRoutes } from './bulk/view-routes.ts';
import { jobOwner } from './cli/foreground-jobs.ts';
import type { Config } from './config.ts';
import { exportJob } from './export/export-job.ts';
import { exportOperations } from './export/export-operations.ts';
import { openExports } from './export/exports.ts';
import { forecastsBy, forecastsInJob } from './export/forecasts.ts';
import { type Bucket, openOutputBucket } from './export/output-bucket.ts';
import { openOutputFolder } from './export/output-folder.ts';
import type { StatesOf } from './export/persons-in-states.ts';
import { runViewOperation } from './export/run-view.ts';
import { openContext, type ServerContext } from './interaction/context.ts';
import { type JobRunnerOptions, openJobRunner } from './job/job-runner.ts';
import type { Operation } from './operation/operation.ts';
import type { RoutesWithin } from './rest/route.ts';
import type { Store } from './store/contract/store.ts';
import { OperatorError } from './values/operator-error.ts';
import type { Views } from './views/kept-views.ts';

export type Exporting = {
  readonly operations: readonly Operation[];
  readonly routes: RoutesWithin;
  /** Answers for files whose URL is a secret. */
  readonly entrance: NonNullable<AppOptions['entrances']>[number];
  readonly start: () => void;
  /** Stops what runs; a server goes on with it. */
  readonly stop: () => Promise<void>;
};

type ExportSettings = 'exportHours' | 'exportUrls' | 'bulkProfile' | BucketSettings;
type BucketSettings =
  | 'exportBucket'
  | 'exportBucketRegion'
  | 'exportBucketKey'
  | 'exportBucketSecret'
  | 'exportBucketLinks';

export type ExportingOptions = {
  readonly config: Pick<Config, 'store' | 'data' | ExportSettings>;
  readonly store: Store;
  readonly context: ServerContext;
  readonly log: JobRunnerOptions['log'];
  /** Says who belongs to a Group whose members are by what is forecast. */
  readonly states: StatesOf;
  /** What else the server offers: its forecast is a table. */
  readonly operations: readonly Operation[];
  readonly views: Views;
};

/** A job knows no token: what it may read was judged when it was planned. */
const jobCaller = { kind: 'system', name: 'export' } as const;

/** A long export must not make every other one wait. */
const runnersOfServer = 2;
/** Who deletes an export that is being written waits for the next sign of life. */
const pace = { leaseMs: 10_000, heartbeatMs: 2_000, pauseMs: 1_000 };
const sweepEveryMs = 10 * 60 * 1000;

/** Exports of a server: their jobs, which run beside all others, and what is said of them over HTTP. */
export function openExporting(options: ExportingOptions): Exporting {
  const { config, store, context, log, operations, states, views } = options;
  const folder = folderOf(config);
  const bucket = bucketOf(config);
  const output = bucket ? openOutputBucket(bucket) : openOutputFolder({ path: folder.path });
  const keptMs = config.exportHours * 3600 * 1000;
  const { clock } = context;
  const forecasts = forecastsBy(operations);
  const forecast = forecasts && forecastsInJob(forecasts, openContext(context, store, jobCaller));
  const kinds = [exportJob({ store, context, output, keptMs, forecast })];
  const runners = Array.from({ length: runnersOfServer }, () =>
    openJobRunner({ store, clock, kinds, owner: jobOwner(), log, pace }),
  );
  const submit: (typeof runners)[number]['submit'] = async (job) => {
    const [first, ...others] = runners;
    const isNew = (await first?.submit(job)) ?? false;
    for (const runner of others) runner.wake();
    return isNew;
  };
  const newSecret = config.exportUrls === 'capability' ? unguessable : undefined;
  const exports = openExports({ store, clock, output, submit, newSecret, audit: context.audit });
  const sweep = () =>
    void exports
      .sweep()
      .catch((thrown: unknown) =>
        log(`old exports cannot be taken away: ${thrown}`, { id: '', kind: 'export' }, 'warn'),
      );
  let sweeping: NodeJS.Timeout | undefined;
  return {
    operations: [
      ...exportOperations(exports, { states, views }),
      runViewOperation({ views, forecasts, states }),
    ],
    routes: (app, contextOf) => {
      exportRoutes({ exports, profile: config.bulkProfile, now: () => performance.now() })(app, contextOf);
      viewRoutes({ views })(app, contextOf);
    },
    entrance: secretFileRoutes({ exports }),
    start: () => {
      for (const runner of runners) runner.start();
      sweep();
      sweeping ??= setInterval(sweep, sweepEveryMs).unref();
    },
    stop: async () => {
      clearInterval(sweeping);
      await Promise.all(runners.map((runner) => runner.stop()));
      folder.close();
    },
  };
}

/** 256 bits. */
function unguessable(): string {
  return randomBytes(32).toString('base64url');
}

/** Throws an OperatorError where a bucket is named, and no key to it. */
function bucketOf(config: Pick<Config, BucketSettings>): Bucket | undefined {
  const { exportBucket, exportBucketKey: keyId, exportBucketSecret: secret } = config;
  if (!exportBucket) return undefined;
  if (keyId === undefined || secret === undefined) {
    throw new OperatorError(
      'JENNER_EXPORT_BUCKET: a key is needed too (JENNER_EXPORT_BUCKET_KEY, JENNER_EXPORT_BUCKET_SECRET)',
    );
  }
  const { exportBucketRegion: region, exportBucketLinks: isLinked } = config;
  return { ...exportBucket, region, keyId, secret, isLinked };
}

/** What a store in memory has exported ends with it. */
function folderOf({ store, data }: ExportingOptions['config']) {
  if (store.kind !== 'sqlite-memory') return { path: join(data, 'exports'), close: () => undefined };
  const path = mkdtempSync(join(tmpdir(), 'jenner-exports-'));
  return { path, close: () => rmSync(path, { recursive: true, force: true }) };
}
