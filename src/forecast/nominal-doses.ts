import type { EpochDay } from '../values/epoch-day.ts';
import type { CvxCode } from '../values/vaccine-code.ts';
import { beginOfTime, endOfTime, laterOf } from './date-arithmetic.ts';
import { isOfSeason } from './dose-number.ts';
import { effectiveAge, noAgeLimits } from './evaluate-age.ts';
import { forecastDates } from './forecast-dates.ts';
import { canSkipOn } from './forecast-series.ts';
import { type Dose, isOfAge, type Patient, quietCopyOf, reachesAge } from './patient.ts';
import { type ForecastSeries, nextTarget, type PatientSeries, type SatisfiedDose } from './patient-series.ts';
import type { PreferableVaccine, Season, SeriesDose } from './schedule.ts';

// A person counts the doses given, and the doses that are still to come; CDSi counts target doses, of which most are
// skipped in some series (11 target doses of diphtheria for the 6 that a child gets).

/**
 * Which dose it was, or was to be, as a person counts: a recurring target dose has one place, a skipped one none. Doses of
 * a season that ends are counted anew in each.
 */
export function nominalPosition(
  satisfied: readonly SatisfiedDose[],
  target: SeriesDose,
  date: EpochDay,
): number {
  let position = 1;
  let last: SeriesDose | undefined;
  const season = seasonThatEnds(target);
  const inSeason = season?.start !== undefined && date >= season.start;
  for (const each of satisfied) {
    if (inSeason ? isOfSeason(each) : each.target !== last && each.target !== target) position++;
    last = each.target;
  }
  return position;
}

function seasonThatEnds({ season }: SeriesDose): Season | undefined {
  return season?.end === endOfTime ? undefined : season;
}

/** How many doses the series has for this person, in the end. */
export function nominalDoses(series: ForecastSeries): number {
  const { satisfied, forecast } = series;
  let count = 0;
  let last: SeriesDose | undefined;
  for (const { target } of satisfied) {
    if (target !== last) count++;
    last = target;
  }
  if (forecast.target) return count + (forecast.target === last ? 0 : 1) + dosesAfterNext(series);
  return Math.max(1, count, forecast.status === 'Complete' ? count : count + openDoses(series));
}

/** Of a series that is not forecast: what would be left of it, as far as nothing lets it be skipped. */
function openDoses({ series, next }: ForecastSeries): number {
  const left = series.doses.slice(next);
  return left.filter(({ recurring, forecastSkips }) => !recurring && forecastSkips.length === 0).length;
}

/**
 * How many doses follow the one that is forecast, when every dose is given on its recommended day: what is skipped then
 * does not count, nor does a booster that recurs after years.
 */
export function dosesAfterNext(series: ForecastSeries): number {
  // Every dose of a series is evaluated with the same number.
  series.dosesAfterNext ??= countDosesAfterNext(series);
  return series.dosesAfterNext;
}

/** A recurring dose that is due sooner is one of the series, as the second dose against influenza is. */
const mostDays = 300;

function countDosesAfterNext(found: ForecastSeries): number {
  const { target, dates } = found.forecast;
  if (!target || !dates) return 0;
  const { doses, plainFrom } = found.series;
  if (!target.recurring && target.number >= plainFrom) return doses.length - target.number;
  const future = copyOf(found);
  let day = laterOf(dates.recommended, found.patient.assessmentDate);
  for (let count = 0; ; count++) {
    if (future.next >= plainFrom) return count + doses.length - future.next - 1;
    const given = nextTarget(future);
    give(future, day);
    const due = nextDue(future);
    if (due === undefined || !isCounted(nextTarget(future), due, { given, day })) return count;
    day = laterOf(due, day);
  }
}

/** A booster that is asked for again and again is counted once, and one after years not at all. */
function isCounted(
  next: SeriesDose | undefined,
  due: EpochDay,
  { given, day }: { readonly given: SeriesDose | undefined; readonly day: EpochDay },
): boolean {
  if (!next?.recurring) return next !== given;
  return due - day <= mostDays && (next !== given || isOfSameSeason(next, due));
}

/** A child who is vaccinated against influenza for the first time has two doses of one season. */
function isOfSameSeason(target: SeriesDose, due: EpochDay): boolean {
  return due <= (seasonThatEnds(target)?.end ?? beginOfTime);
}

/** A series that is written to as days go by, beside the one that was found. */
type Future = PatientSeries & {
  readonly patient: ReturnType<typeof quietCopyOf>;
  readonly records: Dose[];
};

function copyOf({
  patient,
  series,
  records,
  judgments,
  satisfied,
  next,
  completedGroups,
}: ForecastSeries): Future {
  return {
    patient: quietCopyOf(patient),
    series,
    records: [...records],
    judgments: [...judgments],
    satisfied: [...satisfied],
    next,
    completedGroups,
    steps: undefined,
    dosesAfterNext: undefined,
  };
}

/** The dose that is next, as if it were its day. A recurring one is asked for again. */
function give(future: Future, day: EpochDay): void {
  const target = nextTarget(future);
  if (!target) return;
  const { patient, records, judgments, satisfied } = future;
  patient.assessmentDate = day;
  // Of several the newest: after PCV20 or PCV21 nothing follows, after PCV15 PPSV23 does.
  const { preferableVaccines } = target;
  const vaccine = newestOfAge(patient, preferableVaccines, day) ?? preferableVaccines[0];
  const given = { id: '', date: day, cvx: vaccine?.code ?? ('' as CvxCode) };
  const record = { index: patient.doses.length, date: day, cvx: vaccine?.cvx ?? 0, given };
  patient.doses.push(record);
  records.push(record);
  judgments[record.index] = { status: 'Valid', reasons: [], targetDose: target.number, steps: undefined };
  satisfied.push({ target, record });
  if (!target.recurring) future.next++;
}

function newestOfAge(
  patient: Patient,
  vaccines: readonly PreferableVaccine[],
  day: EpochDay,
): PreferableVaccine | undefined {
  for (let i = vaccines.length - 1; i >= 0; i--) {
    const vaccine = vaccines[i];
    if (vaccine && isOfAge(patient, vaccine, day)) return vaccine;
  }
  return undefined;
}

/** When the next dose that cannot be skipped is due; undefined when there is none, none at that age, or a booster. */
function nextDue(future: Future): EpochDay | undefined {
  for (let target = nextTarget(future); target; target = nextTarget(future)) {
    if (target.recurring && !target.season) return undefined;
    const dates = datesUnlessSkipped(future, target);
    if (dates) return dates.earliest >= dates.tooOldFrom ? undefined : dates.recommended;
    future.next++;
  }
  return undefined;
}

function datesUnlessSkipped(future: Future, target: SeriesDose) {
  const { patient } = future;
  if (canSkipOn(future, target, patient.assessmentDate)) return undefined;
  const ages = effectiveAge(target, patient.assessmentDate) ?? noAgeLimits;
  const { earliest, recommended } = forecastDates(future, target, ages);
  if (canSkipOn(future, target, earliest)) return undefined;
  return { earliest, recommended, tooOldFrom: reachesAge(patient, ages.maxAge) };
}
