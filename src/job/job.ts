import type { EpochMs } from '../values/instant.ts';

/** What can be kept of a job: plain JSON. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json | undefined };

/**
 * `queued`: nobody works at it. `running`: whoever holds the lease does. The others are for good: nothing leads out of
 * them but a new start.
 */
export type JobState = 'queued' | 'running' | 'finished' | 'failed' | 'cancelled';

/** Who works at a running job, and until when that holds without a sign of life. */
export type Lease = { readonly owner: string; readonly until: EpochMs };

/** How far it is; `total` where it is known, both in units that `note` may name. */
export type JobProgress = { readonly done: number; readonly total?: number; readonly note?: string };

/** Long work, kept in the store so that it outlives the process that began it. */
export type Job = {
  /** The shape of a FHIR id, since the job is shown as a Task of that id. */
  readonly id: string;
  /** Which work it is: `import`, `reindex`, … */
  readonly kind: string;
  readonly input: Json;
  readonly state: JobState;
  readonly created: EpochMs;
  /** Of the last change of state, sign of life or checkpoint. */
  readonly updated: EpochMs;
  /** How often it was begun or taken over. */
  readonly attempts: number;
  readonly progress: JobProgress;
  /** Only while it is running. */
  readonly lease?: Lease;
  /** Whoever works at it stops at the next sign of life. */
  readonly cancelAsked?: true;
  /** Up to where everything is done: where the next attempt goes on. */
  readonly checkpoint?: Json;
  /** Of a finished job. */
  readonly result?: Json;
  /** Why it failed. */
  readonly reason?: string;
  /** Of an ended job: when it, and what it made, is to be forgotten. */
  readonly expires?: EpochMs;
};

export function isEnded({ state }: Job): boolean {
  return state === 'finished' || state === 'failed' || state === 'cancelled';
}

/** Is it said to be running though its lease has run out, since whoever worked at it is gone? */
export function isLapsed({ state, lease }: Job, now: EpochMs): boolean {
  return state === 'running' && (lease === undefined || lease.until <= now);
}
