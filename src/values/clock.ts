import type { EpochMs } from './instant.ts';

/** The present moment as a port: main passes the system's, tests pass one that stands still. */
export type Clock = { readonly now: () => EpochMs };

export const systemClock: Clock = { now: () => Date.now() as EpochMs };
