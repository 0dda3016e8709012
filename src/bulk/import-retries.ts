import type { Problem } from '../fhir/problem.ts';
import type { SourceLine } from './import-source.ts';

/** A line that was refused for what it refers to, which may be written later in the file. */
type Waiting = { readonly line: SourceLine; readonly problem: Problem };

export type ImportRetries = {
  /** Whether it waits; what cannot be mended by waiting, or would be too much to remember, does not. */
  readonly add: (line: SourceLine, problem: Problem) => boolean;
  /** Tries again what waits, as long as that gets some of it in; answers whether nothing waits any more. */
  readonly retry: (write: (line: SourceLine) => Promise<void>) => Promise<boolean>;
  /** What still waits, in the order of the file; none waits any more. */
  readonly take: () => readonly Waiting[];
};

/** What waits is held in memory. */
const most = 10_000;

export function openRetries(): ImportRetries {
  let waiting: Waiting[] = [];
  const take = () => {
    const taken = waiting.sort((a, b) => a.line.number - b.line.number);
    waiting = [];
    return taken;
  };
  return {
    add: (line, problem) => {
      if (problem.kind !== 'missing-reference' || waiting.length >= most) return false;
      waiting.push({ line, problem });
      return true;
    },
    retry: async (write) => {
      for (let before = Number.POSITIVE_INFINITY; waiting.length > 0 && waiting.length < before; ) {
        before = waiting.length;
        for (const { line } of take()) await write(line);
      }
      return waiting.length === 0;
    },
    take,
  };
}
