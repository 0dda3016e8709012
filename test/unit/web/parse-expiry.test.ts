import { expect, it } from 'vitest';
import { parseExpiry } from '../../../src/web/site-pages/patients/doses-form.ts';

it.each([
  ['2027-06-30', '2027-06-30'],
  ['6/30/2027', '2027-06-30'],
  ['06.30.2027', '2027-06-30'],
  ['6/30/27', '2027-06-30'],
  ['06/2027', '2027-06-30'],
  ['2-2028', '2028-02-29'],
  ['13/2027', undefined],
  ['0/2027', undefined],
  ['2/30/2027', undefined],
  ['30/6/2027', undefined],
  // Day and month, or month and year: nobody knows.
  ['06/27', undefined],
  ['2027-06', undefined],
  ['2027', undefined],
  ['soon', undefined],
  ['', undefined],
])('reads the expiry %j as %j', (text, expected) => {
  expect(parseExpiry(text)).toBe(expected);
});
