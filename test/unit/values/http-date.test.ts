import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatHttpDate, parseHttpDate } from '../../../src/values/http-date.ts';
import type { EpochMs } from '../../../src/values/instant.ts';

describe('formatHttpDate', () => {
  it('writes an IMF-fixdate, as ECMAScript does', () => {
    expect(formatHttpDate(784_111_777_000 as EpochMs)).toBe('Sun, 06 Nov 1994 08:49:37 GMT');
    const span = { min: Date.UTC(1900, 0, 1), max: Date.UTC(2199, 11, 31) };
    fc.assert(
      fc.property(fc.integer(span), (at) => {
        expect(formatHttpDate(at as EpochMs)).toBe(new Date(at).toUTCString());
      }),
    );
  });

  it('reads back to the second', () => {
    const at = Date.UTC(2026, 10, 28, 23, 59, 59) as EpochMs;
    expect(parseHttpDate(formatHttpDate(at))).toBe(at);
  });
});
