import { describe, expect, it } from 'vitest';
import { ask, dateOf, type Person, r4StatusOf, vaccinesOf } from './asking.ts';

// Ordinary records on 2026-11-28: the series, the vaccine and the status that fit the person. Expected by ACIP's
// recommendations of 2025; status and dates are CDSi's.

const own = (code: string, more: object = {}) => ({
  resourceType: 'Condition',
  code: { coding: [{ system: 'https://jenner-iis.org/fhir/CodeSystem/cdsi-observation', code }] },
  ...more,
});
const behindSince = 'https://jenner-iis.org/fhir/StructureDefinition/behind-since';
const needed = 'https://jenner-iis.org/fhir/StructureDefinition/antigen-needed';
const dtap = (...dates: readonly string[]) => dates.map((date) => [date, '20'] as const);
const five = dtap('2015-03-01', '2015-05-01', '2015-07-01', '2016-04-01', '2019-02-01');

describe('the series that is shown', () => {
  it.each<[string, string, string, string]>([
    ['HepB at 30 years', '1996-01-01', 'HepB', 'HepB 19+ 3-dose series'],
    ['HepB at 10 years', '2016-01-01', 'HepB', 'HepB 3-dose series'],
    [
      'COVID-19 at 30 years',
      '1996-01-01',
      'COVID-19',
      'COVID-19 start at 2 years+ shared clinical decision-making series',
    ],
    [
      'COVID-19 at one year',
      '2025-10-01',
      'COVID-19',
      'COVID-19 start at 6mo-23mo shared clinical decision-making series',
    ],
    ['HPV at 14 years', '2012-01-01', 'HPV', 'HPV 2-dose series'],
    ['HPV on the day before 15', '2011-11-29', 'HPV', 'HPV 2-dose series'],
    ['HPV at 15 years', '2011-11-28', 'HPV', 'HPV 3-dose series'],
    ['varicella at 13 years', '2013-11-28', 'Varicella', 'Varicella 13+ 2-dose series'],
    ['PCV at 18 months', '2025-05-01', 'Pneumococcal', 'Pneumococcal start at 12 months series'],
    ['Hib at 16 months', '2025-07-10', 'Hib', 'Hib start at 15 months 1-dose series'],
  ])('%s', (_, born, group, series) => {
    expect(ask({ born }).of(group).series).toBe(series);
  });
});

describe('the vaccines that are named', () => {
  it.each<[string, Person, string, readonly string[]]>([
    ['HepB at 30 years: every product of an adult', { born: '1996-01-01' }, 'HepB', ['43', '189', '104']],
    [
      'HepB at 30 years, begun at birth and gone on with as an adult: the same brand first',
      {
        born: '1996-01-01',
        doses: [
          ['1996-01-02', '08'],
          ['2026-06-01', '43'],
        ],
      },
      'HepB',
      ['43', '189'],
    ],
    [
      'HepB at 30 years, begun with Heplisav: that first',
      { born: '1996-01-01', doses: [['2026-06-01', '189']] },
      'HepB',
      ['189', '43'],
    ],
    [
      'polio at four years, begun with a combination whose hepatitis B is not needed any more: not that first',
      {
        born: '2022-10-01',
        doses: [
          ['2022-12-01', '110'],
          ['2023-02-01', '110'],
          ['2023-04-01', '110'],
        ],
      },
      'Polio',
      ['10', '110', '120', '130'],
    ],
    ['rotavirus of an infant: both products', { born: '2026-09-20' }, 'Rotavirus', ['116', '119']],
    [
      'rotavirus, begun with the monovalent one: that first',
      { born: '2026-08-20', doses: [['2026-10-22', '119']] },
      'Rotavirus',
      ['119', '116'],
    ],
    ['COVID-19 at 30 years', { born: '1996-01-01' }, 'COVID-19', ['309', '312', '313', '334']],
    [
      'COVID-19 at 13 years, begun as an infant',
      { born: '2013-01-01', doses: [['2014-01-01', '211']] },
      'COVID-19',
      ['309', '312', '313', '334'],
    ],
    ['MMR at 13 months', { born: '2025-10-20' }, 'MMR', ['03']],
  ])('%s', (_, person, group, expected) => {
    const named = vaccinesOf(ask(person).of(group));
    expect([...named].slice(0, 1)).toEqual(expected.slice(0, 1));
    expect([...named].sort()).toEqual([...expected].sort());
  });
});

describe('the first code', () => {
  it.each<[string, Person, string, string | undefined]>([
    ['of the group for a child', { born: '2026-09-20' }, 'DTaP/Tdap/Td', '107'],
    ['of the group up to the day before seven years', { born: '2019-11-29' }, 'DTaP/Tdap/Td', '107'],
    ['of the vaccine from seven years on', { born: '2019-11-28' }, 'DTaP/Tdap/Td', '115'],
    [
      'of the vaccine when the dose is due after seven years',
      { born: '2015-01-01', doses: five, on: '2020-01-01' },
      'DTaP/Tdap/Td',
      '115',
    ],
    ['of HepB at any age', { born: '1996-01-01' }, 'HepB', '45'],
    ['none where nothing may be given', { born: '1996-01-01' }, 'Rotavirus', undefined],
  ])('%s', (_, person, group, expected) => {
    const [first] = ask(person).of(group).vaccineCode ?? [];
    expect([first?.text, first?.coding?.[0]?.code]).toEqual([group, expected]);
  });
});

describe('a contraindication of pertussis vaccine', () => {
  it.each(['079', '076'])('%s leaves the Td booster after a finished series', (code) => {
    const answer = ask({
      born: '1996-01-01',
      doses: [['2006-01-01', '20'], ...adult],
      clinical: [own(code)],
    });
    const group = answer.of('DTaP/Tdap/Td');
    expect(group.forecastStatus.text).toBe('Not Complete');
    expect(vaccinesOf(group)).toEqual(['09', '113']);
    expect(group.vaccineCode?.[0]?.coding?.[0]?.code).toBe('09');
  });

  it.each(['079', '076'])('%s at eleven years: names what is still needed, with its dates', (code) => {
    const group = ask({ born: '2015-01-01', doses: five, clinical: [own(code)] }).of('DTaP/Tdap/Td');
    expect(group.forecastStatus.text).toBe('Contraindicated');
    const antigens = (group.extension ?? []).filter(({ url }) => url === needed);
    expect(antigens.map(({ valueCodeableConcept }) => valueCodeableConcept?.text)).toEqual([
      'Diphtheria',
      'Tetanus',
    ]);
    expect(dateOf(group, 'due')).toBe('2026-01-01');
    expect(vaccinesOf(group)).toEqual(['09', '113']);
    expect(group.description).toContain('those of Diphtheria and Tetanus, still needed');
  });

  it('of the antigen as a whole stays one', () => {
    const group = ask({ born: '2015-01-01', doses: five, clinical: [own('080')] }).of('DTaP/Tdap/Td');
    expect([group.forecastStatus.text, dateOf(group, 'due')]).toEqual(['Contraindicated', undefined]);
  });
});

const adult = [
  ['2010-01-01', '115'],
  ['2010-02-01', '09'],
  ['2010-09-01', '09'],
] as const;

describe('who is behind', () => {
  const since = (person: Person, group: string) => {
    const found = ask(person).of(group);
    const extension = found.extension?.find(({ url }) => url === behindSince);
    return [r4StatusOf(found), extension?.valueDate, dateOf(found, 'overdue')];
  };
  const three = dtap('2023-01-20', '2023-03-20', '2023-05-20');
  const ipv = ['2023-01-20', '2023-03-20'].map((date) => [date, '10'] as const);

  it.each<[string, Person, string, readonly (string | undefined)[]]>([
    [
      'three DTaP, the day before four years',
      { born: '2022-11-29', doses: three },
      'DTaP/Tdap/Td',
      ['overdue', '2024-07-27', '2024-07-26'],
    ],
    [
      'three DTaP, on the fourth birthday',
      { born: '2022-11-28', doses: three },
      'DTaP/Tdap/Td',
      ['overdue', '2024-07-26', '2029-11-27'],
    ],
    [
      'two IPV, on the fourth birthday',
      { born: '2022-11-28', doses: ipv },
      'Polio',
      ['overdue', '2024-07-26', '2029-12-25'],
    ],
    ['nobody who is in time', { born: '2026-09-20' }, 'DTaP/Tdap/Td', ['due', undefined, '2027-01-16']],
    [
      'four DTaP by four years, due and not behind',
      { born: '2022-11-28', doses: [...three, ['2024-03-01', '20']] },
      'DTaP/Tdap/Td',
      ['due', undefined, '2029-11-27'],
    ],
  ])('%s', (_, person, group, expected) => {
    expect(since(person, group)).toEqual(expected);
  });

  it('is explained', () => {
    expect(ask({ born: '2022-11-28', doses: three }).of('DTaP/Tdap/Td').description).toBe(
      'Behind since 2024-07-26, when a dose was overdue that is not asked for any more at this age.',
    );
  });
});

describe('what may be given but is not recommended', () => {
  it.each<[string, string, string, boolean]>([
    ['HepB at 60', '1966-11-28', 'HepB', true],
    ['HepB at 59', '1966-11-29', 'HepB', false],
    ['HPV at 27', '1999-11-28', 'HPV', true],
    ['HPV at 26', '1999-11-29', 'HPV', false],
    ['MenACWY at 19', '2007-11-28', 'Meningococcal', true],
    ['MenACWY at 18', '2007-11-29', 'Meningococcal', false],
  ])('%s years', (_, born, group, permissive) => {
    const found = ask({ born }).of(group);
    const texts = (found.forecastReason ?? []).map(({ text }) => text);
    expect(found.forecastStatus.text).toBe('Not Complete');
    expect([r4StatusOf(found), texts.join().startsWith('May be given')]).toEqual(
      permissive ? ['due', true] : ['overdue', false],
    );
  });

  it('but with a risk it is recommended', () => {
    const found = ask({ born: '1960-01-01', clinical: [own('014')] }).of('HepB');
    expect(found.forecastReason ?? []).toEqual([]);
  });
});

describe('a dose that is needed', () => {
  it.each([
    '1940-01-01',
    '1965-01-01',
    '1985-01-01',
    '2000-01-01',
    '2010-01-01',
    '2018-01-01',
    '2022-05-01',
    '2025-06-01',
    '2026-09-20',
  ])('has a vaccine or a sentence, for who was born on %s', (born) => {
    const answer = ask({ born });
    for (const group of [
      'HepB',
      'DTaP/Tdap/Td',
      'Polio',
      'MMR',
      'Varicella',
      'HPV',
      'Influenza',
      'COVID-19',
      'Pneumococcal',
      'Zoster',
      'RSV',
    ]) {
      for (const each of answer.all(group)) {
        if (each.forecastStatus.text !== 'Not Complete') continue;
        expect(vaccinesOf(each).length > 0 || /No vaccine is named/.test(each.description ?? '')).toBe(true);
      }
    }
  });

  it('says that all vaccines of the series are forbidden', () => {
    const clinical = [own('187'), own('188')];
    const covid = ask({ born: '1996-01-01', clinical }).of('COVID-19');
    if (covid.forecastStatus.text === 'Not Complete' && vaccinesOf(covid).length === 0) {
      expect(covid.description).toContain('must not be given');
    }
  });
});

it.each<[string, Person, string | undefined]>([
  [
    '55 years, one dose at 30: no vaccine is for the age',
    { born: '1971-11-28', doses: [['2001-11-28', '165']] },
    undefined,
  ],
  ['40 years, one dose at 30: one is', { born: '1986-11-28', doses: [['2016-11-28', '165']] }, 'due'],
])('HPV is due as long as there is a vaccine: %s', (_, person, status) => {
  const found = ask(person).of('HPV');
  expect([r4StatusOf(found), vaccinesOf(found).length > 0]).toEqual([status, status !== undefined]);
});
