import type { Annotation, Immunization } from 'fhir/r4.js';
import type { Segment } from '../er7/message.ts';
import type { Piece } from '../er7/piece.ts';
import { toConcept } from './coded.ts';
import { unknownValue } from './extensions.ts';
import type { MappingTables } from './mapping-tables.ts';
import { fieldText, leaf, saying } from './v2-text.ts';

/** NIP001. */
const givenHere = '00';
const toldByOthers = /^0[1-8]$/;

/** The repetition of RXA-9 that tells the source: it should be the first, and some send a text before it. */
function sourceIn(rxa: Segment): Piece | undefined {
  const pieces = saying(rxa, 9);
  const isSource = (code: string) => code === givenHere || toldByOthers.test(code);
  return (
    pieces.find((piece) => isSource(leaf(piece, 1) ?? '')) ??
    pieces.find((piece) => leaf(piece, 1) !== undefined)
  );
}

/** Whether who sends it gave it. */
export function isOwnDose(rxa: Segment): boolean {
  const source = sourceIn(rxa);
  return source !== undefined && leaf(source, 1) === givenHere;
}

type Source = Partial<Pick<Immunization, 'primarySource' | '_primarySource' | 'reportOrigin'>>;

/**
 * RXA-9: 00 is what the sender gave itself, 01 to 08 was told. Of another code, or of none, nobody knows, and that is said:
 * earlier releases of US Core ask each dose for its primarySource.
 */
export function toSource(tables: MappingTables, rxa: Segment): Source {
  const source = sourceIn(rxa);
  if (!source) return { _primarySource: unknownValue };
  if (isOwnDose(rxa)) return { primarySource: true };
  const origin = toConcept(tables, source, 'NIP001');
  const said: Source = toldByOthers.test(leaf(source, 1) ?? '')
    ? { primarySource: false }
    : { _primarySource: unknownValue };
  return origin ? { ...said, reportOrigin: origin } : said;
}

/**
 * What of RXA has no place of its own in a dose: other repetitions of RXA-9, further lots, makers and reasons of a refusal.
 */
export function notesIn(rxa: Segment): readonly Annotation[] {
  const source = sourceIn(rxa);
  const isNotGiven = /^(?:RE|NA)$/.test(fieldText(rxa, 20) ?? '');
  const texts = [
    ...saying(rxa, 9).map((piece) => (piece.raw === source?.raw ? undefined : textOf(piece))),
    ...further(rxa, 15).map((piece) => `Lot ${textOf(piece)}`),
    ...further(rxa, 17).map((piece) => `Manufacturer ${textOf(piece)}`),
    ...(isNotGiven ? further(rxa, 18).map(textOf) : []),
  ];
  return texts.flatMap((text) => (text === undefined ? [] : [{ text }]));
}

const textOf = (piece: Piece): string | undefined => leaf(piece, 2) ?? leaf(piece, 1);
const further = (rxa: Segment, field: number): readonly Piece[] => saying(rxa, field).slice(1);
