import { tableOf } from '../../values/table-of.ts';
import { type Delimiters, usualDelimiters } from './delimiters.ts';

/**
 * What the text of a leaf means: escape sequences resolved (HL7 v2.5.1 §2.7). Formatting commands become the white space
 * that they ask for, highlighting goes; a sequence of no known meaning stays as it was sent.
 */
export function unescapeText(raw: string, delimiters: Delimiters): string {
  const mark = delimiters.escape;
  if (!raw.includes(mark)) return raw;
  let text = '';
  let at = 0;
  for (;;) {
    const start = raw.indexOf(mark, at);
    const end = start < 0 ? -1 : raw.indexOf(mark, start + 1);
    if (end < 0) return text + raw.slice(at);
    const meant = meaningOf(raw.slice(start + 1, end), delimiters);
    text += raw.slice(at, start) + (meant ?? mark);
    // Where it means nothing, the second escape character may begin a sequence of its own.
    at = meant === undefined ? start + 1 : end + 1;
  }
}

function meaningOf(sequence: string, delimiters: Delimiters): string | undefined {
  switch (sequence) {
    case 'F':
      return delimiters.field;
    case 'S':
      return delimiters.component;
    case 'T':
      return delimiters.subcomponent;
    case 'R':
      return delimiters.repetition;
    case 'E':
      return delimiters.escape;
    case 'H':
    case 'N':
      return '';
    case '.br':
    case '.ce':
      return '\n';
    default:
      return hexMeaning(sequence) ?? blanksMeaning(sequence);
  }
}

/** \Xdd…\: the bytes of the message's character set; they are read as UTF-8, and where they are none as Latin-1. */
function hexMeaning(sequence: string): string | undefined {
  if (!/^X(?:[0-9A-Fa-f]{2})+$/.test(sequence)) return undefined;
  const bytes = Uint8Array.from(sequence.slice(1).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return String.fromCharCode(...bytes);
  }
}

/** \.sp3\: that many lines, \.sk3\: that many blanks; one where no number is given, no more than a line holds. */
function blanksMeaning(sequence: string): string | undefined {
  const [, command, count] = /^\.(sp|sk)(\d{0,2})$/.exec(sequence) ?? [];
  if (!command) return undefined;
  return (command === 'sp' ? '\n' : ' ').repeat(Number(count || 1));
}

/**
 * The other way: a text as it may stand in a leaf. What would end a segment, or the block of MLLP that the message stands in,
 * is written as \X0D\, as every other control character but the tab is.
 */
export function escapeText(text: string, delimiters: Delimiters): string {
  if (!isToEscape(text, delimiters)) return text;
  const mark = delimiters.escape;
  const sequences: Readonly<Record<string, string>> = tableOf({
    [delimiters.field]: 'F',
    [delimiters.component]: 'S',
    [delimiters.subcomponent]: 'T',
    [delimiters.repetition]: 'R',
    [mark]: 'E',
  });
  let raw = '';
  for (const character of text) {
    const sequence = sequences[character] ?? (isControl(character) ? hexOf(character) : undefined);
    raw += sequence === undefined ? character : mark + sequence + mark;
  }
  return raw;
}

/** Most texts have nothing in them that parts anything, and most delimiters are the usual ones. */
function isToEscape(text: string, delimiters: Delimiters): boolean {
  if (delimiters === usualDelimiters) return usualMarks.test(text);
  const { field, component, subcomponent, repetition, escape: mark } = delimiters;
  return (
    text.includes(field) ||
    text.includes(component) ||
    text.includes(subcomponent) ||
    text.includes(repetition) ||
    text.includes(mark) ||
    isControl(text)
  );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const usualMarks = /[|^~\\&\x00-\x08\x0a-\x1f\x7f]/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const isControl = (text: string): boolean => /[\x00-\x08\x0a-\x1f\x7f]/.test(text);

const hexOf = (character: string): string =>
  `X${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
