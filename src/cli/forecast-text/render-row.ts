import type { ForecastReason, VaccineGroupForecast } from '../../forecast/forecast-result.ts';
import { describeNoVaccine } from '../../registry/forecasting/describe-recommendation.ts';
import { observationTitle } from '../../registry/forecasting/observation-title.ts';
import { describePregnancyWeeks, pregnancyWeeksOf } from '../../registry/forecasting/pregnancy-weeks.ts';
import { formatEpochDay } from '../../values/epoch-day.ts';
import { leftOutMark } from './left-out-doses.ts';
import { vaccineName } from './names.ts';
import { listOf, type RenderedForecast } from './rendered-forecast.ts';
import type { RowContext } from './row-context.ts';
import type { Row } from './sections.ts';
import { sharedWith } from './shared-doses.ts';
import { tellDates } from './tell-dates.ts';
import { forbiddingFacts, immunityFacts, risksOf, tellFact } from './tell-facts.ts';
import { seasonName, tellSeason } from './tell-season.ts';
import { tellWhy } from './tell-why.ts';

const widest = 18;

/** A vaccine group: what is to be done on the first line, with what, why and what else below it. */
export function renderRow(row: Row, context: RowContext): string {
  const title = titleOf(row.each, context);
  const name = title.length > widest ? `  ${title}:` : `  ${title.padEnd(widest)}`;
  const below = row.dates ? detailsOf(row, context) : forbiddenOf(row, context);
  const mark = leftOutMark(row.each.vaccineGroup, context.leftOut);
  const lines = [...below, ...(mark === undefined ? [] : [`note: ${mark}`])];
  return [`${name} ${statementOf(row, context)}`, ...lines.map((line) => `      ${line}`)].join('\n');
}

function titleOf(each: VaccineGroupForecast, { rendered }: RowContext): string {
  const { explanation, knowledgeBase } = rendered;
  if (each.seriesType !== 'Risk') return each.vaccineGroup;
  const risks = risksOf(each, explanation).map((code) => observationTitle(code, knowledgeBase));
  return `${each.vaccineGroup} (risk${risks.length === 0 ? '' : `: ${risks.join('; ')}`})`;
}

/** "dose 2 of 3, due since 2020-05-01", or why there is none. */
export function statementOf({ each, section, dates }: Row, context: RowContext): string {
  const { rendered, assessmentDate, pregnancy } = context;
  const weeks = pregnancyWeeksOf(each, pregnancy);
  if (section === 'Not needed' && each.status === 'Not Complete' && weeks) {
    return 'too late in this pregnancy';
  }
  if (section === 'Must not be given') return tellForbidden(each, rendered);
  if (section === 'Complete or immune') return tellSettled(each, rendered);
  if (!dates) return tellNotNeeded(each);
  const { dateOfBirth } = rendered.reading.history;
  const when = tellDates(each, dates, { section, assessmentDate, dateOfBirth, weeks });
  return each.doseNumber === undefined ? when : `dose ${each.doseNumber} of ${each.seriesDoses}, ${when}`;
}

function tellForbidden(each: VaccineGroupForecast, rendered: RenderedForecast): string {
  const { all, some } = forbiddingFacts(each, rendered.knowledgeBase);
  const facts = (all.length > 0 ? all : some).map((code) => tellFact(code, rendered));
  const because = facts.length > 0 ? facts.join('; ') : 'there is a contraindication';
  const needed = each.neededDates
    ? `; ${listOf(each.antigensNeeded)} still needed from ${formatEpochDay(each.neededDates.recommended)}`
    : '';
  const what = all.length > 0 ? 'no vaccine of it' : 'no vaccine of it that is for this person';
  return `${what}, because of: ${because}${needed}`;
}

/** Which vaccines are meant, where it is not all that there are. */
function forbiddenOf({ each, section }: Row, { rendered }: RowContext): readonly string[] {
  const { knowledgeBase } = rendered;
  const isWhole = forbiddingFacts(each, knowledgeBase).all.length > 0;
  if (section !== 'Must not be given' || isWhole || each.contraindicatedVaccines.length === 0) return [];
  const names = each.contraindicatedVaccines.map((cvx) => vaccineName(cvx, knowledgeBase));
  return [`do not give: ${names.join('; ')}`];
}

function tellSettled(each: VaccineGroupForecast, rendered: RenderedForecast): string {
  if (each.status === 'Immune') {
    const facts = immunityFacts(each, rendered.knowledgeBase).map((code) => tellFact(code, rendered));
    return `immune: ${facts.length > 0 ? facts.join('; ') : 'by the date of birth'}`;
  }
  const { length } = each.supportingDoses;
  const count = length === 0 ? '' : ` with ${length} ${length === 1 ? 'dose' : 'doses'}`;
  if (!each.season) return `complete${count}`;
  const assumed = each.season.assumed ? ', season assumed' : '';
  return `complete for the season ${seasonName(each.season)}${count === '' ? '' : `${count} in all`}${assumed}`;
}

function tellNotNeeded({ status, reasons }: VaccineGroupForecast): string {
  const because = reasons.map((reason) => reasonTexts[reason]);
  return because.length > 0 ? listOf(because) : status.toLowerCase();
}

const reasonTexts: Readonly<Record<ForecastReason, string>> = {
  immune: 'there is evidence of immunity',
  contraindicated: 'there is a contraindication',
  complete: 'complete',
  deceased: 'the person is dead',
  'not-recommended-by-authority': 'not recommended by whose schedule is followed',
  'past-immunization-history': 'not recommended after what was given before',
  'past-seasonal-end': 'the season is over',
  'past-maximum-age': 'too old',
  'cannot-finish-before-maximum-age': 'too old to finish the series',
};

/** With what, why, and what else there is to know. */
function detailsOf(row: Row, context: RowContext): readonly string[] {
  const { each } = row;
  const { rendered, assessmentDate, pregnancy, rows } = context;
  const { knowledgeBase, explanation } = rendered;
  const weeks = pregnancyWeeksOf(each, pregnancy);
  const why = tellWhy(row, explanation, knowledgeBase);
  const season = tellSeason(each, knowledgeBase);
  const shared = sharedWith(row, rows, context, knowledgeBase);
  const isPartly = each.antigensNeeded.length > 0 && each.antigensNeeded.length < each.antigens.length;
  return [
    ...productsOf(each, rendered),
    ...(isPartly ? [`needed of it: ${listOf(each.antigensNeeded)}`] : []),
    ...(shared === undefined ? [] : [`note: ${shared}`]),
    ...(each.isSharedDecision ? ['for patient and clinician to decide'] : []),
    ...(each.permissive && !each.isSharedDecision ? ['not recommended to everybody of this age'] : []),
    ...(weeks ? [describePregnancyWeeks(weeks, each, assessmentDate).replace(/\.$/, '')] : []),
    ...(season === undefined ? [] : [`season: ${season}`]),
    ...(why.length > 0 ? [`why: ${why.join('; ')}`] : []),
    ...risksOf(each, explanation).map((code) => `risk: ${tellFact(code, rendered)}`),
  ];
}

function productsOf(each: VaccineGroupForecast, rendered: RenderedForecast): readonly string[] {
  const { knowledgeBase } = rendered;
  const { contraindicatedVaccines, namedVaccines } = each;
  const { all, some } = forbiddingFacts(each, knowledgeBase);
  const forbidden = contraindicatedVaccines.map((cvx) => vaccineName(cvx, knowledgeBase));
  const because = [...all, ...some].map((code) => tellFact(code, rendered)).join('; ');
  return [
    namedVaccines.length > 0
      ? `give: ${tellProducts(namedVaccines, rendered)}`
      : `note: ${describeNoVaccine(each)}`,
    ...(forbidden.length > 0
      ? [`do not give: ${forbidden.join('; ')}${because === '' ? '' : ` (because of: ${because})`}`]
      : []),
  ];
}

/** Names have commas. */
export function tellProducts(vaccines: readonly string[], { knowledgeBase }: RenderedForecast): string {
  const isByWeight = Object.keys(weights).every((cvx) => vaccines.includes(cvx));
  const names = vaccines.map((cvx) => {
    const weight = isByWeight ? weights[cvx] : undefined;
    return `${vaccineName(cvx, knowledgeBase)}${weight === undefined ? '' : ` ${weight}`}`;
  });
  return names.length > 1 ? `one of ${names.join('; ')}` : names.join('');
}

/** Two doses of one antibody, of which the weight decides (MMWR 2023;72(34)). */
const weights: Readonly<Record<string, string>> = {
  '306': 'for a weight under 5 kg',
  '307': 'for a weight of 5 kg or more',
};
