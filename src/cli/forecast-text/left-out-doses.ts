import type { Immunization } from 'fhir/r4.js';
import type { DataProblem } from '../../forecast/forecast-result.ts';
import type { Sourced } from '../../registry/forecasting/clinical-record.ts';
import { toDose } from '../../registry/forecasting/to-dose.ts';
import { doseName, lookUp } from './names.ts';
import { listOf, type RenderedForecast } from './rendered-forecast.ts';

/** Why a dose was left out: the words for one of them, and those that follow the number of all of them. */
type Cause = { readonly one: string; readonly several: string };

const causes = {
  'no-date': { one: 'it has no whole date', several: 'no whole date' },
  'no-code': { one: 'it has no vaccine code that can be read', several: 'no vaccine code that can be read' },
  'unknown-cvx': {
    one: 'the schedule does not know its vaccine code',
    several: 'a vaccine code that the schedule does not know',
  },
  'before-birth': { one: 'its date is before the birth', several: 'a date before the birth' },
  'after-assessment': {
    one: 'its date is after the day of this forecast',
    several: 'a date after the day of this forecast',
  },
  repeated: {
    one: 'the same vaccine of the same day is there already; it counts once',
    several: 'the same vaccine and day as another',
  },
} as const satisfies Record<DataProblem['problem'] | 'no-date' | 'no-code', Cause>;

export type LeftOutDose = {
  readonly dose: Sourced<Immunization>;
  readonly cause: keyof typeof causes;
  /** In what was sent it is said more exactly. */
  readonly detail?: string;
  /** Of these a forecast might be another one with it. */
  readonly vaccineGroups: readonly string[];
};

/** The doses that were given and could not be evaluated. */
export function leftOutDoses(rendered: RenderedForecast): readonly LeftOutDose[] {
  const { record, forecast, knowledgeBase } = rendered;
  const problems = new Map(forecast.dataProblems.map(({ doseId, problem }) => [doseId, problem]));
  return record.immunizations.flatMap((dose): readonly LeftOutDose[] => {
    const read = toDose(dose.resource, dose.reference, knowledgeBase.cvxOf);
    if (read.kind === 'unsure') {
      const cause = read.cvx === undefined ? 'no-code' : 'no-date';
      return [{ dose, cause, detail: read.because, vaccineGroups: groupsOf(read.cvx, rendered) }];
    }
    const cause = problems.get(dose.reference);
    if (read.kind !== 'dose' || cause === undefined) return [];
    // A dose that is there twice is missed nowhere.
    const vaccineGroups = cause === 'repeated' ? [] : groupsOf(read.dose.cvx, rendered);
    return [{ dose, cause, vaccineGroups }];
  });
}

function groupsOf(cvx: string | undefined, { knowledgeBase }: RenderedForecast): readonly string[] {
  const antigens = cvx === undefined ? [] : (knowledgeBase.antigensOf(cvx) ?? []);
  return knowledgeBase.schedule.antigens
    .filter(({ name }) => antigens.includes(name))
    .map(({ vaccineGroup }) => vaccineGroup)
    .filter((group, i, all) => all.indexOf(group) === i);
}

/** How many doses are on record, how many could be evaluated, and why not all. */
export function tellDoseCount({ record }: RenderedForecast, leftOut: readonly LeftOutDose[]): string {
  const given = record.immunizations.filter(({ resource }) => resource.status === 'completed').length;
  if (given === 0) return 'No doses on record';
  const doses = `${given} ${given === 1 ? 'dose' : 'doses'} on record`;
  if (leftOut.length === 0 && given === 1) return `${doses}, evaluated`;
  if (leftOut.length === 0) return `${doses}, all evaluated`;
  const reasons = (Object.keys(causes) as (keyof typeof causes)[]).flatMap((cause) => {
    const count = leftOut.filter((each) => each.cause === cause).length;
    return count === 0 ? [] : `${count} ${count === 1 ? 'has' : 'have'} ${causes[cause].several}`;
  });
  const evaluated = given - leftOut.length;
  return `${doses}, ${evaluated} could be evaluated: ${listOf(reasons)} (see "${leftOutTitle}")`;
}

export const leftOutTitle = 'Doses left out';

/** A line for each, with what it is and when it was given. */
export function renderLeftOut(
  leftOut: readonly LeftOutDose[],
  { knowledgeBase }: RenderedForecast,
): readonly string[] {
  return leftOut.map(({ dose, cause, detail }) => {
    const place = lookUp(dose.reference);
    const name = `${doseName(dose, knowledgeBase)}${place === undefined ? '' : ` [${place}]`}`;
    return `  ${name}: ${detail ?? causes[cause].one}`;
  });
}

/** What is said of a group some doses of which are missing. */
export function leftOutMark(vaccineGroup: string, leftOut: readonly LeftOutDose[]): string | undefined {
  const count = leftOut.filter(({ vaccineGroups }) => vaccineGroups.includes(vaccineGroup)).length;
  if (count === 0) return undefined;
  return `${count} ${count === 1 ? 'dose of it was' : 'doses of it were'} left out (see "${leftOutTitle}")`;
}

/** Records of what was not given at all: refused, or entered by mistake. */
export function renderNotGiven({ record, knowledgeBase }: RenderedForecast): readonly string[] {
  return record.immunizations
    .filter(({ resource }) => resource.status !== 'completed')
    .map((dose) => `${doseName(dose, knowledgeBase)} is not counted: ${notGiven(dose.resource)}`);
}

function notGiven({ status, statusReason }: Immunization): string {
  if (status === 'entered-in-error') return 'it was recorded by mistake';
  const why = statusReason?.text ?? statusReason?.coding?.find(({ display }) => display)?.display;
  return `it was not given${why === undefined ? '' : ` (${why})`}`;
}
