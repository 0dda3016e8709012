import { expect, it } from 'vitest';
import { codeFaults, isSctid } from '../../../src/forecast/check-digit.ts';
import { shippedBase } from './shipped-schedules.ts';

// SNOMED CT identifiers as value sets of this project have them, and what a slip of the pen makes of them.
it.each([
  ['371112003', true],
  ['840539006', true],
  ['77386006', true],
  ['152231000119106', true],
  ['219088009', true],
  ['2219088009', false],
  ['341112003', false],
  ['371112030', false],
  ['77386007', false],
  ['37738', false],
  ['0371112003', false],
  ['text', false],
])('%s is an SCTID: %s', (code, holds) => {
  expect(isSctid(code)).toBe(holds);
});

it('finds the one code of the release that is none', () => {
  expect(codeFaults(shippedBase).map(({ text }) => text)).toEqual([
    'observation 095: 2219088009 is no code of SNOMED: its check digit does not hold',
  ]);
});
