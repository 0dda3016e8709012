import type {
  CodeableConcept,
  Coding,
  Extension,
  ImmunizationRecommendation,
  ImmunizationRecommendationRecommendation,
  ImmunizationRecommendationRecommendationDateCriterion,
  Reference,
} from 'fhir/r4.js';
import { addOffset } from '../../forecast/date-arithmetic.ts';
import type {
  ForecastReason,
  ForecastSeason,
  SeriesStatus,
  VaccineGroupForecast,
} from '../../forecast/forecast-result.ts';
import type { ObservationCode } from '../../forecast/patient-history.ts';
import { type EpochDay, formatEpochDay } from '../../values/epoch-day.ts';
import { remember } from '../../values/remember.ts';
import { tableOf } from '../../values/table-of.ts';
import { antigenConcept, vaccineGroupCvx } from './antigen-codes.ts';
import {
  antigenNeededExtension,
  behindSinceExtension,
  codeSystem,
  distantExtension,
  seasonExtension,
  seriesGroupExtension,
  targetDoseExtension,
} from './code-systems.ts';
import { describeRecommendation } from './describe-recommendation.ts';
import type { FactRemark } from './fact-reading.ts';
import type { KnowledgeBase } from './knowledge-base.ts';
import { observationTitle } from './observation-title.ts';
import type { Pregnancy } from './pregnancy.ts';
import { pregnancyWeeksOf, toPregnancyWeeks } from './pregnancy-weeks.ts';
import { shared } from './shared.ts';

type StatusCodes = {
  readonly cdsi: SeriesStatus;
  readonly immds: string;
  readonly hl7?: string;
  readonly loinc: string;
};

/** ImmDS ForecastStatus, THO/R4 recommendation status and LOINC answer (LL940-8) of each CDSi status. */
const statuses: Readonly<Record<Exclude<SeriesStatus, 'Not Complete'>, StatusCodes>> = {
  Complete: { cdsi: 'Complete', immds: 'complete', hl7: 'complete', loinc: 'LA13421-5' },
  Immune: { cdsi: 'Immune', immds: 'immune', hl7: 'immune', loinc: 'LA27183-5' },
  Contraindicated: {
    cdsi: 'Contraindicated',
    immds: 'contraindicated',
    hl7: 'contraindicated',
    loinc: 'LA4216-3',
  },
  // R4's code system has no such code.
  'Aged Out': { cdsi: 'Aged Out', immds: 'agedOut', loinc: 'LA13424-9' },
  'Not Recommended': { cdsi: 'Not Recommended', immds: 'notRecommended', loinc: 'LA4695-8' },
};
/** R4 has no code for what lies ahead. */
const later: StatusCodes = { cdsi: 'Not Complete', immds: 'notComplete', loinc: 'LA13422-3' };
const due: StatusCodes = { ...later, hl7: 'due' };
const overdue: StatusCodes = { ...later, hl7: 'overdue', loinc: 'LA13423-1' };

const reasons: Readonly<Record<ForecastReason, readonly [code: string | undefined, text: string]>> = {
  immune: [undefined, 'Patient has evidence of immunity'],
  contraindicated: [undefined, 'Patient has a contraindication'],
  complete: ['complete', 'Patient series is complete'],
  deceased: [undefined, 'Patient is deceased'],
  'not-recommended-by-authority': ['notRecommended', 'Not recommended by whose schedule is followed'],
  'past-immunization-history': ['notRecommended', 'Not recommended due to past immunization history'],
  'past-seasonal-end': ['seasonalPast', 'Past the end of the season'],
  'past-maximum-age': ['maximumAge', 'Patient has exceeded the maximum age'],
  'cannot-finish-before-maximum-age': [
    'maximumAge',
    'Patient cannot finish the series before the maximum age',
  ],
};

const dateCodes = {
  earliest: dateCode('30981-5', 'Earliest date to give'),
  recommended: dateCode('30980-7', 'Date vaccine due'),
  pastDue: dateCode('59778-1', 'Date when overdue for immunization'),
  latest: dateCode('59777-3', 'Latest date to give immunization'),
} as const;

function dateCode(code: string, display: string): CodeableConcept {
  return shared({ coding: [{ system: codeSystem.loinc, code, display }] });
}

export type RecommendationContext = {
  readonly patient: { readonly reference: string };
  readonly assessmentDate: EpochDay;
  readonly dateOfBirth: EpochDay;
  readonly knowledgeBase: KnowledgeBase;
  readonly sources: ReadonlyMap<ObservationCode, readonly string[]>;
  /** Vaccine groups of which nothing is due for decades. */
  readonly leftOut: readonly string[];
  readonly pregnancy: Pregnancy | undefined;
  readonly remarks: readonly FactRemark[];
};

export function toRecommendation(
  forecasts: readonly VaccineGroupForecast[],
  context: RecommendationContext,
): ImmunizationRecommendation {
  const { knowledgeBase, patient, assessmentDate } = context;
  const tag: Coding = {
    system: codeSystem.knowledgeBase,
    code: knowledgeBase.id,
    version: knowledgeBase.version,
  };
  return {
    resourceType: 'ImmunizationRecommendation',
    meta: { tag: [tag] },
    ...(context.leftOut.length > 0 && {
      extension: context.leftOut.map((group) => ({ url: distantExtension, valueString: group })),
    }),
    patient,
    date: formatEpochDay(assessmentDate),
    authority: knowledgeBase.inAnswers.authority,
    recommendation: forecasts.map((forecast) => toGroup(forecast, context)),
  };
}

function toGroup(
  forecast: VaccineGroupForecast,
  context: RecommendationContext,
): ImmunizationRecommendationRecommendation {
  const { doseNumber } = forecast;
  const dates = forecast.dates ?? forecast.neededDates;
  const [antigen, ...otherAntigens] = forecast.antigens;
  const { authorities, vaccineOf } = context.knowledgeBase.inAnswers;
  const contraindicated = forecast.contraindicatedVaccines.map(vaccineOf);
  const information = informationOf(forecast, context);
  const remarks = context.remarks.filter(({ observation }) =>
    forecast.supportingObservations.includes(observation),
  );
  const description = [describeRecommendation(forecast, context), ...remarks.map(({ text }) => text)]
    .filter((text) => text !== '')
    .join(' ');
  return {
    extension: [...extensionsOf(forecast, context), ...authorities],
    vaccineCode: vaccinesOf(forecast, context),
    ...(antigen !== undefined && otherAntigens.length === 0 && { targetDisease: antigenConcept(antigen) }),
    ...(contraindicated.length > 0 && { contraindicatedVaccineCode: contraindicated }),
    forecastStatus: statusConcept(forecast, context),
    ...reasonsOf(forecast),
    ...(dates && { dateCriterion: criteriaOf(dates) }),
    ...(description !== '' && { description }),
    ...(forecast.seriesNames.length > 0 && { series: [...new Set(forecast.seriesNames)].join('; ') }),
    ...(doseNumber !== undefined && { doseNumberPositiveInt: doseNumber }),
    seriesDosesPositiveInt: forecast.seriesDoses,
    ...(forecast.supportingDoses.length > 0 && {
      supportingImmunization: forecast.supportingDoses.map((reference) => ({ reference })),
    }),
    ...(information.length > 0 && { supportingPatientInformation: [...information] }),
  };
}

/** FORECASTVG-8, which series group the forecast is of, and its season: R4 has no element for any of them. */
function extensionsOf(forecast: VaccineGroupForecast, { pregnancy }: RecommendationContext): Extension[] {
  const weeks = pregnancyWeeksOf(forecast, pregnancy);
  const needed = forecast.antigens.length > 1 ? forecast.antigensNeeded : [];
  return [
    { url: seriesGroupExtension, valueString: `${forecast.seriesType} ${forecast.seriesGroup}` },
    ...needed.map((antigen) => ({
      url: antigenNeededExtension,
      valueCodeableConcept: antigenConcept(antigen),
    })),
    ...(forecast.season ? [toSeason(forecast.season)] : []),
    ...(forecast.targetDose === undefined
      ? []
      : [{ url: targetDoseExtension, valueInteger: forecast.targetDose }]),
    ...(weeks ? [toPregnancyWeeks(weeks)] : []),
    ...(forecast.behindSince === undefined
      ? []
      : [{ url: behindSinceExtension, valueDate: formatEpochDay(forecast.behindSince) }]),
  ];
}

/** The season that the dates are of, and whether it was dated by anybody. */
function toSeason({ start, end, assumed }: ForecastSeason): Extension {
  const period = { start: formatEpochDay(start), ...(end !== undefined && { end: formatEpochDay(end) }) };
  return {
    url: seasonExtension,
    extension: [
      { url: 'period', valuePeriod: period },
      { url: 'assumed', valueBoolean: assumed },
    ],
  };
}

/** First the vaccine group, its name as text; then the vaccines that may be given, in the order they are to be offered. */
function vaccinesOf(forecast: VaccineGroupForecast, context: RecommendationContext): CodeableConcept[] {
  const named = forecast.namedVaccines.map(context.knowledgeBase.inAnswers.vaccineOf);
  const coding = groupCoding(forecast, context) ?? named[0]?.coding;
  return [coding ? { coding, text: forecast.vaccineGroup } : { text: forecast.vaccineGroup }, ...named];
}

/**
 * The code of the vaccine group, where what it says may be given at this age and to this person: who reads the first
 * coding alone must not give DTaP to a grown-up.
 */
function groupCoding(
  forecast: VaccineGroupForecast,
  { knowledgeBase, dateOfBirth, assessmentDate }: RecommendationContext,
): Coding[] | undefined {
  const cvx = vaccineGroupCvx(forecast.vaccineGroup);
  const tooOld = forecast.status === 'Aged Out' || forecast.status === 'Contraindicated';
  if (cvx === undefined || tooOld) return undefined;
  const day = Math.max(forecast.dates?.recommended ?? assessmentDate, assessmentDate);
  const yearsAtMost = groupCodeBefore[cvx];
  if (yearsAtMost !== undefined && day >= addOffset(dateOfBirth, { months: yearsAtMost * 12, days: 0 })) {
    return undefined;
  }
  return knowledgeBase.inAnswers.vaccineOf(cvx).coding;
}

/** Codes of groups that stand for a vaccine of children: DTaP, from seven years on Tdap or Td. */
const groupCodeBefore: Readonly<Record<string, number>> = tableOf({ '107': 7 });

function statusConcept(forecast: VaccineGroupForecast, context: RecommendationContext): CodeableConcept {
  const { status } = forecast;
  return conceptOfStatus(status === 'Not Complete' ? neededCodes(forecast, context) : statuses[status]);
}

const conceptOfStatus = remember(
  20,
  ({ immds, hl7, loinc, cdsi }: StatusCodes): CodeableConcept =>
    shared({
      coding: [
        { system: codeSystem.forecastStatus, code: immds, display: cdsi },
        ...(hl7 === undefined ? [] : [{ system: codeSystem.recommendationStatus, code: hl7 }]),
        { system: codeSystem.loinc, code: loinc },
      ],
      text: cdsi,
    }),
);

/** All codes of ImmDS ForecastStatus. */
export const forecastStatuses: readonly string[] = [later, ...Object.values(statuses)].map(
  ({ immds }) => immds,
);

/** The code of ImmDS ForecastStatus, whatever the dates are. */
export function forecastStatusOf({ status }: Pick<VaccineGroupForecast, 'status'>): string {
  return (status === 'Not Complete' ? later : statuses[status]).immds;
}

function neededCodes(forecast: VaccineGroupForecast, { assessmentDate }: RecommendationContext): StatusCodes {
  const { dates, behindSince, namedVaccines, permissive } = forecast;
  if (behindSince !== undefined) return overdue;
  // What nobody recommends and no vaccine is for is not due.
  if (permissive && namedVaccines.length === 0) return later;
  return dates === undefined || assessmentDate < dates.recommended ? later : due;
}

function reasonsOf(forecast: VaccineGroupForecast): { readonly forecastReason?: CodeableConcept[] } {
  const found = forecast.reasons.map(reasonConcept);
  if (forecast.isSharedDecision) found.push(sharedDecision);
  else if (forecast.permissive) found.push(permissive);
  return found.length > 0 ? { forecastReason: found } : {};
}

const sharedDecision: CodeableConcept = shared({
  coding: [{ system: codeSystem.jennerForecastReason, code: 'shared-clinical-decision-making' }],
  text: 'For patient and clinician to decide',
});

const permissive: CodeableConcept = shared({
  text: 'May be given; not recommended to everybody of this age',
});

function reasonConcept(reason: ForecastReason): CodeableConcept {
  const [code, text] = reasons[reason];
  return { ...(code !== undefined && { coding: [{ system: codeSystem.forecastReason, code }] }), text };
}

function criteriaOf(
  dates: NonNullable<VaccineGroupForecast['dates']>,
): ImmunizationRecommendationRecommendationDateCriterion[] {
  const names = ['earliest', 'recommended', 'pastDue', 'latest'] as const;
  return names.flatMap((name) => {
    const day = dates[name];
    return day === undefined ? [] : [{ code: dateCodes[name], value: formatEpochDay(day) }];
  });
}

/** With what each is in words: who is answered may not hold what is referred to. */
function informationOf(
  forecast: VaccineGroupForecast,
  { sources, knowledgeBase }: RecommendationContext,
): readonly Reference[] {
  const displays = new Map<string, string>();
  for (const code of forecast.supportingObservations) {
    for (const reference of sources.get(code as ObservationCode) ?? []) {
      if (!displays.has(reference)) displays.set(reference, observationTitle(code, knowledgeBase));
    }
  }
  return [...displays].map(([reference, display]) => ({ reference, display }));
}
