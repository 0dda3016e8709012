import { describe, expect, it } from 'vitest';
import { formatEpochDay } from '../../../src/values/epoch-day.ts';
import { formatInstant, parseMsRange, writtenDayOf } from '../../../src/values/instant.ts';

describe('spans of FHIR date, dateTime and instant', () => {
  it.each`
    text                                | first                         | last
    ${'2024'}                           | ${'2024-01-01T00:00:00.000Z'} | ${'2024-12-31T23:59:59.999Z'}
    ${'2024-02-29'}                     | ${'2024-02-29T00:00:00.000Z'} | ${'2024-02-29T23:59:59.999Z'}
    ${'2024-02-29T23:16'}               | ${'2024-02-29T23:16:00.000Z'} | ${'2024-02-29T23:16:59.999Z'}
    ${'2024-02-29T23:16:46-04:00'}      | ${'2024-03-01T03:16:46.000Z'} | ${'2024-03-01T03:16:46.999Z'}
    ${'2024-02-29T00:16:46.5+05:30'}    | ${'2024-02-28T18:46:46.500Z'} | ${'2024-02-28T18:46:46.599Z'}
    ${'2024-02-29T00:00:00.123456789Z'} | ${'2024-02-29T00:00:00.123Z'} | ${'2024-02-29T00:00:00.123Z'}
    ${'1969-12-31T23:59:59.999Z'}       | ${'1969-12-31T23:59:59.999Z'} | ${'1969-12-31T23:59:59.999Z'}
  `('$text is $first to $last', ({ text, first, last }) => {
    const range = parseMsRange(text);
    if (!range) throw new Error('not parsed');
    expect([formatInstant(range.first), formatInstant(range.last)]).toEqual([first, last]);
  });

  it.each([
    '2024-02-30T10:00:00Z',
    '2024-02-29T24:00:00Z',
    '2024-02-29T10:60Z',
    '2024-02T10:00Z',
    '2024-02-29T10:00+15:00',
    'now',
  ])('%j is no time', (text) => {
    expect(parseMsRange(text)).toBeUndefined();
  });

  it('keeps the day that was written, whatever the offset', () => {
    const day = writtenDayOf('2014-08-19T23:16:46-04:00');
    expect(day && formatEpochDay(day)).toBe('2014-08-19');
    expect(writtenDayOf('2014-08')).toBeUndefined();
    expect(writtenDayOf('2014-08-19Tea')).toBeUndefined();
  });
});
