import { addOffset, plusDays } from '../../forecast/date-arithmetic.ts';
import type { Gender, PatientObservation } from '../../forecast/patient-history.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import { onsetOfPregnancy, type PregnancyFact, pregnant } from './pregnancy-facts.ts';

/** Of a pregnancy that nobody ends this is taken to be the last week: longer ones are very rare. */
const mostWeeks = 44;

/** What is known of pregnancies on the assessment date. */
export type PregnancyReading = {
  readonly pregnancy: Pregnancy | undefined;
  /** A pregnancy that nobody has confirmed. */
  readonly caution: { readonly observation: PatientObservation; readonly reference: string } | undefined;
  /** What says that she is pregnant, but longer ago than a pregnancy lasts. */
  readonly outdated: string | undefined;
};

/** The pregnancy that holds on the assessment date. */
export type Pregnancy = {
  /** First day of the last menstrual period, from which weeks are counted; undefined where nobody says it. */
  readonly began: EpochDay | undefined;
  /** The last day that it can last to; undefined where it has no date at all. */
  readonly lastDay: EpochDay | undefined;
  readonly observations: readonly PatientObservation[];
  /** What says that she is pregnant, and what says since when. */
  readonly references: readonly string[];
};

type Known = { readonly gender: Gender; readonly dateOfBirth: EpochDay };

/**
 * Is she pregnant on that day, and since when? Each fact is of its day: of those that say pregnant or not pregnant the
 * latest wins, and none holds for more than 44 weeks. What is later than the assessment date is not known yet. Where
 * nobody says when it began, it did not begin more than 44 weeks before it was recorded.
 */
export function pregnancyOn(
  assessmentDate: EpochDay,
  facts: readonly PregnancyFact[],
  known: Known,
): PregnancyReading {
  const past = facts.filter(({ day }) => day === undefined || day <= assessmentDate);
  const ended = latest(past.filter(({ kind }) => kind === 'not-pregnant'));
  const holds = (fact: PregnancyFact | undefined): fact is PregnancyFact =>
    fact !== undefined && (ended?.day === undefined || (fact.day !== undefined && fact.day >= ended.day));
  const positive = latest(past.filter((fact) => saysPregnant(fact, known)));
  const cautious = latest(past.filter(({ kind }) => kind === 'unconfirmed'));
  const caution = holds(cautious) ? cautionOf(cautious) : undefined;
  if (!holds(positive)) return { pregnancy: undefined, caution, outdated: undefined };
  const pregnancy = pregnancyOf(past, positive, { ended, assessmentDate });
  if (pregnancy.lastDay !== undefined && pregnancy.lastDay < assessmentDate)
    return { pregnancy: undefined, caution, outdated: positive.reference };
  return { pregnancy, caution, outdated: undefined };
}

function cautionOf({ day, reference }: PregnancyFact): PregnancyReading['caution'] {
  return { observation: { ...pregnantFrom(day, day), unconfirmed: true }, reference };
}

type Bounds = { readonly ended: PregnancyFact | undefined; readonly assessmentDate: EpochDay };

function pregnancyOf(
  past: readonly PregnancyFact[],
  positive: PregnancyFact,
  { ended, assessmentDate }: Bounds,
): Pregnancy {
  const dating = datingOf(past, positive, ended);
  const began = dating?.kind === 'began' ? dating.began : undefined;
  const onset =
    began === undefined
      ? { notBefore: plusDays(positive.day ?? assessmentDate, -mostWeeks * 7) }
      : { date: began };
  const isPregnant = pregnantFrom(positive.day ?? began, began ?? positive.day);
  return {
    began,
    lastDay: isPregnant.endDate,
    observations: [isPregnant, { code: onsetOfPregnancy, ...onset }],
    references: [...new Set([positive.reference, ...(dating ? [dating.reference] : [])])],
  };
}

/** Known from that day on, and of so many weeks from its beginning. */
function pregnantFrom(day: EpochDay | undefined, began: EpochDay | undefined): PatientObservation {
  const endDate = began === undefined ? undefined : plusDays(began, mostWeeks * 7);
  return {
    code: pregnant,
    ...(day !== undefined && { date: day }),
    ...(endDate !== undefined && { endDate }),
  };
}

/** A due date says it too, unless it is the one of a newborn, whose mother it is about. */
function saysPregnant(fact: PregnancyFact, { gender, dateOfBirth }: Known): boolean {
  if (fact.kind === 'pregnant') return true;
  if (fact.kind !== 'began' || !fact.implies || fact.day === undefined || gender === 'Male') return false;
  return fact.day >= addOffset(dateOfBirth, { months: 10 * 12, days: 0 });
}

function latest(facts: readonly PregnancyFact[]): PregnancyFact | undefined {
  let found: PregnancyFact | undefined;
  for (const fact of facts) if (!found || (fact.day ?? 0) > (found.day ?? 0)) found = fact;
  return found;
}

/** The surest fact, and of equals the latest, that can be of this pregnancy: an older one is of one that is over. */
function datingOf(
  facts: readonly PregnancyFact[],
  positive: PregnancyFact,
  ended: PregnancyFact | undefined,
): PregnancyFact | undefined {
  const fitting = facts.filter((fact) => {
    if (fact.kind !== 'began') return false;
    if (ended?.day !== undefined && fact.day !== undefined && fact.day < ended.day) return false;
    if (positive.day === undefined) return true;
    return fact.began <= positive.day && positive.day <= plusDays(fact.began, mostWeeks * 7);
  });
  const rankOf = (fact: PregnancyFact) => (fact.kind === 'began' ? fact.rank : 9);
  fitting.sort((a, b) => rankOf(a) - rankOf(b) || (b.day ?? 0) - (a.day ?? 0));
  return fitting[0];
}
