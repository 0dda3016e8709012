import { hostname } from 'node:os';
import type { ImportJobs } from '../bulk/import-job.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { publishJob } from '../registry/jobs/publish-job.ts';
import type { Store } from '../store/contract/store.ts';
import { untilInterrupted } from './until-stopped.ts';

/** Jobs of the command line say what becomes of them on standard error; Ctrl-C leaves them to be gone on with. */
export function foregroundJobs(
  ctx: InteractionContext,
  store: Store,
  errors: NodeJS.WritableStream,
): ImportJobs {
  return {
    store,
    clock: ctx.clock,
    owner: jobOwner(),
    publish: (job) => publishJob(ctx, job),
    log: () => {},
    waiting: ({ lease }) => errors.write(`${lease?.owner ?? 'another process'} is at this file; waiting\n`),
    signal: untilInterrupted(),
  };
}

/** Tells this process from all others that work on the store. */
export function jobOwner(): string {
  return `${hostname()}:${process.pid}:${crypto.randomUUID().slice(0, 8)}`;
}
