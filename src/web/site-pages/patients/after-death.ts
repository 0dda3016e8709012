import type { Patient } from 'fhir/r4.js';
import { formatEpochDay } from '../../../values/epoch-day.ts';
import { daysMeantBy, parsePartialDate } from '../../../values/partial-date.ts';
import { hasDied } from '../../person-words.ts';
import type { FormFault } from './form-fault.ts';

/** The last day that somebody may have lived; undefined where they live, or nobody says when they died. */
function lastDayOf({ deceasedDateTime = '' }: Patient): string | undefined {
  const date = parsePartialDate(deceasedDateTime.slice(0, 10));
  return date && formatEpochDay(daysMeantBy(date).last);
}

/** Nothing was given to the dead, nor refused by them: a date after the death is wrong. */
export function faultsOfDeath(patient: Patient, date: string, field: string): readonly FormFault[] {
  const last = lastDayOf(patient);
  const given = parsePartialDate(date);
  if (last === undefined || !given) return [];
  const isAfter = formatEpochDay(daysMeantBy(given).first) > last;
  return isAfter
    ? [{ field, key: 'doses.after-death', values: { date: patient.deceasedDateTime ?? last } }]
    : [];
}

export function cautionOfDeath(patient: Patient, field: string): readonly FormFault[] {
  return hasDied(patient) ? [{ field, key: 'caution.died' }] : [];
}
