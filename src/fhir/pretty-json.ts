import type { LongText } from '../values/long-text.ts';

/** Indents JSON text without parsing it, so that every number keeps its digits. The text must be valid JSON. */
export function prettyJson(text: string): string {
  return [...piecesOf(text)].join('');
}

/** The same of a text that may be long, in pieces, with pauses. */
export async function prettyJsonWithPauses(
  text: string,
  pause: () => Promise<void> | undefined,
): Promise<LongText> {
  const pieces: string[] = [];
  for (const piece of piecesOf(text)) {
    pieces.push(piece);
    await pause();
  }
  return pieces;
}

const charactersPerPiece = 32_768;

function* piecesOf(text: string): Generator<string> {
  const indent = openIndent();
  let piece = '';
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|\s+|[^\s{}[\],:"]+/g)) {
    piece += indent(token);
    if (piece.length < charactersPerPiece) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

/** What becomes of one token after the other. */
function openIndent(): (token: string) => string {
  let depth = 0;
  const newLine = () => `\n${'  '.repeat(depth)}`;
  return (token) => {
    switch (token) {
      case '{':
      case '[':
        depth++;
        return token + newLine();
      case '}':
      case ']':
        depth--;
        return newLine() + token;
      case ',':
        return token + newLine();
      case ':':
        return ': ';
      default:
        return /^\s/.test(token) ? '' : token;
    }
  };
}
