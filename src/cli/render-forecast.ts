import type { Explanation, RuleStep } from '../forecast/explanation.ts';
import type {
  EvaluationReason,
  Forecast,
  ForecastDates,
  ForecastReason,
  VaccineGroupForecast,
} from '../forecast/forecast-result.ts';
import type { PatientHistory } from '../forecast/patient-history.ts';
import { distantYears, withoutDistant } from '../registry/forecasting/distant.ts';
import { type EpochDay, formatEpochDay } from '../values/epoch-day.ts';

export type RenderedForecast = {
  /** Whom it is about: `Patient/1`. */
  readonly subject: string;
  readonly history: PatientHistory;
  readonly forecast: Forecast;
  readonly explanation: Explanation;
  readonly displayOf: (cvx: string) => string | undefined;
  /** How far the schedule may be trusted, a sentence each. */
  readonly warnings: readonly string[];
  /** What was not used, a sentence each. */
  readonly notes: readonly string[];
};

type Section = 'Overdue' | 'Due now' | 'Later' | 'Nothing to give';
const sections: readonly Section[] = ['Overdue', 'Due now', 'Later', 'Nothing to give'];

/** A forecast for a person to read: what is due and when, why, and which doses do not count. */
export function renderForecast(rendered: RenderedForecast): string {
  const { history, subject } = rendered;
  const { forecast, leftOut } = withoutDistant(rendered.forecast);
  const { assessmentDate, scheduleVersion, forecasts } = forecast;
  const head = [
    `Forecast for ${formatEpochDay(assessmentDate)} by schedule ${scheduleVersion}`,
    `${subject}, born ${formatEpochDay(history.dateOfBirth)}, ${history.gender.toLowerCase()}, doses: ${history.doses.length}`,
  ].join('\n');
  const isToldOtherwise = toldOtherwise(forecasts, leftOut);
  const parts = sections.map((section) => {
    const shown = forecasts.filter(
      (each) => sectionOf(each, assessmentDate) === section && !isToldOtherwise(each),
    );
    return titled(
      section,
      shown.sort(byDate).map((each) => renderGroup(each, section, rendered)),
    );
  });
  const distant = titled(
    `In ${distantYears} years or more`,
    leftOut.map((group) => `  ${group}`),
  );
  const warnings = titled(
    'To be trusted with care',
    rendered.warnings.map((text) => `  ${text}`),
  );
  const unused = [...rendered.notes, ...problemsOf(forecast)].map((note) => `  ${note}`);
  const notes = titled('Not used', unused);
  const shown = [
    head,
    ...parts,
    distant,
    titled('Doses that do not count', renderDoses(rendered)),
    warnings,
    notes,
  ];
  return `${shown.filter((part) => part !== '').join('\n\n')}\n`;
}

/** Too old for the series of children is no news of a group that has another one for this age. */
function toldOtherwise(forecasts: readonly VaccineGroupForecast[], leftOut: readonly string[]) {
  const others = new Set(leftOut);
  for (const { status, vaccineGroup } of forecasts) if (status !== 'Aged Out') others.add(vaccineGroup);
  return ({ status, vaccineGroup }: VaccineGroupForecast) =>
    status === 'Aged Out' && others.has(vaccineGroup);
}

function problemsOf({ dataProblems, unjudgedDoses }: Forecast): readonly string[] {
  return [
    ...dataProblems.map(({ doseId, problem }) => `warning: ${doseId}: ${problem.replaceAll('-', ' ')}`),
    ...unjudgedDoses.map(({ doseId, antigen }) => `information: ${doseId}: no series of ${antigen} applies`),
  ];
}

function titled(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}\n${lines.join('\n')}`;
}

function sectionOf({ status, dates, behindSince }: VaccineGroupForecast, asOf: EpochDay): Section {
  if (status !== 'Not Complete' || !dates) return 'Nothing to give';
  if (behindSince !== undefined) return 'Overdue';
  return dates.recommended <= asOf ? 'Due now' : 'Later';
}

function byDate(a: VaccineGroupForecast, b: VaccineGroupForecast): number {
  return (a.dates?.recommended ?? 0) - (b.dates?.recommended ?? 0);
}

function renderGroup(each: VaccineGroupForecast, section: Section, rendered: RenderedForecast): string {
  const risk = each.seriesType === 'Standard' ? '' : ` (${each.seriesType.toLowerCase()})`;
  const name = `  ${each.vaccineGroup}${risk}`.padEnd(widest);
  if (section === 'Nothing to give' || !each.dates) return `${name} ${renderSettled(each)}`;
  const dose = each.doseNumber === undefined ? '' : `dose ${each.doseNumber} `;
  const lines = [`${name} ${dose}${renderDates(each, each.dates, section)}${renderRemarks(each)}`];
  if (each.namedVaccines.length > 0) {
    lines.push(`      give: ${each.namedVaccines.map((cvx) => nameOf(cvx, rendered)).join(', or ')}`);
  }
  const why = whyOf(each, rendered.explanation);
  if (each.isSharedDecision) lines.push('      for patient and clinician to decide');
  if (why.length > 0) lines.push(`      why: ${why.join('; ')}`);
  return lines.join('\n');
}

const widest = 20;

function renderDates(
  { permissive, isSharedDecision }: VaccineGroupForecast,
  { earliest, recommended, pastDue, latest }: ForecastDates,
  section: Section,
): string {
  const day = formatEpochDay;
  const parts = [`${section === 'Later' ? 'on' : 'since'} ${day(recommended)}`];
  if (section === 'Later' && earliest < recommended) parts.push(`possible from ${day(earliest)}`);
  // Nobody is late with what is left to a decision.
  const isRecommended = !permissive && !isSharedDecision;
  if (pastDue !== undefined && isRecommended) parts.push(`overdue after ${day(pastDue)}`);
  if (latest !== undefined) parts.push(`not after ${day(latest)}`);
  return parts.join(', ');
}

function renderRemarks({ behindSince, dates, permissive }: VaccineGroupForecast): string {
  if (permissive) return ', may be given';
  const isTold = behindSince === undefined || (dates?.pastDue ?? behindSince) < behindSince;
  return isTold ? '' : `, behind since ${formatEpochDay(behindSince)}`;
}

function renderSettled({ status, reasons, seriesNames, ...each }: VaccineGroupForecast): string {
  const because = reasons.map((reason) => reasonTexts[reason]).filter((text) => text !== '');
  const series = [...new Set(seriesNames)].join('; ');
  const text = [status.toLowerCase(), ...because].join(': ') + (series === '' ? '' : ` [${series}]`);
  if (!each.neededDates) return text;
  const needed = `${each.antigensNeeded.join(' and ')} still needed`;
  return `${text}; ${needed} from ${formatEpochDay(each.neededDates.recommended)}`;
}

const reasonTexts: Readonly<Record<ForecastReason, string>> = {
  immune: 'there is evidence of immunity',
  contraindicated: 'there is a contraindication',
  complete: '',
  deceased: 'the person is dead',
  'not-recommended-by-authority': 'by whose schedule is followed',
  'past-immunization-history': 'by what was given before',
  'past-seasonal-end': 'the season is over',
  'past-maximum-age': 'too old',
  'cannot-finish-before-maximum-age': 'too old to finish the series',
};

/** The rules that gave the recommended date of the group. */
function whyOf({ vaccineGroup, seriesGroup, dates }: VaccineGroupForecast, { antigens }: Explanation) {
  const steps = antigens
    .filter((antigen) => antigen.vaccineGroup === vaccineGroup)
    .flatMap(({ series }) => series)
    .filter((series) => series.prioritized && series.seriesGroup === seriesGroup)
    .flatMap(({ forecastSteps }) => forecastSteps);
  const deciding = steps.filter(
    ({ outcome, limit, rule }) =>
      outcome === 'won' && limit === dates?.recommended && rule !== 'FORECASTDT-5' && rule !== 'FORECASTDT-3',
  );
  // The earliest date that falls on the same day decided nothing.
  const recommending = deciding.filter(({ rule }) => rule === 'FORECASTDT-2');
  return [...new Set((recommending.length > 0 ? recommending : deciding).map(renderWhy))];
}

function renderWhy({ subject, reference, offset, rule }: RuleStep): string {
  const rest = subject.replace(/^(?:earliest|recommended): /, '');
  const from =
    reference === undefined ? '' : ` (${formatEpochDay(reference)}${offset ? ` + ${offset}` : ''})`;
  return `${rest}${from} [${rule}]`;
}

function renderDoses(rendered: RenderedForecast): readonly string[] {
  const { forecast, history } = rendered;
  return history.doses.flatMap((dose) => {
    const judged = forecast.evaluations.filter(({ doseId }) => doseId === dose.id);
    const bad = judged.filter(({ status }) => status !== 'Valid');
    if (bad.length === 0) return [];
    const why = bad.map(
      ({ antigen, status, reasons }) =>
        `${antigen} ${status.toLowerCase()}${reasons.length > 0 ? ` (${reasons.map(reasonOf).join(', ')})` : ''}`,
    );
    return `  ${formatEpochDay(dose.date)} ${nameOf(dose.cvx, rendered)}: ${[...new Set(why)].join('; ')}`;
  });
}

function reasonOf(reason: EvaluationReason): string {
  return reason.replaceAll('-', ' ');
}

function nameOf(cvx: string, { displayOf }: RenderedForecast): string {
  const display = displayOf(cvx);
  return display === undefined ? `CVX ${cvx}` : `${display} (CVX ${cvx})`;
}
