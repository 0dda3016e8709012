import { createHash, timingSafeEqual } from 'node:crypto';
import type { Caller } from '../access/caller.ts';
import { Problem } from '../fhir/problem.ts';
import type { AuditLog } from '../interaction/audit/audit-log.ts';
import { exporterOf, tellDownload, tellFetched } from '../interaction/audit/tell.ts';
import { type InteractionContext, requireAccess } from '../interaction/context.ts';
import { isEnded, type Job, type JobProgress } from '../job/job.ts';
import { type JobRecords, openJobRecords } from '../job/job-records.ts';
import type { JobRunner } from '../job/job-runner.ts';
import type { Store } from '../store/contract/store.ts';
import type { LocalClock } from '../values/clock.ts';
import type { EpochMs } from '../values/instant.ts';
import { type ExportFile, type ExportPlan, type ExportResult, exportKind } from './export-plan.ts';
import { atThisMoment } from './moments.ts';
import type { Output, StoredFile } from './output.ts';
import type { PlannedExport } from './plan-export.ts';

export type ExportsOptions = {
  readonly store: Store;
  readonly clock: LocalClock;
  readonly output: Output;
  readonly submit: JobRunner['submit'];
  /** Where it is told that a file was fetched. */
  readonly audit?: AuditLog | undefined;
  /** Makes what a URL has to be guessed by; absent: files are for tokens. */
  readonly newSecret?: (() => string) | undefined;
  /** Exports of one client that have not ended; more are refused. */
  readonly mostOfClient?: number;
};

/** How it stands with an export. `unknown` is also what another client asked for, and what is deleted or expired. */
export type ExportStatus =
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'running';
      readonly plan: ExportPlan;
      readonly progress: JobProgress;
      /** Those that are whole already, where it was asked for them. */
      readonly files: readonly ExportFile[];
    }
  | { readonly kind: 'failed'; readonly plan: ExportPlan; readonly reason: string }
  | {
      readonly kind: 'finished';
      readonly plan: ExportPlan;
      readonly files: readonly ExportFile[];
      readonly expires: EpochMs;
    };

export type Exports = {
  /** Answers the id. Throws 429 where the client has as many under way as it may. */
  readonly begin: (
    ctx: InteractionContext,
    planned: PlannedExport,
    asked: Pick<ExportPlan, 'request' | 'separateStatus'>,
  ) => Promise<string>;
  readonly status: (caller: Caller, id: string) => Promise<ExportStatus>;
  /** False when there is none. */
  readonly remove: (caller: Caller, id: string) => Promise<boolean>;
  /** Undefined when there is none. Throws 403 where the token is not for what it holds. */
  readonly open: (
    ctx: InteractionContext,
    asked: AskedFile,
  ) => Promise<(StoredFile & { readonly file: ExportFile }) | undefined>;
  /**
   * The same by a URL that is a secret: who knows it needs no token. It is told as fetched by whoever asked for the export,
   * from the address.
   */
  readonly openBySecret: (asked: SecretUrl) => Promise<StoredFile | undefined>;
  /** Takes away the files of exports that are no more. */
  readonly sweep: () => Promise<void>;
};

/** Of which export which file is asked for, and from which address. */
export type AskedFile = { readonly id: string; readonly name: string; readonly from: string };
export type SecretUrl = AskedFile & { readonly secret: string };

const usuallyMost = 5;
/** Seconds after which a client that has too many may ask again. */
const tooManyRetry = 30;

/** Files without a job are taken away when nothing was done with them for so long: another may just begin. */
const strayMs = 3600 * 1000;

export function openExports(options: ExportsOptions): Exports {
  const { store, clock, output } = options;
  const records = openJobRecords(store, clock);
  const find = async (caller: Caller, id: string): Promise<Job | undefined> => {
    const job = await records.read(id);
    if (job?.kind !== exportKind || planOf(job).owner !== ownerOf(caller)) return undefined;
    return job.cancelAsked || job.state === 'cancelled' ? undefined : job;
  };
  return {
    begin: async (ctx, planned, asked) => {
      const owner = ownerOf(ctx.caller);
      await requireRoom(options, await records.list(), owner);
      const exporter = exporterOf(ctx.caller, ctx.trail?.from);
      const plan: ExportPlan = {
        ...(await atThisMoment(store, clock, planned)),
        ...asked,
        owner,
        ...(options.newSecret && { secret: options.newSecret() }),
        ...(exporter && { exporter }),
      };
      const id: string = ctx.newId();
      if (!(await options.submit({ id, kind: exportKind, input: plan as never }))) {
        throw new Error(`there is a job ${id} already`);
      }
      return id;
    },
    status: async (caller, id) => toStatus(await find(caller, id)),
    remove: async (caller, id) => {
      const job = await find(caller, id);
      if (!job) return false;
      const asked = await records.change(id, (one) =>
        isEnded(one) ? undefined : { ...one, cancelAsked: true },
      );
      if (asked) return true;
      await records.remove(id);
      await output.remove(id);
      return true;
    },
    open: async (ctx, { id, name, from }) => {
      const job = await find(ctx.caller, id);
      const file = job && fileOf(job, name);
      if (!file) return undefined;
      for (const type of typesIn(planOf(job), file)) requireAccess(ctx, 'read', type as never);
      const stored = await output.open(id, name);
      if (stored) await tellDownload(ctx, `${id}/${name}`, from);
      return stored && { ...stored, file };
    },
    openBySecret: (asked) => openBySecret(options, records, asked),
    sweep: async () => {
      for (const { id, touched } of await output.list()) {
        const job = await records.read(id);
        const isOver = job !== undefined && isEnded(job) && job.state !== 'finished';
        if (isOver || (!job && touched < clock.now() - strayMs)) await output.remove(id);
      }
    },
  };
}

async function openBySecret(
  { clock, output, audit }: ExportsOptions,
  records: JobRecords,
  { id, secret, name, from }: SecretUrl,
): Promise<StoredFile | undefined> {
  const job = await records.read(id);
  if (job?.kind !== exportKind || job.cancelAsked || !fileOf(job, name)) return undefined;
  const plan = planOf(job);
  if (plan.secret === undefined || !isSame(secret, plan.secret)) return undefined;
  const stored = await output.open(id, name);
  const told = { file: `${id}/${name} (by its URL alone)`, from };
  if (stored && plan.exporter) await tellFetched({ clock, ...(audit && { audit }) }, plan.exporter, told);
  return stored;
}

/** In a time that tells nothing of where they differ. */
function isSame(given: string, secret: string): boolean {
  const [a, b] = [given, secret].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

function fileOf(job: Job, name: string): ExportFile | undefined {
  return filesOf(job).find((one) => one.name === name);
}

/** On an open server everybody is the same. */
export function ownerOf(caller: Caller): string {
  switch (caller.kind) {
    case 'open':
    case 'anonymous':
      return caller.kind;
    case 'system':
    case 'token':
      return `${caller.kind} ${caller.name}`;
  }
}

async function requireRoom(
  { mostOfClient = usuallyMost }: ExportsOptions,
  jobs: readonly Job[],
  owner: string,
) {
  const own = jobs.filter(
    (job) => job.kind === exportKind && !isEnded(job) && !job.cancelAsked && planOf(job).owner === owner,
  );
  if (own.length < mostOfClient) return;
  const text = `${own.length} exports of this client are under way; wait for one of them, or delete it`;
  throw new Problem('too-many-requests', text, { retryAfter: tooManyRetry });
}

function planOf({ input }: Job): ExportPlan {
  return input as unknown as ExportPlan;
}

function typesIn({ parts }: ExportPlan, { holds, type }: ExportFile): readonly string[] {
  switch (holds) {
    case 'resources':
      return [type];
    case 'blocks':
      return parts.map((part) => part.type);
    case 'deletes':
    case 'issues':
      return [];
  }
}

/** What can be fetched of it: all when it has finished, before that what was kept where manifests may be partial. */
function filesOf(job: Job): readonly ExportFile[] {
  const kept =
    job.state === 'finished'
      ? job.result
      : planOf(job).isPartial && !isEnded(job)
        ? job.checkpoint
        : undefined;
  return (kept as unknown as ExportResult | undefined)?.files ?? [];
}

function toStatus(job: Job | undefined): ExportStatus {
  if (!job) return { kind: 'unknown' };
  const plan = planOf(job);
  switch (job.state) {
    case 'queued':
    case 'running':
      return { kind: 'running', plan, progress: job.progress, files: filesOf(job) };
    case 'failed':
      return { kind: 'failed', plan, reason: job.reason ?? 'no reason was kept' };
    case 'finished':
      return { kind: 'finished', plan, files: filesOf(job), expires: job.expires ?? job.updated };
    case 'cancelled':
      return { kind: 'unknown' };
  }
}
