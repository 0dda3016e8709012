import type { Patient } from 'fhir/r4.js';
import type { InteractionContext } from '../../../interaction/context.ts';
import type { ParameterList } from '../../../interaction/parse-query.ts';
import { searchResources } from '../../../interaction/search-resources.ts';
import { escapeValue } from '../../escape-value.ts';

/** What was typed to find somebody. */
export type Asked = { readonly text: string; readonly birthDate?: string };

export type Found = { readonly people: readonly Patient[]; readonly isMore: boolean };

export const mostShown = 50;

/**
 * People by name, number or phone. Beside those whom the visitor cares for, whoever is named by a number, or by whole name
 * and birth date, is looked up, where the role may.
 */
export async function findPeople(ctx: InteractionContext, { text, birthDate }: Asked): Promise<Found> {
  // What has neither a letter nor a digit is part of no name.
  const words = text.split(/[\s,]+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const dated: ParameterList = birthDate === undefined ? [] : [['birthdate', birthDate]];
  const found = new Map<string, Patient>();
  let isMore = false;
  for (const criteria of criteriaOf(text, words, dated, birthDate)) {
    if (criteria.length === 0) continue;
    const asked: ParameterList = [...criteria, ['_count', String(mostShown + 1)]];
    const { matches, next } = await searchResources(ctx, ['Patient'], asked, 'strict');
    isMore ||= next !== undefined || matches.length > mostShown;
    for (const match of matches) {
      const patient = JSON.parse(match.text) as Patient;
      if (patient.active !== false) found.set(match.id, patient);
    }
  }
  const people = [...found.values()];
  return { people: people.slice(0, mostShown), isMore: isMore || people.length > mostShown };
}

function criteriaOf(
  text: string,
  words: readonly string[],
  dated: ParameterList,
  birthDate: string | undefined,
): readonly ParameterList[] {
  const digits = text.replace(/\D/g, '');
  const isPhone = digits.length >= 7 && /^[\d\s()+.-]+$/.test(text);
  if (isPhone) return [[['phone', phonesMeantBy(text, digits)], ...dated]];
  if (words.length === 0) return [];
  if (words.length === 1 && /\d/.test(text)) return [[['identifier', escapeValue(text)], ...dated]];
  const named: ParameterList = words.map((word) => ['name', escapeValue(word)]);
  const [first, ...others] = words;
  const last = others.at(-1);
  const isWhole = birthDate?.length === 10 && first !== undefined && last !== undefined;
  return [
    [...named, ...dated],
    isWhole ? [['given', escapeValue(first)], ['family', escapeValue(last)], ...dated] : [],
  ];
}

/** Phones are stored as they were written. */
function phonesMeantBy(text: string, digits: string): string {
  const ten = digits.slice(-10);
  const dashed = `${ten.slice(0, 3)}-${ten.slice(3, 6)}-${ten.slice(6)}`;
  const forms = [text.trim(), digits, dashed, `(${ten.slice(0, 3)}) ${ten.slice(3, 6)}-${ten.slice(6)}`];
  return [...new Set(forms)].map(escapeValue).join(',');
}
