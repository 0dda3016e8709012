import type {
  AntigenExplanation,
  DoseExplanation,
  Explanation,
  RuleStep,
  SelectionExplanation,
  SeriesExplanation,
  VaccineGroupExplanation,
} from '../forecast/explanation.ts';
import type {
  DataProblem,
  Forecast,
  ForecastDates,
  VaccineGroupForecast,
} from '../forecast/forecast-result.ts';
import { type EpochDay, formatEpochDay } from '../values/epoch-day.ts';

type RenderOptions = {
  /** Also the series that were looked at but stand for nothing. */
  readonly allSeries?: boolean;
};

/** The explanation as plain text: for each vaccine group the answer first, then how it came about. */
export function renderExplanation(
  forecast: Forecast,
  explanation: Explanation,
  options: RenderOptions = {},
): string {
  const groups = [...new Set(explanation.antigens.map(({ vaccineGroup }) => vaccineGroup))];
  const parts = groups.map((group) => renderGroup(group, forecast, explanation, options));
  const head = `Forecast of ${formatEpochDay(forecast.assessmentDate)} by schedule ${forecast.scheduleVersion}`;
  return `${[head, ...renderProblems(forecast), ...parts.filter((part) => part !== '')].join('\n\n')}\n`;
}

const problemTexts: Readonly<Record<DataProblem['problem'], string>> = {
  'unknown-cvx': 'the schedule does not know its CVX code',
  'before-birth': 'given before the birth',
  'after-assessment': 'given after the assessment date',
  repeated: 'the same vaccine of the same day is there already',
};

function renderProblems({ dataProblems, unjudgedDoses }: Forecast): readonly string[] {
  const problems = dataProblems.map(({ doseId, problem }) => `  dose ${doseId}: ${problemTexts[problem]}`);
  const unjudged = unjudgedDoses.map(
    ({ doseId, antigen }) => `  dose ${doseId}: no ${antigen} series applies`,
  );
  const lines = [...problems, ...unjudged];
  return lines.length === 0 ? [] : [`Not judged\n${lines.join('\n')}`];
}

function renderGroup(
  vaccineGroup: string,
  forecast: Forecast,
  explanation: Explanation,
  options: RenderOptions,
): string {
  const forecasts = forecast.forecasts.filter((each) => each.vaccineGroup === vaccineGroup);
  const antigens = explanation.antigens.filter((each) => each.vaccineGroup === vaccineGroup);
  const hasDoses = antigens.some(({ series }) => series.some(({ doses }) => doses.length > 0));
  if (forecasts.length === 0 && !hasDoses) return '';
  const lines = [
    `== ${vaccineGroup} ==`,
    ...forecasts.map(renderForecast),
    ...explanation.vaccineGroups.filter((each) => each.vaccineGroup === vaccineGroup).flatMap(renderBlend),
    ...antigens.flatMap((antigen) => renderAntigen(antigen, options)),
  ];
  return lines.join('\n');
}

function renderForecast(each: VaccineGroupForecast): string {
  const number = each.doseNumber === undefined ? '' : `, dose ${each.doseNumber}`;
  const reasons = each.reasons.length === 0 ? '' : ` (${worded(each.reasons)})`;
  const vaccines =
    each.recommendedVaccines.length === 0
      ? ''
      : `, ${each.recommendedVaccines.map((cvx) => `CVX ${cvx}`).join('; ')}`;
  const dates = each.dates ? `: ${renderDates(each.dates)}` : '';
  return `${each.seriesType}, group ${each.seriesGroup}: ${each.status}${reasons}${number}${dates}${vaccines}`;
}

function renderDates({ earliest, recommended, pastDue, latest }: ForecastDates): string {
  const shown: readonly (readonly [string, EpochDay | undefined])[] = [
    ['earliest', earliest],
    ['recommended', recommended],
    ['past due', pastDue],
    ['latest', latest],
  ];
  return shown
    .flatMap(([name, date]) => (date === undefined ? [] : `${name} ${formatEpochDay(date)}`))
    .join(', ');
}

function renderBlend({ steps, seriesGroup, notYetStarted }: VaccineGroupExplanation): readonly string[] {
  const late = notYetStarted ? [`  group ${seriesGroup} comes last: too young for every series of it`] : [];
  return [...late, ...steps.map((step) => renderStep(step, '  '))];
}

function renderAntigen(antigen: AntigenExplanation, { allSeries }: RenderOptions): readonly string[] {
  const shown = antigen.series.filter(({ prioritized }) => allSeries || prioritized);
  const notRelevant = allSeries
    ? antigen.notRelevant.map(({ seriesName, because }) => `  not relevant (${because}): ${seriesName}`)
    : [];
  return [
    `${antigen.antigen}: ${antigen.series.length} series apply, ${antigen.notRelevant.length} do not (Table 5-4)`,
    ...notRelevant,
    ...antigen.selections.flatMap(renderSelection),
    ...shown.flatMap(renderSeries),
  ];
}

function renderSelection(selection: SelectionExplanation): readonly string[] {
  const { seriesGroup, prioritized, decision, table, best, bestBecause } = selection;
  const verdict = best ? 'shown' : 'not shown';
  const because = bestBecause ? `; ${verdict}: ${bestBecause} (Table 8-14)` : '';
  const head = `  group ${seriesGroup}: ${prioritized ?? 'no series'} by ${decision} (${table})${because}`;
  const scored = selection.candidates.filter(({ scores }) => scores.length > 0);
  return [head, ...scored.map(renderScores)];
}

function renderScores({ seriesName, scores }: SelectionExplanation['candidates'][number]): string {
  const total = scores.reduce((sum, { points }) => sum + points, 0);
  const lines = scores.map(({ condition, points }) => `${condition} ${signed(points)}`);
  return `    ${signed(total)} ${seriesName}: ${lines.join(', ')}`;
}

function signed(points: number): string {
  return points > 0 ? `+${points}` : String(points);
}

function renderSeries(series: SeriesExplanation): readonly string[] {
  const reason = series.reason ? ` (${worded([series.reason])})` : '';
  const indications =
    series.indications.length === 0
      ? ''
      : `, for ${series.indications.map((code) => `observation ${code}`).join(', ')}`;
  const target = series.targetDose === undefined ? '' : `, next target dose ${series.targetDose}`;
  return [
    `  ${series.seriesName}: ${series.status}${reason}${target}${indications}`,
    ...series.doses.flatMap(renderDose),
    ...(series.forecastSteps.length > 0 ? ['    forecast'] : []),
    ...series.forecastSteps.map((step) => renderStep(step, '      ')),
  ];
}

function worded(reasons: readonly string[]): string {
  return reasons.map((reason) => reason.replaceAll('-', ' ')).join(', ');
}

function renderDose(dose: DoseExplanation): readonly string[] {
  const target = dose.targetDose === undefined ? 'no target dose left' : `target dose ${dose.targetDose}`;
  const reasons = dose.reasons.length === 0 ? '' : ` (${worded(dose.reasons)})`;
  return [
    `    dose ${dose.doseId} of ${formatEpochDay(dose.date)}, CVX ${dose.cvx}, ${target}: ${dose.status}${reasons}`,
    ...dose.steps.map((step) => renderStep(step, '      ')),
  ];
}

const marks = {
  passed: '+',
  'grace-period': '~',
  failed: '-',
  'no-reference': '.',
  skipped: '>',
  'not-skipped': '.',
  won: '*',
  considered: ' ',
} as const;

/**
 * "+ minimum age: 2021-03-01 against 2021-02-14 (6 weeks) passed [CALCDTAGE-4]", and for what sets a date
 * "* earliest: minimum age: 2021-02-14 (2021-01-03 + 6 weeks) won [FORECASTDTCAN-1]".
 */
function renderStep(step: RuleStep, indent: string): string {
  const setsDate = step.outcome === 'won' || step.outcome === 'considered';
  const shown = setsDate ? renderDateSet(step) : renderDateJudged(step);
  return `${indent}${marks[step.outcome]} ${step.subject}${shown && `: ${shown}`} ${step.outcome} [${step.rule}]`;
}

function renderDateJudged({ reference, limit, offset }: RuleStep): string {
  const dates = [reference, limit].flatMap((date) => (date === undefined ? [] : formatEpochDay(date)));
  return `${dates.join(' against ')}${offset === undefined ? '' : ` (${offset})`}`;
}

function renderDateSet({ reference, limit, offset }: RuleStep): string {
  const date = limit === undefined ? '' : formatEpochDay(limit);
  if (reference === undefined) return date;
  return `${date} (${formatEpochDay(reference)}${offset === undefined ? '' : ` + ${offset}`})`;
}
