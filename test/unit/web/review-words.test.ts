import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { shippedModel } from '../../../src/registry/matching/shipped-model.ts';
import { utc } from '../../../src/values/time-zone.ts';
import { fieldWords, levelWords, ruleWords } from '../../../src/web/site-pages/review/review-words.ts';
import { translator } from '../../../src/web/translate.ts';

const t = translator('es', utc);
const { points } = shippedModel;

it.each(Object.keys(points))('%s has words, and each of its levels', (field) => {
  expect(fieldWords(t, field)).not.toBe(field);
  const levels = Object.keys(points[field as keyof typeof points]);
  expect(levels.filter((level) => levelWords(t, level) === level)).toEqual([]);
});

it.each(['src/registry/matching/hard-rules.ts', 'src/registry/deduplication/evaluate-pair.ts'])(
  'the rules of %s have words',
  (file) => {
    const names = [...readFileSync(file, 'utf8').matchAll(/^ {4}name: '(.*)',$/gm)].map(
      ([, name = '']) => name,
    );
    expect(names.length).toBeGreaterThan(3);
    expect(names.filter((name) => ruleWords(t, name) === name)).toEqual([]);
  },
);

it('days that lie between two doses are counted', () => {
  expect([levelWords(t, '1 days'), levelWords(t, '3 days')]).toEqual(['a 1 día', 'a 3 días']);
});
