import cluster, { type Worker } from 'node:cluster';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from './config.ts';
import { shareWriter, type WriterHub } from './open-store.ts';
import type { MetricsShare } from './rest/metrics.ts';
import type { FromPrimary, FromWorker } from './worker-messages.ts';

/** Milliseconds before a worker that ended is started again: twice as long each time that it ends soon, up to the second. */
const restartMs = { first: 200, most: 10_000 };
/** Who has lived so long has not failed at its start. */
const livedMs = 10_000;
/** So long a worker that is busy is waited for before the metrics are told without it. */
const shareMs = 1000;

type State = {
  readonly hub: WriterHub | undefined;
  readonly warn: (text: string) => void;
  readonly gathering: Map<number, Gathering>;
  gatherings: number;
  isStopping: boolean;
};

type Gathering = { readonly shares: MetricsShare[]; missing: number; readonly done: () => void };

/**
 * The processes of a server on one store (JENNER_WORKERS): this one answers nobody. It has the writer of a SQLite file, and
 * starts a worker anew that ended. Resolves with the exit code when it was told to
 * stop and all have, or when the first cannot start.
 */
export async function runWorkers(
  { store, workers, sqliteCache }: Config,
  warn: (text: string) => void,
): Promise<number> {
  const hub = shareWriter(store, sqliteCache);
  // Each takes connections by itself: one that this process had handed to a worker that ends would be open for ever.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({ serialization: 'advanced' });
  const state: State = { hub, warn, gathering: new Map(), gatherings: 0, isStopping: false };
  const stopped = untilToldToStop();
  try {
    // An empty store is made ready by one: the others find it so.
    const first = startWorker(state, { afterListening: true });
    const ended = await Promise.race([untilListening(first), stopped.then(() => 0)]);
    if (ended !== undefined) return ended;
    for (let n = 1; n < workers; n++) startWorker(state);
    await stopped;
    return 0;
  } finally {
    state.isStopping = true;
    await stopWorkers();
    await hub?.close();
  }
}

/** Caught from the beginning: who stops a server that is starting must not leave its workers behind. */
function untilToldToStop(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

/** `afterListening`: one that ends before it listens is not started again. */
function startWorker(state: State, { afterListening = false, delayMs = restartMs.first } = {}): Worker {
  const worker = cluster.fork();
  const startedAt = performance.now();
  const send = (message: FromPrimary) => {
    if (worker.isConnected()) worker.send(message, () => undefined);
  };
  const member = state.hub?.join((message) => send({ to: 'writer', message }));
  worker.on('message', (message: FromWorker) => {
    if (message.to === 'writer') member?.hear(message.message);
    else if (message.kind === 'gather') void gather(state, message.id, send);
    else take(state, message.id, message.share);
  });
  worker.on('error', () => undefined);
  let startsAgain = !afterListening;
  worker.once('listening', () => {
    startsAgain = true;
  });
  worker.once('exit', (code, signal) => {
    member?.leave();
    if (state.isStopping || !startsAgain) return;
    const again = performance.now() - startedAt > livedMs ? restartMs.first : delayMs;
    state.warn(`worker ${worker.process.pid} ended (${signal ?? `exit code ${code}`}); it is started again`);
    void sleep(again, undefined, { ref: false }).then(() => {
      if (!state.isStopping) startWorker(state, { delayMs: Math.min(again * 2, restartMs.most) });
    });
  });
  return worker;
}

/** Undefined once it listens; else its exit code. */
function untilListening(worker: Worker): Promise<number | undefined> {
  return new Promise((resolve) => {
    worker.once('listening', () => resolve(undefined));
    worker.once('exit', (code) => resolve(code || 1));
  });
}

/** Each answers what is under way, as a server by itself does. */
async function stopWorkers(): Promise<void> {
  const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
  await Promise.all(
    workers.map(
      (worker) =>
        new Promise<void>((resolve) => {
          worker.once('exit', () => resolve());
          worker.process.kill('SIGTERM');
        }),
    ),
  );
}

async function gather(state: State, id: number, answer: (message: FromPrimary) => void): Promise<void> {
  const asked = Object.values(cluster.workers ?? {}).filter((worker) => worker?.isConnected());
  const own = ++state.gatherings;
  const shares: MetricsShare[] = [];
  const all = new Promise<void>((done) => {
    state.gathering.set(own, { shares, missing: asked.length, done });
  });
  for (const worker of asked) worker?.send({ to: 'metrics', kind: 'ask', id: own } satisfies FromPrimary);
  await Promise.race([all, sleep(shareMs)]);
  state.gathering.delete(own);
  answer({ to: 'metrics', kind: 'gathered', id, shares });
}

function take({ gathering }: State, id: number, share: MetricsShare): void {
  const one = gathering.get(id);
  if (!one) return;
  one.shares.push(share);
  one.missing--;
  if (one.missing === 0) one.done();
}
