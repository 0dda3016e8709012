import { accessSync, constants, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { InteractionContext } from '../interaction/context.ts';
import type { Job } from '../job/job.ts';
import { openJobRecords } from '../job/job-records.ts';
import { type JobRunnerOptions, openJobRunner } from '../job/job-runner.ts';
import {
  type DedupeOptions,
  type DedupeReport,
  dedupeJob,
  dedupeJobId,
} from '../registry/identity/dedupe-job.ts';
import { OperatorError } from '../values/operator-error.ts';
import { createProgress } from './progress.ts';
import { runFreed } from './run-freed.ts';

export type DedupeCommand = {
  readonly ctx: InteractionContext;
  readonly matcher: DedupeOptions['matcher'];
  readonly reviewDoses: NonNullable<DedupeOptions['reviewDoses']>;
  readonly jobs: Omit<JobRunnerOptions, 'kinds'> & { readonly signal?: AbortSignal };
  readonly mode: 'review' | 'automatic';
  /** Everybody, and not only who was written since the last run. */
  readonly all: boolean;
  /** Where the report is written, as JSON. */
  readonly report: string | undefined;
  readonly output: NodeJS.WriteStream;
};

/**
 * `jenner dedupe`: looks through the registry for Patients who are one person. It goes on where an earlier run was ended; after
 * one that finished it looks at what was written since.
 */
export async function runDedupe(command: DedupeCommand): Promise<number> {
  const { ctx, matcher, reviewDoses, jobs, mode, all, report, output } = command;
  if (report !== undefined) requireRoom(report);
  const progress = createProgress(output, ctx.clock.now);
  let isShown = false;
  const note = (done: number, total: number) => {
    if (!isShown) progress.start('patients', total);
    isShown = true;
    progress.update(done, `${done} of ${total}`);
  };
  const runner = openJobRunner({ ...jobs, kinds: [dedupeJob({ ctx, matcher, reviewDoses, note })] });
  jobs.signal?.addEventListener('abort', () => void runner.stop(), { once: true });
  const before = await openJobRecords(jobs.store, jobs.clock).read(dedupeJobId);
  const since = all ? undefined : (resultOf(before)?.began ?? undefined);
  const input = { mode, ...(since !== undefined && { since }) };
  const ended = await runFreed(runner, { ...jobs, output }, { id: dedupeJobId, kind: 'dedupe', input });
  if (isShown) progress.stop();
  const found = resultOf(ended);
  if (!found) throw new Error(`dedupe ${ended.state}: ${ended.reason ?? 'run it again to go on'}`);
  if (report !== undefined) writeFileSync(report, `${JSON.stringify(found, null, 2)}\n`, { mode: 0o600 });
  output.write(`${summaryOf(found)}\n`);
  return 0;
}

/** A run of hours must not end with a report that cannot be written. */
function requireRoom(report: string): void {
  try {
    accessSync(dirname(report), constants.W_OK);
  } catch (cause) {
    throw new OperatorError(`--report ${report}: the folder is not there, or may not be written`, { cause });
  }
}

function resultOf(job: Job | undefined): DedupeReport | undefined {
  return job?.state === 'finished' ? (job.result as unknown as DedupeReport) : undefined;
}

function summaryOf({ patients, joined, asked, askedOfDoses, byReason }: DedupeReport): string {
  const reasons = Object.entries(byReason).map(([reason, count]) => `${reason} ${count}`);
  const why = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
  const ofDoses = askedOfDoses > 0 ? `; ${askedOfDoses} pairs of doses to be decided by people` : '';
  return `looked at ${patients} patients: ${joined} joined, ${asked} to be decided by people${why}${ofDoses}`;
}
