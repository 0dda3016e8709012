import { parentPort } from 'node:worker_threads';
import { giveWay } from '../thread/give-way.ts';
import { packPiece } from './gzip-pieces.ts';
import type { FromGzip, ToGzip } from './threaded-gzip.ts';

// A thread that packs: the thread pool would do it beside requests, and not after them.
const port = parentPort;
if (!port) throw new Error('Files are packed by a worker thread.');

giveWay();
port.on('message', ({ id, piece }: ToGzip) => {
  const room = piece.bytes.buffer as ArrayBuffer;
  port.postMessage({ id, room, ...packPiece(piece) } satisfies FromGzip, [room]);
});
