import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../job/job.ts';
import { openJobRecords } from '../job/job-records.ts';
import { type JobRunner, type JobRunnerOptions, openJobRunner } from '../job/job-runner.ts';
import type { JobWork } from '../job/job-work.ts';
import type { ImportSource } from './import-source.ts';

/** How the jobs of an import are run: as any other, but for what they do. */
export type ImportJobs = Omit<JobRunnerOptions, 'kinds'> & {
  /** Told who else is at the file, where it must be waited for. */
  readonly waiting?: (job: Job) => void;
  /** Aborted when the import must stop; it can be gone on with. */
  readonly signal?: AbortSignal;
};

/**
 * Imports one file as a job, here. An earlier one of the same file that did not end well is gone on with where it came to.
 * Throws what `work` throws.
 */
export async function runImportJob(
  jobs: ImportJobs,
  source: ImportSource,
  work: (work: JobWork) => Promise<void>,
): Promise<void> {
  const id = jobIdOf(source);
  const failures: unknown[] = [];
  const run = async (running: JobWork) => {
    try {
      await work(running);
    } catch (thrown) {
      failures.push(thrown);
      throw thrown;
    }
    return null;
  };
  const runner = openJobRunner({ ...jobs, kinds: [{ kind: 'import', resumes: true, run }] });
  const ended = await stoppable(jobs.signal, runner, () => runHere(jobs, runner, source, id));
  if (failures.length > 0) throw failures[0];
  if (ended.state !== 'finished')
    throw new Error(`${source.path}: the import ${ended.state}: ${ended.reason ?? ''}`);
}

/** The signal outlasts the job, and many jobs share it: it is listened to no longer than the job runs. */
async function stoppable(
  signal: AbortSignal | undefined,
  runner: JobRunner,
  run: () => Promise<Job>,
): Promise<Job> {
  const stop = () => void runner.stop();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return await run();
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** Of the file as it is: one that has changed is another. */
function jobIdOf({ fingerprint }: ImportSource): string {
  return `import-${createHash('sha256').update(fingerprint).digest('hex').slice(0, 32)}`;
}

/** Milliseconds between two looks whether the other has finished. */
const waitMs = 1_000;

async function runHere(
  jobs: ImportJobs,
  runner: JobRunner,
  { path }: ImportSource,
  id: string,
): Promise<Job> {
  const records = openJobRecords(jobs.store, jobs.clock);
  for (;;) {
    const earlier = await records.read(id);
    const isOver = earlier === undefined || earlier.state === 'finished';
    const checkpoint = isOver ? undefined : earlier.checkpoint;
    await runner.submit({
      id,
      kind: 'import',
      input: { path },
      ...(checkpoint !== undefined && { checkpoint }),
    });
    const ended = await runner.run(id);
    if (ended) return ended;
    const other = await records.read(id);
    if (other) jobs.waiting?.(other);
    await sleep(waitMs, undefined, { signal: jobs.signal });
  }
}
