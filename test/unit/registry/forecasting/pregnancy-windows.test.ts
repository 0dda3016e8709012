import { describe, expect, it } from 'vitest';
import { type Answer, ask, data, dateOf, type Person, r4StatusOf, vaccinesOf } from './asking.ts';
import {
  behindSince,
  condition,
  dueDate,
  notPregnant,
  observation,
  procedure,
  riskOf,
  snomed,
  status,
} from './clinical-facts.ts';

// When a vaccine is for the weeks of a pregnancy, or for the time after a transplant, and when it is not.

const born = '1996-05-05';
const woman = (on: string, clinical: readonly object[], doses: Person['doses'] = []): Answer =>
  ask({ born, on, clinical, doses });
const found = (answer: Answer, group: string) => {
  const recommendation = riskOf(answer, group);
  if (!recommendation) throw new Error(`no risk forecast of ${group}`);
  return recommendation;
};
const today = '2026-11-29';

/** As a child, at eleven years, and two years ago. */
const oldTdap = [
  ['1996-07-05', '20'],
  ['1996-09-05', '20'],
  ['1996-11-05', '20'],
  ['1997-09-05', '20'],
  ['2000-06-05', '20'],
  ['2007-05-20', '115'],
  ['2024-11-20', '115'],
] as const;

describe('a pregnancy of which nobody says when it began', () => {
  it.each([
    ['a status of today', [status(today)]],
    ['a condition without onset', [condition({ recordedDate: today })]],
    ['a condition without any date', [condition({})]],
  ])('%s: doses of years ago are not of it', (_, clinical) => {
    const answer = woman(today, clinical, oldTdap);
    const tdap = found(answer, 'DTaP/Tdap/Td');
    expect([
      tdap.forecastStatus.text,
      r4StatusOf(tdap),
      dateOf(tdap, 'due'),
      tdap.doseNumberPositiveInt,
    ]).toEqual(['Not Complete', 'due', today, 1]);
    expect(tdap.description).toContain('when it began is not known');
    expect(answer.notes.join()).toContain('When the pregnancy began is not known');
  });

  it.each([
    ['of 44 weeks before it was recorded may be of it', '2026-01-25', 'Complete'],
    ['of the day before is not', '2026-01-24', 'Not Complete'],
  ])('a dose %s', (_, given, expected) => {
    const tdap = found(woman(today, [status(today)], [...oldTdap, [given, '115']]), 'DTaP/Tdap/Td');
    expect(tdap.forecastStatus.text).toBe(expected);
  });

  it('an RSV vaccine of an earlier pregnancy is not given again', () => {
    const rsv = found(woman(today, [status(today)], [['2024-11-20', '305']]), 'RSV');
    expect(rsv.forecastStatus.text).toBe('Complete');
  });
});

describe('RSV vaccine in a pregnancy of unknown beginning', () => {
  const rsv = (on: string, recorded: string) => found(woman(on, [status(recorded)]), 'RSV');

  it('is not recommended for a day on which it is over, 44 weeks after it was recorded', () => {
    const recommendation = rsv('2027-06-15', '2026-10-27');
    expect([recommendation.dateCriterion, vaccinesOf(recommendation), r4StatusOf(recommendation)]).toEqual([
      undefined,
      [],
      undefined,
    ]);
    expect(recommendation.description).toBe(
      'For weeks 32 to 36 of the pregnancy; when it began is not known, but it is over before its season (2027-09-01 to 2028-01-31) begins.',
    );
  });

  it('is recommended from the first day of the season where that may be in it', () => {
    expect(dateOf(rsv('2027-06-15', '2026-10-28'), 'due')).toBe('2027-09-01');
  });
});

describe('RSV vaccine and its season', () => {
  /** Weeks 32 to 36 of who is due on that day. */
  const rsv = (on: string, due: string) => found(woman(on, [dueDate(on, due)]), 'RSV');

  it('week 20 in November: week 32 comes after January', () => {
    const recommendation = rsv(today, '2027-04-18');
    expect(recommendation.dateCriterion).toBeUndefined();
    expect([vaccinesOf(recommendation), r4StatusOf(recommendation)]).toEqual([[], undefined]);
    expect(recommendation.description).toBe(
      'For weeks 32 to 36 of the pregnancy, 2027-02-21 to 2027-03-27: outside its season (2026-09-01 to 2027-01-31), ' +
        'so that it is not given in this pregnancy.',
    );
  });

  it('week 32 on 20 January: only as long as the season lasts', () => {
    const recommendation = rsv('2027-01-20', '2027-03-17');
    expect([
      r4StatusOf(recommendation),
      dateOf(recommendation, 'due'),
      dateOf(recommendation, 'overdue'),
    ]).toEqual(['due', '2027-01-20', '2027-01-31']);
  });

  it.each([
    ['the season has ended in these weeks', '2027-02-01', '2027-03-17', '2027-09-01 to 2028-01-31'],
    ['33 weeks in June', '2027-06-15', '2027-08-03', '2027-09-01 to 2028-01-31'],
  ])('%s: none, and why', (_, on, due, season) => {
    const recommendation = rsv(on, due);
    expect(recommendation.dateCriterion).toBeUndefined();
    expect([vaccinesOf(recommendation), r4StatusOf(recommendation)]).toEqual([[], undefined]);
    expect(behindSince(recommendation)).toBeUndefined();
    expect(recommendation.description).toContain(`outside its season (${season})`);
  });

  it('the next season counts where the weeks reach into it', () => {
    const recommendation = rsv('2027-01-15', '2027-10-17');
    expect([dateOf(recommendation, 'earliest'), dateOf(recommendation, 'overdue')]).toEqual([
      '2027-09-01',
      '2027-09-25',
    ]);
    expect(recommendation.extension).toContainEqual({
      url: 'https://jenner-iis.org/fhir/StructureDefinition/season',
      extension: [
        { url: 'period', valuePeriod: { start: '2027-09-01', end: '2028-01-31' } },
        { url: 'assumed', valueBoolean: true },
      ],
    });
  });

  it('in week 37 nothing is due, and nobody is behind', () => {
    const recommendation = rsv(today, '2026-12-19');
    expect([recommendation.dateCriterion, vaccinesOf(recommendation), behindSince(recommendation)]).toEqual([
      undefined,
      [],
      undefined,
    ]);
    expect(recommendation.description).toContain('which ended on 2026-11-27');
  });
});

describe('Tdap is overdue after its weeks, not in the last', () => {
  const tdap = (due: string) => found(woman(today, [dueDate(today, due)]), 'DTaP/Tdap/Td');
  it.each([
    ['the last day of week 36', '2026-12-21', 'due', undefined],
    ['the first day of week 37', '2026-12-20', 'overdue', '2026-11-29'],
  ])('%s', (_, due, expected, since) => {
    const recommendation = tdap(due);
    expect([r4StatusOf(recommendation), behindSince(recommendation)]).toEqual([expected, since]);
  });
});

describe('what a pregnancy is known by', () => {
  it('a status that is older than any pregnancy is said not to be used', () => {
    const answer = woman(today, [status('2025-12-01')]);
    expect(riskOf(answer, 'RSV')).toBeUndefined();
    expect(answer.notes.join()).not.toContain('began is not known');
    expect(answer.notes).toContain(
      'Observation/c0 was not used: it says that she is pregnant, but no pregnancy lasts as long as that is ago',
    );
  });

  const weeks = (on: string, value: number) =>
    observation('18185-9', on, { valueQuantity: { value, code: 'wk' } });

  it('a gestational age says it, as a due date does', () => {
    const rsv = found(woman(today, [weeks('2026-11-22', 32)]), 'RSV');
    expect([r4StatusOf(rsv), dateOf(rsv, 'due')]).toEqual(['due', '2026-11-22']);
  });

  it('of two statuses of one day the one that says pregnant counts', () => {
    const answer = woman(today, [status('2026-10-01'), status('2026-10-01', notPregnant)]);
    expect(riskOf(answer, 'RSV')).toBeDefined();
  });

  it.each([
    ['not when she is not pregnant any more', [weeks('2026-09-01', 20), status('2026-10-01', notPregnant)]],
    [
      'not by the last menstrual period alone',
      [observation('8665-2', today, { valueDateTime: '2026-04-10' })],
    ],
  ])('%s', (_, clinical) => {
    expect(riskOf(woman(today, clinical), 'RSV')).toBeUndefined();
  });

  it('nor of a newborn or a man', () => {
    const newborn = ask({ born: '2026-11-20', on: today, clinical: [weeks('2026-11-20', 39)] });
    const man = ask({ born, on: today, gender: 'male', clinical: [weeks('2026-11-22', 32)] });
    expect([newborn.of('MMR'), man.of('MMR')].map(({ forecastStatus }) => forecastStatus.text)).toEqual([
      'Not Complete',
      'Not Complete',
    ]);
  });
});

it('the schedule counts intervals from no other observation than those whose day is read', () => {
  const from = data.antigens.flatMap(({ series }) =>
    series.flatMap(({ doses }) =>
      doses.flatMap(({ intervals }) => intervals.flatMap(({ fromRelevantObs }) => fromRelevantObs ?? [])),
    ),
  );
  // Antiviral therapy began (sent by its own code), onset of pregnancy, transplant.
  expect([...new Set(from)].sort()).toEqual(['120', '170', '171']);
});

describe('a stem cell transplant', () => {
  const infancy = [
    ['2010-07-05', '48'],
    ['2010-09-05', '48'],
    ['2010-11-05', '48'],
    ['2011-06-05', '48'],
  ] as const;
  const child = (more: object, doses: Person['doses'] = infancy) =>
    ask({ born: '2010-05-05', on: today, clinical: [procedure(snomed('234336002'), more)], doses });
  const hib = (answer: Answer) => found(answer, 'Hib');

  it('asks for Hib vaccine from six months after it, whatever was given before', () => {
    const recommendation = hib(child({ performedDateTime: '2026-03-01' }));
    expect([
      recommendation.forecastStatus.text,
      recommendation.doseNumberPositiveInt,
      dateOf(recommendation, 'due'),
      dateOf(recommendation, 'overdue'),
    ]).toEqual(['Not Complete', 1, '2026-09-01', '2027-02-28']);
  });

  it('whose date is not whole is counted from the last day', () => {
    const answer = child({ performedDateTime: '2026-03' });
    expect(dateOf(hib(answer), 'due')).toBe('2026-10-01');
    expect(answer.notes.join()).toContain('intervals are counted from 2026-03-31');
  });

  it('of a day that nobody knows: no dose is known to be after it, and the answer says so', () => {
    const answer = child({});
    expect([hib(answer).forecastStatus.text, dateOf(hib(answer), 'due')]).toEqual(['Not Complete', today]);
    expect(answer.notes.join()).toContain('no dose is known to have been given after it');
  });

  it('after which three doses were given needs no more', () => {
    const after = [
      ['2024-09-05', '48'],
      ['2024-10-05', '48'],
      ['2024-11-05', '48'],
    ] as const;
    const answer = child({ performedPeriod: { start: '2024-03-01' } }, [...infancy, ...after]);
    expect(hib(answer).forecastStatus.text).toBe('Complete');
  });
});
