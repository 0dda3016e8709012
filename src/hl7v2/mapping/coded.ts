import type { CodeableConcept, Coding } from 'fhir/r4.js';
import type { Piece } from '../er7/piece.ts';
import type { FieldValue } from '../er7/write-segment.ts';
import { defined } from './extensions.ts';
import type { MappingTables } from './mapping-tables.ts';
import { codeText, leaf } from './v2-text.ts';

/** CE or CWE: two triplets of code, text and system. `usual` is the system that is meant where none is named. */
export function toConcept(tables: MappingTables, piece: Piece, usual?: string): CodeableConcept | undefined {
  const first = codingAt(tables, piece, 1, usual);
  const second = codingAt(tables, piece, 4);
  const coding = [first, second].filter((one) => one !== undefined);
  const text = leaf(piece, 9) ?? (coding.length === 0 ? (leaf(piece, 2) ?? leaf(piece, 5)) : undefined);
  if (coding.length === 0 && text === undefined) return undefined;
  return defined<CodeableConcept>({ coding: coding.length > 0 ? coding : undefined, text });
}

function codingAt(tables: MappingTables, piece: Piece, at: number, usual?: string): Coding | undefined {
  const code = codeText(leaf(piece, at));
  if (code === undefined) return undefined;
  const name = leaf(piece, at + 2) ?? usual;
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
