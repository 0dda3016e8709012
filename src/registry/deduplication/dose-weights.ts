import { tableOf } from '../../values/table-of.ts';

/** MIROW's windows and weights, as the reference code has them (nist vaccination deduplication, December 2017). */
export const weights = {
  source: { administered: -7, historical: 15, different: 60, absent: 15 },
  lot: { same: 45, different: -25, absent: 25 },
  vaccine: { same: 50, different: 5, absent: 15 },
  product: { same: 35, different: -5, absent: 20 },
  organization: { same: 25, different: 10, absent: 15 },
} as const;

/** By days apart; the last one for all that are further. */
export const dayWeights: readonly number[] = [80, 65, 50, 43, 38, 30, 23];

/** Events further apart, in days, are not one dose. */
export const dateWindow = 23;

export const thresholds = { same: 0.6, different: 0.4 } as const;

/** Days between doses of most series at the least: four weeks less the grace of four days. */
export const usualInterval = 24;

/** Days between doses at the least, of antigens with a series that is shorter (CDC's schedule and the labels). */
export const shortestIntervals: Readonly<Record<string, number>> = tableOf({
  Cholera: 7,
  'COVID-19': 17,
  'Japanese Encephalitis': 7,
  Rabies: 3,
  TBE: 14,
  Typhoid: 2,
});

/** The same of vaccines with a schedule of their own: Hep A-Hep B on days 0, 7 and 21. */
export const shortestOfVaccines: Readonly<Record<string, number>> = tableOf({ '104': 7 });
