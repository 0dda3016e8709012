import type { Extension } from 'fhir/r4.js';
import { plusDays } from '../../forecast/date-arithmetic.ts';
import type { ForecastSeason, VaccineGroupForecast } from '../../forecast/forecast-result.ts';
import { type EpochDay, formatEpochDay } from '../../values/epoch-day.ts';
import { tableOf } from '../../values/table-of.ts';
import { pregnancyWeeksExtension } from './code-systems.ts';
import type { Pregnancy } from './pregnancy.ts';
import { pregnant } from './pregnancy-facts.ts';

/** The weeks of pregnancy in which a dose is given, the last one included. */
export type PregnancyWeeks = {
  readonly first: number;
  readonly last: number;
  /** Undefined where it is not known when the pregnancy began. */
  readonly days: { readonly first: EpochDay; readonly last: EpochDay } | undefined;
  /** Not given afterwards: the child is protected by an antibody after birth. */
  readonly closes: boolean;
};

type Weeks = Pick<PregnancyWeeks, 'first' | 'last' | 'closes'>;

/** ACIP, MMWR 2013;62(7) (Tdap) and 2023;72(41) (RSV): CDSi has the dates, but neither names the weeks nor both ends. */
const weeksOfGroups: Readonly<Record<string, Weeks>> = tableOf({
  'DTaP/Tdap/Td': { first: 27, last: 36, closes: false },
  RSV: { first: 32, last: 36, closes: true },
});

/** Those of a forecast that is for a pregnancy. */
export function pregnancyWeeksOf(
  { seriesType, status, supportingObservations, vaccineGroup }: VaccineGroupForecast,
  pregnancy: Pregnancy | undefined,
): PregnancyWeeks | undefined {
  const weeks = weeksOfGroups[vaccineGroup];
  const isFor = seriesType === 'Risk' && supportingObservations.includes(pregnant);
  if (!weeks || !isFor || status !== 'Not Complete' || !pregnancy) return undefined;
  const { began } = pregnancy;
  if (began === undefined) return { ...weeks, days: undefined };
  const days = { first: plusDays(began, weeks.first * 7), last: plusDays(began, weeks.last * 7 + 6) };
  return { ...weeks, days };
}

export function toPregnancyWeeks({ first, last, days }: PregnancyWeeks): Extension {
  return {
    url: pregnancyWeeksExtension,
    extension: [
      { url: 'weeks', valueRange: { low: inWeeks(first), high: inWeeks(last) } },
      ...(days
        ? [
            {
              url: 'period',
              valuePeriod: { start: formatEpochDay(days.first), end: formatEpochDay(days.last) },
            },
          ]
        : []),
    ],
  };
}

function inWeeks(value: number) {
  return { value, unit: 'wk', system: 'http://unitsofmeasure.org', code: 'wk' };
}

/** A sentence, since it is read by persons: which weeks, which days, and whether they are over. */
export function describePregnancyWeeks(
  { first, last, days }: PregnancyWeeks,
  { dates, season }: VaccineGroupForecast,
  assessmentDate: EpochDay,
): string {
  const weeks = `For weeks ${first} to ${last} of the pregnancy`;
  if (!days) {
    const never = dates ? '' : `, but it is over before its season${season ? periodOf(season) : ''} begins`;
    return `${weeks}; when it began is not known${never}.`;
  }
  const [from, to] = [formatEpochDay(days.first), formatEpochDay(days.last)];
  if (assessmentDate > days.last) return `${weeks}, which ended on ${to}.`;
  if (dates) return `${weeks}, ${from} to ${to}.`;
  return `${weeks}, ${from} to ${to}: outside its season${season ? periodOf(season) : ''}, so that it is not given in this pregnancy.`;
}

function periodOf({ start, end }: ForecastSeason): string {
  return ` (${formatEpochDay(start)}${end === undefined ? '' : ` to ${formatEpochDay(end)}`})`;
}
