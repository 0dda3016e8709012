import type { Worker } from 'node:worker_threads';
import { Problem } from '../fhir/problem.ts';
import type { Paper, WritePaper, WrittenPaper } from '../pages/paper.ts';
import { openAskedThread } from '../thread/asked-thread.ts';
import { startThread } from '../thread/start-thread.ts';

export type ToWriter = { readonly id: number; readonly paper: Paper };

export type FromWriter =
  | { readonly id: number; readonly written: WrittenPaper }
  | { readonly id: number; readonly failure: string };

const entry = new URL('./pdf-thread.js', import.meta.url);

/** More than so many that wait are refused: each takes some 100 ms of a processor. */
const mostWaiting = 50;
/** Of one paper; what has more is no paper. */
const mostMegabytes = 256;

/** Writes papers in a thread of its own, which begins with the first of them and keeps no process from its end. */
export function openPdfWriter(start: () => Worker = () => startThread(entry, {}, mostMegabytes)): WritePaper {
  const { ask } = openAskedThread<ToWriter, FromWriter>({
    start,
    mostWaiting,
    tooMany: () => new Problem('busy', 'Too many papers are being written; try again'),
    stopped: () => new Problem('busy', 'Papers cannot be written now; try again'),
  });
  return async (paper) => {
    const answer = await ask((id) => ({ id, paper }));
    if ('written' in answer) return answer.written;
    throw new Error(`a paper could not be written: ${answer.failure}`);
  };
}
