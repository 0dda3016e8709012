import { compileSchedule } from '../../../src/forecast/compile-schedule.ts';
import type { DoseExplanation, SeriesExplanation } from '../../../src/forecast/explanation.ts';
import { explainForecast } from '../../../src/forecast/forecast.ts';
import type { EvaluationReason, Forecast } from '../../../src/forecast/forecast-result.ts';
import { type PatientHistory, parseObservationCode } from '../../../src/forecast/patient-history.ts';
import { readScheduleData } from '../../../src/forecast/read-schedule-data.ts';
import type { Schedule } from '../../../src/forecast/schedule.ts';
import type {
  AntigenData,
  ScheduleData,
  SeriesData,
  SeriesDoseData,
} from '../../../src/forecast/schedule-data.ts';
import { type EpochDay, formatEpochDay } from '../../../src/values/epoch-day.ts';
import { parseEpochDay } from '../../../src/values/partial-date.ts';
import { parseCvxCode } from '../../../src/values/vaccine-code.ts';

/** A target dose that CVX 10 satisfies at any time, with what a test adds. */
export function doseData(extra: Partial<SeriesDoseData> = {}): SeriesDoseData {
  return {
    ages: [],
    intervals: [],
    allowableIntervals: [],
    preferableVaccines: [{ cvx: '10', forecastVaccineType: true }],
    allowableVaccines: [],
    inadvertentVaccines: [],
    conditionalSkips: [],
    recurringDose: false,
    ...extra,
  };
}

export function seriesData(extra: Partial<SeriesData> = {}): SeriesData {
  return {
    seriesName: 'Polio standard',
    vaccineGroup: 'Polio',
    seriesType: 'Standard',
    equivalentSeriesGroups: [],
    requiredGender: [],
    defaultSeries: true,
    productPath: false,
    seriesGroup: '1',
    seriesGroupName: 'Standard',
    seriesPriority: 'A',
    seriesPreference: 1,
    indications: [],
    doses: [doseData()],
    ...extra,
  };
}

export function antigenData(extra: Partial<AntigenData> = {}): AntigenData {
  return {
    antigen: 'Polio',
    immunity: { clinicalHistory: [], birthDates: [] },
    contraindications: [],
    vaccineContraindications: [],
    series: [seriesData()],
    ...extra,
  };
}

/** One antigen, Polio, that CVX 10, 02 and 89 hold; CVX 03 and 21 hold another, Measles. */
export function scheduleData(extra: Partial<ScheduleData> = {}): ScheduleData {
  const vaccine = (cvx: string, antigen: string) => ({
    cvx,
    shortDescription: `vaccine ${cvx}`,
    associations: [{ antigen }],
  });
  const observations = ['007', '048', '080', '120', '171'];
  return {
    version: '1.0',
    vaccines: [
      ...['10', '02', '89'].map((cvx) => vaccine(cvx, 'Polio')),
      ...['03', '21'].map((cvx) => vaccine(cvx, 'Measles')),
    ],
    vaccineGroups: [
      { name: 'Polio', antigens: ['Polio'] },
      { name: 'MMR', antigens: ['Measles'] },
    ],
    vaccineConflicts: [],
    observations: observations.map((code) => ({ code, title: `observation ${code}`, codedValues: [] })),
    antigens: [antigenData(), measles()],
    ...extra,
  };
}

export function measles(extra: Partial<SeriesData> = {}): AntigenData {
  const doses = [doseData({ preferableVaccines: [{ cvx: '03', forecastVaccineType: true }] })];
  const series = seriesData({ seriesName: 'Measles standard', vaccineGroup: 'MMR', doses, ...extra });
  return antigenData({ antigen: 'Measles', series: [series] });
}

export function compile(data: ScheduleData): Schedule {
  return compileSchedule(readScheduleData(data));
}

/** A schedule in which Polio has one series with these doses. */
export function scheduleWithDoses(...doses: readonly SeriesDoseData[]): Schedule {
  return compile(scheduleData({ antigens: [antigenData({ series: [seriesData({ doses })] }), measles()] }));
}

export function scheduleWithSeries(...series: readonly SeriesData[]): Schedule {
  return compile(scheduleData({ antigens: [antigenData({ series }), measles()] }));
}

export function day(text: string): EpochDay {
  const found = parseEpochDay(text);
  if (found === undefined) throw new Error(`${text} is no date`);
  return found;
}

type GivenDose = readonly [date: string, cvx?: string, extra?: Partial<PatientHistory['doses'][number]>];
type Given = {
  readonly born?: string;
  readonly gender?: PatientHistory['gender'];
  readonly country?: string;
  readonly doses?: readonly GivenDose[];
  readonly observations?: readonly (readonly [code: string, date?: string, endDate?: string])[];
};

/** Born on 2020-01-01 unless it says otherwise; doses are of CVX 10 and named by their place, from 1. */
export function history(given: Given = {}): PatientHistory {
  return {
    dateOfBirth: day(given.born ?? '2020-01-01'),
    gender: given.gender ?? 'Female',
    ...(given.country !== undefined && { countryOfBirth: given.country }),
    doses: (given.doses ?? []).map(([date, cvx = '10', extra], i) => ({
      id: String(i + 1),
      date: day(date),
      cvx: parseCvxCode(cvx)!,
      ...extra,
    })),
    observations: (given.observations ?? []).map(([code, date, endDate]) => ({
      code: parseObservationCode(code)!,
      ...(date !== undefined && { date: day(date) }),
      ...(endDate !== undefined && { endDate: day(endDate) }),
    })),
  };
}

export type Told = { readonly forecast: Forecast; readonly series: readonly SeriesExplanation[] };

/** The forecast, and what each relevant Polio series made of it. Assessed on 2030-01-01 unless it says otherwise. */
export function tell(schedule: Schedule, given: Given = {}, assessed = '2030-01-01'): Told {
  const { forecast, explanation } = explainForecast(schedule, history(given), day(assessed));
  return { forecast, series: explanation.antigens[0]?.series ?? [] };
}

/** Status and reasons of each dose in the first Polio series: "Valid", "Not Valid: too-soon". */
export function verdicts(schedule: Schedule, given: Given): readonly string[] {
  return (tell(schedule, given).series[0]?.doses ?? []).map(verdictOf);
}

function verdictOf(dose: Pick<DoseExplanation, 'status' | 'reasons'>): string {
  const reasons: readonly EvaluationReason[] = dose.reasons;
  return reasons.length === 0 ? dose.status : `${dose.status}: ${reasons.join(', ')}`;
}

/** Earliest, recommended, past due and latest date of the first Polio series; "-" where there is none. */
export function datesOf({ series }: Told): readonly string[] {
  const dates = series[0]?.dates;
  const shown = [dates?.earliest, dates?.recommended, dates?.pastDue, dates?.latest];
  return shown.map((each) => (each === undefined ? '-' : formatEpochDay(each)));
}
