import { describe, expect, it } from 'vitest';
import { ask, type Person } from './asking.ts';

// `doseNumber` and `seriesDoses` are what a person counts (R4: nominal position in the recommended series); CDSi's target
// dose stands in an extension. Expected numbers: ACIP's schedule of 2025.

const targetDose = 'https://jenner-iis.org/fhir/StructureDefinition/target-dose';

/** Of each dose, for a disease: "2 of 2, target 3". */
function evaluated(person: Person, disease: string): readonly string[] {
  return ask(person)
    .evaluations.filter(({ targetDisease }) => targetDisease.text === disease)
    .map(({ doseNumberPositiveInt, seriesDosesPositiveInt, extension = [] }) => {
      const target = extension.find(({ url }) => url === targetDose)?.valueInteger;
      return `${doseNumberPositiveInt} of ${seriesDosesPositiveInt}, target ${target}`;
    });
}

function next(person: Person, group: string): string {
  const { doseNumberPositiveInt, seriesDosesPositiveInt } = ask(person).of(group);
  return `${doseNumberPositiveInt} of ${seriesDosesPositiveInt}`;
}

const dtap = ['2019-03-01', '2019-05-01', '2019-07-01'].map((date) => [date, '20'] as const);
const infant = ['2024-03-01', '2024-05-01', '2024-07-01', '2025-01-15'];

describe('a dose that was given', () => {
  it.each<[string, Person, string, readonly string[]]>([
    [
      'HPV, two doses five months apart',
      {
        born: '2012-01-01',
        doses: [
          ['2025-01-10', '165'],
          ['2025-06-12', '165'],
        ],
      },
      'HPV',
      ['1 of 2, target 1', '2 of 2, target 3'],
    ],
    [
      'HPV, two doses too near, and a third',
      {
        born: '2012-01-01',
        doses: [
          ['2025-01-10', '165'],
          ['2025-03-12', '165'],
          ['2025-07-12', '165'],
        ],
      },
      'HPV',
      ['1 of 3, target 1', '2 of 3, target 2', '3 of 3, target 3'],
    ],
    [
      'three DTaP and a Tdap at seven',
      { born: '2019-01-01', doses: [...dtap, ['2026-02-01', '115']] },
      'Diphtheria',
      ['1 of 5, target 1', '2 of 5, target 2', '3 of 5, target 3', '4 of 5, target 9'],
    ],
    [
      'four PCV of an infant',
      { born: '2024-01-01', doses: infant.map((date) => [date, '216'] as const) },
      'Pneumococcal',
      ['1 of 4, target 1', '2 of 4, target 2', '3 of 4, target 3', '4 of 4, target 4'],
    ],
    [
      'influenza of an adult, each year anew',
      {
        born: '1980-01-01',
        doses: [
          ['2025-10-01', '140'],
          ['2026-10-01', '140'],
        ],
      },
      'Influenza',
      ['1 of 1, target 2', '1 of 1, target 2'],
    ],
  ])('%s', (_, person, disease, expected) => {
    expect(evaluated(person, disease)).toEqual(expected);
  });
});

describe('the dose that is next', () => {
  it.each<[string, Person, string, string]>([
    ['DTaP of an infant: five and a Tdap', { born: '2026-09-20' }, 'DTaP/Tdap/Td', '1 of 6'],
    [
      'DTaP at seven years: three doses and a Tdap at eleven',
      { born: '2019-01-01' },
      'DTaP/Tdap/Td',
      '1 of 4',
    ],
    ['HPV at eleven', { born: '2015-01-01' }, 'HPV', '1 of 2'],
    ['polio of an infant', { born: '2026-09-20' }, 'Polio', '1 of 4'],
    ['polio at five years: the last but one is skipped', { born: '2021-01-01' }, 'Polio', '1 of 3'],
    ['MMR', { born: '2025-10-01' }, 'MMR', '1 of 2'],
    ['influenza, first season', { born: '2024-01-01' }, 'Influenza', '1 of 2'],
    ['influenza, an adult', { born: '1980-01-01' }, 'Influenza', '1 of 1'],
    [
      'one PCV20 at six months, sixty years ago',
      { born: '1965-03-04', doses: [['1965-09-04', '216']] },
      'Pneumococcal',
      '1 of 1',
    ],
  ])('%s', (_, person, group, expected) => {
    expect(next(person, group)).toBe(expected);
  });
});
