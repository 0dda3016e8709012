import { describe, expect, it } from 'vitest';
import { forecast } from '../../../src/forecast/forecast.ts';
import type { Gender } from '../../../src/forecast/patient-history.ts';
import { parseObservationCode } from '../../../src/forecast/patient-history.ts';
import { loadKnowledgeBases } from '../../../src/shipped/knowledge-bases.ts';
import { formatEpochDay } from '../../../src/values/epoch-day.ts';
import { parseCvxCode } from '../../../src/values/vaccine-code.ts';
import { day } from './small-schedule.ts';

// What CDC's release, AAP and Massachusetts say of the same ordinary people.

const bases = loadKnowledgeBases('none');
const authorities = ['USA-CDC-CDSI', 'USA-AAP', 'USA-MA-DPH'] as const;

// The texts that the answers are read from, beside the schedule that ships.
const cdc = 'CDSi supporting data 4.64';
const aap = 'AAP, Recommended Child and Adolescent Immunization Schedule 2026 (26 January 2026)';
const acog = 'ACOG, practice advisory on COVID-19 vaccination in pregnancy (2025)';
const ma = 'Massachusetts DPH, childhood immunization recommendations of 14 January 2026: as AAP';
const maCovid = 'Massachusetts DPH, COVID-19 vaccine recommendations 2025-2026 (17 September 2025)';
/** The authority has no text on it that is known here: the base stands. */
const base = 'no other fact known: as the base';

type Person = {
  readonly born: string;
  readonly gender?: Gender;
  readonly doses?: readonly (readonly [date: string, cvx: string])[];
  readonly observations?: readonly (readonly [code: string, date: string])[];
};

function ask(id: string, on: string, { born, gender = 'Female', doses = [], observations = [] }: Person) {
  const schedule = bases.find((each) => each.id === id)?.schedule;
  if (!schedule) throw new Error(`no schedule ${id}`);
  return forecast(
    schedule,
    {
      dateOfBirth: day(born),
      gender,
      doses: doses.map(([date, cvx], i) => ({ id: `d${i}`, date: day(date), cvx: parseCvxCode(cvx)! })),
      observations: observations.map(([code, date]) => ({
        code: parseObservationCode(code)!,
        date: day(date),
      })),
    },
    day(on),
  );
}

/** Status and recommended date of the forecast that stands for the group, and whether it is to be decided. */
function due(id: string, group: string, on: string, person: Person): string {
  const found = ask(id, on, person).forecasts.find(({ vaccineGroup }) => vaccineGroup === group);
  if (!found) return 'none';
  const from = found.dates ? ` ${formatEpochDay(found.dates.recommended)}` : '';
  return `${found.status}${from}${found.isSharedDecision ? ', to be decided' : ''}`;
}

type Expected = readonly [answer: string, source: string];
type Row = readonly [
  title: string,
  group: string,
  on: string,
  person: Person,
  cdcs: Expected,
  aaps: Expected,
  massachusetts: Expected,
];

const today = '2026-11-28';
const pregnant = [
  ['007', '2026-04-10'],
  ['170', '2026-04-10'],
] as const;

const rows: readonly Row[] = [
  [
    'a newborn of an HBsAg-negative mother, HepB',
    'HepB',
    today,
    { born: today },
    ['Not Complete 2026-11-28', cdc],
    ['Not Complete 2026-11-28', aap],
    ['Not Complete 2026-11-28', ma],
  ],
  [
    'a girl of 11 years, HPV',
    'HPV',
    today,
    { born: '2015-11-28' },
    ['Not Complete 2026-11-28', cdc],
    ['Not Complete 2026-11-28', aap],
    ['Not Complete 2026-11-28', ma],
  ],
  [
    'a boy of 16 years, HPV',
    'HPV',
    today,
    { born: '2010-11-28', gender: 'Male' },
    ['Not Complete 2021-11-28', cdc],
    ['Not Complete 2021-11-28', aap],
    ['Not Complete 2021-11-28', ma],
  ],
  [
    'a healthy child of 12 months, COVID-19',
    'COVID-19',
    today,
    { born: '2025-11-28' },
    ['Not Complete 2026-08-27, to be decided', cdc],
    ['Not Complete 2026-08-27', aap],
    ['Not Complete 2026-08-27', maCovid],
  ],
  [
    'a healthy child of 6 years, COVID-19',
    'COVID-19',
    today,
    { born: '2020-11-28' },
    ['Not Complete 2026-08-27, to be decided', cdc],
    ['Not Complete 2026-08-27, to be decided', aap],
    ['Not Complete 2026-08-27, to be decided', maCovid],
  ],
  [
    'somebody of 18 years and 364 days, COVID-19',
    'COVID-19',
    today,
    { born: '2007-11-29' },
    ['Not Complete 2026-08-27, to be decided', cdc],
    ['Not Complete 2026-08-27, to be decided', aap],
    ['Not Complete 2026-08-27, to be decided', maCovid],
  ],
  [
    'somebody of 19 years, COVID-19',
    'COVID-19',
    today,
    { born: '2007-11-28' },
    ['Not Complete 2026-08-27, to be decided', cdc],
    ['Not Complete 2026-08-27, to be decided', base],
    ['Not Complete 2026-08-27', maCovid],
  ],
  [
    'a healthy adult of 30 years, COVID-19',
    'COVID-19',
    today,
    { born: '1996-11-28' },
    ['Not Complete 2026-08-27, to be decided', cdc],
    ['Not Complete 2026-08-27, to be decided', base],
    ['Not Complete 2026-08-27', maCovid],
  ],
  [
    'a healthy adult of 70 years, COVID-19',
    'COVID-19',
    today,
    { born: '1956-11-28' },
    ['Not Complete 2026-08-27, to be decided', cdc],
    ['Not Complete 2026-08-27, to be decided', base],
    ['Not Complete 2026-08-27', maCovid],
  ],
  [
    'a healthy adult of 70 years after one dose of the season, COVID-19',
    'COVID-19',
    today,
    { born: '1956-11-28', doses: [['2026-09-28', '312']] },
    ['Not Complete 2027-03-28, to be decided', cdc],
    ['Not Complete 2027-03-28, to be decided', base],
    ['Not Complete 2027-03-28', maCovid],
  ],
  [
    'a pregnant woman of 17 years, COVID-19',
    'COVID-19',
    today,
    { born: '2009-11-28', observations: pregnant },
    ['Not Complete 2026-08-27, to be decided', cdc],
    ['Not Complete 2026-08-27', acog],
    ['Not Complete 2026-08-27', maCovid],
  ],
  [
    'a pregnant woman of 30 years, COVID-19',
    'COVID-19',
    today,
    { born: '1996-11-28', observations: pregnant },
    ['Not Complete 2026-08-27, to be decided', cdc],
    ['Not Complete 2026-08-27', acog],
    ['Not Complete 2026-08-27', maCovid],
  ],
  ...[2026, 2028].flatMap((year): readonly Row[] => [
    [
      `a child of 6 years in November ${year}, influenza`,
      'Influenza',
      `${year}-11-28`,
      { born: `${year - 6}-11-01` },
      [`Not Complete ${year}-07-01`, cdc],
      [`Not Complete ${year}-07-01`, aap],
      [`Not Complete ${year}-07-01`, ma],
    ],
    [
      `an adult of 40 years in November ${year}, influenza`,
      'Influenza',
      `${year}-11-28`,
      { born: `${year - 40}-01-01`, doses: [[`${year - 1}-10-10`, '140']] },
      [`Not Complete ${year}-07-01`, cdc],
      [`Not Complete ${year}-07-01`, base],
      [`Not Complete ${year}-07-01`, base],
    ],
  ]),
  ...(['2026-11-28', '2026-06-15'] as const).map((on): Row => {
    const born = on === '2026-11-28' ? '2026-09-28' : '2026-04-15';
    return [
      `an infant of two months on ${on}, RSV`,
      'RSV',
      on,
      { born },
      ['Not Complete 2026-10-01', cdc],
      ['Not Complete 2026-10-01', aap],
      ['Not Complete 2026-10-01', ma],
    ];
  }),
  ...(['2026-11-28', '2026-06-15'] as const).map((on): Row => {
    const since = on === '2026-11-28' ? '2026-04-11' : '2025-10-27';
    const expected = on === '2026-11-28' ? 'Not Complete 2026-11-21' : 'Not Complete 2026-09-01';
    return [
      `a woman 33 weeks pregnant on ${on}, RSV`,
      'RSV',
      on,
      {
        born: '1996-01-01',
        observations: [
          ['007', since],
          ['170', since],
        ],
      },
      [expected, cdc],
      [expected, base],
      [expected, base],
    ];
  }),
];

describe.each(rows)('%s', (_title, group, on, person, ...expected) => {
  it.each(authorities.map((id, i) => [id, ...(expected[i] ?? ['', ''])] as const))(
    'by %s: %s [%s]',
    (id, answer) => {
      expect(due(id, group, on, person)).toBe(answer);
    },
  );
});

describe('a child of 13 months, MMRV', () => {
  const born = '2025-10-28';
  const named = (id: string, group: string) =>
    ask(id, today, { born }).forecasts.find(({ vaccineGroup }) => vaccineGroup === group)?.namedVaccines;

  it.each([
    ['USA-CDC-CDSI', ['03'], ['21'], `${cdc}: MMRV from 4 years`],
    ['USA-AAP', ['03', '94'], ['21', '94'], `${aap}: a choice, apart preferred before 4 years`],
    ['USA-MA-DPH', ['03', '94'], ['21', '94'], ma],
  ])('by %s: %o and %o [%s]', (id, mmr, varicella) => {
    expect(named(id, 'MMR')).toEqual(mmr);
    expect(named(id, 'Varicella')).toEqual(varicella);
  });

  it.each(authorities)('that was given is valid by %s, preferred or not', (id) => {
    const { evaluations } = ask(id, today, { born, doses: [['2026-11-01', '94']] });
    expect(evaluations.map(({ status }) => status)).toEqual(['Valid', 'Valid', 'Valid', 'Valid']);
    const allowed = evaluations.every(({ reasons }) => reasons.includes('not-preferable-but-allowable'));
    expect(allowed).toBe(id === 'USA-CDC-CDSI');
  });
});
