import type { CodeableConcept, Coding } from 'fhir/r4.js';
import { tableOf } from '../../values/table-of.ts';
import type { Piece } from '../er7/piece.ts';
import type { FieldValue } from '../er7/write-segment.ts';
import { defined } from './extensions.ts';
import type { MappingTables } from './mapping-tables.ts';
import type { ReadObservation } from './observation-sets.ts';
import { codeText, fieldText, leaf } from './v2-text.ts';

/** CE or CWE: two triplets of code, text and system. `usual` is the system that is meant where none is named. */
export function toConcept(tables: MappingTables, piece: Piece, usual?: string): CodeableConcept | undefined {
  const first = codingAt(tables, piece, 1, usual);
  const second = codingAt(tables, piece, 4);
  const coding = [first, second].filter((one) => one !== undefined);
  const text = leaf(piece, 9) ?? (coding.length === 0 ? wordsIn(piece) : undefined);
  if (coding.length === 0 && text === undefined) return undefined;
  return defined<CodeableConcept>({ coding: coding.length > 0 ? coding : undefined, text });
}

const wordsIn = (piece: Piece) => leaf(piece, 2) ?? leaf(piece, 5) ?? leaf(piece, 1) ?? leaf(piece, 4);

/** OBX-5 as a code. A type that says text has one where it is written as codes are. */
export function toObservedConcept(
  tables: MappingTables,
  { obx, value, row }: ReadObservation,
): CodeableConcept | undefined {
  const text = leaf(value, 1);
  const isText = /^(?:ST|TX|FT)$/.test(fieldText(obx, 2) ?? '') && !isNamed(value, 1);
  if (isText && text !== undefined && !/^[A-Z\d.-]+$/.test(text)) return { text };
  return toConcept(tables, value, row?.system);
}

/** What a code looks like of systems that have no other: words are not claimed to be theirs. */
const forms: Readonly<Record<string, RegExp>> = tableOf({ SCT: /^\d{6,18}$/, CVX: /^\d{2,3}$/ });

const isNamed = (piece: Piece, at: number): boolean =>
  leaf(piece, at + 1) !== undefined || leaf(piece, at + 2) !== undefined;

/** What names no system may be a word of a person's: that is a text. No table has a code of several words. */
function isWord(piece: Piece, at: number, usual?: string): boolean {
  const code = codeText(leaf(piece, at));
  if (code === undefined || isNamed(piece, at)) return false;
  return code.includes(' ') || (usual !== undefined && forms[usual]?.test(code) === false);
}

function codingAt(tables: MappingTables, piece: Piece, at: number, usual?: string): Coding | undefined {
  const code = codeText(leaf(piece, at));
  if (code === undefined || isWord(piece, at, usual)) return undefined;
  const meant = usual !== undefined && forms[usual]?.test(code) === false ? undefined : usual;
  const name = leaf(piece, at + 2) ?? meant;
  const system = name === undefined ? undefined : tables.systemOf(name);
  return defined<Coding>({ system, code, display: leaf(piece, at + 1) });
}

/** The way back. Of more than two codings the first two. */
export function fromConcept(tables: MappingTables, concept: CodeableConcept | undefined): FieldValue {
  if (!concept) return undefined;
  const [first, second] = concept.coding ?? [];
  if (!first) return concept.text === undefined ? undefined : [undefined, concept.text];
  const triplets = [...triplet(tables, first), ...(second ? triplet(tables, second) : [])];
  if (concept.text === undefined) return triplets;
  return [...triplets, ...Array.from({ length: 8 - triplets.length }, () => undefined), concept.text];
}

function triplet(tables: MappingTables, coding: Coding): readonly (string | undefined)[] {
  const known = tables.guideCodeOf(coding);
  if (known) return [known.code, known.display, known.name];
  const { system, code, display } = coding;
  return [code, display, system === undefined ? undefined : (tables.nameOf(system) ?? system)];
}

export const hasCode = (concept: CodeableConcept | undefined, code: string): boolean =>
  (concept?.coding ?? []).some((coding) => coding.code === code);
