import { cancelJob } from '../job/cancel-job.ts';
import { isLapsed, type Job } from '../job/job.ts';
import { openJobRecords } from '../job/job-records.ts';
import type { Store } from '../store/contract/store.ts';
import type { Clock } from '../values/clock.ts';
import { formatInstant } from '../values/instant.ts';

export type JobsCommand = {
  readonly store: Store;
  readonly clock: Clock;
  readonly json: boolean;
  readonly output: { readonly write: (text: string) => unknown };
};

/** `jenner jobs`: what is kept of them, newest first. */
export async function listJobs({ store, clock, json, output }: JobsCommand): Promise<number> {
  const jobs = await openJobRecords(store, clock).list();
  if (json) output.write(`${JSON.stringify(jobs)}\n`);
  else if (jobs.length === 0) output.write('no jobs\n');
  else for (const job of jobs) output.write(`${lineOf(job, clock)}\n`);
  return 0;
}

function lineOf(job: Job, clock: Clock): string {
  const { id, kind, state, updated, progress, reason, input } = job;
  const shown = isLapsed(job, clock.now()) ? 'running, but without a sign of life' : state;
  const { done, total, note = '' } = progress;
  const far = total === undefined ? String(done) : `${done} of ${total}`;
  const why = reason === undefined ? '' : `; ${reason}`;
  const what = pathIn(input);
  const named = what === undefined ? kind : `${kind} ${what}`;
  return `${id}  ${named}  ${shown}  ${far} ${note}  ${formatInstant(updated)}${why}`;
}

/** The file that an import is of. */
function pathIn(input: Job['input']): string | undefined {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return undefined;
  const { path } = input as { readonly path?: unknown };
  return typeof path === 'string' ? path : undefined;
}

/**
 * `jenner jobs cancel ID`: a waiting job never begins, a running one stops at its next sign of life. Exit code 1 when there
 * is no such job, or it has ended.
 */
export async function cancelOneJob({ store, clock, json, output }: JobsCommand, id: string): Promise<number> {
  const job = await cancelJob(openJobRecords(store, clock), clock, id);
  if (!job) {
    output.write(`there is no job ${id} that could be cancelled: jenner jobs lists them\n`);
    return 1;
  }
  if (json) output.write(`${JSON.stringify(job)}\n`);
  else output.write(job.state === 'cancelled' ? `cancelled ${id}\n` : `${id} will stop within seconds\n`);
  return 0;
}
