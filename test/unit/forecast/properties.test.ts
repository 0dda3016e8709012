import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainForecast, forecast } from '../../../src/forecast/forecast.ts';
import type { PatientHistory } from '../../../src/forecast/patient-history.ts';
import { schedule } from '../../cdsi/answer-case.ts';
import { day, history } from './small-schedule.ts';

const vaccines = [...schedule.vaccineNames.keys()];
const observationCodes = [...schedule.observationTitles.keys()];
const assessed = day('2026-01-01');
const birth = fc.integer({ min: day('1935-01-01'), max: assessed });

/** Histories of any age with up to nine doses of any vaccines, some before birth, late or bad, and observations. */
const histories: fc.Arbitrary<PatientHistory> = birth.chain((born) => {
  const dates = fc.integer({ min: born - 30, max: assessed + 30 });
  return fc
    .record({
      gender: fc.constantFrom('Male' as const, 'Female' as const, 'Unknown' as const),
      doses: fc.array(
        fc.record({
          date: dates,
          cvx: fc.oneof(
            { weight: 9, arbitrary: fc.constantFrom(...vaccines) },
            { weight: 1, arbitrary: fc.constant('999') },
          ),
          bad: fc.oneof(
            { weight: 9, arbitrary: fc.constant(false) },
            { weight: 1, arbitrary: fc.constant(true) },
          ),
        }),
        { maxLength: 9 },
      ),
      observations: fc.array(
        fc.record({ code: fc.constantFrom(...observationCodes), date: fc.option(dates, { nil: undefined }) }),
        { maxLength: 4 },
      ),
    })
    .map(({ gender, doses, observations }) => ({
      ...history({ gender }),
      dateOfBirth: born as PatientHistory['dateOfBirth'],
      doses: doses.map(
        ({ date, cvx, bad }, i) =>
          ({
            id: `d${i}`,
            date,
            cvx,
            ...(bad && { condition: 'recall' as const }),
          }) as PatientHistory['doses'][number],
      ),
      observations: observations.map(
        ({ code, date }) =>
          ({ code, ...(date !== undefined && { date }) }) as PatientHistory['observations'][number],
      ),
    }));
});

const runs = { numRuns: 150 };

function frozen(given: PatientHistory): PatientHistory {
  for (const list of [given.doses, given.observations]) for (const each of list) Object.freeze(each);
  Object.freeze(given.doses);
  Object.freeze(given.observations);
  return Object.freeze(given);
}

describe('for any history', () => {
  it('says something of every dose: judged for each antigen that it holds, unjudged, or a problem', () => {
    fc.assert(
      fc.property(histories, (given) => {
        const found = forecast(schedule, frozen(given), assessed);
        const judged = [...found.evaluations, ...found.unjudgedDoses];
        for (const dose of given.doses) {
          const isProblem = found.dataProblems.some(({ doseId }) => doseId === dose.id);
          const held = judged.filter(({ doseId }) => doseId === dose.id).map(({ antigen }) => antigen);
          const associations = schedule.associations[Number(dose.cvx)] ?? [];
          // CVX 121 holds one of two antigens, by age.
          const expected = dose.cvx === '121' ? 1 : associations.length;
          expect(new Set(held).size).toBe(isProblem ? 0 : expected);
        }
      }),
      runs,
    );
  });

  it('does not depend on the order in which doses of different days are given', () => {
    fc.assert(
      fc.property(histories, fc.infiniteStream(fc.nat()), (given, keys) => {
        const days = new Set<number>();
        const doses = given.doses.filter(({ date }) => !days.has(date) && days.add(date));
        const shuffled = doses
          .map((dose) => ({ dose, key: keys.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ dose }) => dose);
        const { dataProblems: _, ...one } = forecast(schedule, { ...given, doses }, assessed);
        const { dataProblems: __, ...other } = forecast(schedule, { ...given, doses: shuffled }, assessed);
        expect(other).toEqual(one);
      }),
      runs,
    );
  });

  it('finds of some antigens what it finds of them among all', () => {
    const names = schedule.antigens.map(({ name }) => name);
    const groupsOf = (antigens: ReadonlySet<string>) =>
      schedule.vaccineGroups.filter((group) =>
        group.antigens.some((place) => antigens.has(names[place] ?? '')),
      );
    fc.assert(
      fc.property(histories, fc.subarray(names), (given, some) => {
        const antigens = new Set(some);
        const groups = groupsOf(antigens);
        const wanted = new Set(groups.flatMap((group) => group.antigens.map((place) => names[place])));
        const whole = forecast(schedule, given, assessed);
        const part = forecast(schedule, given, assessed, { antigens });
        const ofGroups = whole.forecasts.filter(({ vaccineGroup }) =>
          groups.some(({ name }) => name === vaccineGroup),
        );
        expect(part.forecasts).toEqual(ofGroups);
        for (const list of ['evaluations', 'unjudgedDoses'] as const) {
          const ofAntigens = whole[list].filter(({ antigen }) => wanted.has(antigen));
          expect(new Set(part[list])).toEqual(new Set(ofAntigens));
        }
      }),
      runs,
    );
  });

  it('explaining changes nothing', () => {
    fc.assert(
      fc.property(histories, (given) => {
        expect(explainForecast(schedule, given, assessed).forecast).toEqual(
          forecast(schedule, given, assessed),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('gives dates and a number just when a dose is needed, none before the earliest date', () => {
    fc.assert(
      fc.property(histories, (given) => {
        for (const { status, dates, doseNumber, reasons } of forecast(schedule, given, assessed).forecasts) {
          const needed = status === 'Not Complete';
          expect([dates !== undefined, doseNumber !== undefined, reasons.length === 0]).toEqual([
            needed,
            needed,
            needed,
          ]);
          if (!dates) continue;
          expect(dates.recommended).toBeGreaterThanOrEqual(dates.earliest);
          expect(dates.pastDue ?? dates.earliest).toBeGreaterThanOrEqual(dates.earliest);
          expect(dates.earliest).toBeGreaterThanOrEqual(given.dateOfBirth);
        }
      }),
      runs,
    );
  });

  it('no dose that is only added after the assessment date changes anything', () => {
    fc.assert(
      fc.property(histories, (given) => {
        const later = {
          ...given.doses[0],
          id: 'later',
          date: assessed + 1,
          cvx: '03',
        } as PatientHistory['doses'][number];
        const { dataProblems: _, ...one } = forecast(schedule, given, assessed);
        const { dataProblems: __, ...other } = forecast(
          schedule,
          { ...given, doses: [later, ...given.doses] },
          assessed,
        );
        expect(other).toEqual(one);
      }),
      { numRuns: 60 },
    );
  });
});
