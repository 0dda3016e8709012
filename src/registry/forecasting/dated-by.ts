import type { ObservationCode, PatientObservation } from '../../forecast/patient-history.ts';
import { type EpochDay, formatEpochDay } from '../../values/epoch-day.ts';
import { daysMeantBy, parsePartialDate } from '../../values/partial-date.ts';
import { tableOf } from '../../values/table-of.ts';
import { type ClinicalResource, spanOf } from './to-observations.ts';

export const transplantDate = '171' as ObservationCode;

/**
 * CDSi counts some intervals from an observation of its own that only dates another: the day of a stem cell transplant
 * (171), of who has had one (004). No coding stands for it, so that the day is drawn from the resource. The other two of
 * this kind: the onset of a pregnancy (170) is drawn from all that is known of it, and the beginning of an antiviral
 * therapy (120) is sent by its own code alone: HIV infection, by whose code it is relevant, says nothing of it.
 */
const datedBy: Readonly<Record<string, ObservationCode>> = tableOf({ '004': transplantDate });

/** Later than all: nothing is known to be after it. */
const never = 2_932_896 as EpochDay;

export type Dating = { readonly observations: readonly PatientObservation[]; readonly note?: string };

/** The observations that date those of the resource. Of a date that is not whole the last day counts. */
export function datingOf(
  resource: ClinicalResource,
  observations: readonly PatientObservation[],
  assessmentDate: EpochDay,
): Dating {
  const codes = observations.flatMap(({ code, unconfirmed }) => (unconfirmed ? [] : (datedBy[code] ?? [])));
  if (codes.length === 0) return { observations: [] };
  const date = observations.find(({ date }) => date !== undefined)?.date ?? lastDayOf(resource);
  if (date === undefined) {
    return {
      observations: codes.map((code) => ({ code, notBefore: never })),
      note: 'it has no date: no dose is known to have been given after it, so that none counts in the series for it',
    };
  }
  const known = Math.min(date, assessmentDate) as EpochDay;
  const dated = codes.map((code) => ({ code, date: known }));
  if (observations.some((each) => each.date !== undefined)) return { observations: dated };
  return {
    observations: dated,
    note: `its date is not whole; intervals are counted from ${formatEpochDay(known)}`,
  };
}

function lastDayOf(resource: ClinicalResource): EpochDay | undefined {
  const { begin } = spanOf(resource);
  const partial = begin === undefined ? undefined : parsePartialDate(begin);
  return partial && daysMeantBy(partial).last;
}
