import { expect, it } from 'vitest';
import { shown } from '../../../../src/registry/forecasting/shown-element.ts';

it.each([
  [undefined, 'none'],
  [[], 'none'],
  [3, '3'],
  ['a series', 'a series'],
  [
    { text: 'Not Complete', coding: [{ code: 'notComplete' }, { code: 'due' }] },
    'Not Complete (notComplete/due)',
  ],
  [{ coding: [{ code: '03', display: 'MMR' }] }, 'MMR (03)'],
  [{ reference: 'Immunization/d' }, 'Immunization/d'],
  [
    [{ code: { coding: [{ code: '30980-7', display: 'Date vaccine due' }] }, value: '2026-11-28' }],
    'Date vaccine due 2026-11-28',
  ],
  [
    [
      { url: 'https://x.org/series-group', valueString: 'Standard 1' },
      {
        url: 'https://x.org/season',
        extension: [
          { url: 'period', valuePeriod: { start: '2026-07-01', end: '2027-06-30' } },
          { url: 'assumed', valueBoolean: true },
        ],
      },
      { url: 'https://x.org/antigen-needed', valueCodeableConcept: { text: 'Mumps' } },
    ],
    'series-group Standard 1, season (period 2026-07-01..2027-06-30, assumed true), antigen-needed Mumps',
  ],
])('%j is shown as %s', (element, text) => {
  expect(shown(element)).toBe(text);
});
