import type { Annotation, Immunization } from 'fhir/r4.js';
import type { Segment } from '../er7/message.ts';
import type { Piece } from '../er7/piece.ts';
import { toConcept } from './coded.ts';
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

/** RXA-9: 00 is what the sender gave itself, 01 to 08 was told; of another code nobody knows. */
export function toSource(
  tables: MappingTables,
  rxa: Segment,
): Partial<Pick<Immunization, 'primarySource' | 'reportOrigin'>> {
  const source = sourceIn(rxa);
  if (!source) return {};
  if (isOwnDose(rxa)) return { primarySource: true };
  const origin = toConcept(tables, source, 'NIP001');
  return {
    ...(toldByOthers.test(leaf(source, 1) ?? '') && { primarySource: false }),
    ...(origin && { reportOrigin: origin }),
  };
}

/** What of RXA has no place of its own in a dose: other repetitions of RXA-9, further lots, further reasons of a refusal. */
export function notesIn(rxa: Segment): readonly Annotation[] {
  const source = sourceIn(rxa);
  const isNotGiven = /^(?:RE|NA)$/.test(fieldText(rxa, 20) ?? '');
  const texts = [
    ...saying(rxa, 9).map((piece) => (piece.raw === source?.raw ? undefined : textOf(piece))),
    ...further(rxa, 15).map((piece) => `Lot ${textOf(piece)}`),
    ...(isNotGiven ? further(rxa, 18).map(textOf) : []),
  ];
  return texts.flatMap((text) => (text === undefined ? [] : [{ text }]));
}

const textOf = (piece: Piece): string | undefined => leaf(piece, 2) ?? leaf(piece, 1);
const further = (rxa: Segment, field: number): readonly Piece[] => saying(rxa, field).slice(1);
