import { foldText } from './fold-text.ts';
import type { TextValue } from './index-values.ts';

/** Parameters that find resources by their words: `_text` in the narrative, `_content` in all of it. */
export type WordParam = '_text' | '_content';

export function isWordParam(code: string): code is WordParam {
  return code === '_text' || code === '_content';
}

/** Of a resource with more words than this, the others are not found. */
const maxWords = 5000;
const maxLength = 40;

type Json = Readonly<Record<string, unknown>>;

/** The different words of the narrative, or of all texts of the resource, folded as strings are. */
export function wordsOf(code: WordParam, resource: object): readonly TextValue[] {
  const words = new Set<string>();
  if (code === '_text') addNarrative(resource, words);
  else addTexts(resource, undefined, words);
  return [...words].map((folded) => ({ kind: 'text', folded }));
}

function addNarrative(resource: object, words: Set<string>): void {
  const { text } = resource as { readonly text?: unknown };
  const div = typeof text === 'object' && text !== null ? (text as Json)['div'] : undefined;
  if (typeof div === 'string') addWords(textOfXhtml(div), words);
}

/** Members whose texts are names for machines. */
const notWords: ReadonlySet<string> = new Set([
  ...['resourceType', 'id', 'versionId', 'lastUpdated', 'source', 'profile', 'reference', 'system', 'url'],
  ...['data', 'hash', 'contentType', 'linkId', 'language'],
]);

function addTexts(value: unknown, name: string | undefined, words: Set<string>): void {
  if (words.size >= maxWords || (name !== undefined && notWords.has(name))) return;
  if (typeof value === 'string') addText(value, name, words);
  else if (Array.isArray(value)) for (const item of value) addTexts(item, name, words);
  else if (typeof value === 'object' && value !== null) {
    for (const [member, inner] of Object.entries(value)) addTexts(inner, member, words);
  }
}

function addText(text: string, name: string | undefined, words: Set<string>): void {
  if (name === 'div') addWords(textOfXhtml(text), words);
  else if (!isForMachines(text)) addWords(text, words);
}

/** URLs, and dates and times. */
function isForMachines(text: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:\S*|\d{4}-\d\d(?:-\d\dT?\S*)?)$/i.test(text);
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

function textOfXhtml(xhtml: string): string {
  return xhtml
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{1,10}));/gi, (_, decimal, hex, name) => {
      const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      if (name !== undefined) return entities[name] ?? ' ';
      return point <= 0x10ffff ? String.fromCodePoint(point) : ' ';
    });
}

function addWords(text: string, words: Set<string>): void {
  for (const word of foldText(text).split(' ')) {
    if (words.size >= maxWords) return;
    if (word !== '') words.add(cut(word));
  }
}

/** A word as it is kept and asked for. */
export function cut(word: string): string {
  return word.length <= maxLength ? word : Array.from(word).slice(0, maxLength).join('');
}
