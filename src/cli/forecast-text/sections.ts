import type { ForecastDates, VaccineGroupForecast } from '../../forecast/forecast-result.ts';
import type { Pregnancy } from '../../registry/forecasting/pregnancy.ts';
import { overdueSince } from '../../registry/forecasting/vaccine-status.ts';
import type { EpochDay } from '../../values/epoch-day.ts';

/** In the order in which a nurse asks: what to give today, what may be given, what to plan, what to leave. */
export const sections = [
  'Overdue',
  'Due now',
  'May be given now',
  'Later',
  'Must not be given',
  'Complete or immune',
  'Not needed',
] as const;
export type Section = (typeof sections)[number];

/** The day that a forecast is of, and the pregnancy of that day. */
export type OnDay = { readonly assessmentDate: EpochDay; readonly pregnancy: Pregnancy | undefined };

function sectionOf(each: VaccineGroupForecast, on: OnDay): Section {
  switch (each.status) {
    case 'Not Complete':
      return sectionOfNeeded(each, on);
    case 'Contraindicated':
      // Tetanus and diphtheria are still needed where pertussis vaccine must not be given, and there is a vaccine for them.
      return each.neededDates && each.namedVaccines.length > 0
        ? sectionOfNeeded(each, on)
        : 'Must not be given';
    case 'Complete':
    case 'Immune':
      return 'Complete or immune';
    case 'Aged Out':
    case 'Not Recommended':
      return 'Not needed';
  }
}

function sectionOfNeeded(each: VaccineGroupForecast, { assessmentDate }: OnDay): Section {
  const dates = each.dates ?? each.neededDates;
  if (!dates) return 'Not needed';
  if (overdueSince(each, assessmentDate) !== undefined) return 'Overdue';
  if (dates.recommended > assessmentDate) return 'Later';
  return isOptional(each) ? 'May be given now' : 'Due now';
}

/** Nobody is late with what is left to a decision. */
export function isOptional({ permissive, isSharedDecision }: VaccineGroupForecast): boolean {
  return permissive || isSharedDecision;
}

/** A row of the text. */
export type Row = {
  readonly each: VaccineGroupForecast;
  readonly section: Section;
  /** Of a dose that is asked for, now or later. */
  readonly dates: ForecastDates | undefined;
};

/** All that is told, in the order in which it is told. */
export function rowsOf(
  forecasts: readonly VaccineGroupForecast[],
  leftOut: readonly string[],
  on: OnDay,
): readonly Row[] {
  const isTold = toldHere(forecasts, leftOut);
  const rows = forecasts.filter(isTold).map((each) => toRow(each, on));
  return sections.flatMap((section) => rows.filter((row) => row.section === section).sort(byDate));
}

const asking: readonly Section[] = ['Overdue', 'Due now', 'May be given now', 'Later'];

function toRow(each: VaccineGroupForecast, on: OnDay): Row {
  const section = sectionOf(each, on);
  return {
    each,
    section,
    dates: asking.includes(section) ? (each.dates ?? each.neededDates) : undefined,
  };
}

/**
 * Too old for the series of children is no news of a group that has another one for this age, and that the person is dead
 * is said once.
 */
function toldHere(forecasts: readonly VaccineGroupForecast[], leftOut: readonly string[]) {
  const others = new Set(leftOut);
  for (const { status, vaccineGroup } of forecasts) if (status !== 'Aged Out') others.add(vaccineGroup);
  return ({ status, vaccineGroup, reasons }: VaccineGroupForecast) =>
    !(status === 'Aged Out' && others.has(vaccineGroup)) && !reasons.includes('deceased');
}

function byDate(a: Row, b: Row): number {
  return (a.dates?.recommended ?? 0) - (b.dates?.recommended ?? 0);
}

/** Whether a dose of the row can be given on the day of the forecast. */
export function canBeGiven({ dates, section }: Row, { assessmentDate }: OnDay): boolean {
  return dates !== undefined && section !== 'Later' && dates.earliest <= assessmentDate;
}
