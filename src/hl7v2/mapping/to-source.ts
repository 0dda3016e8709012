import type { Annotation, Immunization } from 'fhir/r4.js';
import type { Segment } from '../er7/message.ts';
import type { Piece } from '../er7/piece.ts';
import { toConcept } from './coded.ts';
import type { MappingTables } from './mapping-tables.ts';
import { leaf, saying } from './v2-text.ts';

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

/** The other repetitions of RXA-9 are notes. */
export function notesIn(rxa: Segment): readonly Annotation[] {
  const source = sourceIn(rxa);
  return saying(rxa, 9).flatMap((piece) => {
    const text = piece.raw === source?.raw ? undefined : (leaf(piece, 2) ?? leaf(piece, 1));
    return text === undefined ? [] : [{ text }];
  });
}
