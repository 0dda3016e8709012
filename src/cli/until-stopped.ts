import type { Store } from '../store/contract/store.ts';
import { OperatorError } from '../values/operator-error.ts';

/** Aborted by Ctrl-C, so that what is half done is cleared away. */
export function untilInterrupted(): AbortSignal {
  const stop = new AbortController();
  const reason = new OperatorError('interrupted');
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(reason));
  return stop.signal;
}

/**
 * Resolves with exit code 0 after SIGINT or SIGTERM, when requests under way are answered and the store is closed. What is
 * not answered within the grace is ended.
 */
export async function untilStopped(server: StoppableServer, store: Store, graceMs: number): Promise<number> {
  isServing = true;
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  const impatient = setTimeout(() => server.server.closeAllConnections(), graceMs);
  await server.close();
  clearTimeout(impatient);
  await store.close();
  return 0;
}

type StoppableServer = {
  readonly close: () => PromiseLike<unknown>;
  readonly server: { readonly closeAllConnections: () => void };
};

/** A server goes on when nobody reads its log any more, or the disk of the log is full. */
let isServing = false;

/** Who reads the output may stop reading, as `head` does; then there is nobody to tell. */
export function endWithoutReader(streams: readonly NodeJS.WriteStream[]): void {
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (isServing) return;
      if (error.code !== 'EPIPE') throw error;
      process.exit(process.exitCode ?? 0);
    });
  }
}
