import { readFileSync } from 'node:fs';
import { compileSchedule } from '../../src/forecast/compile-schedule.ts';
import type { Explanation } from '../../src/forecast/explanation.ts';
import { explainForecast, forecast } from '../../src/forecast/forecast.ts';
import type { Forecast } from '../../src/forecast/forecast-result.ts';
import {
  type AdministeredDose,
  type PatientHistory,
  type PatientObservation,
  parseObservationCode,
} from '../../src/forecast/patient-history.ts';
import { parseScheduleData } from '../../src/forecast/read-schedule-data.ts';
import { type EpochDay, formatEpochDay } from '../../src/values/epoch-day.ts';
import { parseEpochDay } from '../../src/values/partial-date.ts';
import { parseCvxCode, parseMvxCode } from '../../src/values/vaccine-code.ts';
import type { CdsiCase, ExpectedForecast } from './cdsi-case.ts';
import type { Answer, DoseJudgment } from './compare-case.ts';

export const schedule = compileSchedule(parseScheduleData(readFileSync('schedules/4.64-508.json', 'utf8')));

/** The answer of the engine. A case that names types of series also sees the series that are not the best. */
export function answerOf(each: CdsiCase): Answer {
  const history = toHistory(each);
  const assessmentDate = toDay(each.assessmentDate);
  if (each.doses?.some(({ seriesType }) => seriesType !== undefined)) {
    const { forecast: found, explanation } = explainForecast(schedule, history, assessmentDate);
    return { forecast: forecastOf(each, found), doses: byDose(each, prioritizedJudgments(explanation)) };
  }
  const found = forecast(schedule, history, assessmentDate);
  return { forecast: forecastOf(each, found), doses: byDose(each, found.evaluations) };
}

export function toHistory(each: CdsiCase): PatientHistory {
  return {
    dateOfBirth: toDay(each.dateOfBirth),
    gender: each.gender,
    doses: (each.doses ?? []).map(({ date, cvx, mvx }, i): AdministeredDose => {
      const [cvxCode, mvxCode] = [parseCvxCode(cvx), parseMvxCode(mvx ?? '')];
      if (!cvxCode) throw new Error(`CVX ${cvx} of case ${each.id}`);
      return { id: String(i), date: toDay(date), cvx: cvxCode, ...(mvxCode && { mvx: mvxCode }) };
    }),
    observations: (each.observations ?? []).map(({ code, date }): PatientObservation => {
      const observation = parseObservationCode(code);
      if (!observation) throw new Error(`observation ${code} of case ${each.id}`);
      return { code: observation, ...(date && { date: toDay(date) }) };
    }),
  };
}

export function toDay(text: string): EpochDay {
  const day = parseEpochDay(text);
  if (day === undefined) throw new Error(`${text} is no date`);
  return day;
}

function forecastOf(each: CdsiCase, { forecasts }: Forecast): ExpectedForecast | undefined {
  const chosen = forecasts.find(({ vaccineGroup }) => vaccineGroup === each.vaccineGroup);
  if (!chosen) return undefined;
  const { status, doseNumber, dates } = chosen;
  return {
    status,
    ...(doseNumber !== undefined && { doseNumber }),
    ...(dates && {
      earliest: formatEpochDay(dates.earliest),
      recommended: formatEpochDay(dates.recommended),
    }),
    ...(dates?.pastDue !== undefined && { pastDue: formatEpochDay(dates.pastDue) }),
  };
}

type Judged = DoseJudgment & { readonly doseId: string };

function prioritizedJudgments({ antigens }: Explanation): readonly Judged[] {
  return antigens.flatMap(({ vaccineGroup, series }) =>
    series
      .filter(({ prioritized }) => prioritized)
      .flatMap(({ seriesType, doses }) =>
        doses.map(({ doseId, status, reasons }) => ({ doseId, vaccineGroup, seriesType, status, reasons })),
      ),
  );
}

function byDose(each: CdsiCase, judged: readonly Judged[]): Answer['doses'] {
  return (each.doses ?? []).map((_, i) => judged.filter(({ doseId }) => doseId === String(i)));
}
