import { expect, it } from 'vitest';
import { consentBoxes } from '../../../src/auth/oauth/consent-boxes.ts';
import { toldContext } from '../../../src/auth/oauth/grant.ts';

it('ticks what is asked for, and nothing narrower', () => {
  const boxes = consentBoxes(['user/*.rs']);
  expect(boxes.filter(({ checked }) => checked).every(({ scope }) => !scope.includes('?'))).toBe(true);
  expect(boxes.some(({ checked }) => checked)).toBe(true);
});

it('ticks the types of a wildcard that is asked for with a query part', () => {
  const ticked = consentBoxes(['user/*.rs?status=completed']).filter(({ checked }) => checked);
  expect(ticked.map(({ scope }) => scope)).toContain('user/Immunization.rs?status=completed');
});

it('tells of the launch what the scopes that were allowed still ask for', () => {
  const context = { patient: 'p', encounter: 'e', intent: 'order' };
  expect(toldContext(context, ['launch/patient', 'patient/*.rs'])).toEqual({ patient: 'p' });
  for (const scope of ['launch', 'launch/encounter']) expect(toldContext(context, [scope])).toEqual(context);
});
