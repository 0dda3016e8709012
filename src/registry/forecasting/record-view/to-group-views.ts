import type { Immunization } from 'fhir/r4.js';
import type { DataProblem, Forecast, VaccineGroupForecast } from '../../../forecast/forecast-result.ts';
import type { PatientHistory } from '../../../forecast/patient-history.ts';
import { type EpochDay, formatEpochDay } from '../../../values/epoch-day.ts';
import { daysMeantBy, parsePartialDate } from '../../../values/partial-date.ts';
import type { Sourced } from '../clinical-record.ts';
import { forbiddenBy } from '../forbidden-vaccines.ts';
import type { KnowledgeBase } from '../knowledge-base.ts';
import { cvxByOtherCodes, toDose } from '../to-dose.ts';
import { vaccineStatus } from '../vaccine-status.ts';
import { groupsOfVaccine, isLeftToDecide, toObservationView, toVaccineView } from './ask-first.ts';
import { type MarkedDose, markDose } from './mark-dose.ts';
import type { DoseView, GroupView, SeriesView } from './record-view.ts';

export type Worked = {
  readonly knowledgeBase: KnowledgeBase;
  readonly day: EpochDay;
  /** Absent where it could not be worked out. */
  readonly forecast: Forecast | undefined;
  /** What it was worked out by. */
  readonly history: PatientHistory | undefined;
  readonly immunizations: readonly Sourced<Immunization>[];
  /** Doses that are told of twice, by what stands for them. */
  readonly repeated: ReadonlySet<string>;
};

/** Where doses go that nobody can name. */
export const otherGroup = 'other';

/** As the childhood schedule has them, then what is for grown-ups and for journeys. */
const order: readonly string[] = [
  'DTaP/Tdap/Td',
  'Polio',
  'MMR',
  'Varicella',
  'HepB',
  'HepA',
  'Hib',
  'Pneumococcal',
  'Rotavirus',
  'Influenza',
  'COVID-19',
  'Meningococcal',
  'Meningococcal B',
  'HPV',
  'RSV',
  'Zoster',
];

export function toGroupViews(worked: Worked): readonly GroupView[] {
  const given = worked.immunizations.filter(({ resource }) => resource.status === 'completed');
  const doses = given.map((dose) => ({ dose, groups: groupsOfDose(dose.resource, worked.knowledgeBase) }));
  const named = new Set([
    ...(worked.forecast?.forecasts ?? []).map(({ vaccineGroup }) => vaccineGroup),
    ...doses.flatMap(({ groups }) => groups),
  ]);
  const asked = {
    ...worked,
    isForbidden: forbiddenBy(worked.forecast?.forecasts ?? [], worked.knowledgeBase),
  };
  return [...named].sort(byOrder).map((group) => {
    const [first, ...others] = (worked.forecast?.forecasts ?? []).filter(
      ({ vaccineGroup }) => vaccineGroup === group,
    );
    const own = doses.filter(({ groups }) => groups.includes(group)).map(({ dose }) => dose);
    return {
      group,
      ...(first && { shown: toSeriesView(first, asked) }),
      others: others.map((each) => toSeriesView(each, asked)),
      doses: own.map((dose) => toDoseView(dose, group, first, worked)).sort(byDate),
    };
  });
}

function byOrder(one: string, other: string): number {
  const place = (group: string) => {
    const at = order.indexOf(group);
    return at >= 0 ? at : group === otherGroup ? order.length + 1 : order.length;
  };
  return place(one) - place(other) || one.localeCompare(other);
}

/** Days. Who is late for longer was young when the vaccine was another one, or none: to say since when would not be true. */
const toldSince = 20 * 366;

/** Days. So far ahead a month does not say whether it has begun. */
const soon = 31;

/** Vaccine groups that a vaccine belongs to. */
export function groupsOfDose(resource: Immunization, knowledgeBase: KnowledgeBase): readonly string[] {
  const cvx = cvxOfDose(resource, knowledgeBase);
  const groups = cvx === undefined ? [] : groupsOfVaccine(cvx, knowledgeBase);
  return groups.length > 0 ? groups : [otherGroup];
}

function cvxOfDose(resource: Immunization, { cvxOf }: KnowledgeBase): string | undefined {
  // What was not given has a vaccine too.
  const read = toDose({ ...resource, status: 'completed' }, '', cvxOf);
  if (read.kind === 'dose') return read.dose.cvx;
  return read.kind === 'unsure' && read.cvx !== undefined ? read.cvx : cvxByOtherCodes(resource, cvxOf);
}

export function nameOfVaccine(resource: Immunization, knowledgeBase: KnowledgeBase): string {
  const { vaccineCode } = resource;
  const cvx = cvxOfDose(resource, knowledgeBase);
  const written = vaccineCode?.text ?? vaccineCode?.coding?.find(({ display }) => display)?.display;
  return written ?? (cvx === undefined ? undefined : knowledgeBase.displayOf(cvx)) ?? `CVX ${cvx ?? '?'}`;
}

function toDoseView(
  { resource, reference }: Sourced<Immunization>,
  group: string,
  first: VaccineGroupForecast | undefined,
  worked: Worked,
): DoseView {
  const date = dateOf(resource);
  return {
    id: resource.id ?? '',
    reference,
    ...(date !== undefined && { date }),
    ...markOf(resource, reference, { group, first, worked }),
    vaccine: nameOfVaccine(resource, worked.knowledgeBase),
    resource,
  };
}

type Marking = {
  readonly group: string;
  readonly first: VaccineGroupForecast | undefined;
  readonly worked: Worked;
};

function markOf(resource: Immunization, reference: string, { group, first, worked }: Marking): MarkedDose {
  const { forecast, knowledgeBase, repeated } = worked;
  if (!forecast) return { mark: 'unjudged' };
  if (repeated.has(resource.id ?? '')) return { mark: 'unjudged', reason: 'repeated' };
  const read = toDose(resource, reference, knowledgeBase.cvxOf);
  if (read.kind !== 'dose') {
    const isDated = read.kind === 'unsure' && read.cvx === undefined;
    return { mark: 'unjudged', reason: isDated ? 'no-code' : 'no-date' };
  }
  const problem = forecast.dataProblems.find(({ doseId }) => doseId === reference);
  if (problem) return { mark: 'unjudged', reason: problem.problem satisfies DataProblem['problem'] };
  const evaluations = forecast.evaluations.filter(
    ({ doseId, vaccineGroup }) => doseId === reference && vaccineGroup === group,
  );
  return markDose({ evaluations, shown: first?.seriesNames ?? [], condition: read.dose.condition });
}

/** The day as it was written, however much of it is known. */
export function dateOf({ occurrenceDateTime, occurrenceString }: Immunization): string | undefined {
  return occurrenceDateTime?.slice(0, 10) ?? occurrenceString;
}

function byDate(one: DoseView, other: DoseView): number {
  return firstDay(one.date) - firstDay(other.date);
}

/** What has no day comes first: it was told of long ago, mostly. */
function firstDay(text = ''): number {
  const date = parsePartialDate(text);
  return date ? daysMeantBy(date).first : 0;
}

type Asked = Worked & { readonly isForbidden: (cvx: string) => boolean };

function toSeriesView(forecast: VaccineGroupForecast, worked: Asked): SeriesView {
  const { knowledgeBase, day, history, isForbidden } = worked;
  const { code, since, dates, from } = vaccineStatus(forecast, day);
  const { season, doseNumber } = forecast;
  const named = (cvx: string) => toVaccineView(cvx, worked);
  return {
    series: [...new Set(forecast.seriesNames)].join('; '),
    status: code,
    ...(since !== undefined && day - since < toldSince && { since: formatEpochDay(since) }),
    ...(dates && {
      dates: {
        earliest: formatEpochDay(dates.earliest),
        recommended: formatEpochDay(dates.recommended),
        ...(dates.pastDue !== undefined && { pastDue: formatEpochDay(dates.pastDue) }),
        ...(dates.latest !== undefined && { latest: formatEpochDay(dates.latest) }),
      },
    }),
    ...(from !== undefined && { from: formatEpochDay(from), ...(from - day <= soon && { isSoon: true }) }),
    ...(history && isLeftToDecide(forecast, history, day) && { isLeftToDecide: true }),
    ...(doseNumber !== undefined && { doseNumber }),
    antigensNeeded: forecast.antigensNeeded,
    vaccines: forecast.namedVaccines.filter((cvx) => !isForbidden(cvx)).map(named),
    contraindicated: forecast.contraindicatedVaccines.map(named),
    because: forecast.supportingObservations.map((one) => toObservationView(one, knowledgeBase)),
    ...(season && {
      season: {
        start: formatEpochDay(season.start),
        ...(season.end !== undefined && { end: formatEpochDay(season.end) }),
        assumed: season.assumed,
      },
    }),
  };
}
