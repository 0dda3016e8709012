import type { Patient } from 'fhir/r4.js';
import type { ParameterList } from '../../../interaction/parse-query.ts';
import { foldText } from '../../../search/fold-text.ts';
import { parseResourceId } from '../../../values/resource-id.ts';
import { escapeValue } from '../../escape-value.ts';

/** What was typed to find somebody. */
export type Asked = { readonly text: string; readonly birthDate?: string };

export type AskedName = {
  /** Each word, as it is searched for. */
  readonly words: ParameterList;
  /** A whole one. */
  readonly birthDate?: string;
  /** Whether given name, family name and birth date were typed. */
  readonly isWhole: boolean;
  /** Whom the words may mean, whichever of them are the family name. */
  readonly described: readonly Patient[];
};

/** What is searched for, and what people are compared with. */
export type Search = {
  readonly searches: readonly ParameterList[];
  readonly name?: AskedName;
  readonly phone?: Patient;
};

/** Longer names are found by so many of their words. */
const mostWords = 8;
/** So many ways to part given and family name are tried. */
const mostParted = 6;

export function readAsked({ text, birthDate }: Asked): Search {
  const dated: ParameterList = birthDate === undefined ? [] : [['birthdate', birthDate]];
  // What has neither a letter nor a digit is part of no name.
  const typed = text.split(/[\s,]+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  if (typed.length === 0)
    return { searches: dated.length === 0 ? [] : [[...dated, ['_sort', 'family,given']]] };
  if (isPhone(text)) {
    const phone: Patient = {
      resourceType: 'Patient',
      telecom: [{ system: 'phone', value: text }],
      ...(birthDate !== undefined && { birthDate }),
    };
    return { searches: [[['phone', phonesMeantBy(text)], ...dated], ...byNumber(text, dated)], phone };
  }
  if (typed.length === 1 && isNumber(text)) return { searches: byNumber(text, dated) };
  const words = typed.flatMap(toWords).slice(0, mostWords);
  const searches = (['identifier', 'phone'] as const)
    .filter((kind) => kind === 'identifier' || words.some(isPhone))
    .map((kind): ParameterList => [...words.map((word) => toCriterion(word, kind)), ...dated]);
  return words.some(isNumber) ? { searches } : { searches, name: nameOf(text, words, birthDate) };
}

/** A number stands as it was given, or without what parts it; the registry's own too. */
function byNumber(text: string, dated: ParameterList): readonly ParameterList[] {
  const bare = text.replace(/[^\p{L}\p{N}]/gu, '');
  const numbers = [...new Set([text.trim(), bare])];
  const searches: ParameterList[] = numbers.map((number) => [['identifier', escapeValue(number)], ...dated]);
  const id = parseResourceId(text.trim());
  return id === undefined ? searches : [...searches, [['_id', id], ...dated]];
}

/** A number that stands beside a name is one word; names are searched for word by word. */
function toWords(typed: string): readonly string[] {
  return isNumber(typed) ? [typed] : foldText(typed).split(' ').filter(Boolean);
}

function toCriterion(word: string, kind: 'identifier' | 'phone'): ParameterList[number] {
  if (!isNumber(word)) return ['name', escapeValue(word)];
  return kind === 'phone' && isPhone(word)
    ? ['phone', phonesMeantBy(word)]
    : ['identifier', escapeValue(word)];
}

function isNumber(word: string): boolean {
  return /\d/.test(word);
}

/** The words of a name that was typed to find somebody, without numbers. */
export function nameTyped(text: string): string {
  return text
    .replace(/\S*\d\S*/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function nameOf(text: string, words: readonly string[], birthDate: string | undefined): AskedName {
  const isDay = birthDate?.length === 10;
  const described = partings(text).flatMap(({ given, family }): Patient[] => {
    // One word may be either.
    if (isDay ? given.length + family.length === 0 : given.length * family.length === 0) return [];
    return [
      {
        resourceType: 'Patient',
        name: [{ given: [...given], ...(family.length > 0 && { family: family.join(' ') }) }],
        ...(birthDate !== undefined && { birthDate }),
      },
    ];
  });
  const isWhole = isDay && described.every(({ name }) => name?.[0]?.family && name[0].given?.length);
  const criteria: ParameterList = words.map((word) => ['name', escapeValue(word)]);
  return { words: criteria, described, isWhole, ...(isDay && { birthDate }) };
}

export type Parted = { readonly given: readonly string[]; readonly family: readonly string[] };

/** So many of the ways to part a name are tried. */
function partings(text: string): readonly Parted[] {
  return partingsOf(text, mostWords).slice(0, mostParted);
}

/** What stands before a comma is the family name; else any words at the end may be, or at the beginning. */
export function partingsOf(text: string, most = Number.POSITIVE_INFINITY): readonly Parted[] {
  const [before = [], ...after] = text.split(',').map(wordsIn);
  const later = after.flat();
  if (before.length > 0 && later.length > 0) return [{ family: before, given: later }];
  const words = [...before, ...later].slice(0, most);
  if (words.length === 1)
    return [
      { given: [], family: words },
      { given: words, family: [] },
    ];
  const parted: Parted[] = [];
  for (let at = words.length - 1; at > 0; at--) {
    parted.push({ given: words.slice(0, at), family: words.slice(at) });
    parted.push({ given: words.slice(at), family: words.slice(0, at) });
  }
  return parted;
}

function wordsIn(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => /\p{L}/u.test(word));
}

function isPhone(text: string): boolean {
  return text.replace(/\D/g, '').length >= 7 && /^[\d\s()+.-]+$/.test(text);
}

/** Phones are stored as they were written. */
function phonesMeantBy(text: string): string {
  const digits = text.replace(/\D/g, '');
  const ten = digits.slice(-10);
  const dashed = `${ten.slice(0, 3)}-${ten.slice(3, 6)}-${ten.slice(6)}`;
  const forms = [text.trim(), digits, dashed, `(${ten.slice(0, 3)}) ${ten.slice(3, 6)}-${ten.slice(6)}`];
  return [...new Set(forms)].map(escapeValue).join(',');
}
