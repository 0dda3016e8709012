import type { Worker } from 'node:worker_threads';
import { type Issue, Problem } from '../fhir/problem.ts';
import type { ValidateOptions } from '../fhir/validation/validator.ts';
import type { Validation } from '../interaction/context.ts';
import { startThread } from '../thread/start-thread.ts';

/** What the thread is told and says. */
export type ToValidator = { readonly text: string; readonly options: ValidateOptions } | 'close';
export type FromValidator =
  | { readonly kind: 'judged'; readonly issues: readonly Issue[] }
  | { readonly kind: 'failed'; readonly reason: string };

export type ThreadedValidator = {
  readonly judge: NonNullable<Validation['judgeElsewhere']>;
  readonly close: () => Promise<void>;
};

/** More than so many that wait are refused. */
const mostWaiting = 1000;

const entry = new URL('./validator-thread.js', import.meta.url);

type State = { worker: Worker | undefined; waiting: number; last: Promise<unknown>; closed: boolean };

/** A validator in a thread, started when it is first needed; it judges one resource after the other. */
export function openThreadedValidator(start: () => Worker = () => startThread(entry)): ThreadedValidator {
  const state: State = { worker: undefined, waiting: 0, last: Promise.resolve(), closed: false };
  return {
    judge: async (text, options, pace) => {
      if (state.closed) throw new Error('The validator is closed.');
      if (state.waiting >= mostWaiting) {
        throw new Problem('busy', `${mostWaiting} large resources are waiting to be validated; try again`);
      }
      state.waiting++;
      const turn = state.last.then(async () => {
        // Who asked may have gone while others had their turn.
        await pace();
        return ask(state, start, { text, options });
      });
      state.last = turn.catch(() => undefined);
      return turn.finally(() => state.waiting--);
    },
    close: async () => {
      state.closed = true;
      await state.last;
      state.worker?.postMessage('close');
    },
  };
}

async function ask(state: State, start: () => Worker, message: ToValidator): Promise<readonly Issue[]> {
  const worker = state.worker ?? begin(state, start);
  const answer = await answerOf(worker, message);
  if (answer.kind === 'judged') return answer.issues;
  throw new Error(`The validator failed: ${answer.reason}`);
}

function begin(state: State, start: () => Worker): Worker {
  const worker = start();
  state.worker = worker;
  // An exit follows.
  worker.on('error', () => undefined);
  // Another is started when it is needed.
  worker.once('exit', () => {
    if (state.worker === worker) state.worker = undefined;
  });
  return worker;
}

function answerOf(worker: Worker, message: ToValidator): Promise<FromValidator> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Problem('busy', 'The validator has stopped, and is started again'));
    worker.once('exit', onExit);
    worker.once('message', (answer: FromValidator) => {
      worker.off('exit', onExit);
      // It keeps no process from its end.
      worker.unref();
      resolve(answer);
    });
    worker.ref();
    worker.postMessage(message);
  });
}
