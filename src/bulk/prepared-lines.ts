import type { Ahead } from '../interaction/prepare-ahead.ts';
import type { SourceLine } from './import-source.ts';

/** What was made of a line elsewhere; without it the line is dealt with here. */
export type PreparedLine = { readonly line: SourceLine; readonly ahead?: Ahead | undefined };

/** Prepares resources in another thread, in their order; `places` are what ids are drawn from where there are none. */
export type PrepareElsewhere = (
  texts: readonly string[],
  places: readonly string[],
) => Promise<readonly (Ahead | undefined)[]>;

/** So many lines are one message, fewer where they are long: a message costs as much as a line or two. */
const most = { lines: 64, characters: 1024 * 1024 } as const;
/** So many messages are on their way: the thread has the next when it has done one. */
const underWay = 4;
/** What is longer may be large, and is dealt with here. */
const longestLine = 128 * 1024;

/** The lines in their order, each with what was made of it; what was read before a file broke off comes before the failure. */
export async function* prepareLines(
  lines: AsyncIterable<SourceLine>,
  placeOf: (line: SourceLine) => string,
  prepare: PrepareElsewhere,
): AsyncGenerator<PreparedLine> {
  const sent: Promise<readonly PreparedLine[]>[] = [];
  let chunk: SourceLine[] = [];
  let characters = 0;
  let failure: { readonly thrown: unknown } | undefined;
  const send = () => {
    sent.push(prepareChunk(chunk, placeOf, prepare));
    chunk = [];
    characters = 0;
  };
  try {
    for await (const line of lines) {
      chunk.push(line);
      characters += line.text.length;
      if (chunk.length === most.lines || characters >= most.characters) send();
      if (sent.length === underWay) yield* (await sent.shift()) ?? [];
    }
  } catch (thrown) {
    failure = { thrown };
  }
  send();
  for (const each of sent) yield* await each;
  if (failure) throw failure.thrown;
}

function prepareChunk(
  chunk: readonly SourceLine[],
  placeOf: (line: SourceLine) => string,
  prepare: PrepareElsewhere,
): Promise<readonly PreparedLine[]> {
  const texts = chunk.map(({ text, isUtf8 }) => (isUtf8 && text.length <= longestLine ? text : ''));
  const prepared = prepare(texts, chunk.map(placeOf)).then((ahead) =>
    chunk.map((line, i) => ({ line, ahead: ahead[i] })),
  );
  // An import that ends before asks no more for it.
  prepared.catch(() => undefined);
  return prepared;
}

/** The same where nothing is prepared. */
export async function* unprepared(lines: AsyncIterable<SourceLine>): AsyncGenerator<PreparedLine> {
  for await (const line of lines) yield { line };
}
