import type { Worker } from 'node:worker_threads';
import { startThread } from '../../thread/start-thread.ts';
import { InvalidCursorError, StoreBusyError } from '../contract/store.ts';
import type { ReadOp, ReadResult } from './read-op.ts';
import { passingFailure } from './write-failure.ts';

const entry = new URL('./reader-thread.js', import.meta.url);

/** One long read must not make every other one wait. */
const mostThreads = 2;
/** More than so many that wait are refused. */
const mostWaiting = 2000;

export type FromReader =
  | { readonly kind: 'read'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly name: string; readonly message: string };

export type ThreadedReader = {
  readonly read: <Op extends ReadOp>(op: Op) => Promise<ReadResult<Op>>;
  readonly close: () => Promise<void>;
};

export type ReaderOptions = {
  readonly path: string;
  readonly smallSet: number | undefined;
  readonly walked: number | undefined;
};

type Waiting = {
  readonly op: ReadOp;
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
};

type Thread = { readonly worker: Worker; at: Waiting | undefined };

type State = {
  readonly options: ReaderOptions;
  readonly queue: Waiting[];
  readonly threads: Set<Thread>;
  closed: boolean;
};

/** Reads in threads that are started when they are first needed, each one read at a time. */
export function openThreadedReader(options: ReaderOptions): ThreadedReader {
  const state: State = { options, queue: [], threads: new Set(), closed: false };
  return {
    read: (op) =>
      new Promise((resolve, reject) => {
        if (state.closed) return reject(new Error('The store is closed.'));
        if (state.queue.length >= mostWaiting) {
          return reject(new StoreBusyError(`${mostWaiting} reads are waiting already.`));
        }
        state.queue.push({ op, resolve, reject });
        assign(state);
      }),
    close: () => close(state),
  };
}

function assign(state: State): void {
  while (state.queue.length > 0) {
    const free = [...state.threads].find(({ at }) => at === undefined) ?? begin(state);
    const next = free && state.queue.shift();
    if (!free || !next) return;
    free.at = next;
    free.worker.postMessage(next.op);
  }
}

function begin(state: State): Thread | undefined {
  if (state.threads.size >= mostThreads) return undefined;
  const thread: Thread = { worker: startThread(entry, state.options), at: undefined };
  state.threads.add(thread);
  thread.worker.on('message', (message: FromReader) => {
    const asked = thread.at;
    thread.at = undefined;
    if (asked) settle(asked, message);
    assign(state);
  });
  // An exit follows.
  thread.worker.on('error', () => undefined);
  thread.worker.once('exit', () => {
    state.threads.delete(thread);
    thread.at?.reject(new StoreBusyError('A reader of the store has stopped.'));
    // Another is started in its place.
    assign(state);
  });
  return thread;
}

function settle({ resolve, reject }: Waiting, message: FromReader): void {
  if (message.kind === 'read') resolve(message.result as never);
  else if (message.name === 'InvalidCursorError') reject(new InvalidCursorError(message.message));
  else reject(passingFailure(message.message) ?? new Error(message.message));
}

/** What was asked before is still read: a thread must not be stopped inside a query. */
async function close(state: State): Promise<void> {
  state.closed = true;
  for (const { reject } of state.queue.splice(0)) reject(new Error('The store is closed.'));
  await Promise.all(
    [...state.threads].map(({ worker }) => {
      const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
      worker.postMessage('close');
      return exited;
    }),
  );
}
