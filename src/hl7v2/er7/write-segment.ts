import { type Delimiters, usualDelimiters } from './delimiters.ts';
import { escapeText } from './escapes.ts';

/** A leaf's text, not yet escaped. */
export type Leaf = string | undefined;
/** A component: a text, or its subcomponents. */
export type ComponentValue = Leaf | readonly Leaf[];
/** A field: a text, the components of its one repetition, or its repetitions. */
export type FieldValue = Leaf | readonly ComponentValue[] | { readonly repetitions: readonly FieldValue[] };

/**
 * A segment as text, without what ends it: `writeSegment('PID', { 1: '1', 5: ['Doe', 'Ann'] })` is `PID|1||||Doe^Ann`. What
 * is empty at the end of a field or segment is left out; MSH-1 and MSH-2 are written of themselves.
 */
export function writeSegment(
  name: string,
  fields: Readonly<Record<number, FieldValue>>,
  delimiters: Delimiters = usualDelimiters,
): string {
  const { field, component, repetition, subcomponent } = delimiters;
  const isHead = isHeader(name);
  let text = isHead ? name + field + component + repetition + delimiters.escape + subcomponent : name;
  let last = isHead ? 2 : 0;
  const end = lastOf(fields);
  for (let number = last + 1; number <= end; number++) {
    const written = writeField(fields[number], delimiters);
    if (written === '') continue;
    text += field.repeat(number - last) + written;
    last = number;
  }
  return text;
}

/** Keys that are numbers come in their order (ECMAScript, OrdinaryOwnPropertyKeys). */
const lastOf = (fields: Readonly<Record<number, FieldValue>>): number =>
  Number(Object.keys(fields).at(-1) ?? 0);

const isHeader = (name: string): boolean => name === 'MSH' || name === 'FHS' || name === 'BHS';

/** Segments as a message: each ended by CR. */
export const writeMessage = (segments: readonly string[]): string =>
  segments.length === 0 ? '' : `${segments.join('\r')}\r`;

/** A field, or a repetition of one, as it stands in a segment. */
export function writeField(value: FieldValue, delimiters: Delimiters = usualDelimiters): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return escapeText(value, delimiters);
  if ('repetitions' in value) {
    return joined(value.repetitions, delimiters.repetition, (one) => writeField(one, delimiters));
  }
  return joined(value, delimiters.component, (one) => writeComponent(one, delimiters));
}

function writeComponent(value: ComponentValue, delimiters: Delimiters): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return escapeText(value, delimiters);
  return joined(value, delimiters.subcomponent, (leaf) => escapeText(leaf ?? '', delimiters));
}

/** Pieces with a mark between two; what is empty at the end is left out. */
function joined<Value>(values: readonly Value[], mark: string, write: (value: Value) => string): string {
  let text = '';
  let last = 0;
  for (let at = 0; at < values.length; at++) {
    const written = write(values[at] as Value);
    if (written === '') continue;
    text += mark.repeat(at - last) + written;
    last = at;
  }
  return text;
}
