import { SingleBar } from 'cli-progress';

export type Progress = {
  readonly start: (label: string, total: number) => void;
  readonly update: (done: number, detail: string) => void;
  readonly stop: () => void;
};

const secondsBetweenLines = 5;

/** A bar on a terminal; elsewhere a plain line now and then, so that a log stays readable. */
export function createProgress(output: NodeJS.WriteStream, now: () => number): Progress {
  return output.isTTY ? terminalBar(output) : plainLines(output, now);
}

function terminalBar(stream: NodeJS.WriteStream): Progress {
  const bar = new SingleBar({
    stream,
    format: '{label} [{bar}] {percentage}% {detail}',
    hideCursor: true,
    clearOnComplete: false,
  });
  return {
    start: (label, total) => bar.start(Math.max(1, total), 0, { label, detail: '' }),
    update: (done, detail) => bar.update(done, { detail }),
    stop: () => bar.stop(),
  };
}

function plainLines(stream: NodeJS.WriteStream, now: () => number): Progress {
  let current = { label: '', total: 1 };
  let last = now();
  return {
    start: (label, total) => {
      current = { label, total: Math.max(1, total) };
      last = now();
    },
    update: (done, detail) => {
      if (now() - last < secondsBetweenLines * 1000) return;
      last = now();
      stream.write(`${current.label}: ${Math.floor((100 * done) / current.total)} % ${detail}\n`);
    },
    stop: () => undefined,
  };
}
