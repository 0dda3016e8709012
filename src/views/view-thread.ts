import { parentPort, workerData } from 'node:worker_threads';
import { giveWay } from '../thread/give-way.ts';
import { openPacker, type Packer, type PackerOptions } from './packer.ts';
import type { FromPacker, ToPacker } from './threaded-packer.ts';
import { ViewError } from './view-definition.ts';

// A thread that makes a table of resources: a client may have sent the view, and a table takes long to pack.
const port = parentPort;
if (!port) throw new Error('A packer of views runs as a worker thread.');

giveWay();
const tell = (message: FromPacker) => {
  const bytes = message.kind === 'packed' ? [message.bytes.buffer as ArrayBuffer] : [];
  port.postMessage(message, bytes);
};

try {
  const packer = await openPacker(workerData as PackerOptions);
  port.on('message', (message: ToPacker) => tell(answer(packer, message)));
  tell({ kind: 'ready' });
} catch (thrown) {
  tell(toFault(thrown));
}

function answer(packer: Packer, message: ToPacker): FromPacker {
  try {
    return { kind: 'packed', ...(message === 'finish' ? packer.finish() : packer.pack(message)) };
  } catch (thrown) {
    return toFault(thrown);
  }
}

function toFault(thrown: unknown): FromPacker {
  const isOfView = thrown instanceof ViewError;
  return { kind: 'fault', isOfView, text: thrown instanceof Error ? thrown.message : String(thrown) };
}
