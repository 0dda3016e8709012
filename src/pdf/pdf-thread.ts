import { parentPort } from 'node:worker_threads';
import type { FromWriter, ToWriter } from './threaded-pdf.ts';
import { writePdf } from './write-pdf.ts';

// A thread that writes papers: a paper takes longer than anybody else may be kept waiting.
const port = parentPort;
if (!port) throw new Error('Papers are written by a worker thread.');

port.on('message', ({ id, paper }: ToWriter) => {
  writePdf(paper).then(
    (written) => port.postMessage({ id, written } satisfies FromWriter),
    (failure: Error) => port.postMessage({ id, failure: failure.message } satisfies FromWriter),
  );
});
