import type { Worker } from 'node:worker_threads';
import { startThread } from '../../thread/start-thread.ts';
import { AbandonedError } from '../../values/turns.ts';
import { type HasGone, InvalidCursorError, StoreBusyError } from '../contract/store.ts';
import type { ReadOp, ReadResult } from './read-op.ts';
import { type AbandonFlag, abandon, abandonedText, openAbandonFlag } from './read-watch.ts';
import { passingFailure } from './write-failure.ts';

const entry = new URL('./reader-thread.js', import.meta.url);

/** One long read must not make every other one wait. */
const mostThreads = 2;
/** More than so many that wait are refused. */
const mostWaiting = 2000;

/** Reads have numbers, so that one can be said to be wanted no more. */
export type ToReader = { readonly op: ReadOp; readonly number: number } | 'close';

export type FromReader =
  | { readonly kind: 'read'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly name: string; readonly message: string };

export type ThreadedReader = {
  /** Rejects with an AbandonedError soon after `hasGone` holds. */
  readonly read: <Op extends ReadOp>(op: Op, hasGone?: HasGone) => Promise<ReadResult<Op>>;
  readonly close: () => Promise<void>;
};

export type ReaderOptions = {
  readonly path: string;
  readonly smallSet: number | undefined;
  readonly walked: number | undefined;
  /** MiB of the file that each thread keeps at most. */
  readonly cache?: number | undefined;
  /** Nobody waits for what is read: other threads come first. */
  readonly givesWay?: true;
};

type StartReader = (flag: AbandonFlag) => Worker;

type Waiting = {
  readonly op: ReadOp;
  readonly number: number;
  readonly hasGone: HasGone;
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
};

type Thread = { readonly worker: Worker; readonly flag: AbandonFlag; at: Waiting | undefined };

type State = {
  readonly start: StartReader;
  readonly queue: Waiting[];
  readonly threads: Set<Thread>;
  /** Looks whether somebody has gone; undefined as long as nothing is read. */
  look: NodeJS.Timeout | undefined;
  reads: number;
  closed: boolean;
};

/** Milliseconds between two looks whether the clients of what is read are still there. */
const lookMs = 100;

/** Reads in threads that are started when they are first needed, each one read at a time. */
export function openThreadedReader(
  options: ReaderOptions,
  start: StartReader = (flag) => startThread(entry, { ...options, flag }),
): ThreadedReader {
  const state: State = { start, queue: [], threads: new Set(), look: undefined, reads: 0, closed: false };
  return {
    read: (op, hasGone) =>
      new Promise((resolve, reject) => {
        if (state.closed) return reject(new Error('The store is closed.'));
        if (state.queue.length >= mostWaiting) {
          return reject(new StoreBusyError(`${mostWaiting} reads are waiting already.`));
        }
        state.queue.push({ op: asData(op), number: ++state.reads, hasGone, resolve, reject });
        state.look ??= setInterval(() => leaveGone(state), lookMs).unref();
        assign(state);
      }),
    close: () => close(state),
  };
}

/** A function cannot be sent to a thread. */
function asData(op: ReadOp): ReadOp {
  if (op.kind === 'count') return op;
  return { ...op, query: { ...op.query, hasGone: undefined } } as ReadOp;
}

/** What nobody waits for is not begun, and ended where it has begun. */
function leaveGone(state: State): void {
  const { queue, threads } = state;
  for (let place = queue.length - 1; place >= 0; place--) {
    if (!queue[place]?.hasGone?.()) continue;
    for (const { reject } of queue.splice(place, 1)) reject(new AbandonedError(abandonedText));
  }
  for (const { at, flag } of threads) if (at?.hasGone?.()) abandon(flag, at.number);
  if (queue.length > 0 || [...threads].some(({ at }) => at)) return;
  clearInterval(state.look);
  state.look = undefined;
}

function assign(state: State): void {
  while (state.queue.length > 0) {
    const free = [...state.threads].find(({ at }) => at === undefined) ?? begin(state);
    const next = free && state.queue.shift();
    if (!free || !next) return;
    free.at = next;
    free.worker.postMessage({ op: next.op, number: next.number } satisfies ToReader);
  }
}

function begin(state: State): Thread | undefined {
  if (state.threads.size >= mostThreads) return undefined;
  const flag = openAbandonFlag();
  const thread: Thread = { worker: state.start(flag), flag, at: undefined };
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
  else if (message.message.includes(abandonedText)) reject(new AbandonedError(abandonedText));
  else if (message.name === 'InvalidCursorError') reject(new InvalidCursorError(message.message));
  else reject(passingFailure(message.message) ?? new Error(message.message));
}

/** What was asked before is still read: a thread must not be stopped inside a query. */
async function close(state: State): Promise<void> {
  state.closed = true;
  clearInterval(state.look);
  for (const { reject } of state.queue.splice(0)) reject(new Error('The store is closed.'));
  await Promise.all(
    [...state.threads].map(({ worker }) => {
      const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
      worker.postMessage('close');
      return exited;
    }),
  );
}
