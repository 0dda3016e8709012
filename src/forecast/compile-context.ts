import type { EpochDay } from '../values/epoch-day.ts';
import { parseEpochDay } from '../values/partial-date.ts';
import { type CvxCode, parseCvxCode } from '../values/vaccine-code.ts';
import { beginOfTime, endOfTime, parseOffset } from './date-arithmetic.ts';
import { type ObservationCode, parseObservationCode } from './patient-history.ts';
import {
  type AgeIndex,
  type AgeWindow,
  type CvxSet,
  cvxNumbers,
  type Effective,
  noBeginAge,
  noEndAge,
  type TextOffset,
  type VaccineWindow,
} from './schedule.ts';
import type { AgeWindowData, EffectiveData, VaccineWindowData } from './schedule-data.ts';
import { ScheduleError } from './schedule-error.ts';

/** Turns the texts of a schedule into numbers, each distinct text once. */
export type CompileContext = {
  readonly ages: readonly TextOffset[];
  readonly beginAge: (text: string | undefined) => AgeIndex;
  readonly endAge: (text: string | undefined) => AgeIndex;
  readonly offset: (text: string) => TextOffset;
  readonly optionalOffset: (text: string | undefined) => TextOffset | undefined;
  readonly day: <Absent>(text: string | undefined, absent: Absent) => EpochDay | Absent;
  readonly cvxSet: (codes: readonly string[]) => CvxSet;
};

export function compileContext(): CompileContext {
  // The two open ends hold places 0 and 1; they are no ages and are never added to a date.
  const ages: TextOffset[] = [
    { months: 0, days: 0, text: '' },
    { months: 0, days: 0, text: '' },
  ];
  const offset = remember((text) => toOffset(text));
  const ageIndex = remember((text) => ages.push(offset(text)) - 1);
  const toDay = remember((text) => required(parseEpochDay(text), text, 'date'));
  const setOf = remember((joined) => toCvxSet(joined === '' ? [] : joined.split(';')));
  return {
    ages,
    offset,
    beginAge: (text) => (text === undefined ? noBeginAge : ageIndex(text)),
    endAge: (text) => (text === undefined ? noEndAge : ageIndex(text)),
    optionalOffset: (text) => (text === undefined ? undefined : offset(text)),
    day: (text, absent) => (text === undefined ? absent : toDay(text)),
    cvxSet: (codes) => setOf(codes.join(';')),
  };
}

function remember<T>(make: (text: string) => T): (text: string) => T {
  const made = new Map<string, T>();
  return (text) => {
    const known = made.get(text);
    if (known !== undefined) return known;
    const value = make(text);
    made.set(text, value);
    return value;
  };
}

function toOffset(text: string): TextOffset {
  return { text, ...required(parseOffset(text), text, 'age or interval') };
}

function toCvxSet(codes: readonly string[]): CvxSet {
  const set = new Uint8Array(cvxNumbers);
  for (const code of codes) set[Number(toCvxCode(code))] = 1;
  return set;
}

export function toCvxCode(text: string): CvxCode {
  return required(parseCvxCode(text), text, 'CVX code');
}

export function toObservationCode(text: string): ObservationCode {
  return required(parseObservationCode(text), text, 'observation code');
}

/** A schedule is checked before it is compiled, so this throws only for one that was not. */
function required<T>(value: T | undefined, text: string, kind: string): T {
  if (value === undefined) throw new ScheduleError('', `"${text}" is no ${kind}`);
  return value;
}

export function ageWindow(data: AgeWindowData, context: CompileContext): AgeWindow {
  return { beginAge: context.beginAge(data.beginAge), endAge: context.endAge(data.endAge) };
}

export function effective(data: EffectiveData, context: CompileContext): Effective {
  return {
    effective: context.day(data.effectiveDate, beginOfTime),
    cessation: context.day(data.cessationDate, endOfTime),
  };
}

export function vaccineWindow(data: VaccineWindowData, context: CompileContext): VaccineWindow {
  const code = toCvxCode(data.cvx);
  return { cvx: Number(code), code, ...ageWindow(data, context) };
}
