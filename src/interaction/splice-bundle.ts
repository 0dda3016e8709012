import { type LongText, lengthOf, shortText, wholeText } from '../values/long-text.ts';

/** An entry whose resource is spliced in as the text that the store holds. */
export type SplicedEntry = {
  readonly fullUrl?: string;
  readonly text?: LongText;
  /** The JSON of `search`, `request` and `response`: see `membersOf`. */
  readonly rest?: string;
};

/** The members of an object as JSON, without the braces; for those that many entries share, once. */
export function membersOf(object: object): string {
  return JSON.stringify(object).slice(1, -1);
}

/**
 * Bundle text around resource texts: nothing that is kept as text is parsed or written again, and of a long Bundle
 * no long text is copied.
 */
export function spliceBundle(head: object, entries: readonly SplicedEntry[]): LongText {
  const start = JSON.stringify(head);
  if (entries.length === 0) return start; // R4 json.html: no empty arrays
  const opening = `${start.slice(0, -1)},"entry":[`;
  if (isShort(entries)) return `${opening}${entries.map(spliceEntry).join(',')}]}`;
  const pieces: string[] = [opening];
  for (const [index, entry] of entries.entries()) addEntry(pieces, entry, index === 0 ? '' : ',');
  pieces.push(']}');
  return pieces;
}

function isShort(entries: readonly SplicedEntry[]): boolean {
  let length = 0;
  for (const { text } of entries) if (text !== undefined) length += lengthOf(text);
  return length <= shortText;
}

function spliceEntry({ fullUrl, text, rest }: SplicedEntry): string {
  let members = fullUrl === undefined ? '' : `"fullUrl":${JSON.stringify(fullUrl)}`;
  if (text !== undefined) members += `${members === '' ? '' : ','}"resource":${wholeText(text)}`;
  if (rest !== undefined) members += members === '' ? rest : `,${rest}`;
  return `{${members}}`;
}

function addEntry(pieces: string[], entry: SplicedEntry, comma: string): void {
  const { text } = entry;
  if (text === undefined || lengthOf(text) < worthAPiece) {
    pieces.push(comma + spliceEntry(entry));
    return;
  }
  // The entry as it is without its resource, cut open where that stands.
  const before = spliceEntry({ ...(entry.fullUrl !== undefined && { fullUrl: entry.fullUrl }), text: '' });
  pieces.push(comma + before.slice(0, -1));
  if (typeof text === 'string') pieces.push(text);
  else for (const piece of text) pieces.push(piece);
  pieces.push(entry.rest === undefined ? '}' : `,${entry.rest}}`);
}

/** Shorter texts are copied: pieces cost too. */
const worthAPiece = 16 * 1024;
