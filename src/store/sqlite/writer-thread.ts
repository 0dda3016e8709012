import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { type OpResult, openCommitter, type WriteOp } from './commit.ts';
import type { Connection } from './connection.ts';
import { rememberOpenFile } from './file-owner.ts';
import { type Opening, openForWriting } from './open-connections.ts';
import { openPortions } from './portions.ts';
import { onceQuiet } from './quiet-work.ts';
import { fileGone } from './write-failure.ts';
import { type FromWriter, type ToWriter, unpackOp } from './writer.ts';

// The thread that owns the writing connection. What arrived while a commit was under way is committed together.
const port = parentPort;
if (!port) throw new Error('The writer runs as a worker thread.');

const say = (message: FromWriter) => port.postMessage(message);

const portions = openPortions();

/** So long after the last write nobody is likely to wait for the next; what is loaded comes with pauses. */
const quietMs = { serves: 200, loads: 10_000 } as const;

try {
  const { path, loads, cache } = workerData as Opening & { readonly path: string };
  const db = openForWriting(path, { loads, cache });
  const isSameFile = rememberOpenFile(path);
  const { commit } = openCommitter(db);
  // A read is slower as long as pages lie in the write-ahead log.
  const quiet = onceQuiet(
    () => db.exec('PRAGMA wal_checkpoint(PASSIVE)'),
    quietMs[loads ? 'loads' : 'serves'],
  );
  const commitHere = (ops: readonly WriteOp[]): readonly OpResult[] =>
    isSameFile() ? commit(ops) : ops.map(() => ({ kind: 'failed', reason: fileGone }));
  port.on('message', (message: ToWriter) => {
    const { batches, closing } = gather(message);
    const ops = batches.flat();
    if (ops.length > 0) {
      quiet.begin();
      const results = commitHere(ops);
      let at = 0;
      for (const batch of batches) {
        say({ kind: 'batch', results: results.slice(at, at + batch.length) });
        at += batch.length;
      }
    }
    if (!closing) return;
    quiet.end();
    leave(db);
    say({ kind: 'closed' });
    port.close();
  });
  say({ kind: 'ready' });
} catch (error) {
  say({ kind: 'broken', reason: error instanceof Error ? error.message : String(error) });
  port.close();
}

/** What stays in the log is found there by the next who opens the file. */
function leave(db: Connection): void {
  for (const step of [() => db.exec('PRAGMA wal_checkpoint(TRUNCATE)'), () => db.close()]) {
    try {
      step();
    } catch {
      // A full disk, or a lock.
    }
  }
}

function gather(first: ToWriter): { batches: (readonly WriteOp[])[]; closing: boolean } {
  const batches: (readonly WriteOp[])[] = [];
  let message: ToWriter | undefined = first;
  while (message) {
    if (message.kind === 'close') return { batches, closing: true };
    if (message.kind === 'portion') portions.keep(message.id, message.portion);
    else if (message.kind === 'forget') portions.take(message.id);
    else batches.push(message.ops.map((op) => unpackOp(op, portions.take)));
    message = port ? (receiveMessageOnPort(port)?.message as ToWriter | undefined) : undefined;
  }
  return { batches, closing: false };
}
