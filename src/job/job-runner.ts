import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../store/contract/store.ts';
import type { Clock } from '../values/clock.ts';
import type { EpochMs } from '../values/instant.ts';
import { isEnded, isLapsed, type Job, type Json } from './job.ts';
import { type JobRecords, openJobRecords } from './job-records.ts';
import { type JobKind, type JobPace, openRunningJob, type RunningJob, usualPace } from './job-work.ts';

export type JobRunnerOptions = {
  readonly store: Store;
  readonly clock: Clock;
  /** What this runner can do. Jobs of other kinds are left to others. */
  readonly kinds: readonly JobKind[];
  /** Tells this process from all others that work on the store. */
  readonly owner: string;
  /** Told of every job whose state has changed; what it throws is logged. */
  readonly publish?: (job: Job) => Promise<void>;
  readonly log: (
    line: string,
    job: { readonly id: string; readonly kind: string },
    level: 'info' | 'warn',
  ) => void;
  readonly pace?: JobPace;
};

export type JobRunner = {
  /** Adds a job that waits for a runner; false when there is one of that id that has not ended. */
  readonly submit: (job: NewJob) => Promise<boolean>;
  /** Looks for a job now: one was submitted elsewhere. */
  readonly wake: () => void;
  /** Takes the next job that waits or whose runner is gone, and works at it to its end. False when there is none. */
  readonly runNext: () => Promise<boolean>;
  /** Works at this one to its end, here; undefined when another is at it. */
  readonly run: (id: string) => Promise<Job | undefined>;
  /** Looks for jobs from now on, one after the other. */
  readonly start: () => void;
  /** Stops what runs, so that another can go on with it, and resolves when it has stopped. */
  readonly stop: () => Promise<void>;
};

export type NewJob = {
  readonly id: string;
  readonly kind: string;
  readonly input: Json;
  /** Where it begins, when an earlier job of the same work got so far. */
  readonly checkpoint?: Json;
};

/** A job whose process died again and again would take the next one with it. */
const maxAttempts = 5;

/** Runs jobs one at a time. Several runners on one store share the work: each job is at one of them. */
export function openJobRunner(options: JobRunnerOptions): JobRunner {
  const { store, clock, pace = usualPace } = options;
  const records = openJobRecords(store, clock);
  const site: Site = { ...options, pace, records, running: new Set(), wake: () => undefined };
  const stopping = new AbortController();
  let loop: Promise<void> | undefined;
  return {
    submit: async (job) => {
      const isNew = await submit(site, job);
      site.wake();
      return isNew;
    },
    wake: () => site.wake(),
    runNext: () => runNext(site),
    run: async (id) => {
      const claimed = await claim(site, id);
      return claimed && workAt(site, claimed);
    },
    start: () => {
      loop ??= runOn(site, stopping.signal);
    },
    stop: async () => {
      stopping.abort();
      for (const running of site.running) running.stop('stopping');
      await loop;
    },
  };
}

type Site = Omit<JobRunnerOptions, 'pace'> & {
  readonly pace: JobPace;
  readonly records: JobRecords;
  readonly running: Set<RunningJob>;
  /** Ends the pause between two looks. */
  wake: () => void;
};

async function submit(site: Site, wanted: NewJob): Promise<boolean> {
  const now = site.clock.now();
  const { id } = wanted;
  const fresh = { state: 'queued', created: now, updated: now, attempts: 0, progress: { done: 0 } } as const;
  const job: Job = { ...wanted, ...fresh };
  if (!(await site.records.add(job))) {
    const again = await site.records.change(id, (present) => (isEnded(present) ? job : undefined));
    if (!again) return false;
  }
  await tell(site, job);
  return true;
}

/** A fault of the store must not end the loop: it may be back at the next look. */
async function runOn(site: Site, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    let found = false;
    try {
      found = await runNext(site);
    } catch (thrown) {
      site.log(`jobs cannot be looked for: ${messageOf(thrown)}`, { id: '', kind: '' }, 'warn');
    }
    if (!found) await pause(site, signal);
  }
}

async function pause(site: Site, signal: AbortSignal): Promise<void> {
  const woken = new Promise<void>((resolve) => {
    site.wake = resolve;
  });
  const over = sleep(site.pace.pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
  await Promise.race([woken, over]);
}

async function runNext(site: Site): Promise<boolean> {
  for (const { id } of (await site.records.list()).toReversed()) {
    const claimed = await claim(site, id);
    if (!claimed) continue;
    await workAt(site, claimed);
    return true;
  }
  return false;
}

/** Takes a job that nobody works at. One that cannot be gone on with fails instead. */
async function claim(site: Site, id: string): Promise<Job | undefined> {
  const { records, clock, owner, kinds } = site;
  const now = clock.now();
  const next = await records.change(id, (job) => {
    const lapsed = isLapsed(job, now);
    if (job.state !== 'queued' && !lapsed) return undefined;
    const kind = kinds.find((one) => one.kind === job.kind);
    if (job.cancelAsked) return ended(job, now, { state: 'cancelled' }, kind);
    if (!kind) return undefined;
    const lost = lapsed && (!kind.resumes || job.attempts >= maxAttempts);
    if (lost) return ended(job, now, { state: 'failed', reason: lostReason(job) }, kind);
    const lease = { owner, until: (now + site.pace.leaseMs) as EpochMs };
    return { ...job, state: 'running', lease, updated: now, attempts: job.attempts + 1 };
  });
  if (!next) return undefined;
  await tell(site, next);
  return next.state === 'running' ? next : undefined;
}

function lostReason({ attempts }: Job): string {
  return `the process that worked at it stopped without a word (attempt ${attempts})`;
}

async function workAt(site: Site, job: Job): Promise<Job> {
  const kind = site.kinds.find((one) => one.kind === job.kind);
  if (!kind) throw new Error(`no runner knows ${job.kind}`);
  const running = openRunningJob(site, job);
  site.running.add(running);
  const beats = keepAlive(site, running);
  try {
    const result = await kind.run(running.work);
    return await end(site, running, (now, present) =>
      ended(present, now, { state: 'finished', result }, kind),
    );
  } catch (thrown) {
    return await end(site, running, (now, present) => afterFailure(running, thrown, now, present, kind));
  } finally {
    clearInterval(beats);
    site.running.delete(running);
  }
}

/** Signs of life at an interval. One that fails is made up for by the next: the lease outlasts two. */
function keepAlive(site: Site, running: RunningJob): NodeJS.Timeout {
  const beat = () => {
    running
      .beat()
      .catch((thrown: unknown) =>
        site.log(`no sign of life: ${messageOf(thrown)}`, running.work.job, 'warn'),
      );
  };
  return setInterval(beat, site.pace.heartbeatMs).unref();
}

/** What a job is after its work threw: an end that was asked for is none of its own. */
function afterFailure(running: RunningJob, thrown: unknown, now: EpochMs, job: Job, kind: JobKind): Job {
  switch (running.stopped()) {
    case 'cancelled':
      return ended(job, now, { state: 'cancelled' }, kind);
    case 'stopping':
      if (kind.resumes) return { ...withoutLease(job), state: 'queued', updated: now };
      return ended(job, now, { state: 'failed', reason: 'the process that worked at it was stopped' }, kind);
    case 'taken-over':
    case undefined:
      return ended(job, now, { state: 'failed', reason: messageOf(thrown) }, kind);
  }
}

/** What another took over is the other's to end. */
async function end(
  site: Site,
  { work, progress }: RunningJob,
  change: (now: EpochMs, job: Job) => Job,
): Promise<Job> {
  const now = site.clock.now();
  const next = await site.records.change(work.job.id, (present) =>
    present.lease?.owner === site.owner && present.state === 'running'
      ? { ...change(now, present), progress: progress() }
      : undefined,
  );
  if (next) await tell(site, next);
  return next ?? { ...withoutLease(work.job), state: 'failed', reason: 'another process took the job over' };
}

function ended(
  job: Job,
  now: EpochMs,
  end: Pick<Job, 'state'> & Partial<Pick<Job, 'result' | 'reason'>>,
  kind: JobKind | undefined,
): Job {
  const kept = kind?.keptMs;
  const expires = kept === undefined ? {} : { expires: (now + kept) as EpochMs };
  return { ...withoutLease(job), ...end, updated: now, ...expires };
}

function withoutLease({ lease: _, ...job }: Job): Job {
  return job;
}

async function tell(site: Site, job: Job): Promise<void> {
  const reason = job.reason === undefined ? '' : `: ${job.reason}`;
  site.log(`job ${job.state}${reason}`, job, job.state === 'failed' ? 'warn' : 'info');
  try {
    await publish(site, job);
  } catch (thrown) {
    site.log(`the Task of the job cannot be written: ${messageOf(thrown)}`, job, 'warn');
  }
}

/**
 * Of two publishers that are under way at once the one that knows the older state may come last: so whoever has published
 * looks whether the job is still so.
 */
async function publish(site: Site, job: Job): Promise<void> {
  if (!site.publish) return;
  for (let next: Job | undefined = job; next; ) {
    const told: Job = next;
    await site.publish(told);
    const now: Job | undefined = await site.records.read(job.id);
    next = now?.state === told.state && now.attempts === told.attempts ? undefined : now;
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
