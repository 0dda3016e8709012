import type { Worker } from 'node:worker_threads';
import type { InteractionContext } from '../interaction/context.ts';
import type { Ahead } from '../interaction/prepare-ahead.ts';
import { startThread } from '../thread/start-thread.ts';
import type { ContextSettings } from './server-context.ts';

/** What a thread prepares by. */
export type PreparerOptions = Pick<InteractionContext, 'caller'> & { readonly settings: ContextSettings };
/** The same as it is handed to the thread: of a time zone its name, since functions cannot be. */
export type PreparerData = Pick<InteractionContext, 'caller'> & {
  readonly settings: Omit<ContextSettings, 'timeZone'>;
  readonly zone: string | undefined;
};
export type ToPreparer = { readonly texts: readonly string[]; readonly places: readonly string[] };
/** What the thread says: that it is ready, and then an answer to each message in its order. */
export type FromPreparer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'prepared'; readonly ahead: readonly (Ahead | undefined)[] }
  | { readonly kind: 'failed'; readonly reason: string };

export type ThreadedPreparer = {
  readonly prepare: (
    texts: readonly string[],
    places: readonly string[],
  ) => Promise<readonly (Ahead | undefined)[]>;
  readonly close: () => Promise<void>;
};

const entry = new URL('./preparer-thread.js', import.meta.url);

/** A thread that starts costs as much as a few thousand resources: for few there is none. */
const startsAfter = 1000;

type Waiting = {
  readonly resolve: (ahead: readonly (Ahead | undefined)[]) => void;
  readonly reject: (error: Error) => void;
};

type State = {
  worker: Worker | undefined;
  isReady: boolean;
  seen: number;
  readonly waiting: Waiting[];
  ended: Error | undefined;
};

/**
 * Parses, validates and indexes in a thread what an import brings, while this one looks up and writes. Nobody waits for
 * the thread to start: until it is ready nothing is prepared.
 */
export function openThreadedPreparer(
  options: PreparerOptions,
  start: () => Worker = () => startThread(entry, toData(options)),
): ThreadedPreparer {
  const state: State = { worker: undefined, isReady: false, seen: 0, waiting: [], ended: undefined };
  return {
    prepare: async (texts, places) => {
      if (state.ended) throw state.ended;
      state.seen += texts.length;
      if (!state.worker && state.seen > startsAfter) begin(state, start());
      const { worker, isReady } = state;
      if (!worker || !isReady) return [];
      return new Promise((resolve, reject) => {
        state.waiting.push({ resolve, reject });
        worker.postMessage({ texts, places } satisfies ToPreparer);
      });
    },
    close: async () => {
      await state.worker?.terminate();
    },
  };
}

function toData({ caller, settings: { timeZone, ...settings } }: PreparerOptions): PreparerData {
  return { caller, settings, zone: timeZone?.name };
}

function begin(state: State, worker: Worker): void {
  state.worker = worker;
  worker.on('error', (error) => end(state, error));
  worker.once('exit', () => end(state, new Error('The thread that prepares an import has stopped.')));
  worker.on('message', (message: FromPreparer) => {
    if (message.kind === 'ready') state.isReady = true;
    else if (message.kind === 'prepared') state.waiting.shift()?.resolve(message.ahead);
    else end(state, new Error(`An import cannot be prepared: ${message.reason}`));
  });
}

function end(state: State, error: Error): void {
  state.ended ??= error;
  for (const { reject } of state.waiting.splice(0)) reject(state.ended);
}
