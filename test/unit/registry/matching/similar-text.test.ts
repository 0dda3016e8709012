import { expect, it } from 'vitest';
import { soundOf } from '../../../../src/registry/matching/phonetic.ts';
import { isOneSlip, similarity } from '../../../../src/registry/matching/similar-text.ts';

// Winkler's own examples (String Comparator Metrics, 1990).
it.each([
  ['martha', 'marhta', 0.9611],
  ['dwayne', 'duane', 0.84],
  ['dixon', 'dicksonx', 0.8133],
  ['abroms', 'abrams', 0.9222],
  ['jon', 'jan', 0.8],
  ['abc', 'xyz', 0],
  ['', 'a', 0],
  ['ada', 'ada', 1],
])('%s and %s are alike by %d', (a, b, expected) => {
  expect(similarity(a, b)).toBeCloseTo(expected, 3);
  expect(similarity(b, a)).toBeCloseTo(expected, 3);
});

it.each([
  ['lawrence', 'lawrance', true],
  ['lawrence', 'lawrenc', true],
  ['lawrence', 'xlawrence', true],
  ['lawrence', 'lawrecne', true],
  ['lawrence', 'lawrence', false],
  ['lawrence', 'larwecne', false],
  ['lawrence', 'lawren', false],
  ['abcd', 'badc', false],
])('%s and %s: one slip is %s', (a, b, expected) => {
  expect(isOneSlip(a, b)).toBe(expected);
  expect(isOneSlip(b, a)).toBe(expected);
});

it.each([
  ['catherine', 'kathryn'],
  ['smith', 'smyth'],
  ['philip', 'filipp'],
  ['oconnor', 'aconer'],
])('%s and %s sound alike', (a, b) => {
  expect(soundOf(a)).toBe(soundOf(b));
});

it('has a code for every name', () => {
  for (const name of ['a', 'hugh', '李', 'мария', 'wy']) expect(soundOf(name)).not.toBe('');
  expect(soundOf('adams')).not.toBe(soundOf('baker'));
});
