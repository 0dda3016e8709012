import { EventEmitter } from 'node:events';
import type { FromWriter, ToWriter } from './writer.ts';

/** Where a writer is spoken to: its thread, or a line to the process that has the thread. Events as a Worker has them. */
export type WriterEnd = EventEmitter & { readonly postMessage: (message: ToWriter) => void };

/** What a process says to the one that has the writer of the file; `open` begins, and begins again after `ended`. */
export type ToHub = { readonly kind: 'open' } | ToWriter;
export type FromHub = FromWriter | { readonly kind: 'ended' };

/** A line to another process; messages arrive in the order in which they were sent. */
export type Line<Sent, Heard> = {
  readonly send: (message: Sent) => void;
  /** Calls it with what arrives until the function that is returned is called. */
  readonly listen: (hear: (message: Heard) => void) => () => void;
};

/** The writer of another process, as if it were a thread of this one. */
export function writerBeyond(line: Line<ToHub, FromHub>): WriterEnd {
  const events = new EventEmitter();
  const stop = line.listen((message) => {
    if (message.kind !== 'ended') {
      events.emit('message', message);
      return;
    }
    stop();
    events.emit('exit');
  });
  // Whoever starts it listens before it is answered.
  process.nextTick(() => line.send({ kind: 'open' }));
  return Object.assign(events, { postMessage: line.send });
}
