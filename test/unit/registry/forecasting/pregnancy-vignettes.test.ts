import { describe, expect, it } from 'vitest';
import { type Answer, ask, dateOf, type Person, r4StatusOf, today, vaccinesOf } from './asking.ts';
import { condition, loinc, notPregnant, observation, own, riskOf, status } from './clinical-facts.ts';

// Pregnant women on 2026-11-28, as records have them: ACIP gives Tdap in weeks 27 to 36 and RSV vaccine in weeks 32 to
// 36 from September to January. Weeks are counted from the last menstrual period.

const born = '1996-05-05';
const woman = (...clinical: readonly object[]): Answer => ask({ born, clinical });
const tdap = (answer: Answer) => riskOf(answer, 'DTaP/Tdap/Td');
const rsv = (answer: Answer) => riskOf(answer, 'RSV');

/** 33 weeks and a day on 2026-11-28: the last menstrual period was on 2026-04-10. */
describe('33 weeks', () => {
  it.each([
    ['the estimated due date', observation('11778-8', '2026-06-01', { valueDateTime: '2027-01-15' })],
    ['the last menstrual period', observation('8665-2', '2026-06-01', { valueDateTime: '2026-04-10' })],
    [
      'the gestational age in weeks',
      observation('18185-9', '2026-11-20', { valueQuantity: { value: 32, code: 'wk' } }),
    ],
    [
      'the gestational age in days',
      observation('49051-6', '2026-11-20', { valueQuantity: { value: 224, code: 'd' } }),
    ],
    ['the onset of the condition', condition({ onsetDateTime: '2026-04-10', recordedDate: '2026-06-01' })],
  ])('by %s: both vaccines with their weeks', (_, dating) => {
    const answer = woman(status('2026-06-01'), dating);
    const [pertussis, infant] = [tdap(answer), rsv(answer)];
    if (!pertussis || !infant) throw new Error('no recommendation for the pregnancy');
    expect([dateOf(pertussis, 'due'), vaccinesOf(pertussis), r4StatusOf(pertussis)]).toEqual([
      '2026-10-16',
      ['115'],
      'due',
    ]);
    expect([dateOf(infant, 'due'), vaccinesOf(infant), r4StatusOf(infant)]).toEqual([
      '2026-11-20',
      ['305'],
      'due',
    ]);
    expect(pertussis.description).toBe('For weeks 27 to 36 of the pregnancy, 2026-10-16 to 2026-12-24.');
    expect(infant.description).toBe('For weeks 32 to 36 of the pregnancy, 2026-11-20 to 2026-12-24.');
    expect(pertussis.extension).toContainEqual({
      url: 'https://jenner-iis.org/fhir/StructureDefinition/pregnancy-weeks',
      extension: [
        {
          url: 'weeks',
          valueRange: {
            low: { value: 27, unit: 'wk', system: 'http://unitsofmeasure.org', code: 'wk' },
            high: { value: 36, unit: 'wk', system: 'http://unitsofmeasure.org', code: 'wk' },
          },
        },
        { url: 'period', valuePeriod: { start: '2026-10-16', end: '2026-12-24' } },
      ],
    });
    expect(answer.notes.join()).not.toContain('pregnancy began');
  });

  it('the due date is surer than the last period, and its latest estimate counts', () => {
    const answer = woman(
      status('2026-06-01'),
      observation('8665-2', '2026-07-01', { valueDateTime: '2026-03-01' }),
      observation('11778-8', '2026-05-20', { valueDateTime: '2027-01-01' }),
      observation('11778-8', '2026-06-20', { valueDateTime: '2027-01-15' }),
    );
    expect(tdap(answer)?.description).toContain('2026-10-16 to 2026-12-24');
  });

  it('a due date alone says that she is pregnant, but not of a newborn', () => {
    const due = observation('11778-8', '2026-06-01', { valueDateTime: '2027-01-15' });
    expect(rsv(woman(due))).toBeDefined();
    const child: Person = {
      born: '2026-05-20',
      clinical: [observation('11778-8', '2026-06-01', { valueDateTime: '2026-06-08' })],
    };
    expect(rsv(ask(child))).toBeUndefined();
    expect(ask(child).of('MMR').forecastStatus.text).toBe('Not Complete');
  });

  it('a component of the status dates it too', () => {
    const answer = woman({
      ...status('2026-06-01'),
      component: [{ code: loinc('11778-8'), valueDateTime: '2027-01-15' }],
    });
    expect(tdap(answer)?.description).toContain('2026-10-16');
  });
});

describe('outside the weeks', () => {
  it('before them: nothing is due yet', () => {
    const answer = woman(
      status('2026-11-01'),
      observation('8665-2', '2026-11-01', { valueDateTime: '2026-09-20' }),
    );
    const pertussis = tdap(answer);
    expect([pertussis && r4StatusOf(pertussis), pertussis && dateOf(pertussis, 'due')]).toEqual([
      undefined,
      '2027-03-28',
    ]);
  });

  it('after them: Tdap may still be given, RSV vaccine is not overdue', () => {
    const answer = woman(
      status('2026-06-01'),
      observation('8665-2', '2026-06-01', { valueDateTime: '2026-03-05' }),
    );
    const [pertussis, infant] = [tdap(answer), rsv(answer)];
    expect([pertussis && r4StatusOf(pertussis), infant && r4StatusOf(infant)]).toEqual([
      'overdue',
      undefined,
    ]);
    expect(infant?.description).toBe('For weeks 32 to 36 of the pregnancy, which ended on 2026-11-18.');
  });

  it('in June the season of RSV vaccine comes too late', () => {
    const answer = ask({
      born,
      on: '2026-06-15',
      clinical: [status('2026-01-10'), observation('8665-2', '2026-01-10', { valueDateTime: '2025-10-26' })],
    });
    const infant = rsv(answer);
    expect(infant && r4StatusOf(infant)).toBeUndefined();
    expect(infant?.description).toContain('outside its season');
  });
});

describe('without a beginning', () => {
  it.each([
    ['a status', status('2026-10-01')],
    ['a condition of which only the record is dated', condition({ recordedDate: '2026-10-01' })],
  ])('%s: no date before it was recorded, and the answer says so', (_, known) => {
    const answer = woman(known);
    const pertussis = tdap(answer);
    expect([pertussis && dateOf(pertussis, 'earliest'), pertussis && dateOf(pertussis, 'due')]).toEqual([
      '2026-10-01',
      '2026-10-01',
    ]);
    expect(pertussis?.description).toBe('For weeks 27 to 36 of the pregnancy; when it began is not known.');
    expect(answer.notes.join()).toContain('When the pregnancy began is not known');
  });

  it('and without any day: not before the assessment date', () => {
    const pertussis = tdap(woman(condition({})));
    expect(pertussis && dateOf(pertussis, 'due')).toBe(today);
  });
});

describe('what ends it', () => {
  const pregnant = status('2026-06-01');
  it.each([
    ['a later status', [pregnant, status('2026-09-01', notPregnant)]],
    ['whatever the order', [status('2026-09-01', notPregnant), pregnant]],
    [
      'the abatement of the condition',
      [condition({ onsetDateTime: '2026-03-01', abatementDateTime: '2026-09-01' })],
    ],
    ['44 weeks without a word', [status('2026-01-20')]],
    [
      '44 weeks from the beginning',
      [status('2026-06-01'), observation('8665-2', '2026-06-01', { valueDateTime: '2026-01-10' })],
    ],
    ['that she was pregnant before', [status('2026-06-01', notPregnant), status('2026-05-01')]],
  ])('%s', (_, clinical) => {
    const answer = woman(...clinical);
    expect([tdap(answer), rsv(answer)]).toEqual([undefined, undefined]);
    expect(answer.of('MMR').forecastStatus.text).toBe('Not Complete');
  });

  it.each([
    ['a status of before', [status('2026-05-01', notPregnant), pregnant]],
    ['a status of tomorrow', [pregnant, status('2026-11-29', notPregnant)]],
    ['43 weeks', [status('2026-02-10')]],
    ['a status that does not know', [pregnant, status('2026-09-01', '146799005')]],
  ])('but not %s', (_, clinical) => {
    const answer = woman(...clinical);
    expect(tdap(answer)).toBeDefined();
    expect(answer.of('MMR').forecastStatus.text).toBe('Contraindicated');
  });

  it('the dates of a pregnancy that is over are not those of the next', () => {
    const answer = woman(
      status('2026-03-01'),
      observation('11778-8', '2026-03-01', { valueDateTime: '2026-11-01' }),
      status('2026-04-20', notPregnant),
      status('2026-10-01'),
    );
    expect(tdap(answer)?.description).toContain('when it began is not known');
  });
});

describe('what is of another day', () => {
  it('is said to be left out when it lies ahead', () => {
    const answer = woman(status('2026-12-24'), condition({ onsetDateTime: '2027-01-01' }));
    expect(tdap(answer)).toBeUndefined();
    expect(answer.notes).toContain('Observation/c0 was not used: it is of a day after the assessment date');
    expect(answer.notes).toContain('Observation/c1 was not used: it is of a day after the assessment date');
  });

  it('is said when it does not say whether she is pregnant', () => {
    expect(woman(status('2026-10-01', '152231000119106')).notes.join()).toContain(
      'it does not say whether she is pregnant',
    );
  });

  it.each([
    ['whole blood', '134', '2026-06-10', '2026-05-10', 'MMR'],
    ['immune globulin for Kawasaki disease', '141', '2026-01-10', '2025-12-10', 'MMR'],
    ['an acute febrile illness', '030', '2026-11-20', '2026-11-01', 'Typhoid'],
  ])('%s holds for its time', (_, code, recent, past, group) => {
    const traveller = { resourceType: 'Condition', code: own('163') };
    const given = (performedDateTime: string) =>
      ask({
        born: '2020-01-01',
        clinical: [
          traveller,
          { resourceType: 'Procedure', status: 'completed', code: own(code), performedDateTime },
        ],
      }).of(group).forecastStatus.text;
    expect([given(recent), given(past)]).toEqual(['Contraindicated', 'Not Complete']);
  });

  it('a disease lasts', () => {
    const asplenia = { resourceType: 'Condition', code: own('160'), onsetDateTime: '2010-01-01' };
    expect(riskOf(ask({ born: '2000-01-01', clinical: [asplenia] }), 'Meningococcal')).toBeDefined();
  });
});
