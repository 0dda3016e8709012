import { expect, it } from 'vitest';
import { vaccineFacts } from '../../../src/shipped/v2-vaccine-facts.ts';

const { useOf } = vaccineFacts();

it('takes a vaccine that has a later product than its last day to be in use', () => {
  // Trivalent influenza vaccine was given up in 2022 and came back in 2024.
  expect(useOf('140')).toMatchObject({ first: expect.any(Number) });
  expect(useOf('140')?.last).toBeUndefined();
});

it('knows the last day of one that has none', () => {
  // The pentavalent DTaP-Hib of the nineties, and PCV7.
  expect(useOf('100')?.last).toBeDefined();
});
