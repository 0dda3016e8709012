import { forecast } from '../../forecast/forecast.ts';
import type { DataProblem, Forecast, VaccineGroupForecast } from '../../forecast/forecast-result.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import type { Pace } from '../../values/turns.ts';
import type { CvxCode } from '../../values/vaccine-code.ts';
import { datesAsked, isDueOn, rowKey } from './due-today.ts';
import { type Candidate, fewestInjections } from './fewest-injections.ts';
import { forPregnancies } from './for-pregnancy.ts';
import { forbiddenBy } from './forbidden-vaccines.ts';
import type { KnowledgeBase } from './knowledge-base.ts';
import { isLive } from './live-vaccines.ts';
import type { HistoryReading } from './to-patient-history.ts';

export type VisitQuestion = {
  readonly reading: HistoryReading;
  /** What is forecast of it as it is, where that is known; else it is worked out. */
  readonly known?: Forecast;
  readonly knowledgeBase: KnowledgeBase;
  readonly day: EpochDay;
  /** The vaccines that are at hand; all that the schedule knows when absent. */
  readonly available: ReadonlySet<string> | undefined;
  /** Vaccine groups of which nothing is given on the day: declined, say. The next visit is not for them either. */
  readonly withheld: ReadonlySet<string>;
};

export type VisitPlan = {
  /** What is due on the day, with the doses that are supposed. */
  readonly due: readonly VaccineGroupForecast[];
  readonly injections: readonly { readonly cvx: CvxCode; readonly covers: readonly VaccineGroupForecast[] }[];
  /** Due, and covered by no vaccine that is at hand and would count in every part. */
  readonly uncovered: readonly VaccineGroupForecast[];
  /** What comes after these injections. */
  readonly after: NextVisit | undefined;
  /** What comes after the doses that are supposed alone; undefined while something is due, since the next visit is now. */
  readonly ifNoMore: NextVisit | undefined;
  /** Of doses that were not evaluated, supposed ones too. */
  readonly dataProblems: readonly DataProblem[];
};

export type NextVisit = {
  /** The first day after the visit from which a further dose may be given, `recommended` at the latest, and of which groups. */
  readonly earliest: EpochDay;
  readonly mayBeGiven: readonly string[];
  /** The first day after the visit on which one is recommended. */
  readonly recommended: EpochDay;
  readonly isRecommended: readonly VaccineGroupForecast[];
};

/** What would be if these vaccines were given on the day; of some antigens alone where no more is asked. */
type Supposed = (vaccines: readonly CvxCode[], antigens?: ReadonlySet<string>) => Forecast;

/** Which vaccines cover all that is due on the day with the fewest injections, and what comes after them. */
export async function planVisit(question: VisitQuestion, pace: Pace): Promise<VisitPlan> {
  const { day, withheld } = question;
  const suppose = supposing(question);
  const asItIs = question.known ?? suppose([]);
  const { forecasts, dataProblems } = asItIs;
  const isAsked = ({ vaccineGroup }: VaccineGroupForecast) => !withheld.has(vaccineGroup);
  const due = forecasts.filter((each) => isAsked(each) && isDueOn(each, day));
  const candidates: Candidate[] = [];
  for (const cvx of offeredFor(due, forecasts, question)) {
    await pace();
    const candidate = tryOne(cvx, { due, question, suppose });
    if (candidate) candidates.push(candidate);
  }
  const { chosen, after } = await chosenTogether(due, candidates, { asItIs, suppose, pace });
  const covered = new Set(chosen.flatMap(({ covers }) => [...covers]));
  return {
    due,
    injections: chosen.map(({ cvx, covers }) => ({
      cvx,
      covers: due.filter((row) => covers.has(rowKey(row))),
    })),
    uncovered: due.filter((row) => !covered.has(rowKey(row))),
    after: nextVisit(after.forecasts.filter(isAsked), day),
    ifNoMore: due.length === 0 ? nextVisit(forecasts.filter(isAsked), day) : undefined,
    dataProblems,
  };
}

/** What is to be given after the day, by what is forecast of it. */
function nextVisit(forecasts: readonly VaccineGroupForecast[], day: EpochDay): NextVisit | undefined {
  const rows = forecasts.flatMap((each) => {
    const dates = datesAsked(each, day);
    return dates && dates.recommended > day ? [{ each, dates }] : [];
  });
  const recommended = firstOf(rows.map(({ dates }) => dates.recommended));
  if (recommended === undefined) return undefined;
  // What may be given by then already is waited for by nobody, so another dose is none before it.
  const earlier = rows.map(({ dates }) => dates.earliest).filter((one) => one > day && one < recommended);
  const earliest = firstOf(earlier) ?? recommended;
  const openOn = rows.filter(({ dates }) => dates.earliest === earliest || dates.recommended === earliest);
  return {
    earliest,
    mayBeGiven: [...new Set(openOn.map(({ each }) => each.vaccineGroup))],
    recommended,
    isRecommended: rows.filter(({ dates }) => dates.recommended === recommended).map(({ each }) => each),
  };
}

function firstOf(days: readonly EpochDay[]): EpochDay | undefined {
  return days.length === 0 ? undefined : (Math.min(...days) as EpochDay);
}

const supposedId = (cvx: string) => `supposed:${cvx}`;

function supposing({ reading, knowledgeBase, day }: VisitQuestion): Supposed {
  const { schedule } = knowledgeBase;
  const { history, pregnancy } = reading;
  return (vaccines, antigens) => {
    const given = vaccines.map((cvx) => ({ id: supposedId(cvx), date: day, cvx }));
    const doses = [...history.doses, ...given];
    const whole = forecast(schedule, { ...history, doses }, day, { antigens });
    return forPregnancies(whole, pregnancy, schedule);
  };
}

/** In the order in which the rows name them, each once, without what must not be given to this person or has such a part. */
function offeredFor(
  due: readonly VaccineGroupForecast[],
  forecasts: readonly VaccineGroupForecast[],
  { available, withheld, knowledgeBase }: VisitQuestion,
): readonly CvxCode[] {
  const named = new Set(due.flatMap(({ namedVaccines }) => namedVaccines));
  // A combination brings what is withheld as well.
  const kept = new Set(
    forecasts.flatMap((each) => (withheld.has(each.vaccineGroup) ? [...each.antigens] : [])),
  );
  const mustNotBeGiven = forbiddenBy(forecasts, knowledgeBase);
  const isForbidden = (cvx: CvxCode) =>
    mustNotBeGiven(cvx) || (knowledgeBase.antigensOf(cvx) ?? []).some((one) => kept.has(one));
  return [...named].filter((cvx) => !isForbidden(cvx) && (available?.has(cvx) ?? true));
}

type Trying = {
  readonly due: readonly VaccineGroupForecast[];
  readonly question: VisitQuestion;
  readonly suppose: Supposed;
};

/** Undefined where it covers nothing, or a part of it would not count. */
function tryOne(cvx: CvxCode, { due, question, suppose }: Trying): Candidate | undefined {
  const antigens = new Set(question.knowledgeBase.antigensOf(cvx));
  const naming = due.filter((row) => row.namedVaccines.includes(cvx));
  const after = suppose([cvx], new Set([...antigens, ...naming.flatMap((row) => row.antigens)]));
  if (!countsWhole(after, cvx, antigens)) return undefined;
  const covers = coveredBy(after, naming, question.day);
  if (covers.length === 0) return undefined;
  const ranks = covers.map((row) => row.namedVaccines.indexOf(cvx));
  const rank = Math.max(...ranks) + (isLive(cvx, question.knowledgeBase) ? liveRank : 0);
  const finished = covers.filter((row) => isCompleteIn(after, row)).length;
  return { cvx, antigens, covers: new Set(covers.map(rowKey)), rank, finished };
}

/**
 * Behind every other: more people must not have a live vaccine than a registry knows of, so where there is another (flu), it
 * is proposed. No row names so many.
 */
const liveRank = 1000;

function isCompleteIn({ forecasts }: Forecast, row: VaccineGroupForecast): boolean {
  return forecasts.some((each) => rowKey(each) === rowKey(row) && each.status === 'Complete');
}

/** Whether each antigen of it counts in some series. */
function countsWhole({ evaluations }: Forecast, cvx: string, antigens: ReadonlySet<string>): boolean {
  const valid = evaluations.filter(({ doseId, status }) => doseId === supposedId(cvx) && status === 'Valid');
  return antigens.size > 0 && [...antigens].every((one) => valid.some(({ antigen }) => antigen === one));
}

function coveredBy(
  { forecasts }: Forecast,
  due: readonly VaccineGroupForecast[],
  day: EpochDay,
): readonly VaccineGroupForecast[] {
  const still = new Set(forecasts.filter((each) => isDueOn(each, day)).map(rowKey));
  return due.filter((row) => !still.has(rowKey(row)));
}

/** How often another choice is made, where vaccines that count alone do not count together. */
const mostTries = 10;

type Choosing = Pick<Trying, 'suppose'> & { readonly asItIs: Forecast; readonly pace: Pace };

type Choice = { readonly chosen: readonly Candidate[]; readonly after: Forecast };

/** A choice whose vaccines count together as well: two live vaccines, say, may stand in each other's way. */
async function chosenTogether(
  due: readonly VaccineGroupForecast[],
  candidates: readonly Candidate[],
  { asItIs, suppose, pace }: Choosing,
): Promise<Choice> {
  let left = candidates;
  for (let tried = 0; tried < mostTries; tried++) {
    await pace();
    const chosen = fewestInjections(due.map(rowKey), left);
    if (chosen.length === 0) break;
    const after = suppose(chosen.map(({ cvx }) => cvx));
    const spoiled = chosen.filter(({ cvx, antigens }) => !countsWhole(after, cvx, antigens));
    if (spoiled.length === 0) return { chosen, after };
    left = left.filter((each) => !spoiled.includes(each));
  }
  return { chosen: [], after: asItIs };
}
