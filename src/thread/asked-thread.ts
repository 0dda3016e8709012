import type { Worker } from 'node:worker_threads';

type Numbered = { readonly id: number };

type Options<Question> = {
  readonly start: () => Worker;
  /** More that wait are refused. */
  readonly mostWaiting: number;
  readonly tooMany: () => Error;
  /** Told to who waits when the thread has ended. */
  readonly stopped: () => Error;
  /** What goes with a question and is not used here any more; else all of it is copied. */
  readonly handsOver?: (question: Question) => readonly ArrayBuffer[];
};

type Waiting<Answer> = { readonly resolve: (answer: Answer) => void; readonly reject: (why: Error) => void };

/**
 * A thread that answers questions by their number. It begins with the first of them, keeps no process from its end while
 * nobody waits, and begins anew after it has ended.
 */
export function openAskedThread<Question extends Numbered, Answer extends Numbered>({
  start,
  mostWaiting,
  tooMany,
  stopped,
  handsOver = () => [],
}: Options<Question>) {
  const waiting = new Map<number, Waiting<Answer>>();
  let worker: Worker | undefined;
  let count = 0;
  const begin = (): Worker => {
    const started = start();
    started.on('message', (answer: Answer) => {
      waiting.get(answer.id)?.resolve(answer);
      waiting.delete(answer.id);
      if (waiting.size === 0) started.unref();
    });
    started.on('error', () => undefined);
    started.once('exit', () => {
      worker = undefined;
      const why = stopped();
      for (const one of waiting.values()) one.reject(why);
      waiting.clear();
    });
    return started;
  };
  return {
    ask: (make: (id: number) => Question): Promise<Answer> => {
      if (waiting.size >= mostWaiting) throw tooMany();
      const asked = worker ?? begin();
      worker = asked;
      const id = ++count;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        asked.ref();
        const question = make(id);
        asked.postMessage(question, handsOver(question));
      });
    },
    close: async (): Promise<void> => void (await worker?.terminate()),
  };
}
