import { expect, it } from 'vitest';
import { isolate, withoutMarks } from '../../../src/values/direction-marks.ts';

it.each([
  ['an override', 'Ann \u202Ehtims', 'Ann htims'],
  ['marks of both directions', '\u200EAnn\u200F \u061CLee', 'Ann Lee'],
  ['an isolate that is never ended', '\u2068Ann', 'Ann'],
  ['an end before its beginning', '\u2069Ann\u2068', 'Ann'],
  ['an isolate of a direction of its own', '\u2067Ann\u2069', 'Ann'],
  ['nothing', 'Zoë Ng', 'Zoë Ng'],
])('takes %s out of a text', (_what, text, plain) => {
  expect(withoutMarks(text)).toBe(plain);
  expect(isolate(text)).toBe(plain);
});

it('isolates what is written from the right, once', () => {
  expect(isolate('מרים')).toBe('\u2068מרים\u2069');
  expect(isolate('\u202Eليلى')).toBe('\u2068ليلى\u2069');
  expect(isolate(isolate('ליאת'))).toBe('\u2068ליאת\u2069');
  expect(isolate(`2 of ${isolate('ליאת')}`)).toBe('2 of \u2068ליאת\u2069');
});
