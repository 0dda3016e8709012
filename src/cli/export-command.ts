import { setTimeout as sleep } from 'node:timers/promises';
import { exportJob } from '../export/export-job.ts';
import { planByQuery } from '../export/export-operations.ts';
import type { ExportFile, ExportPlan, ExportResult } from '../export/export-plan.ts';
import { forecastsBy, forecastsInJob } from '../export/forecasts.ts';
import { atThisMoment } from '../export/moments.ts';
import type { StatesOf } from '../export/persons-in-states.ts';
import { exporterOf } from '../interaction/audit/tell.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { isEnded, type Job } from '../job/job.ts';
import { openJobRecords } from '../job/job-records.ts';
import { type JobRunner, type JobRunnerOptions, openJobRunner } from '../job/job-runner.ts';
import type { JobKind } from '../job/job-work.ts';
import type { Operation } from '../operation/operation.ts';
import type { Store } from '../store/contract/store.ts';
import { formatInstant } from '../values/instant.ts';
import { OperatorError } from '../values/operator-error.ts';
import { parseResourceId } from '../values/resource-id.ts';
import type { Views } from '../views/kept-views.ts';
import {
  type Begun,
  beginFolder,
  clearUnkept,
  forgetBegun,
  noteBegun,
  plainFolder,
} from './export-folder.ts';
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
  /** Says who belongs to a Group whose members are by what is forecast. */
  readonly states: StatesOf | undefined;
};

/** A server must not go on with it: the folder is of this machine. */
const folderKind = 'export-folder';
const keptMs = 24 * 3600 * 1000;

/**
 * `jenner export DIR`: gzipped NDJSON, or tables, as `$export` writes them; answers the exit code. In a folder that holds a part
 * of the same export it is gone on with behind the last whole file.
 */
export async function runExport(command: ExportCommand): Promise<number> {
  const { ctx, store, folder, output } = command;
  const asked = askedOf(command);
  const begun = await beginFolder(folder, asked);
  const earlier = begun && (await findEarlier(command, begun));
  const plan = earlier ? (earlier.input as unknown as ExportPlan) : await newPlan(command);
  const id = earlier?.id ?? `export-${crypto.randomUUID()}`;
  if (!earlier) await noteBegun(folder, { job: id, asked });
  const progress = createProgress(output, ctx.clock.now);
  const started = ctx.clock.now();
  progress.start(folder, await countOf(store, plan));
  const job = await runHere(command, { id, plan, earlier }, progress);
  progress.stop();
  if (job.state === 'queued')
    throw new OperatorError('interrupted: the same command goes on with the export');
  if (job.state !== 'finished') throw new OperatorError(`the export ${job.state}: ${job.reason ?? ''}`);
  await forgetBegun(folder);
  const seconds = Math.max(1, ctx.clock.now() - started) / 1000;
  output.write(
    `${summaryOf(job, doneBefore(earlier), seconds)}; next time: --since ${formatInstant(plan.snapshot.time)}\n`,
  );
  return 0;
}

function askedOf({ type = [], since, group, view = [], format, asOf }: ExportOptions): string {
  const types = type.length === 0 ? [] : ['--type', ...type];
  const views = view.length === 0 ? [] : ['--view', ...view];
  return [
    ...types,
    ...(since === undefined ? [] : ['--since', since]),
    ...(group === undefined ? [] : ['--group', group]),
    ...views,
    ...(format === undefined ? [] : ['--format', format]),
    ...(asOf === undefined ? [] : ['--as-of', asOf]),
  ].join(' ');
}

/** What a job of this folder came to. */
async function findEarlier(
  { store, ctx, folder }: ExportCommand,
  { job, isBare }: Begun,
): Promise<Job | undefined> {
  const earlier = await openJobRecords(store, ctx.clock).read(job);
  if (earlier?.kind === folderKind) return earlier;
  if (isBare) return undefined;
  throw new OperatorError(
    `${folder} holds a part of an export that this store does not know: take a new folder, or empty it`,
  );
}

async function newPlan(command: ExportCommand): Promise<ExportPlan> {
  const { ctx, store } = command;
  const planned = await planOf(command);
  const exporter = exporterOf(ctx.caller);
  return {
    ...(await atThisMoment(store, ctx.clock, planned)),
    owner: 'command line',
    request: 'jenner export',
    ...(exporter && { exporter }),
  };
}

/** Resources that an earlier run wrote. */
function doneBefore(earlier: Job | undefined): number {
  return filesOf(earlier).reduce((sum, { count }) => sum + count, 0);
}

function filesOf(job: Job | undefined): readonly ExportFile[] {
  const kept = (job?.checkpoint ?? {}) as { readonly files?: readonly ExportFile[] };
  return kept.files ?? [];
}

function summaryOf(job: Job, before: number, seconds: number): string {
  const { files } = job.result as unknown as ExportResult;
  const of = files.filter(({ holds }) => holds === 'resources');
  const lines = of.reduce((sum, { count }) => sum + count, 0);
  const what = isTable(job.input as unknown as ExportPlan) ? 'rows' : 'resources';
  const pace = `${seconds.toFixed(1)} s, ${Math.round((lines - before) / seconds)} ${what}/s`;
  return `exported ${lines} ${what} into ${of.length} files (${pace})`;
}

function isTable({ parts }: ExportPlan): boolean {
  return parts.some(({ view }) => view !== undefined);
}

function planOf({ ctx, type = [], since, group, view = [], format, asOf, views, states }: ExportCommand) {
  const wantsTable = view.length > 0 || format !== undefined;
  const query = [
    ...(wantsTable ? [['_outputFormat', format ?? 'parquet'] as const] : []),
    ...view.map((one) => ['_view', one] as const),
    ...(asOf === undefined ? [] : [['asOf', asOf] as const]),
    ...type.map((one) => ['_type', one] as const),
    ...(since === undefined ? [] : [['_since', since] as const]),
  ];
  const ground = { views, states };
  if (group === undefined) return planByQuery(ctx, { level: 'system', ground }, query);
  const id = parseResourceId(group);
  if (id === undefined) throw new OperatorError(`--group ${group}: expected the id of a Group`);
  return planByQuery(ctx, { level: 'group', id, ground }, query);
}

async function countOf(store: Store, { parts }: ExportPlan): Promise<number> {
  let total = 0;
  for (const { type, filter } of parts) total += await store.count([type], filter);
  return total;
}

type Running = { readonly id: string; readonly plan: ExportPlan; readonly earlier: Job | undefined };

async function runHere(command: ExportCommand, running: Running, progress: Progress): Promise<Job> {
  const { ctx, store, jobs, folder } = command;
  const { id, plan, earlier } = running;
  if (earlier?.state === 'finished') return earlier;
  const note = (type: string, done: number) => progress.update(done, type);
  const forecasts = forecastsBy(command.operations);
  const forecast = forecasts && forecastsInJob(forecasts, ctx);
  const of = { store, context: ctx, keptMs, kind: folderKind, note, forecast };
  const kind: JobKind = {
    ...exportJob({ ...of, output: plainFolder(folder, []) }),
    run: async (work) => {
      const kept = filesOf(work.job);
      await clearUnkept(folder, kept);
      return exportJob({ ...of, output: plainFolder(folder, kept) }).run(work);
    },
  };
  // It changes nothing of the registry, so it leaves no Task there either.
  const { publish: _, ...quiet } = jobs;
  const runner = openJobRunner({ ...quiet, kinds: [kind] });
  const checkpoint = earlier?.checkpoint;
  await runner.submit({
    id,
    kind: folderKind,
    input: plan as never,
    ...(checkpoint !== undefined && { checkpoint }),
  });
  const stop = () => void runner.stop();
  jobs.signal?.addEventListener('abort', stop, { once: true });
  try {
    return await untilMine(command, runner, id);
  } finally {
    jobs.signal?.removeEventListener('abort', stop);
  }
}

/** Milliseconds between two looks whether who was at it is gone. */
const waitMs = 1_000;

async function untilMine(
  { store, jobs, output }: ExportCommand,
  runner: JobRunner,
  id: string,
): Promise<Job> {
  const records = openJobRecords(store, jobs.clock);
  for (let isTold = false; ; isTold = true) {
    const ended = await runner.run(id);
    if (ended) return ended;
    const other = await records.read(id);
    if (!other || isEnded(other)) throw new OperatorError('the export was ended by another process');
    if (!isTold) output.write(`${other.lease?.owner ?? 'another process'} is at this folder; waiting\n`);
    await sleep(waitMs, undefined, { signal: jobs.signal });
  }
}
