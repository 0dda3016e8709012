import { type FromHub, type Line, type ToHub, type WriterEnd, writerBeyond } from './open-store.ts';
import type { MetricsBoard, MetricsShare } from './rest/metrics.ts';
import type { FromPrimary, FromWorker } from './worker-messages.ts';

/** What a worker has in common with the others of its server. */
export type WorkerLine = {
  readonly startWriter: () => WriterEnd;
  readonly metricsBoard: MetricsBoard;
  /** The process may end: nothing is heard any more. */
  readonly close: () => void;
};

/** The line of this process, which was started as a worker, to the one that started it. */
export function openWorkerLine(): WorkerLine {
  const send = (message: FromWorker) => void process.send?.(message, undefined, {}, () => undefined);
  const listen = (hear: (message: FromPrimary) => void) => {
    process.on('message', hear);
    return () => void process.off('message', hear);
  };
  const line: Line<ToHub, FromHub> = {
    send: (message) => send({ to: 'writer', message }),
    listen: (hear) =>
      listen((message) => {
        if (message.to === 'writer') hear(message.message);
      }),
  };
  return {
    startWriter: () => writerBeyond(line),
    metricsBoard: openBoard(send, listen),
    close: () => process.disconnect?.(),
  };
}

function openBoard(
  send: (message: FromWorker) => void,
  listen: (hear: (message: FromPrimary) => void) => () => void,
): MetricsBoard {
  let gatherings = 0;
  const waiting = new Map<number, (shares: readonly MetricsShare[]) => void>();
  return {
    offer: (own) => {
      listen((message) => {
        if (message.to !== 'metrics') return;
        if (message.kind === 'ask')
          void own().then((share) => send({ to: 'metrics', kind: 'share', id: message.id, share }));
        else waiting.get(message.id)?.(message.shares);
      });
    },
    gather: async () => {
      const id = ++gatherings;
      send({ to: 'metrics', kind: 'gather', id });
      const shares = await new Promise<readonly MetricsShare[]>((resolve) => waiting.set(id, resolve));
      waiting.delete(id);
      return shares;
    },
  };
}
