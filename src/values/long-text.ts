/**
 * A text that may be long: then it is pieces, in their order, since to put them together would copy all of it at a
 * stretch. Nobody is held up by one that is a single string and short.
 */
export type LongText = string | readonly string[];

/** Characters that are put together, or written to bytes, at a stretch. */
export const shortText = 1024 * 1024;

/** In UTF-16 code units, as a string has them. */
export function lengthOf(text: LongText): number {
  if (typeof text === 'string') return text.length;
  return text.reduce((sum, piece) => sum + piece.length, 0);
}

/** As one string. */
export function wholeText(text: LongText): string {
  return typeof text === 'string' ? text : text.join('');
}

/** So many characters are about a millisecond's work. */
const chunk = 256 * 1024;

/** The text in parts that are short, none of which ends inside a character. */
export function* shortParts(text: LongText): Generator<string> {
  let held = '';
  for (const piece of typeof text === 'string' ? [text] : text) {
    for (let at = 0; at < piece.length; ) {
      const end = endOfPart(piece, at);
      held += piece.slice(at, end);
      at = end;
      if (held.length < chunk) continue;
      yield held;
      held = '';
    }
  }
  if (held !== '') yield held;
}

/** A surrogate pair stays together. */
function endOfPart(piece: string, at: number): number {
  const end = Math.min(at + chunk, piece.length);
  const last = piece.charCodeAt(end - 1);
  return end < piece.length && last >= 0xd800 && last < 0xdc00 ? end + 1 : end;
}
