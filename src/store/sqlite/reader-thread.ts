import { parentPort, workerData } from 'node:worker_threads';
import { giveWay } from '../../thread/give-way.ts';
import { openForReading } from './open-connections.ts';
import { runReadOp } from './read-op.ts';
import { type AbandonFlag, watchReads } from './read-watch.ts';
import { openReadingReader } from './reader.ts';
import type { FromReader, ToReader } from './threaded-reader.ts';

// A thread with a reading connection of its own, for what looks at many rows.
const port = parentPort;
if (!port) throw new Error('A reader runs as a worker thread.');

if (workerData.givesWay === true) giveWay();
let readNow = 0;
const db = openForReading(String(workerData.path), workerData.cache);
const watch = watchReads(db, workerData.flag as AbandonFlag, () => readNow);
const reader = { ...openReadingReader(db, workerData.smallSet, workerData.walked), watch };

port.on('message', (message: ToReader) => {
  if (message !== 'close') return send(answer(message));
  db.close();
  port.close();
});

/** Lines are handed over, not copied. */
function send(message: FromReader): void {
  const lines =
    message.kind === 'read' ? (message.result as { readonly lines?: Uint8Array }).lines : undefined;
  port?.postMessage(message, lines ? [lines.buffer as ArrayBuffer] : []);
}

function answer({ op, number }: Exclude<ToReader, 'close'>): FromReader {
  readNow = number;
  try {
    return { kind: 'read', result: runReadOp(reader, op) };
  } catch (thrown) {
    const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
    return { kind: 'failed', name, message };
  }
}
