import { daysInMonth, type EpochDay, toEpochDay } from '../../values/epoch-day.ts';
import { tableOf } from '../../values/table-of.ts';
import type { Segment } from '../er7/message.ts';
import { textAt } from '../er7/piece.ts';
import { dayOf } from '../guide/hl7-date.ts';
import type { RuleRow } from './detection-document.ts';
import { doseStates } from './dose-state.ts';
import { forms } from './forms.ts';
import { ownRules } from './own-rules.ts';
import { type Place, parsePlace } from './place.ts';
import type { QualityContext, Rule } from './quality-context.ts';
import { kindOf, type Subject, segmentAt, textOfPlace } from './subject.ts';

/** The rule of a detection at its place. A word that names no rule is a fault of the file, and throws. */
export function compileRule(row: RuleRow, place: Place): Rule {
  const text = (subject: Subject) => textOfPlace(subject, place);
  switch (row[0]) {
    case 'present':
      return (subject, context) => isFilled(subject, place, context);
    case 'missing':
      return missing(place, row[1]);
    case 'not in':
      return notIn(text, row[1], row[2] ?? []);
    case 'one of':
      return (subject) => row[1].includes(text(subject) ?? '');
    case 'none of':
      return (subject) => {
        const country = textOfPlace(subject, { ...place, component: 6 }) ?? row[2];
        const said = text(subject);
        return said !== undefined && country.startsWith(row[2]) && !row[1].includes(said);
      };
    case 'no date':
      return (subject) => text(subject) !== undefined && lastDayIn(text(subject)) === undefined;
    case 'after':
    case 'before':
      return compared(place, row[0], row[1]);
    case 'not like':
      return notLike(text, row[1]);
    case 'own':
      return named(ownRules, row[1]);
  }
}

function named<Value>(record: Readonly<Record<string, Value>>, name: string): Value {
  const found = record[name];
  if (found === undefined) throw new Error(`hl7v2/detections.json: no rule "${name}"`);
  return found;
}

/** Empty where a state of the dose, or something else that is there, asks for it. */
function missing(place: Place, when: string | undefined): Rule {
  const filled = when === undefined ? undefined : parsePlace(when);
  const state = when === undefined || filled ? undefined : rememberedState(when);
  return (subject, context) => {
    if (filled && !isFilled(subject, filled, context)) return false;
    if (state && !state(subject, context)) return false;
    // What a segment lacks that is not there is told of the segment.
    if (!state && place.observation === undefined && !subject.segments.has(place.segment))
      return isCore(place);
    return !isFilled(subject, place, context);
  };
}

type State = (dose: Subject, context: QualityContext) => boolean;
const states = new Map<string, State>();

/** Many rules hang on one state, which is looked at once for each dose. */
function rememberedState(name: string): State {
  const there = states.get(name);
  if (there) return there;
  const state = named(doseStates, name);
  const known = new WeakMap<Subject, boolean>();
  const remembered: State = (dose, context) => {
    const before = known.get(dose);
    if (before !== undefined) return before;
    const now = state(dose, context);
    known.set(dose, now);
    return now;
  };
  states.set(name, remembered);
  return remembered;
}

/** A message without PD1 lacks what stands there; one without NK1, PV1 or RXR is told so by other rules, or by none. */
const isCore = ({ segment }: Place): boolean => segment === 'PID' || segment === 'PD1' || segment === 'RXA';

/** Which components of a type hold what it is about. */
const contents: Readonly<Record<string, readonly number[]>> = tableOf({
  XAD: [1, 2, 3, 4, 5],
  XTN: [1, 4, 7, 12],
  XPN: [1, 2, 3],
  XCN: [1, 2, 3],
  HD: [1, 2],
});

/** Whether anything of what it is about stands at a place. */
export function isFilled(subject: Subject, place: Place, { profile }: QualityContext): boolean {
  const segment = segmentAt(subject, place);
  const { field, component } = place;
  if (!segment || field === undefined) return segment !== undefined;
  if (component !== undefined) return hasPart(segment, field, component);
  const type = profile.segments.get(segment.name)?.fields[field - 1]?.type ?? '';
  const parts = contents[profile.types.get(type)?.name ?? ''] ?? [1];
  // No closure: this is asked of each place by many rules.
  for (const part of parts) if (textAt(segment, { field, component: part }) !== undefined) return true;
  return false;
}

/** Any subcomponent will do: an authority may be named by its OID alone. */
const hasPart = (segment: Segment, field: number, component: number): boolean =>
  textAt(segment, { field, component }) !== undefined ||
  textAt(segment, { field, component, subcomponent: 2 }) !== undefined;

function notIn(
  text: (subject: Subject) => string | undefined,
  tableId: string,
  alsoTaken: readonly string[],
): Rule {
  return (subject, { profile }) => {
    const code = text(subject);
    const table = profile.tables.get(tableId);
    if (code === undefined || !table || table.takesAll || alsoTaken.includes(code)) return false;
    return table.systemsOf(code).length === 0;
  };
}

function notLike(text: (subject: Subject) => string | undefined, form: string): Rule {
  const isLike = named(forms, form);
  return (subject) => {
    const said = text(subject);
    return said !== undefined && !isLike(said);
  };
}

function compared(place: Place, operator: 'after' | 'before', than: string): Rule {
  const other = parsePlace(than);
  return (subject, context) => {
    const day = dayOf(textOfPlace(subject, place));
    if (day === undefined) return false;
    const limit = other ? dayElsewhere(other, subject, context) : knownDay(than, context);
    if (limit === undefined) return false;
    return operator === 'after' ? day > limit : day < limit;
  };
}

/** `tomorrow`: somewhere it is that day by now. */
function knownDay(than: string, { sent, today }: QualityContext): EpochDay {
  if (than === 'sent') return sent;
  return than === 'tomorrow' ? ((today + 1) as EpochDay) : today;
}

function dayElsewhere(
  place: Place,
  subject: Subject,
  { patient, today }: QualityContext,
): EpochDay | undefined {
  const holder = kindOf(place) === 'patient' ? patient : subject;
  const day = lastDayIn(textOfPlace(holder, place));
  // A birth that is still to come is told itself; all else would lie before it.
  return day !== undefined && holder === patient && day > today + 1 ? undefined : day;
}

/** The day, or the last of the month where no more is said: a lot expires with its month. */
function lastDayIn(text: string | undefined): EpochDay | undefined {
  if (text?.length !== 6) return dayOf(text);
  const [, year, month] = /^(\d{4})(0[1-9]|1[0-2])$/.exec(text) ?? [];
  if (year === undefined || month === undefined) return undefined;
  return toEpochDay(Number(year), Number(month), daysInMonth(Number(year), Number(month)));
}
