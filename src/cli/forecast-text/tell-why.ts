import type { Explanation, RuleStep } from '../../forecast/explanation.ts';
import type { KnowledgeBase } from '../../registry/forecasting/knowledge-base.ts';
import { observationTitle } from '../../registry/forecasting/observation-title.ts';
import { formatEpochDay } from '../../values/epoch-day.ts';
import { vaccineName } from './names.ts';
import { distinct } from './rendered-forecast.ts';
import type { Row } from './sections.ts';

/** What gave the recommended date of the group, in sentences. */
export function tellWhy(row: Row, explanation: Explanation, knowledgeBase: KnowledgeBase): readonly string[] {
  return distinct(decidingSteps(row, explanation).map((step) => tellStep(step, knowledgeBase)));
}

function decidingSteps(
  { each: { vaccineGroup, seriesGroup, seriesType }, dates }: Row,
  { antigens }: Explanation,
): readonly RuleStep[] {
  const steps = antigens
    .filter((antigen) => antigen.vaccineGroup === vaccineGroup)
    .flatMap(({ series }) => series)
    .filter((series) => series.prioritized && series.seriesGroup === seriesGroup)
    .filter((series) => series.seriesType === seriesType)
    .flatMap(({ forecastSteps }) => forecastSteps);
  const deciding = steps.filter(
    ({ outcome, limit, rule }) =>
      outcome === 'won' && limit === dates?.recommended && !ofOtherDates.includes(rule),
  );
  // The earliest date that falls on the same day decided nothing.
  const recommending = deciding.filter(({ rule }) => rule === 'FORECASTDT-2');
  return recommending.length > 0 ? recommending : deciding;
}

/** What they give is no recommended date, or one that another rule gave. */
const ofOtherDates: readonly string[] = ['FORECASTDT-3', 'FORECASTDT-4', 'FORECASTDT-5', 'FORECASTDT-6'];

function tellStep(step: RuleStep, knowledgeBase: KnowledgeBase): string {
  const subject = step.subject.replace(/^(?:earliest|recommended|latest): /, '');
  const { reference, limit, offset = '' } = step;
  const from = reference === undefined ? '' : formatEpochDay(reference);
  const date = limit === undefined ? '' : formatEpochDay(limit);
  const [, conflicting] = /^end of the conflict with CVX (\d+)$/.exec(subject) ?? [];
  if (conflicting !== undefined) {
    return `${offset} after ${vaccineName(conflicting, knowledgeBase)} of ${from}, with which it must not come too close`;
  }
  const [, observation] = /interval from observation (\d+)$/.exec(subject) ?? [];
  if (observation !== undefined) {
    return `${offset} after ${observationTitle(observation, knowledgeBase).toLowerCase()} (${from})`;
  }
  if (subject.includes('interval from')) {
    return `${subject.startsWith('minimum') ? 'at least ' : ''}${offset} after the dose of ${from}`;
  }
  return tellDate(subject, offset, date);
}

function tellDate(subject: string, offset: string, date: string): string {
  switch (subject) {
    case 'age':
      return offset === '0 days' ? 'recommended from birth' : `recommended from the age of ${offset}`;
    case 'minimum age':
      return `not before the age of ${offset}`;
    case 'maximum age':
      return `not after the age of ${offset}`;
    case 'seasonal start':
      return `the season begins on ${date}`;
    case 'last dose given':
      return `not before the last dose, of ${date}`;
    case 'indication recorded, its beginning is not known':
      return `counted from the day on which the risk was recorded (${date}), since nobody says when it began`;
    default:
      return `${subject} ${date}`.trim();
  }
}
