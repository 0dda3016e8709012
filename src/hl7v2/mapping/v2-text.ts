import type { Segment } from '../er7/message.ts';
import { componentOf, deletes, type Piece, rawField, repetitionsOf, textAt, textIn } from '../er7/piece.ts';

/** What FHIR R4 takes in no string (datatypes.html#string): control characters but tab and line ends. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is meant
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]+/;
const allUnwritable = new RegExp(unwritable, 'g');

/** A text as FHIR can hold it; undefined where nothing is left of it. */
export function writable(text: string | undefined): string | undefined {
  // Most texts have none of it.
  const held = text !== undefined && unwritable.test(text) ? text.replace(allUnwritable, ' ') : text;
  return held?.trim() || undefined;
}

/** The text of a component of a repetition, as FHIR can hold it. */
export function leaf(piece: Piece, component: number, subcomponent = 1): string | undefined {
  return writable(textIn(piece, component, subcomponent));
}

/** A component as it was sent, to be taken apart. */
export function partOf(piece: Piece, component: number): Piece {
  return componentOf(piece, component);
}

/** The text of the first leaf of a field. */
export function fieldText(segment: Segment, field: number): string | undefined {
  return writable(textAt(segment, { field }));
}

/** The same as a code of FHIR: no blank but single ones inside. */
export function codeText(text: string | undefined): string | undefined {
  return text?.replace(/\s+/g, ' ').trim() || undefined;
}

/** The repetitions of a field that say something. */
export function saying(segment: Segment, field: number): readonly Piece[] {
  return repetitionsOf(segment, field).filter((piece) => piece.raw !== '' && !deletes(piece));
}

/** Whether the field says that what is kept is to be deleted. */
export function isDeleted(segment: Segment, field: number): boolean {
  return rawField(segment, field) === '""';
}
