import type { Clock } from '../values/clock.ts';
import { isLapsed, type Job } from './job.ts';
import type { JobRecords } from './job-records.ts';

/**
 * A waiting job never begins, a running one stops at its next sign of life. Undefined when there is no such job, or it has
 * ended.
 */
export function cancelJob(jobs: JobRecords, clock: Clock, id: string): Promise<Job | undefined> {
  return jobs.change(id, (present) => asked(present, clock));
}

function asked(job: Job, clock: Clock): Job | undefined {
  const now = clock.now();
  const { lease: _, ...rest } = job;
  if (job.state === 'queued' || isLapsed(job, now)) return { ...rest, state: 'cancelled', updated: now };
  return job.state === 'running' ? { ...job, cancelAsked: true } : undefined;
}
