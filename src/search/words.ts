import { tableOf } from '../values/table-of.ts';
import { foldText } from './fold-text.ts';

/** Parameters that find resources by their words: `_text` in the narrative, `_content` in all of it. */
export type WordParam = '_text' | '_content';

export function isWordParam(code: string): code is WordParam {
  return code === '_text' || code === '_content';
}

/** Of a resource with more words than this, the others are not found. */
export const maxWords = 5000;
const maxLength = 40;

type Json = Readonly<Record<string, unknown>>;

/** The texts that a resource has words in: its narrative, or all. */
export function textsOf(code: WordParam, resource: object): readonly string[] {
  const texts: string[] = [];
  if (code === '_text') addNarrative(resource, texts);
  else addTexts(resource, undefined, texts);
  return texts;
}

function addNarrative(resource: object, texts: string[]): void {
  const { text } = resource as { readonly text?: unknown };
  const div = typeof text === 'object' && text !== null ? (text as Json)['div'] : undefined;
  if (typeof div === 'string') texts.push(textOfXhtml(div));
}

/** Members whose texts are names for machines. */
const notWords: ReadonlySet<string> = new Set([
  ...['resourceType', 'id', 'versionId', 'lastUpdated', 'source', 'profile', 'reference', 'system', 'url'],
  ...['data', 'hash', 'contentType', 'linkId', 'language'],
]);

function addTexts(value: unknown, name: string | undefined, texts: string[]): void {
  if (name !== undefined && notWords.has(name)) return;
  if (typeof value === 'string') addText(value, name, texts);
  else if (Array.isArray(value)) for (const item of value) addTexts(item, name, texts);
  else if (typeof value === 'object' && value !== null) {
    for (const [member, inner] of Object.entries(value)) addTexts(inner, member, texts);
  }
}

function addText(text: string, name: string | undefined, texts: string[]): void {
  if (name === 'div') texts.push(textOfXhtml(text));
  else if (!isForMachines(text)) texts.push(text);
}

/** URLs, and dates and times. */
function isForMachines(text: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:\S*|\d{4}-\d\d(?:-\d\dT?\S*)?)$/i.test(text);
}

const entities: Readonly<Record<string, string>> = tableOf({
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
});

function textOfXhtml(xhtml: string): string {
  return xhtml
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{1,10}));/gi, (_, decimal, hex, name) => {
      const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      if (name !== undefined) return entities[name] ?? ' ';
      return point <= 0x10ffff ? String.fromCodePoint(point) : ' ';
    });
}

/** The words of a text, folded as strings are. */
export function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  for (const word of foldText(text).split(' ')) if (word !== '') words.push(cut(word));
  return words;
}

/** A word as it is kept and asked for. */
export function cut(word: string): string {
  return word.length <= maxLength ? word : Array.from(word).slice(0, maxLength).join('');
}
