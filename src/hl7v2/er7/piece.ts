import type { Delimiters } from './delimiters.ts';
import { unescapeText } from './escapes.ts';
import type { Segment } from './message.ts';

/** A piece of a segment as it was sent: a field's repetition, a component or a subcomponent of one. */
export type Piece = { readonly raw: string; readonly delimiters: Delimiters };

/** The text of a field with all its repetitions, as sent; '' where it is not there. MSH-1 is the delimiter itself. */
export function rawField(segment: Segment, field: number): string {
  segment.fields ??= cutFields(segment);
  return segment.fields[field] ?? '';
}

function cutFields({ name, raw, delimiters }: Segment): readonly string[] {
  const cut = cutAt(raw, delimiters.field);
  // MSH-1 is what stands between MSH and MSH-2 (HL7 v2.5.1 §2.14.9.1); FHS and BHS likewise (§2.10).
  return isHeader(name) ? [name, delimiters.field, ...cut.slice(1)] : cut;
}

/** As `split` does; a segment is many empty fields in a row, over which one need not search. */
function cutAt(text: string, mark: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  for (let stop = text.indexOf(mark); stop >= 0; stop = text.indexOf(mark, start)) {
    pieces.push(text.slice(start, stop));
    for (start = stop + 1; text[start] === mark; start++) pieces.push('');
  }
  pieces.push(text.slice(start));
  return pieces;
}

const isHeader = (name: string): boolean => name === 'MSH' || name === 'FHS' || name === 'BHS';

/** Whether HL7 has a field say "delete what is kept": two double quotes (HL7 v2.5.1 §2.5.3). */
export const deletes = ({ raw }: Pick<Piece, 'raw'>): boolean => raw === '""';

/** The repetitions of a field; none where it is empty. Those that are empty between others stay in their place. */
export function repetitionsOf(segment: Segment, field: number): readonly Piece[] {
  const raw = rawField(segment, field);
  if (raw === '') return [];
  const { delimiters } = segment;
  // What MSH-2 holds are the delimiters, which part nothing.
  if (isHeader(segment.name) && field <= 2) return [{ raw, delimiters }];
  if (!raw.includes(delimiters.repetition)) return [{ raw, delimiters }];
  return raw.split(delimiters.repetition).map((one) => ({ raw: one, delimiters }));
}

/** The part of a text that stands at a place, from 1; '' where it is not there. It goes no further than it must. */
export function partOf(text: string, mark: string, place: number): string {
  let start = 0;
  for (let at = 1; at < place; at++) {
    const next = text.indexOf(mark, start);
    if (next < 0) return '';
    start = next + 1;
  }
  const end = text.indexOf(mark, start);
  return end < 0 ? (start === 0 ? text : text.slice(start)) : text.slice(start, end);
}

/** A component of a repetition, from 1. A repetition of one component is its own first. */
export function componentOf({ raw, delimiters }: Piece, component: number): Piece {
  return { raw: partOf(raw, delimiters.component, component), delimiters };
}

/** What an element says, as text: escapes resolved, blanks around it gone; undefined where it is empty or "". */
export function textOf(element: Piece): string | undefined {
  return meaningOf(element.raw, element.delimiters);
}

/** The text of a component of a repetition, or of a subcomponent of it. */
export function textIn(
  { raw, delimiters }: Piece,
  component: number,
  subcomponent: number,
): string | undefined {
  const part = partOf(raw, delimiters.component, component);
  return meaningOf(partOf(part, delimiters.subcomponent, subcomponent), delimiters);
}

function meaningOf(raw: string, delimiters: Delimiters): string | undefined {
  if (raw === '' || raw === '""') return undefined;
  return trimmed(unescapeText(raw, delimiters));
}

/** Most texts have no blank at either end, and need no look at more of them. */
function trimmed(text: string): string | undefined {
  return isPlain(text.charCodeAt(0)) && isPlain(text.charCodeAt(text.length - 1))
    ? text
    : text.trim() || undefined;
}

/** A character of ASCII that is no blank and no control. */
const isPlain = (code: number): boolean => code > 32 && code < 127;

/** Where a leaf stands in a segment; what is left out is the first. */
export type Place = {
  readonly field: number;
  readonly repetition?: number;
  readonly component?: number;
  readonly subcomponent?: number;
};

/** The text of a leaf: `PID-5.1.1` is `{ field: 5, component: 1, subcomponent: 1 }`. */
export function textAt(segment: Segment, place: Place): string | undefined {
  const { field, repetition = 1, component = 1, subcomponent = 1 } = place;
  const raw = rawField(segment, field);
  if (raw === '') return undefined;
  const { delimiters } = segment;
  if (field <= 2 && isHeader(segment.name)) return component === 1 ? raw : undefined;
  if (segment.isPlain) {
    if (repetition > 1 || subcomponent > 1) return undefined;
    const text = partOf(raw, delimiters.component, component);
    return text === '' || text === '""' ? undefined : trimmed(text);
  }
  const repeated = partOf(raw, delimiters.repetition, repetition);
  const found = partOf(repeated, delimiters.component, component);
  return meaningOf(partOf(found, delimiters.subcomponent, subcomponent), delimiters);
}

/** The segment with a field put as text (with its delimiters): what a check found unfit is read as empty. */
export function withField(segment: Segment, field: number, raw: string): Segment {
  const held = segment.fields ?? cutFields(segment);
  const fields = Array.from({ length: Math.max(held.length, field + 1) }, (_, at) => held[at] ?? '');
  fields[field] = raw;
  const written = isHeader(segment.name) ? [segment.name, ...fields.slice(2)] : fields;
  // What it is given may hold anything.
  return { ...segment, fields, raw: written.join(segment.delimiters.field), isPlain: false };
}
