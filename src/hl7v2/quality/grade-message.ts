import type { EpochDay } from '../../values/epoch-day.ts';
import type { Guide } from '../guide/guide.ts';
import { dayOf } from '../guide/hl7-date.ts';
import { isFilled } from './compile-rule.ts';
import type { Detected, Hit } from './detections.ts';
import { isAdministered, isGiven, rxaText } from './dose-state.ts';
import type { Subject } from './subject.ts';

/** What a message counts for in the report of its reporter. It says nothing of whom it is about. */
export type Grade = {
  readonly doses: number;
  readonly administered: number;
  /** Days from each dose that the reporter gave to the day it came in, in bins, and how many came in time. */
  readonly days: readonly number[];
  readonly timely: number;
  /** By the number of the field in the settings: how often it was filled, and could have been. */
  readonly filled: readonly number[];
  readonly of: readonly number[];
  /** Patients, contacts and doses, and how many of them something is wrong with. */
  readonly judged: number;
  readonly faulty: number;
  /** How often each detection was made that says something against the data. */
  readonly issues: Readonly<Record<string, number>>;
};

/** From this weight on a detection says that data are wrong; below it that they could be better. */
const wrong = 2;

/** Grades a VXU by what was detected on the day it came in. */
export function gradeMessage({ quality }: Guide, { subjects, context, hits }: Detected): Grade {
  const against = hits.filter(({ row }) => row.weight > 0);
  const given = subjects.filter((one) => one.kind === 'dose' && isGiven(one));
  const administered = given.filter(isAdministered);
  const patients = subjects.filter(({ kind }) => kind === 'patient');
  const counted = quality.fields.map(({ of, place }) => {
    const among = of === 'patient' ? patients : administered;
    return { filled: among.filter((one) => isFilled(one, place, context)).length, of: among.length };
  });
  const late = administered.flatMap((dose) => daysUntil(dose, context.today) ?? []);
  const { upToDays, timelyDays } = quality.timeliness;
  return {
    doses: given.length,
    administered: administered.length,
    days: binsOf(late, upToDays),
    timely: late.filter((days) => days <= timelyDays).length,
    filled: counted.map(({ filled }) => filled),
    of: counted.map(({ of }) => of),
    ...faultsOf(subjects, against),
    issues: issuesOf(against),
  };
}

function daysUntil(dose: Subject, receivedOn: EpochDay): number | undefined {
  const day = dayOf(rxaText(dose, 3));
  return day === undefined ? undefined : receivedOn - day;
}

/** How many are within each bound, and beyond the last. */
function binsOf(days: readonly number[], bounds: readonly number[]): readonly number[] {
  const bins = Array.from({ length: bounds.length + 1 }, () => 0);
  for (const one of days) {
    const at = bounds.findIndex((bound) => one <= bound);
    const bin = at < 0 ? bounds.length : at;
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return bins;
}

const judgedKinds: ReadonlySet<Subject['kind']> = new Set(['patient', 'contact', 'dose']);

/** What is missing counts for completeness, and not here. */
function faultsOf(subjects: readonly Subject[], hits: readonly Hit[]): Pick<Grade, 'judged' | 'faulty'> {
  const faulty = new Set(
    hits.filter(({ row }) => row.weight >= wrong && row.is !== 'missing').map(({ subject }) => subject),
  );
  const judged = subjects.filter(({ kind }) => judgedKinds.has(kind));
  return { judged: judged.length, faulty: judged.filter((one) => faulty.has(one)).length };
}

function issuesOf(hits: readonly Hit[]): Grade['issues'] {
  const issues: Record<string, number> = {};
  for (const { row } of hits) issues[row.code] = (issues[row.code] ?? 0) + 1;
  return issues;
}
