import cluster from 'node:cluster';
import { accessNotice } from './cli/access-notice.ts';
import { untilStopped } from './cli/until-stopped.ts';
import type { Config } from './config.ts';
import { openStore } from './open-store.ts';
import { openGround, type StartOptions, startServer } from './start-server.ts';
import { runWorkers } from './start-workers.ts';
import { type Store, StoreBusyError } from './store/contract/store.ts';
import { openWorkerLine, type WorkerLine } from './worker-line.ts';

/**
 * Serves as the settings say until the process is told to stop, by as many processes as they say; the exit code. `say`: a
 * line for who started it.
 */
export function serve(config: Config, options: StartOptions, say: (line: string) => void): Promise<number> {
  if (config.workers > 1 && cluster.isPrimary) return runWorkers(config, options.warn);
  return answer(config, options, say, cluster.isWorker ? openWorkerLine() : undefined);
}

/** One process that answers, with others when there is a line to them. */
async function answer(
  config: Config,
  options: StartOptions,
  say: (line: string) => void,
  line: WorkerLine | undefined,
): Promise<number> {
  // What is said at a start is said once.
  const isFirst = (cluster.worker?.id ?? 1) === 1;
  const warn = isFirst ? options.warn : () => undefined;
  try {
    const store = await openStore(config.store, {
      startWriter: line?.startWriter,
      cache: config.sqliteCache,
    });
    const server = await orClosed(store, async () => {
      if (isFirst) await buildIndexes(store, say, warn);
      return startServer(config, await openGround(config, store), {
        ...options,
        warn,
        metricsBoard: line?.metricsBoard,
      });
    });
    if (isFirst) say(accessNotice(config.auth));
    return await untilStopped(server, store, config.stopGrace);
  } finally {
    line?.close();
  }
}

/** An import that was broken off, or is still at work, has left some out: searches would wait for them. */
async function buildIndexes(store: Store, say: Say, warn: Say): Promise<void> {
  try {
    await store.buildIndexes((done, missing) =>
      say(`building an index that an import left out, ${done + 1} of ${missing}`),
    );
  } catch (thrown) {
    if (!(thrown instanceof StoreBusyError)) throw thrown;
    warn(`indexes that an import left out could not be built yet, searches wait for them: ${thrown.message}`);
  }
}

type Say = (line: string) => void;

/** What the start opened would keep a process alive that has failed. */
async function orClosed<Result>(store: Store, start: () => Promise<Result>): Promise<Result> {
  try {
    return await start();
  } catch (thrown) {
    await store.close();
    throw thrown;
  }
}
