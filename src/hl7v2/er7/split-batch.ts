/** A message of a file, or one that is too long to be read; its segments end as they were sent. */
export type BatchItem =
  | { readonly kind: 'message'; readonly text: string; readonly number: number }
  | { readonly kind: 'too-long'; readonly number: number }
  /** The file is not whole: its batches hold other than they say, or do not end. */
  | { readonly kind: 'incomplete'; readonly reason: string }
  /** What stands between messages and belongs to none: it has no MSH before it. */
  | { readonly kind: 'stray'; readonly text: string };

/** Headers and trailers of a batch file (HL7 v2.5.1 §2.10.3): they hold messages, and are none. */
const isBatchSegment = (line: string): boolean => /^(?:FHS|BHS|BTS|FTS)(?:[^A-Za-z\d]|$)/.test(line);

/**
 * The messages of a file, one by one, as it is read: `[FHS] {BHS {message} BTS} [FTS]`, or messages one after another. A
 * message begins with MSH and ends where the next one, or a header or trailer, begins. No more than one is in memory, and of
 * one that is longer than `longest` nothing.
 */
export async function* splitBatch(
  chunks: AsyncIterable<string>,
  { longest }: { readonly longest: number },
): AsyncGenerator<BatchItem> {
  const state: SplitState = {
    longest,
    number: 0,
    rest: '',
    isInLongLine: false,
    current: undefined,
    batchFrom: undefined,
    isFileOpen: false,
  };
  for await (const chunk of chunks) yield* takeChunk(state, chunk);
  yield* takeLine(state, state.rest);
  yield* finishMessage(state);
  if (state.batchFrom !== undefined || state.isFileOpen) {
    yield { kind: 'incomplete', reason: 'The file ends before its BTS or FTS: it may have been cut off' };
  }
}

type SplitState = {
  readonly longest: number;
  number: number;
  /** The beginning of a line whose end has not come yet. */
  rest: string;
  /** Of a line that is too long all is passed over, up to its end. */
  isInLongLine: boolean;
  current: { text: string; isTooLong: boolean } | undefined;
  /** How many messages there were before the batch that is open. */
  batchFrom: number | undefined;
  isFileOpen: boolean;
};

function* takeChunk(state: SplitState, chunk: string): Generator<BatchItem> {
  const text = state.rest + chunk;
  let start = 0;
  for (let end = endOfLine(text, start); end > 0; end = endOfLine(text, start)) {
    if (state.isInLongLine) state.isInLongLine = false;
    else yield* takeLine(state, text.slice(start, end));
    start = end;
  }
  state.rest = state.isInLongLine ? '' : text.slice(start);
  if (state.rest.length > state.longest) {
    yield* takeLine(state, state.rest);
    state.rest = '';
    state.isInLongLine = true;
  }
}

/** Where the line that begins at `start` ends; 0 while that is not known: a CR at the end may have its LF in the next chunk. */
function endOfLine(text: string, start: number): number {
  lineEnd.lastIndex = start;
  const found = lineEnd.exec(text);
  if (!found || (found[0] === '\r' && lineEnd.lastIndex === text.length)) return 0;
  return lineEnd.lastIndex;
}

const lineEnd = /\r\n?|\n/g;

function* takeLine(state: SplitState, line: string): Generator<BatchItem> {
  const bare = withoutFrames(line);
  const isHeader = bare.startsWith('MSH');
  if (isHeader || isBatchSegment(bare)) yield* finishMessage(state);
  if (isBatchSegment(bare)) {
    yield* takeBatchSegment(state, bare);
    return;
  }
  if (isHeader) state.current = { text: '', isTooLong: false };
  if (state.current) addTo(state.current, bare, state.longest);
  else if (bare.trim() !== '') yield { kind: 'stray', text: bare.slice(0, state.longest) };
}

/** HL7 v2.5.1 §2.10.3.3, BTS-1: how many messages the batch holds. */
function* takeBatchSegment(state: SplitState, line: string): Generator<BatchItem> {
  const name = line.slice(0, 3);
  if (name === 'FHS' || name === 'FTS') state.isFileOpen = name === 'FHS';
  if (name === 'BHS') state.batchFrom = state.number;
  if (name !== 'BTS') return;
  const held = state.number - (state.batchFrom ?? 0);
  state.batchFrom = undefined;
  const said = /^BTS\W(\d+)/.exec(line)?.[1];
  if (said === undefined || Number(said) === held) return;
  yield {
    kind: 'incomplete',
    reason: `BTS says that the batch holds ${said} messages, and it holds ${held}`,
  };
}

function addTo(current: NonNullable<SplitState['current']>, line: string, longest: number): void {
  current.isTooLong ||= current.text.length + line.length > longest;
  current.text = current.isTooLong ? '' : current.text + line;
}

function* finishMessage(state: SplitState): Generator<BatchItem> {
  const { current } = state;
  state.current = undefined;
  if (!current) return;
  state.number += 1;
  yield current.isTooLong
    ? { kind: 'too-long', number: state.number }
    : { kind: 'message', text: current.text, number: state.number };
}

/**
 * Senders frame messages in files as they do on MLLP: 0x0B before, 0x1C after; a file may have a byte order mark, whose
 * bytes are three characters of Latin-1; and blanks before a message mean nothing here either.
 */
const withoutFrames = (line: string): string =>
  line
    .replaceAll('\u000b', (mark, at) => (at === 0 ? '' : mark))
    .replaceAll('\u001c', '')
    .replace(/^(?:\s|\uFEFF|\u00EF\u00BB\u00BF)+(?=MSH|[FB]HS|[FB]TS)/, '');
