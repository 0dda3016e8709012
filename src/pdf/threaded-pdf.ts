import type { Worker } from 'node:worker_threads';
import { Problem } from '../fhir/problem.ts';
import type { Paper, WritePaper, WrittenPaper } from '../pages/paper.ts';
import { startThread } from '../thread/start-thread.ts';

export type ToWriter = { readonly id: number; readonly paper: Paper };

export type FromWriter =
  | { readonly id: number; readonly written: WrittenPaper }
  | { readonly id: number; readonly failure: string };

type Waiting = { readonly resolve: (paper: WrittenPaper) => void; readonly reject: (why: Error) => void };

const entry = new URL('./pdf-thread.js', import.meta.url);

/** More than so many that wait are refused: each takes some 100 ms of a processor. */
const mostWaiting = 50;
/** Of one paper; what has more is no paper. */
const mostMegabytes = 256;

/** Writes papers in a thread of its own, which begins with the first of them and keeps no process from its end. */
export function openPdfWriter(start: () => Worker = () => startThread(entry, {}, mostMegabytes)): WritePaper {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let count = 0;
  const begin = (): Worker => {
    const started = start();
    started.on('message', (answer: FromWriter) => {
      const asked = waiting.get(answer.id);
      waiting.delete(answer.id);
      if ('written' in answer) asked?.resolve(answer.written);
      else asked?.reject(new Error(`a paper could not be written: ${answer.failure}`));
      if (waiting.size === 0) started.unref();
    });
    started.on('error', () => undefined);
    started.once('exit', () => {
      worker = undefined;
      const stopped = new Problem('busy', 'Papers cannot be written now; try again');
      for (const one of waiting.values()) one.reject(stopped);
      waiting.clear();
    });
    return started;
  };
  return (paper) => {
    if (waiting.size >= mostWaiting) {
      throw new Problem('busy', 'Too many papers are being written; try again');
    }
    const writer = worker ?? begin();
    worker = writer;
    const id = ++count;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      writer.ref();
      writer.postMessage({ id, paper } satisfies ToWriter);
    });
  };
}
