import { parentPort, workerData } from 'node:worker_threads';
import { openForReading } from './open-connections.ts';
import { type ReadOp, runReadOp } from './read-op.ts';
import { openReader } from './reader.ts';
import type { FromReader } from './threaded-reader.ts';

// A thread with a reading connection of its own, for what looks at many rows.
const port = parentPort;
if (!port) throw new Error('A reader runs as a worker thread.');

const db = openForReading(String(workerData.path));
const reader = openReader(db, workerData.smallSet, workerData.walked);

port.on('message', (op: ReadOp | 'close') => {
  if (op !== 'close') return port.postMessage(answer(op));
  db.close();
  port.close();
});

function answer(op: ReadOp): FromReader {
  try {
    return { kind: 'read', result: runReadOp(reader, op) };
  } catch (thrown) {
    const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
    return { kind: 'failed', name, message };
  }
}
