import { describe, expect, it } from 'vitest';
import { laterOf } from '../../../src/forecast/date-arithmetic.ts';
import { forecast } from '../../../src/forecast/forecast.ts';
import type { Forecast, VaccineGroupForecast } from '../../../src/forecast/forecast-result.ts';
import type { AdministeredDose, Gender, PatientHistory } from '../../../src/forecast/patient-history.ts';
import { type EpochDay, formatEpochDay } from '../../../src/values/epoch-day.ts';
import { schedule } from '../../cdsi/answer-case.ts';
import { day } from './small-schedule.ts';

// Somebody who does what the answer says: at each visit the first named vaccine of every group that is due is given, on
// its earliest or on its recommended day, until nothing comes within the horizon. Every dose so given is valid in what
// it was given for, and the series whose ages are reached are complete.

type When = 'earliest' | 'recommended';
type Walk = {
  readonly born: EpochDay;
  readonly from: EpochDay;
  readonly until: EpochDay;
  readonly when: When;
  readonly gender: Gender;
};
type Walked = {
  readonly faults: readonly string[];
  readonly doses: readonly AdministeredDose[];
  readonly last: Forecast;
};

/** Yearly vaccines would fill the walk; they are walked in their own test. */
const yearly: ReadonlySet<string> = new Set(['Influenza', 'COVID-19']);

function walk(
  { born, from, until, when, gender }: Walk,
  left: (group: VaccineGroupForecast) => boolean,
): Walked {
  const doses: AdministeredDose[] = [];
  const faults: string[] = [];
  let today = from;
  for (let visits = 0; visits < 200; visits++) {
    const history: PatientHistory = { dateOfBirth: born, gender, doses, observations: [] };
    const found = forecast(schedule, history, today);
    faults.push(...invalidDoses(found, doses));
    const next = nextVisit(found, when, left);
    if (!next || next.on > until) return { faults, doses, last: forecast(schedule, history, until) };
    today = laterOf(next.on, today);
    const cvx = next.group.namedVaccines[0];
    if (cvx === undefined)
      return { faults: [...faults, `nothing to give of ${next.group.vaccineGroup}`], doses, last: found };
    doses.push({ id: `${next.group.vaccineGroup} ${formatEpochDay(today)} ${cvx}`, date: today, cvx });
  }
  return {
    faults: [...faults, 'no end'],
    doses,
    last: forecast(schedule, { dateOfBirth: born, gender, doses, observations: [] }, until),
  };
}

function nextVisit({ forecasts }: Forecast, when: When, left: (group: VaccineGroupForecast) => boolean) {
  let next: { readonly group: VaccineGroupForecast; readonly on: EpochDay } | undefined;
  for (const group of forecasts) {
    if (!group.dates || left(group)) continue;
    const on = group.dates[when];
    if (!next || on < next.on) next = { group, on };
  }
  return next;
}

/** The last dose, where it is not valid for what it was given for. */
function invalidDoses({ evaluations }: Forecast, doses: readonly AdministeredDose[]): readonly string[] {
  const last = doses.at(-1);
  if (!last) return [];
  const own = evaluations.filter(
    ({ doseId, vaccineGroup }) => doseId === last.id && last.id.startsWith(`${vaccineGroup} `),
  );
  if (own.some(({ status }) => status === 'Valid')) return [];
  return [`${last.id}: ${own.map(({ status, reasons }) => `${status} ${reasons}`).join()}`];
}

const born = day('2026-11-28');
const years = (count: number) => Math.floor(count * 365.25);
const isLeft = ({ vaccineGroup, seriesGroup, permissive }: VaccineGroupForecast) =>
  yearly.has(vaccineGroup) || permissive || seriesGroup !== '1';

describe.each<When>(['recommended', 'earliest'])('who follows the advice, %s date', (when) => {
  it.each([
    ['birth', 0],
    ['two months', 2 / 12],
    ['seven months', 7 / 12],
    ['15 months', 15 / 12],
    ['two years', 2],
    ['four years', 4],
    ['seven years', 7],
    ['eleven years', 11],
    ['15 years', 15],
    ['18 years', 18],
  ])('from %s on until 19 years', (_, age) => {
    for (const gender of ['Female', 'Male'] as const) {
      const { faults, last } = walk(
        {
          born,
          from: (born + years(age)) as EpochDay,
          until: (born + years(18.95)) as EpochDay,
          when,
          gender,
        },
        isLeft,
      );
      expect(faults).toEqual([]);
      const open = last.forecasts.filter(
        (each) => !isLeft(each) && each.dates && each.dates.recommended <= last.assessmentDate,
      );
      expect(
        open.map(({ vaccineGroup, dates }) => [vaccineGroup, dates && formatEpochDay(dates.recommended)]),
      ).toEqual([]);
    }
  });

  it.each([25, 40, 55, 70])('from %i years on for ten years', (age) => {
    const from = day('2026-11-28');
    const { faults } = walk(
      {
        born: (from - years(age)) as EpochDay,
        from,
        until: (from + years(10)) as EpochDay,
        when,
        gender: 'Female',
      },
      ({ vaccineGroup, permissive }) => yearly.has(vaccineGroup) || permissive,
    );
    expect(faults).toEqual([]);
  });
});

it('who is given influenza vaccine each October when it is due has two doses in the first season and one in the others', () => {
  const doses: AdministeredDose[] = [];
  for (let year = 2027; year < 2033; year++) {
    for (const today of [day(`${year}-10-10`), day(`${year}-11-20`)]) {
      const history = { dateOfBirth: born, gender: 'Male', doses, observations: [] } as const;
      const found = forecast(schedule, history, today);
      expect(invalidDoses(found, doses)).toEqual([]);
      const group = found.forecasts.find(({ vaccineGroup }) => vaccineGroup === 'Influenza');
      const cvx = group?.namedVaccines[0];
      if (!group?.dates || group.dates.recommended > today || cvx === undefined) continue;
      doses.push({ id: `Influenza ${formatEpochDay(today)} ${cvx}`, date: today, cvx });
    }
  }
  expect(doses.map(({ date }) => formatEpochDay(date).slice(0, 4))).toEqual([
    '2027',
    '2027',
    '2028',
    '2029',
    '2030',
    '2031',
    '2032',
  ]);
});
