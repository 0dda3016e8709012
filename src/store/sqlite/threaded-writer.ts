import type { Worker } from 'node:worker_threads';
import { StoreBusyError } from '../contract/store.ts';
import type { OpResult } from './commit.ts';
import { startWriterThread } from './start-thread.ts';
import { type FromWriter, type PackedOp, packOp, type ToWriter, type Writer } from './writer.ts';

/** Batches on their way: while the thread commits one, the next waits in its inbox. */
const batchesInFlight = 2;
const batchSize = 500;
/** More than this many waiting units are refused: the callers are faster than the disk. */
const mostWaiting = 20_000;

type Waiting = {
  /** Packed when it comes: what waits for the disk should hold little memory. */
  readonly op: PackedOp;
  readonly resolve: (result: OpResult) => void;
  readonly reject: (error: Error) => void;
};

type State = {
  readonly worker: Worker;
  readonly queue: Waiting[];
  readonly sent: (readonly Waiting[])[];
  /** Why nothing can be written any more. */
  ended: Error | undefined;
  flushing: boolean;
};

/** A writer in a thread of its own: one fsync serves all that came while the one before was under way. */
export async function openThreadedWriter(path: string): Promise<Writer> {
  const state: State = {
    worker: startWriterThread(path),
    queue: [],
    sent: [],
    ended: undefined,
    flushing: false,
  };
  const { worker } = state;
  await untilReady(worker);
  worker.on('message', (message: FromWriter) => receive(state, message));
  worker.on('error', (error) => end(state, error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', () => end(state, new Error('The writer of the store has stopped.')));
  return {
    commit: (op) => new Promise((resolve, reject) => enqueue(state, { op: packOp(op), resolve, reject })),
    failure: () => state.ended,
    close: () => close(state),
  };
}

function untilReady(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (message: FromWriter) => {
      worker.off('error', reject);
      if (message.kind === 'broken') reject(new Error(message.reason));
      else resolve();
    });
  });
}

function enqueue(state: State, waiting: Waiting): void {
  const refusal =
    state.ended ??
    (state.queue.length < mostWaiting
      ? undefined
      : new StoreBusyError(`${mostWaiting} writes are waiting already.`));
  if (refusal) waiting.reject(refusal);
  else state.queue.push(waiting);
  if (refusal || state.flushing) return;
  state.flushing = true;
  // What is asked in one turn of the event loop goes over in one message.
  setImmediate(() => {
    state.flushing = false;
    flush(state, batchesInFlight);
  });
}

function flush(state: State, inFlight: number): void {
  while (state.queue.length > 0 && state.sent.length < inFlight) {
    const batch = state.queue.splice(0, batchSize);
    state.sent.push(batch);
    post(state, { kind: 'batch', ops: batch.map(({ op }) => op) });
  }
}

function post(state: State, message: ToWriter): void {
  state.worker.postMessage(message);
}

function receive(state: State, message: FromWriter): void {
  if (message.kind !== 'batch') return;
  const batch = state.sent.shift() ?? [];
  flush(state, batchesInFlight);
  batch.forEach(({ resolve, reject }, i) => {
    const result = message.results[i];
    if (result) resolve(result);
    else reject(new Error('The writer of the store gave no answer.'));
  });
}

function end(state: State, error: Error): void {
  state.ended ??= error;
  const waiting = [...state.sent.flat(), ...state.queue];
  state.sent.length = 0;
  state.queue.length = 0;
  for (const { reject } of waiting) reject(state.ended);
}

/** What was asked before is still written. The thread ends by itself: it must never be stopped inside a query. */
async function close(state: State): Promise<void> {
  if (state.ended) return;
  state.ended = new Error('The store is closed.');
  const exited = new Promise<void>((resolve) => state.worker.once('exit', () => resolve()));
  flush(state, Number.POSITIVE_INFINITY);
  post(state, { kind: 'close' });
  await exited;
}
