import { writeFileSync } from 'node:fs';
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
import { createProgress } from './progress.ts';

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
  await runner.submit({
    id: dedupeJobId,
    kind: 'dedupe',
    input: { mode, ...(since !== undefined && { since }) },
  });
  const ended = await runner.run(dedupeJobId);
  if (isShown) progress.stop();
  if (!ended) throw new Error('another process is at it: jenner jobs shows it');
  const found = resultOf(ended);
  if (!found) throw new Error(`dedupe ${ended.state}: ${ended.reason ?? 'run it again to go on'}`);
  if (report !== undefined) writeFileSync(report, `${JSON.stringify(found, null, 2)}\n`, { mode: 0o600 });
  output.write(`${summaryOf(found)}\n`);
  return 0;
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
