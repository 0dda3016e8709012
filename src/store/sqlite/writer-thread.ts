import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { openCommitter, type WriteOp } from './commit.ts';
import { openForWriting } from './open-connections.ts';
import { type FromWriter, type ToWriter, unpackOp } from './writer.ts';

// The thread that owns the writing connection. What arrived while a commit was under way is committed together.
const port = parentPort;
if (!port) throw new Error('The writer runs as a worker thread.');

const say = (message: FromWriter) => port.postMessage(message);

try {
  const db = openForWriting(String(workerData.path));
  const { commit } = openCommitter(db);
  const quiet = onceQuiet(() => db.exec('PRAGMA wal_checkpoint(PASSIVE)'));
  port.on('message', (message: ToWriter) => {
    const { batches, closing } = gather(message);
    const ops = batches.flat();
    if (ops.length > 0) {
      quiet.begin();
      const results = commit(ops);
      let at = 0;
      for (const batch of batches) {
        say({ kind: 'batch', results: results.slice(at, at + batch.length) });
        at += batch.length;
      }
    }
    if (!closing) return;
    quiet.end();
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    db.close();
    say({ kind: 'closed' });
    port.close();
  });
  say({ kind: 'ready' });
} catch (error) {
  say({ kind: 'broken', reason: error instanceof Error ? error.message : String(error) });
  port.close();
}

/** So long after the last write nobody is likely to wait for the next. */
const quietMs = 200;

/**
 * Does the work when nothing has been written for a while: a read is slower as long as pages lie in the write-ahead log.
 */
function onceQuiet(work: () => void) {
  let timer: NodeJS.Timeout | undefined;
  return {
    begin: () => {
      timer = timer?.refresh() ?? setTimeout(work, quietMs);
    },
    end: () => clearTimeout(timer),
  };
}

function gather(first: ToWriter): { batches: (readonly WriteOp[])[]; closing: boolean } {
  const batches: (readonly WriteOp[])[] = [];
  let message: ToWriter | undefined = first;
  while (message) {
    if (message.kind === 'close') return { batches, closing: true };
    batches.push(message.ops.map(unpackOp));
    message = port ? (receiveMessageOnPort(port)?.message as ToWriter | undefined) : undefined;
  }
  return { batches, closing: false };
}
