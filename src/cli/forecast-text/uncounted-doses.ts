import type { DoseExplanation, RuleStep } from '../../forecast/explanation.ts';
import type { DoseEvaluation, EvaluationReason } from '../../forecast/forecast-result.ts';
import type { AdministeredDose } from '../../forecast/patient-history.ts';
import { formatEpochDay } from '../../values/epoch-day.ts';
import { vaccineName } from './names.ts';
import { listOf, type RenderedForecast } from './rendered-forecast.ts';

/** The doses that do not count against something, a line each: against what, and why. */
export function renderUncounted(rendered: RenderedForecast): readonly string[] {
  const { forecast, reading, knowledgeBase } = rendered;
  return reading.history.doses.flatMap((dose) => {
    const judged = forecast.evaluations.filter(({ doseId }) => doseId === dose.id);
    const bad = judged.filter(({ status }) => status !== 'Valid');
    const said = [
      ...byText(bad.map((each) => [tellVerdict(each, dose, rendered), each.antigen])),
      ...notAsked(dose, rendered),
    ];
    if (said.length === 0) return [];
    return `  ${formatEpochDay(dose.date)} ${vaccineName(dose.cvx, knowledgeBase)}: ${said.join('; ')}`;
  });
}

/** What is the same of several antigens is said once. */
function byText(verdicts: readonly (readonly [text: string, antigen: string])[]): readonly string[] {
  const texts = new Map<string, string[]>();
  for (const [text, antigen] of verdicts) {
    const antigens = texts.get(text) ?? [];
    texts.set(text, antigens.includes(antigen) ? antigens : [...antigens, antigen]);
  }
  return [...texts].map(([text, antigens]) => `not counted for ${listOf(antigens)}: ${text}`);
}

function notAsked({ id }: AdministeredDose, { forecast }: RenderedForecast): readonly string[] {
  const antigens = forecast.unjudgedDoses.filter(({ doseId }) => doseId === id).map(({ antigen }) => antigen);
  return antigens.length === 0
    ? []
    : [`not judged for ${listOf(antigens)}: no series of it is for this person`];
}

function tellVerdict(evaluation: DoseEvaluation, dose: AdministeredDose, rendered: RenderedForecast): string {
  const { status, reasons } = evaluation;
  const failed = failedSteps(evaluation, rendered);
  const told = deciding(reasons).flatMap((reason) => tellReason(reason, { dose, failed, rendered }));
  return told.length > 0 ? listOf(told) : status.toLowerCase();
}

/** No vaccine counts at an age that is wrong for the dose. */
function deciding(reasons: readonly EvaluationReason[]): readonly EvaluationReason[] {
  const isWrongAge = reasons.includes('too-young') || reasons.includes('too-old');
  return isWrongAge ? reasons.filter((reason) => reason !== 'not-preferable-or-allowable') : reasons;
}

function failedSteps({ doseId, antigen, seriesName }: DoseEvaluation, { explanation }: RenderedForecast) {
  const found = explanation.antigens
    .filter((each) => each.antigen === antigen)
    .flatMap(({ series }) => series.filter((each) => each.seriesName === seriesName))
    .flatMap(({ doses }): readonly DoseExplanation[] => doses.filter((each) => each.doseId === doseId));
  return found.flatMap(({ steps }) => steps.filter(({ outcome }) => outcome === 'failed'));
}

type Verdict = {
  readonly dose: AdministeredDose;
  readonly failed: readonly RuleStep[];
  readonly rendered: RenderedForecast;
};

/** Empty for what does not spoil a dose. */
function tellReason(reason: EvaluationReason, verdict: Verdict): readonly string[] {
  switch (reason) {
    case 'too-young':
      return [`given too young${notBefore(/minimum age/, verdict)}`];
    case 'too-old':
      return ['given too late: too old for this dose'];
    case 'too-soon':
      return [`given too soon after the dose before it${notBefore(/minimum interval/, verdict)}`];
    case 'vaccine-conflict':
      return [`given too soon after ${conflicting(verdict)}${notBefore(/conflict/, verdict)}`];
    case 'not-preferable-or-allowable':
      return ['this vaccine is not one that counts for this dose at that age'];
    case 'inadvertent-vaccine':
      return ['a vaccine that is not meant for this dose'];
    case 'series-already-complete':
      return ['not needed, the series was complete'];
    case 'lot-expired':
      return ['the lot had expired'];
    case 'dose-condition':
      return [conditions[verdict.dose.condition ?? 'other']];
    case 'volume-below-recommended':
      return ['less than the recommended volume'];
    case 'age-grace-period':
    case 'interval-grace-period':
    case 'not-preferable-but-allowable':
      return [];
  }
}

const conditions: Readonly<Record<NonNullable<AdministeredDose['condition']>, string>> = {
  recall: 'it was recalled',
  storage: 'it was stored badly',
  partial: 'only a part of it was given',
  other: 'it was not of full strength',
};

/** The day from which it would have counted. */
function notBefore(subject: RegExp, { failed }: Verdict): string {
  const limits = failed.flatMap((step) => (subject.test(step.subject) ? (step.limit ?? []) : []));
  const last = limits.sort((a, b) => b - a)[0];
  return last === undefined ? '' : ` (it would have counted from ${formatEpochDay(last)} on)`;
}

function conflicting({ failed, rendered }: Verdict): string {
  const codes = failed.flatMap(({ subject }) => /conflict with CVX (\d+)/.exec(subject)?.[1] ?? []);
  const [cvx] = codes;
  return cvx === undefined ? 'another vaccine' : vaccineName(cvx, rendered.knowledgeBase);
}
