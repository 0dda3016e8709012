import { expect, it } from 'vitest';
import { dayOf } from '../../../../src/hl7v2/guide/hl7-date.ts';
import { toEpochDay } from '../../../../src/values/epoch-day.ts';

it.each(['20240229', '2024022910', '202402291015', '20240229101500.0000-0500', '20240229-0500', '20240229x'])(
  'reads the day that %s begins with',
  (text) => {
    expect(dayOf(text)).toBe(toEpochDay(2024, 2, 29));
  },
);

it.each([undefined, '', '2024', '202402', '2024022', '202402291', '202402291-0500', '20230229', '20241301'])(
  'finds no day in %s',
  (text) => {
    expect(dayOf(text)).toBeUndefined();
  },
);

it.each(['00000101', '20240100', '20240001', '2024-02-29', ' 20240229', '２０２４０２２９'])(
  'takes nothing else for a day: %s',
  (text) => {
    expect(dayOf(text)).toBeUndefined();
  },
);
