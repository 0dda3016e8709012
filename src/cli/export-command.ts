import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJob } from '../export/export-job.ts';
import { planByQuery } from '../export/export-operations.ts';
import type { ExportPlan, ExportResult } from '../export/export-plan.ts';
import { forecastsBy, forecastsOfAll } from '../export/forecasts.ts';
import { atThisMoment } from '../export/moments.ts';
import type { Output } from '../export/output.ts';
import { createFile } from '../export/output-folder.ts';
import { personStates } from '../export/person-states.ts';
import { exporterOf } from '../interaction/audit/tell.ts';
import type { InteractionContext } from '../interaction/context.ts';
import type { Job } from '../job/job.ts';
import { type JobRunnerOptions, openJobRunner } from '../job/job-runner.ts';
import type { Operation } from '../operation/operation.ts';
import type { Store } from '../store/contract/store.ts';
import { formatInstant } from '../values/instant.ts';
import { OperatorError } from '../values/operator-error.ts';
import { parseResourceId } from '../values/resource-id.ts';
import type { Views } from '../views/kept-views.ts';
import { createProgress, type Progress } from './progress.ts';

export type ExportOptions = {
  readonly type?: readonly string[];
  readonly since?: string;
  readonly group?: string;
  /** Names of views; `--format` without them has those that ship. */
  readonly view?: readonly string[];
  readonly format?: string;
  /** The day that forecasts are of. */
  readonly asOf?: string;
};

export type ExportCommand = ExportOptions & {
  readonly ctx: InteractionContext;
  readonly store: Store;
  readonly jobs: Omit<JobRunnerOptions, 'kinds'> & { readonly signal?: AbortSignal };
  readonly folder: string;
  readonly output: NodeJS.WriteStream;
  readonly views: Views;
  /** The forecast among them. */
  readonly operations: readonly Operation[];
};

/** A server must not go on with it: the folder is of this machine. */
const folderKind = 'export-folder';
const keptMs = 24 * 3600 * 1000;

/** `jenner export DIR`: gzipped NDJSON, or tables, as `$export` writes them; answers the exit code. */
export async function runExport(command: ExportCommand): Promise<number> {
  const { ctx, store, folder, output } = command;
  await requireEmpty(folder);
  const planned = await planOf(command);
  const exporter = exporterOf(ctx.caller);
  const plan: ExportPlan = {
    ...(await atThisMoment(store, ctx.clock, planned)),
    owner: 'command line',
    request: 'jenner export',
    ...(exporter && { exporter }),
  };
  const total = await countOf(store, plan);
  const progress = createProgress(output, ctx.clock.now);
  const started = ctx.clock.now();
  progress.start(folder, total);
  const job = await runHere(command, plan, progress);
  progress.stop();
  if (job?.state !== 'finished') throw new OperatorError(`the export ${job?.state}: ${job?.reason ?? ''}`);
  const seconds = Math.max(1, ctx.clock.now() - started) / 1000;
  const { files } = job.result as unknown as ExportResult;
  const of = files.filter(({ holds }) => holds === 'resources');
  const lines = of.reduce((sum, { count }) => sum + count, 0);
  const what = plan.parts.some(({ view }) => view) ? 'rows' : 'resources';
  const pace = `${seconds.toFixed(1)} s, ${Math.round(lines / seconds)} ${what}/s`;
  output.write(
    `exported ${lines} ${what} into ${of.length} files (${pace}); next time: --since ${formatInstant(plan.snapshot.time)}\n`,
  );
  return 0;
}

function planOf({ ctx, type = [], since, group, view = [], format, asOf, views, operations }: ExportCommand) {
  const isTable = view.length > 0 || format !== undefined;
  const query = [
    ...(isTable ? [['_outputFormat', format ?? 'parquet'] as const] : []),
    ...view.map((one) => ['_view', one] as const),
    ...(asOf === undefined ? [] : [['asOf', asOf] as const]),
    ...type.map((one) => ['_type', one] as const),
    ...(since === undefined ? [] : [['_since', since] as const]),
  ];
  const ground = { views, states: personStates(operations) };
  if (group === undefined) return planByQuery(ctx, 'system', query, ground);
  const id = parseResourceId(group);
  if (id === undefined) throw new OperatorError(`--group ${group}: expected the id of a Group`);
  return planByQuery(ctx, 'group', query, { ...ground, id });
}

async function countOf(store: Store, { parts }: ExportPlan): Promise<number> {
  let total = 0;
  for (const { type, filter } of parts) total += await store.count([type], filter);
  return total;
}

async function requireEmpty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const there = await readdir(folder);
  if (there.length > 0) throw new OperatorError(`${folder}: expected a folder that is new or empty`);
}

async function runHere(
  { ctx, store, jobs, folder, operations }: ExportCommand,
  plan: ExportPlan,
  progress: Progress,
): Promise<Job | undefined> {
  const note = (type: string, done: number) => progress.update(done, type);
  const forecasts = forecastsBy(operations);
  const kind = exportJob({
    store,
    context: ctx,
    output: plainFolder(folder),
    keptMs,
    kind: folderKind,
    note,
    forecast: forecasts && forecastsOfAll(forecasts, ctx),
  });
  // It changes nothing of the registry, so it leaves no Task there either.
  const { publish: _, ...quiet } = jobs;
  const runner = openJobRunner({ ...quiet, kinds: [kind] });
  const id = `export-${crypto.randomUUID()}`;
  await runner.submit({ id, kind: folderKind, input: plan as never });
  const stop = () => void runner.stop();
  jobs.signal?.addEventListener('abort', stop, { once: true });
  try {
    return await runner.run(id);
  } finally {
    jobs.signal?.removeEventListener('abort', stop);
  }
}

/** What `jenner import` takes back lies side by side; what was deleted, which it does not take, in a folder of its own. */
function plainFolder(folder: string): Output {
  const made = new Set<string>();
  const folderOf = (name: string) => (name.startsWith('deletes-') ? join(folder, 'deleted') : folder);
  return {
    create: async (_id, name) => {
      await mkdir(folderOf(name), { recursive: true });
      made.add(join(folderOf(name), name));
      return createFile(folderOf(name), name);
    },
    open: async () => undefined,
    // Only what this command has made.
    remove: async () => {
      for (const path of made) await rm(path, { force: true });
    },
    list: async () => [],
  };
}
