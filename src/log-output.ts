import { stdout } from 'node:process';

/**
 * Where log lines go: those of one turn of the event loop leave together, since to write each by itself is a
 * system call. What is left is written when the process ends, whatever ends it.
 */
export function gatherLogLines(out: { write: (text: string) => unknown } = stdout) {
  let lines = '';
  const flush = () => {
    if (lines === '') return;
    const text = lines;
    lines = '';
    out.write(text);
  };
  process.on('exit', flush);
  return {
    write: (line: string): void => {
      if (lines === '') setImmediate(flush);
      lines += line;
    },
  };
}
