import { cancelJob } from './job/cancel-job.ts';
import { isLapsed, type Job } from './job/job.ts';
import { openJobRecords } from './job/job-records.ts';
import type { Store } from './store/contract/store.ts';
import type { Clock } from './values/clock.ts';
import { formatInstant } from './values/instant.ts';
import type { JobShown, JobsPort } from './web/site/jobs-port.ts';

/** The jobs of a store as pages show them. */
export function jobsOf(store: Store, clock: Clock): JobsPort {
  const jobs = openJobRecords(store, clock);
  const toShown = (job: Job): JobShown => ({
    id: job.id,
    kind: job.kind,
    state: isLapsed(job, clock.now()) ? 'lapsed' : job.state,
    isCancelAsked: job.cancelAsked === true && job.state === 'running',
    created: formatInstant(job.created),
    updated: formatInstant(job.updated),
    ...job.progress,
    ...(job.reason !== undefined && { reason: job.reason }),
  });
  return {
    list: async () => (await jobs.list()).map(toShown),
    read: async (id) => {
      const job = await jobs.read(id);
      return job && toShown(job);
    },
    cancel: async (id) => (await cancelJob(jobs, clock, id)) !== undefined,
  };
}
