import { setTimeout as sleep } from 'node:timers/promises';
import { startThread } from '../../thread/start-thread.ts';
import { nextTurn } from '../../values/turns.ts';
import { StoreBusyError, WriteUnknownError } from '../contract/store.ts';
import type { OpResult, WriteOp } from './commit.ts';
import { rememberFile } from './file-owner.ts';
import { type Gathering, openGathering } from './gathering.ts';
import type { Opening } from './open-connections.ts';
import { comesInPortions, portionsOf } from './portions.ts';
import { type FromWriter, type PackedOp, packOp, type ToWriter, type Writer } from './writer.ts';
import type { WriterEnd } from './writer-end.ts';

const entry = new URL('./writer-thread.js', import.meta.url);

/** One batch is on its way: what comes while it is committed is one batch again. */
const serving = { batchesInFlight: 1, batchSize: 500 } as const;
/**
 * While much is loaded, fewer and larger commits: each writes every page that it touches, and most touch the same ones.
 * Who sends so many at once sends more soon; who waits for one before the next comes is not kept waiting. While the thread
 * commits one batch, the next waits in its inbox.
 */
const loading = { batchesInFlight: 2, batchSize: 4000, sendsMore: 32, pauseMs: 20 } as const;
/** More than this many waiting units are refused: the callers are faster than the disk. */
const mostWaiting = 20_000;

type UnitOp = Extract<WriteOp, { kind: 'unit' }>;

type Waiting = {
  /** Packed when it comes: what waits for the disk should hold little memory. */
  readonly op: PackedOp;
  readonly resolve: (result: OpResult) => void;
  readonly reject: (error: Error) => void;
};

type State = {
  readonly start: () => WriterEnd;
  readonly loads: boolean;
  worker: WriterEnd;
  /** The file is where it was when it was opened. */
  isSameFile: () => boolean;
  readonly queue: Waiting[];
  readonly sent: (readonly Waiting[])[];
  readonly gathering: Gathering;
  /** Why nothing can be written, or not at present. */
  ended: Error | undefined;
  /** What is queued is sent at the end of the turn. */
  flushing: boolean;
  /** What is queued waits so long for more. */
  pause: NodeJS.Timeout | undefined;
  lastSent: number;
  lastSentAt: number;
  closing: boolean;
  /** How many units came in portions. */
  portioned: number;
};

type WriterOptions = Opening & { readonly startWriter?: (() => WriterEnd) | undefined };

/** A writer in a thread of its own: one fsync serves all that came while the one before was under way. */
export async function openThreadedWriter(
  path: string,
  { startWriter, loads = false, cache }: WriterOptions = {},
): Promise<Writer> {
  const start = startWriter ?? (() => startThread(entry, { path, loads, cache }));
  const state: State = {
    start,
    loads,
    worker: start(),
    isSameFile: () => true,
    queue: [],
    sent: [],
    gathering: openGathering(),
    ended: undefined,
    flushing: false,
    pause: undefined,
    lastSent: 0,
    lastSentAt: 0,
    closing: false,
    portioned: 0,
  };
  await untilReady(state.worker);
  state.isSameFile = rememberFile(path);
  listen(state);
  return {
    commit: (op) =>
      op.kind === 'unit' && comesInPortions(op.unit)
        ? commitInPortions(state, op)
        : new Promise((resolve, reject) => enqueue(state, { op: packOp(op), resolve, reject })),
    failure: () => state.ended,
    close: () => close(state),
  };
}

/** Others come first between two portions. The unit itself is one message, and one commit, all the same. */
async function commitInPortions(state: State, { unit, now, audit }: UnitOp): Promise<OpResult> {
  const refusal = refusalOf(state);
  if (refusal) throw refusal;
  const { worker } = state;
  const id = ++state.portioned;
  for (const portion of portionsOf(unit.changes)) {
    worker.postMessage({ kind: 'portion', id, portion } satisfies ToWriter);
    await nextTurn();
  }
  if (state.worker !== worker) throw stopped();
  const { guards, records = [], fits = [] } = unit;
  const op: PackedOp = { kind: 'packed', changes: [], guards, records, fits, audit, now, portions: id };
  return new Promise((resolve, reject) => {
    const refused = (error: Error) => {
      worker.postMessage({ kind: 'forget', id } satisfies ToWriter);
      reject(error);
    };
    enqueue(state, { op, resolve, reject: refused });
  });
}

function listen(state: State): void {
  const { worker } = state;
  worker.on('message', (message: FromWriter) => receive(state, message));
  // An exit follows.
  worker.on('error', () => undefined);
  worker.once('exit', () => {
    end(state);
    if (!state.closing) void reopen(state);
  });
}

/** Milliseconds between two attempts to start the thread again. */
const reopenMs = 500;

/** A thread that ended by a fault is replaced: what was not written is 503 until then. */
async function reopen(state: State): Promise<void> {
  while (!state.closing) {
    // A thread would make a file that is missing.
    if (state.isSameFile() && (await startAgain(state))) return;
    await sleep(reopenMs, undefined, { ref: false });
  }
}

async function startAgain(state: State): Promise<boolean> {
  const worker = state.start();
  try {
    await untilReady(worker);
  } catch {
    return false;
  }
  state.worker = worker;
  if (state.closing) {
    post(state, { kind: 'close' });
    return true;
  }
  listen(state);
  state.ended = undefined;
  return true;
}

function untilReady(worker: WriterEnd): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error('The writer of the store has stopped.'));
    worker.once('error', reject);
    worker.once('exit', gone);
    worker.once('message', (message: FromWriter) => {
      worker.off('error', reject);
      worker.off('exit', gone);
      if (message.kind === 'broken') reject(new Error(message.reason));
      else resolve();
    });
  });
}

function refusalOf({ ended, queue }: State): Error | undefined {
  if (ended) return ended;
  return queue.length < mostWaiting
    ? undefined
    : new StoreBusyError(`${mostWaiting} writes are waiting already.`);
}

function stopped(): Error {
  return new StoreBusyError('The writer of the store has stopped, and is started again.');
}

function enqueue(state: State, waiting: Waiting): void {
  const refusal = refusalOf(state);
  if (refusal) waiting.reject(refusal);
  else state.queue.push(waiting);
  if (!refusal) flushLater(state);
}

/** What is asked in one turn of the event loop goes over in one message; what is loaded, in a larger one. */
function flushLater(state: State): void {
  const { loads, queue, lastSent } = state;
  if (loads && lastSent >= loading.sendsMore && queue.length < loading.batchSize) {
    state.pause ??= untilNoMoreComes(state, queue.length);
  } else if (!state.flushing) {
    state.flushing = true;
    setImmediate(() => {
      state.flushing = false;
      if (loads) flushNow(state);
      else flushGathered(state);
    });
  }
}

function untilNoMoreComes(state: State, soFar: number): NodeJS.Timeout {
  return setTimeout(() => {
    const { length } = state.queue;
    if (length === soFar) flushNow(state);
    else state.pause = untilNoMoreComes(state, length);
  }, loading.pauseMs);
}

/** Each commit is answered before the next is sent, and then what has come meanwhile is looked at again. */
function flushGathered(state: State): void {
  const { queue, sent, gathering } = state;
  if (queue.length === 0 || sent.length > 0) return;
  const pause = gathering.pauseFor(queue.length, performance.now());
  if (pause === 0) flushNow(state);
  else state.pause ??= setTimeout(() => flushNow(state), pause);
}

function flushNow(state: State): void {
  clearTimeout(state.pause);
  state.pause = undefined;
  flush(state, (state.loads ? loading : serving).batchesInFlight);
}

function flush(state: State, inFlight: number): void {
  const { batchSize } = state.loads ? loading : serving;
  while (state.queue.length > 0 && state.sent.length < inFlight) {
    const batch = state.queue.splice(0, batchSize);
    try {
      post(state, { kind: 'batch', ops: batch.map(({ op }) => op) });
    } catch (thrown) {
      // What no message can hold is a fault of ours; those it was sent with may come again.
      const error = new Error('The writes cannot be handed to the writer.', { cause: thrown });
      for (const { reject } of batch) reject(error);
      continue;
    }
    state.sent.push(batch);
    state.lastSent = batch.length;
    state.lastSentAt = performance.now();
  }
}

function post(state: State, message: ToWriter): void {
  state.worker.postMessage(message);
}

function receive(state: State, message: FromWriter): void {
  if (message.kind !== 'batch') return;
  const batch = state.sent.shift() ?? [];
  if (!state.loads) sendNext(state, batch.length);
  else if (state.queue.length > 0) flushLater(state);
  batch.forEach(({ resolve, reject }, i) => {
    const result = message.results[i];
    if (result) resolve(result);
    else reject(new Error('The writer of the store gave no answer.'));
  });
}

function sendNext(state: State, answered: number): void {
  const { queue, gathering, lastSentAt } = state;
  const now = performance.now();
  gathering.committed({ answered, waiting: queue.length, tookMs: now - lastSentAt, now });
  flushGathered(state);
}

function end(state: State): void {
  const ended = state.ended ?? stopped();
  state.ended = ended;
  // What it was given may have been kept.
  for (const { reject } of state.sent.flat())
    reject(new WriteUnknownError('The writer of the store has stopped.'));
  for (const { reject } of state.queue) reject(ended);
  state.sent.length = 0;
  state.queue.length = 0;
}

/** What was asked before is still written. The thread ends by itself: it must never be stopped inside a query. */
async function close(state: State): Promise<void> {
  if (state.closing) return;
  state.closing = true;
  if (state.ended) return;
  state.ended = new Error('The store is closed.');
  const exited = new Promise<void>((resolve) => state.worker.once('exit', () => resolve()));
  flush(state, Number.POSITIVE_INFINITY);
  post(state, { kind: 'close' });
  await exited;
}
