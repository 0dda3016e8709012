import type { RecordExpectation, Store } from '../store/contract/store.ts';
import type { Clock } from '../values/clock.ts';
import type { EpochMs } from '../values/instant.ts';
import { isEnded, type Job } from './job.ts';

/** The collection of records that jobs are kept in, under their ids. */
const collection = 'job';

/** An ended job is shown for so long. */
const keptMs = 30 * 24 * 3600 * 1000;

/** A change that others come in between of is tried again so often. */
const maxAttempts = 50;

export type JobRecords = {
  readonly read: (id: string) => Promise<Job | undefined>;
  /** All that are kept, newest first. */
  readonly list: () => Promise<readonly Job[]>;
  /** False when there is a job of that id already. */
  readonly add: (job: Job) => Promise<boolean>;
  /**
   * Replaces the job by what `change` makes of it, on nothing but what is there; undefined when there is none, or
   * when `change` leaves it.
   */
  readonly change: (id: string, change: (job: Job) => Job | undefined) => Promise<Job | undefined>;
  /** Forgets it, whatever becomes of its work. */
  readonly remove: (id: string) => Promise<void>;
};

export function openJobRecords(store: Store, clock: Clock): JobRecords {
  const put = async (job: Job, expected: RecordExpectation): Promise<boolean> => {
    const record = { collection, key: job.id, value: JSON.stringify(job), ...expiry(job, clock) };
    return (await store.writeRecords([{ kind: 'put', record, expected }])).kind === 'committed';
  };
  return {
    read: async (id) => toJob(id, (await store.readRecord(collection, id))?.value),
    list: async () => (await readAll(store)).sort((a, b) => b.created - a.created),
    add: (job) => put(job, { kind: 'absent' }),
    change: async (id, change) => {
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const value = (await store.readRecord(collection, id))?.value;
        const job = toJob(id, value);
        const next = job && change(job);
        if (!next || value === undefined) return undefined;
        if (await put(next, { kind: 'value', value })) return next;
      }
      throw new Error(`job ${id} was changed by others ${maxAttempts} times in a row`);
    },
    remove: async (id) => {
      await store.writeRecords([{ kind: 'delete', collection, key: id }]);
    },
  };
}

function expiry(job: Job, clock: Clock): { readonly expires?: EpochMs } {
  return isEnded(job) ? { expires: job.expires ?? ((clock.now() + keptMs) as EpochMs) } : {};
}

async function readAll(store: Store): Promise<Job[]> {
  const jobs: Job[] = [];
  let after: string | undefined;
  do {
    const page = await store.listRecords({ collection, count: 200, ...(after !== undefined && { after }) });
    for (const { key, value } of page.records) {
      const job = toJob(key, value);
      if (job) jobs.push(job);
    }
    after = page.next;
  } while (after !== undefined);
  return jobs;
}

/** Undefined for what is no job: one record that cannot be read must not keep all others from being run. */
function toJob(key: string, value: string | undefined): Job | undefined {
  if (value === undefined) return undefined;
  let read: Partial<Job> | null;
  try {
    read = JSON.parse(value) as Partial<Job> | null;
  } catch {
    return undefined;
  }
  const isWhole =
    read?.id === key &&
    typeof read.kind === 'string' &&
    typeof read.state === 'string' &&
    [read.created, read.updated, read.attempts, read.progress?.done].every((each) => Number.isFinite(each));
  return isWhole ? (read as Job) : undefined;
}
