import type { Address } from 'fhir/r4.js';
import { foldText } from '../../search/fold-text.ts';
import { tableOf } from '../../values/table-of.ts';
import type { MatchAddress } from './match-record.ts';

/** As the postal service writes streets, compass points and the parts of a house; of each the shortest form. */
const streetWords: Readonly<Record<string, string>> = tableOf({
  street: 'st',
  str: 'st',
  avenue: 'ave',
  av: 'ave',
  boulevard: 'blvd',
  circle: 'cir',
  court: 'ct',
  drive: 'dr',
  highway: 'hwy',
  lane: 'ln',
  parkway: 'pkwy',
  place: 'pl',
  plaza: 'plz',
  road: 'rd',
  square: 'sq',
  terrace: 'ter',
  terr: 'ter',
  trail: 'trl',
  turnpike: 'tpke',
  north: 'n',
  south: 's',
  east: 'e',
  west: 'w',
  northeast: 'ne',
  northwest: 'nw',
  southeast: 'se',
  southwest: 'sw',
  saint: 'st',
  mount: 'mt',
  fort: 'ft',
});

const unitWords: ReadonlySet<string> = new Set(
  'apt apartment unit ste suite rm room fl floor lot trlr bldg'.split(' '),
);

export function toMatchAddress({ line = [], city, state, postalCode }: Address): MatchAddress {
  const text = line
    .slice(0, 3)
    .join(' ')
    .replaceAll('#', ' unit ')
    .replace(/^(\d+)(?=[a-z]{3})/i, '$1 ');
  const words = foldText(text).split(' ').slice(0, 16);
  const at = words.findIndex((word, index) => index > 0 && unitWords.has(word));
  return {
    unit: at < 0 ? '' : words.slice(at).filter(isNoUnitWord).join(''),
    city: toCity(city ?? ''),
    state: foldText(state ?? ''),
    zip: (postalCode ?? '').replace(/\D+/g, '').slice(0, 5),
    ...toStreet(at < 0 ? words : words.slice(0, at)),
  };
}

function isNoUnitWord(word: string): boolean {
  return !unitWords.has(word);
}

function toStreet(words: readonly string[]): Pick<MatchAddress, 'number' | 'street'> {
  const [first = ''] = words;
  if (/^(?:po|p) ?(?:o )?box /.test(words.join(' '))) return { number: words.at(-1) ?? '', street: 'pobox' };
  const hasNumber = /^\d/.test(first);
  const name = hasNumber ? words.slice(1) : words;
  return { number: hasNumber ? first : '', street: name.map((word) => streetWords[word] ?? word).join(' ') };
}

function toCity(text: string): string {
  return foldText(text)
    .split(' ')
    .map((word) => streetWords[word] ?? word)
    .join('');
}
