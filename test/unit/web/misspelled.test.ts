import { expect, it } from 'vitest';
import { misspelled } from '../../../src/web/vaccine-names/misspelled.ts';

const rows = ['alphavax', 'alphavix', 'omegaval', 'kappa 13', 'zetu3a', 'Delta Plus Two'].map((name) => ({
  name,
  words: name.toLowerCase().split(' '),
  kind: name.startsWith('Delta') ? ('trade' as const) : ('plain' as const),
}));
const found = (text: string) => misspelled(text, rows).map(({ name }) => name);

it.each([
  // The nearest alone, though another is near as well; both where they are as near.
  ['alphavaxx', ['alphavax']],
  ['alphavox', ['alphavax', 'alphavix']],
  // Two slips in eight letters, one in fewer.
  ['omigavel', ['omegaval']],
  ['omexavxlx', []],
  ['kepap', []],
  // Two letters that are swapped are one.
  ['kpapa 13', ['kappa 13']],
  // A number is never a slip.
  ['kapa 13', ['kappa 13']],
  ['kappa 14', []],
  ['zetu4a', []],
  ['zetuxa', []],
  // The first words of a trade name; of others all.
  ['delto plus', ['Delta Plus Two']],
])('takes "%s" for %j', (text, names) => {
  expect(found(text)).toEqual(names);
});
