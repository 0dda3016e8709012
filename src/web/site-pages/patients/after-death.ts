import type { Patient } from 'fhir/r4.js';
import { formatEpochDay } from '../../../values/epoch-day.ts';
import { daysMeantBy, parsePartialDate } from '../../../values/partial-date.ts';
import type { FormFault } from './form-fault.ts';

/** The last day that somebody may have lived; `undated` where they died and nobody says when. */
function lastDayOf({ deceasedBoolean, deceasedDateTime }: Patient): string | 'undated' | undefined {
  const date = parsePartialDate((deceasedDateTime ?? '').slice(0, 10));
  if (date) return formatEpochDay(daysMeantBy(date).last);
  return deceasedBoolean === true || deceasedDateTime !== undefined ? 'undated' : undefined;
}

/** Nothing was given to the dead, nor refused by them: a date after the death is wrong. */
export function faultsOfDeath(patient: Patient, date: string, field: string): readonly FormFault[] {
  const last = lastDayOf(patient);
  const given = parsePartialDate(date);
  if (last === undefined || last === 'undated' || !given) return [];
  const isAfter = formatEpochDay(daysMeantBy(given).first) > last;
  return isAfter
    ? [{ field, key: 'doses.after-death', values: { date: patient.deceasedDateTime ?? last } }]
    : [];
}

export function cautionOfDeath(patient: Patient, field: string): readonly FormFault[] {
  return lastDayOf(patient) === undefined ? [] : [{ field, key: 'caution.died' }];
}
