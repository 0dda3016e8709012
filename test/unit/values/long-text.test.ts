import { expect, it } from 'vitest';
import { lengthOf, shortParts, wholeText } from '../../../src/values/long-text.ts';

const chunk = 256 * 1024;

it('is one text, and as long, whether it is whole or in pieces', () => {
  for (const text of ['abc', ['a', '', 'bc']]) expect([wholeText(text), lengthOf(text)]).toEqual(['abc', 3]);
});

it.each([
  ['one long text', 'x'.repeat(5 * chunk + 7)],
  ['many short ones', Array.from({ length: 100 }, (_, n) => String(n % 10).repeat(9000))],
  ['long between short ones', ['{', 'y'.repeat(3 * chunk), '}', '']],
])('is cut into parts that are not long: %s', (_what, text) => {
  const parts = [...shortParts(text)];
  expect(parts.join('')).toBe(wholeText(text));
  expect(parts.length).toBeGreaterThan(2);
  expect(Math.max(...parts.map((part) => part.length))).toBeLessThan(2 * chunk);
});

it('never cuts a character in two', () => {
  for (const before of ['', 'x']) {
    const text = before + '😀'.repeat(chunk);
    const bytes = Buffer.concat([...shortParts(text)].map((part) => Buffer.from(part)));
    expect(bytes.equals(Buffer.from(text))).toBe(true);
  }
});
