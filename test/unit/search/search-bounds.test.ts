import { expect, it } from 'vitest';
import { parse } from './search-world.ts';

const list = (count: number) => Array.from({ length: count }, (_, n) => `c${n}`).join(',');
const parameters = (count: number, one: string) => Array(count).fill(one).join('&');
const nested = (depth: number) => `${'('.repeat(depth)}a${')'.repeat(depth)}`;

it.each([
  ['100 parameters', parameters(100, 'active=true'), parameters(101, 'active=true')],
  ['500 values', `identifier=${list(500)}`, `identifier=${list(501)}`],
  [
    '5,000 look-ups',
    parameters(10, `identifier=${list(500)}`),
    `${parameters(10, `identifier=${list(500)}`)}&active=true`,
  ],
  ['50 words', `_text=${Array(50).fill('a').join(' ')}`, `_text=${Array(51).fill('a').join(' ')}`],
  ['20 levels of words', `_text=${nested(20)}`, `_text=${nested(21)}`],
])('takes %s in a search, and not one more', (_what, most, more) => {
  expect([parse('Patient', most).kind, parse('Patient', more).kind]).toEqual(['search', 'refused']);
});
