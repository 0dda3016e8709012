import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainForecast, forecast } from '../../../src/forecast/forecast.ts';
import type { Forecast, ForecastDates, VaccineGroupForecast } from '../../../src/forecast/forecast-result.ts';
import type { AdministeredDose, PatientHistory } from '../../../src/forecast/patient-history.ts';
import type { EpochDay } from '../../../src/values/epoch-day.ts';
import type { CvxCode } from '../../../src/values/vaccine-code.ts';
import { schedule } from '../../cdsi/answer-case.ts';
import { day } from './small-schedule.ts';

// What must hold between two answers, whatever each of them is: nobody has to know the right one.

const assessed = day('2026-11-28');
/** Vaccines of ordinary people. */
const usual = [
  '03',
  '08',
  '10',
  '20',
  '21',
  '43',
  '48',
  '49',
  '83',
  '94',
  '110',
  '115',
  '116',
  '119',
  '140',
  '146',
  '165',
  '189',
  '216',
  '312',
  '328',
];

const people: fc.Arbitrary<PatientHistory> = fc
  .record({
    age: fc.integer({ min: 30, max: 70 * 365 }),
    gender: fc.constantFrom('Male' as const, 'Female' as const),
    doses: fc.array(
      fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), cvx: fc.constantFrom(...usual) }),
      { maxLength: 9 },
    ),
  })
  .map(({ age, gender, doses }) => ({
    dateOfBirth: (assessed - age) as EpochDay,
    gender,
    observations: [],
    doses: doses.map(({ at, cvx }, i) => ({
      id: `d${i}`,
      date: (assessed - age + Math.round(at * age)) as EpochDay,
      cvx: cvx as CvxCode,
    })),
  }));
const runs = { numRuns: 200 };
const ask = (history: PatientHistory, on: EpochDay = assessed): Forecast => forecast(schedule, history, on);
const withDose = (history: PatientHistory, ...doses: readonly AdministeredDose[]): PatientHistory => ({
  ...history,
  doses: [...history.doses, ...doses],
});

const ofChildren = ['08', '20', '110', '116', '146'];

function expectInOrder(
  { doseNumber, seriesDoses, behindSince = assessed, permissive }: VaccineGroupForecast,
  { earliest, recommended, pastDue = recommended, latest = recommended }: ForecastDates,
): void {
  expect(earliest).toBeLessThanOrEqual(Math.min(recommended, pastDue, latest));
  expect(doseNumber).toBeLessThanOrEqual(seriesDoses);
  expect([behindSince <= assessed, permissive && behindSince < assessed]).toEqual([true, false]);
}

describe('between two answers', () => {
  it('a later dose changes no verdict of an earlier one within a series', () => {
    fc.assert(
      fc.property(people, fc.constantFrom(...usual), (history, cvx) => {
        const verdicts = (given: PatientHistory) => {
          const { explanation } = explainForecast(schedule, given, assessed);
          return new Map(
            explanation.antigens.flatMap(({ antigen, series }) =>
              series.flatMap(({ seriesName, doses }) =>
                doses.map(({ doseId, status, reasons }) => [
                  `${antigen} ${seriesName} ${doseId}`,
                  `${status} ${reasons}`,
                ]),
              ),
            ),
          );
        };
        const last = Math.max(history.dateOfBirth, ...history.doses.map(({ date }) => date));
        fc.pre(last < assessed);
        const added = { id: 'later', date: (last + 1) as EpochDay, cvx: cvx as CvxCode };
        const after = verdicts(withDose(history, added));
        for (const [key, verdict] of verdicts(history))
          expect(`${key}: ${after.get(key)}`).toBe(`${key}: ${verdict}`);
      }),
      runs,
    );
  });

  it('the order in which doses are sent decides nothing, also within a day', () => {
    fc.assert(
      fc.property(people, fc.boolean(), (history, sameDay) => {
        const [first] = history.doses;
        const doses =
          sameDay && first ? history.doses.map((each) => ({ ...each, date: first.date })) : history.doses;
        const { dataProblems: one, ...forward } = ask({ ...history, doses });
        const { dataProblems: other, ...backward } = ask({ ...history, doses: [...doses].reverse() });
        expect(backward).toEqual(forward);
        expect([...other].reverse()).toEqual(one);
      }),
      runs,
    );
  });

  it('a dose that is recorded twice changes nothing', () => {
    fc.assert(
      fc.property(people, fc.nat(), (history, which) => {
        const dose = history.doses[which % Math.max(1, history.doses.length)];
        fc.pre(dose !== undefined);
        const { dataProblems: _, ...once } = ask(history);
        const { dataProblems, ...twice } = ask(withDose(history, { ...dose, id: 'z' } as AdministeredDose));
        expect(twice).toEqual(once);
        expect(dataProblems).toContainEqual({ doseId: 'z', problem: 'repeated' });
      }),
      runs,
    );
  });

  it('the dates of a forecast are in order, and its number is one of its doses', () => {
    fc.assert(
      fc.property(people, (history) => {
        for (const each of ask(history).forecasts) if (each.dates) expectInOrder(each, each.dates);
      }),
      runs,
    );
  });

  it('nobody catches up by waiting: who is behind stays so until a dose is given or needed no more', () => {
    fc.assert(
      fc.property(people, fc.integer({ min: 1, max: 4 * 365 }), (history, days) => {
        const later = ask(history, (assessed + days) as EpochDay);
        for (const before of ask(history).forecasts) {
          if (before.behindSince === undefined) continue;
          const after = later.forecasts.find(
            ({ vaccineGroup, seriesGroup, seriesType }) =>
              vaccineGroup === before.vaccineGroup &&
              seriesGroup === before.seriesGroup &&
              seriesType === before.seriesType,
          );
          if (after?.status !== 'Not Complete' || after.permissive) continue;
          expect([before.vaccineGroup, after.behindSince !== undefined]).toEqual([before.vaccineGroup, true]);
        }
      }),
      runs,
    );
  });

  it('no vaccine is named that does not fit the age when it is due', () => {
    fc.assert(
      fc.property(people, (history) => {
        const forbidden = assessed - history.dateOfBirth >= 20 * 366 ? ofChildren : [];
        for (const { namedVaccines } of ask(history).forecasts) {
          expect(new Set(namedVaccines).size).toBe(namedVaccines.length);
          expect(namedVaccines.filter((cvx) => forbidden.includes(cvx))).toEqual([]);
        }
      }),
      runs,
    );
  });
});
