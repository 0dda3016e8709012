import { addOffset, plusDays } from '../../forecast/date-arithmetic.ts';
import type { ObservationCode, PatientObservation } from '../../forecast/patient-history.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import { tableOf } from '../../values/table-of.ts';

type Length = { readonly months: number; readonly days: number };
const months = (count: number): Length => ({ months: count, days: 0 });
const days = (count: number): Length => ({ months: 0, days: count });

/**
 * How long a fact of a day holds where nobody says that it ended, by CDSi code. What is not here lasts: a disease, an
 * allergy, an occupation, a journey. Antibodies: CDC General Best Practice Guidelines, table 3-6 (measles and varicella
 * vaccines); medicines: as the observation is worded; acute illnesses: two weeks.
 */
const lengths: Readonly<Record<string, Length>> = tableOf({
  '009': months(24),
  '029': days(14),
  '030': days(14),
  '033': days(2),
  '035': days(3),
  '125': months(3),
  '126': months(6),
  '127': months(3),
  '128': months(4),
  '129': months(5),
  '130': months(6),
  '131': months(8),
  '132': months(3),
  '133': months(6),
  '134': months(6),
  '135': months(7),
  '136': months(6),
  '137': months(8),
  '138': months(8),
  '139': months(8),
  '140': months(10),
  '141': months(11),
  '228': days(44 * 7),
  '230': months(12),
});

/** Immune globulins and blood products, by CDSi code. */
export function isOfAntibodies(code: ObservationCode): boolean {
  return code >= '125' && code <= '141';
}

/** The last day of so many months from the first, which counts. */
export function lastDayOf(first: EpochDay, length: Length): EpochDay {
  return plusDays(addOffset(first, length), -1);
}

/** The observation with the last day on which it can hold; one without a date has none to count from. */
export function withItsLength(observation: PatientObservation): PatientObservation {
  const length = lengths[observation.code];
  if (!length || observation.date === undefined || observation.endDate !== undefined) return observation;
  return { ...observation, endDate: lastDayOf(observation.date, length) };
}
