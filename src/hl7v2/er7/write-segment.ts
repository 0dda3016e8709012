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
  const last = Math.max(0, ...Object.keys(fields).map(Number));
  const first = isHeader(name) ? 3 : 1;
  const written = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) =>
    writeField(fields[first + at], delimiters),
  );
  const { field, component, repetition, subcomponent } = delimiters;
  const head = isHeader(name) ? [name, component + repetition + delimiters.escape + subcomponent] : [name];
  return dropEmpty([...head, ...written]).join(field);
}

const isHeader = (name: string): boolean => name === 'MSH' || name === 'FHS' || name === 'BHS';

/** Segments as a message: each ended by CR. */
export const writeMessage = (segments: readonly string[]): string =>
  segments.map((segment) => `${segment}\r`).join('');

/** A field, or a repetition of one, as it stands in a segment. */
export function writeField(value: FieldValue, delimiters: Delimiters = usualDelimiters): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return escapeText(value, delimiters);
  if ('repetitions' in value) {
    return dropEmpty(value.repetitions.map((one) => writeField(one, delimiters))).join(delimiters.repetition);
  }
  return dropEmpty(value.map((one) => writeComponent(one, delimiters))).join(delimiters.component);
}

function writeComponent(value: ComponentValue, delimiters: Delimiters): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return escapeText(value, delimiters);
  return dropEmpty(value.map((leaf) => escapeText(leaf ?? '', delimiters))).join(delimiters.subcomponent);
}

function dropEmpty(pieces: readonly string[]): readonly string[] {
  const last = pieces.findLastIndex((piece) => piece !== '');
  return pieces.slice(0, last + 1);
}
