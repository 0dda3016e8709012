import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../job/job.ts';
import type { JobRunner } from '../job/job-runner.ts';

/** Milliseconds between two looks whether another process has ended, or the lease of a dead one has run out. */
const waitMs = 1_000;

type Waiting = { readonly output: NodeJS.WritableStream; readonly signal?: AbortSignal };

/** Runs the job here, once no other process is at it; that it waits is told once. */
export async function runFreed(
  runner: JobRunner,
  { output, signal }: Waiting,
  job: Parameters<JobRunner['submit']>[0],
): Promise<Job> {
  for (let tries = 0; ; tries++) {
    await runner.submit(job);
    const ended = await runner.run(job.id);
    if (ended) return ended;
    if (tries === 0)
      output.write('another process is at it, or was killed less than 30 seconds ago; waiting\n');
    await sleep(waitMs, undefined, { signal });
  }
}
