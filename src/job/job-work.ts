import type { Clock } from '../values/clock.ts';
import type { EpochMs } from '../values/instant.ts';
import type { Job, JobProgress, Json } from './job.ts';
import type { JobRecords } from './job-records.ts';

/** What the work of a job is given. */
export type JobWork = {
  readonly job: Job;
  /** Where an earlier attempt ended. */
  readonly checkpoint: Json | undefined;
  /** Aborted when the work must stop: cancelled, taken over by another, or the process ends. */
  readonly signal: AbortSignal;
  /** Noted with the next sign of life. */
  readonly progress: (progress: JobProgress) => void;
  /** Resolves when it is on disk: up to here everything is done. Throws JobStoppedError when the work must stop. */
  readonly keep: (checkpoint: Json) => Promise<void>;
};

/** One kind of work. */
export type JobKind = {
  readonly kind: string;
  /** Whether another attempt can go on at the checkpoint. If not, a job whose process died has failed. */
  readonly resumes: boolean;
  /** Milliseconds for which an ended job, and what it made, is kept; absent: as long as any. */
  readonly keptMs?: number;
  /** The result, which is kept. What it throws is the reason why the job failed. */
  readonly run: (work: JobWork) => Promise<Json>;
};

export type StopReason = 'cancelled' | 'taken-over' | 'stopping';

const stopTexts: Readonly<Record<StopReason, string>> = {
  cancelled: 'the job was cancelled',
  'taken-over': 'another process has taken the job over',
  stopping: 'the job was stopped; the same command goes on with it',
};

/** The work of a job must end. */
export class JobStoppedError extends Error {
  override readonly name = 'JobStoppedError';
  readonly why: StopReason;

  constructor(why: StopReason) {
    super(stopTexts[why]);
    this.why = why;
  }
}

/** Milliseconds: how long a lease holds without a sign of life, between two signs, and between two looks for a job. */
export type JobPace = { readonly leaseMs: number; readonly heartbeatMs: number; readonly pauseMs: number };

/** A lease outlasts two signs of life that fail. */
export const usualPace: JobPace = { leaseMs: 30_000, heartbeatMs: 10_000, pauseMs: 2_000 };

export type WorkSite = {
  readonly records: JobRecords;
  readonly clock: Clock;
  readonly owner: string;
  readonly pace: JobPace;
};

/** A job that is worked at here: its signs of life, and how it is told to stop. */
export type RunningJob = {
  readonly work: JobWork;
  /** Renews the lease and notes the progress; stops the work when it is no longer ours, or is to be cancelled. */
  readonly beat: () => Promise<void>;
  readonly stop: (why: StopReason) => void;
  /** How far the work has said that it is. */
  readonly progress: () => JobProgress;
  readonly stopped: () => StopReason | undefined;
};

export function openRunningJob({ records, clock, owner, pace }: WorkSite, job: Job): RunningJob {
  const controller = new AbortController();
  let progress = job.progress;
  const stop = (why: StopReason) => controller.abort(new JobStoppedError(why));
  const renew = async (more: Pick<Job, 'checkpoint'> | undefined) => {
    const kept = await records.change(job.id, (present) => {
      if (present.lease?.owner !== owner || present.state !== 'running') return undefined;
      const now = clock.now();
      const lease = { owner, until: (now + pace.leaseMs) as EpochMs };
      return { ...present, ...more, progress, lease, updated: now };
    });
    if (!kept) stop('taken-over');
    else if (kept.cancelAsked) stop('cancelled');
  };
  return {
    stop,
    progress: () => progress,
    stopped: () =>
      controller.signal.aborted ? (controller.signal.reason as JobStoppedError).why : undefined,
    beat: () => renew(undefined),
    work: {
      job,
      checkpoint: job.checkpoint,
      signal: controller.signal,
      progress: (next) => {
        progress = next;
      },
      keep: async (checkpoint) => {
        controller.signal.throwIfAborted();
        await renew({ checkpoint });
        controller.signal.throwIfAborted();
      },
    },
  };
}
