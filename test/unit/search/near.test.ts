import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Filter } from '../../../src/search/filter.ts';
import { passes } from '../../../src/search/matches.ts';
import { boxFilter, distanceKm, parseNear, positionValue } from '../../../src/search/near.ts';

const inBox = (filter: Filter, position: object): boolean => {
  const value = positionValue(position);
  if (filter.kind === 'or' || filter.kind === 'and') return filter.of.some((part) => inBox(part, position));
  return filter.kind === 'value' && value !== undefined && passes(filter.test, value);
};

describe('near (R4 location.html)', () => {
  it.each`
    text                   | area
    ${'42.36|-71.06|5|km'} | ${{ latitude: 42.36, longitude: -71.06, km: 5 }}
    ${'42.36|-71.06|5'}    | ${{ latitude: 42.36, longitude: -71.06, km: 5 }}
    ${'42.36|-71.06'}      | ${{ latitude: 42.36, longitude: -71.06, km: 50 }}
    ${'42.36|-71.06||km'}  | ${{ latitude: 42.36, longitude: -71.06, km: 50 }}
    ${'0|0|1000|m'}        | ${{ latitude: 0, longitude: 0, km: 1 }}
    ${'0|0|10|[mi_i]'}     | ${{ latitude: 0, longitude: 0, km: 16.09344 }}
  `('reads $text', ({ text, area }) => {
    expect(parseNear(text)).toEqual(area);
  });

  it.each([
    '',
    '42',
    '42|x',
    '42|-71|-1',
    '91|0|1',
    '0|181|1',
    '0|0|1|furlong',
    '0|0|1|km|x',
    '0|0|1|__proto__',
  ])('refuses "%s"', (text) => {
    expect(() => parseNear(text)).toThrow();
  });

  it.each`
    from                                          | to                                           | km
    ${{ latitude: 42.3601, longitude: -71.0589 }} | ${{ latitude: 40.7128, longitude: -74.006 }} | ${306}
    ${{ latitude: 0, longitude: 179.5 }}          | ${{ latitude: 0, longitude: -179.5 }}        | ${111}
    ${{ latitude: 90, longitude: 0 }}             | ${{ latitude: -90, longitude: 77 }}          | ${20015}
  `('knows that it is $km km', ({ from, to, km }) => {
    expect(Math.round(distanceKm(from, to))).toBe(km);
  });

  it('leaves no place of the circle out of the box, over the poles and the 180th meridian too', () => {
    const degree = (most: number) => fc.double({ min: -most, max: most, noNaN: true });
    const km = fc.oneof(
      fc.double({ min: 0, max: 500, noNaN: true }),
      fc.double({ min: 0, max: 21_000, noNaN: true }),
    );
    fc.assert(
      fc.property(
        degree(90),
        degree(180),
        degree(90),
        degree(180),
        km,
        (latitude, longitude, toLatitude, toLongitude, far) => {
          const to = { latitude: toLatitude, longitude: toLongitude };
          const from = { latitude, longitude };
          const area = { ...from, km: Math.max(far, distanceKm(from, to)) };
          expect(inBox(boxFilter('near', area), to)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
