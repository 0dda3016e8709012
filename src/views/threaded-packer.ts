import type { Worker } from 'node:worker_threads';
import { startThread } from '../thread/start-thread.ts';
import type { Packed, PackerOptions } from './packer.ts';
import { ViewError } from './view-definition.ts';

/** What the thread is told and says. */
export type ToPacker = Uint8Array | 'finish';
export type FromPacker =
  | { readonly kind: 'ready' }
  | ({ readonly kind: 'packed' } & Packed)
  | { readonly kind: 'fault'; readonly isOfView: boolean; readonly text: string };

/** A packer in a thread of its own; one call after the other. */
export type ThreadedPacker = {
  /** Throws a ViewError where the rows of a resource cannot be told, or not in time. */
  readonly pack: (lines: Uint8Array) => Promise<Packed>;
  readonly finish: () => Promise<Packed>;
  readonly close: () => Promise<void>;
};

const entry = new URL('./view-thread.js', import.meta.url);

/** A page takes milliseconds; an expression that never ends must not hold a core for good. */
const mostMs = 30_000;
/** Megabytes of what lives there. */
const mostMemory = 256;

/** Throws a ViewError of a definition that is no view. `patience` is with each call. */
export async function startPacker(options: PackerOptions, patience = mostMs): Promise<ThreadedPacker> {
  const worker = startThread(entry, options, mostMemory);
  const close = async () => {
    await worker.terminate();
  };
  const ask = async (message: ToPacker | undefined, wait: number) => {
    try {
      return await answerOf(worker, message, wait);
    } catch (thrown) {
      await close();
      throw thrown;
    }
  };
  const packed = async (message: ToPacker): Promise<Packed> => {
    const answer = await ask(message, patience);
    if (answer.kind === 'packed') return answer;
    throw new Error('the thread of a view has answered what it was not asked');
  };
  await ask(undefined, mostMs);
  return { pack: packed, finish: () => packed('finish'), close };
}

type Answer = Exclude<FromPacker, { readonly kind: 'fault' }>;

function answerOf(worker: Worker, message: ToPacker | undefined, patience: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
    };
    const fail = (error: Error) => {
      end();
      reject(error);
    };
    const onMessage = (answer: FromPacker) => {
      if (answer.kind === 'fault') {
        fail(answer.isOfView ? new ViewError(answer.text) : new Error(answer.text));
        return;
      }
      end();
      resolve(answer);
    };
    const onError = (cause: Error) => fail(toError(cause));
    const onExit = () => fail(new Error('the thread of a view has ended'));
    const timer = setTimeout(() => fail(new ViewError('the view takes too long')), patience);
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    if (message !== undefined) send(worker, message);
  });
}

/** A copy is handed over: the lines may be part of a buffer that others use. */
function send(worker: Worker, message: ToPacker): void {
  if (message === 'finish') {
    worker.postMessage(message);
    return;
  }
  const own = new Uint8Array(message);
  worker.postMessage(own, [own.buffer]);
}

function toError(cause: Error): Error {
  const isMemory = (cause as { readonly code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY';
  return isMemory ? new ViewError('the view needs too much memory', { cause }) : cause;
}
