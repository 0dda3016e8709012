import { describe, expect, it } from 'vitest';
import { formatEpochDay } from '../../../src/values/epoch-day.ts';
import { daysMeantBy, parseEpochDay, parsePartialDate } from '../../../src/values/partial-date.ts';

describe('partial dates (R4 datatypes.html#date)', () => {
  it.each`
    text            | first           | last
    ${'2024'}       | ${'2024-01-01'} | ${'2024-12-31'}
    ${'2024-02'}    | ${'2024-02-01'} | ${'2024-02-29'}
    ${'2023-02'}    | ${'2023-02-01'} | ${'2023-02-28'}
    ${'1900-02'}    | ${'1900-02-01'} | ${'1900-02-28'}
    ${'2024-02-29'} | ${'2024-02-29'} | ${'2024-02-29'}
    ${'0001-01-01'} | ${'0001-01-01'} | ${'0001-01-01'}
  `('$text may mean $first to $last', ({ text, first, last }) => {
    const date = parsePartialDate(text);
    if (!date) throw new Error('not parsed');
    const days = daysMeantBy(date);
    expect([formatEpochDay(days.first), formatEpochDay(days.last)]).toEqual([first, last]);
  });

  it.each([
    '',
    '24',
    '0000',
    '2024-13',
    '2024-00',
    '2023-02-29',
    '2024-2-1',
    '2024-02-29T00:00',
    ' 2024',
    '２０２４',
  ])('%j is no date', (text) => {
    expect(parsePartialDate(text)).toBeUndefined();
  });

  it('has an epoch day only when it is whole', () => {
    expect(parseEpochDay('1970-01-02')).toBe(1);
    expect(parseEpochDay('1970-01')).toBeUndefined();
  });
});
