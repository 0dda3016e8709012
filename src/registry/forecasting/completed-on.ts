import { forecast } from '../../forecast/forecast.ts';
import type { PatientHistory } from '../../forecast/patient-history.ts';
import type { Schedule } from '../../forecast/schedule.ts';
import type { EpochDay } from '../../values/epoch-day.ts';

/** The day of the last dose that a complete series of the vaccine group rests on; undefined: none is complete. */
export function completedOn(
  vaccineGroup: string,
  schedule: Schedule,
  history: PatientHistory,
  assessmentDate: EpochDay,
): EpochDay | undefined {
  const { forecasts } = forecast(schedule, history, assessmentDate);
  const found = forecasts.find((each) => each.vaccineGroup === vaccineGroup);
  if (found?.status !== 'Complete') return undefined;
  const days = history.doses.flatMap(({ id, date }) => (found.supportingDoses.includes(id) ? [date] : []));
  return days.length === 0 ? undefined : (Math.max(...days) as EpochDay);
}
