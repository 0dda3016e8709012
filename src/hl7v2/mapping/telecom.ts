import type { ContactPoint } from 'fhir/r4.js';
import type { Piece } from '../er7/piece.ts';
import type { FieldValue } from '../er7/write-segment.ts';
import { defined, keptV2Use, v2UseOf } from './extensions.ts';
import type { MappingTables } from './mapping-tables.ts';
import { leaf } from './v2-text.ts';

/** XTN: use, equipment, email or area code and number; undefined where there is neither. */
export function toTelecom(tables: MappingTables, piece: Piece): ContactPoint | undefined {
  const email = leaf(piece, 4);
  const value = email ?? numberIn(piece);
  if (value === undefined) return undefined;
  const sent = { code: leaf(piece, 2) ?? '', equipment: leaf(piece, 3) ?? '' };
  const uses =
    email !== undefined || sent.code === 'NET' ? { system: 'email', use: undefined } : usesOf(tables, sent);
  const codes = [sent.code, sent.equipment].join('^').replace(/\^$/, '');
  return defined<ContactPoint>({
    extension: keptV2Use(codes === '' ? undefined : codes, codesOf(tables, uses).join('^')),
    system: uses.system as ContactPoint['system'],
    value,
    use: uses.use as ContactPoint['use'],
  });
}

type SentCodes = { readonly code: string; readonly equipment: string };

function usesOf(tables: MappingTables, { code, equipment }: SentCodes): Uses {
  const mobile = equipment === 'CP' ? 'mobile' : undefined;
  return {
    system: tables.toFhir('telecom-system', equipment)?.fhir ?? 'phone',
    use: mobile ?? tables.toFhir('telecom-use', code)?.fhir,
  };
}

/** Country, area and number, such that they can be told apart again; a text of an old XTN-1 stays as it is. */
function numberIn(piece: Piece): string | undefined {
  const number = leaf(piece, 7);
  if (number === undefined) return leaf(piece, 12) ?? leaf(piece, 1);
  const country = digitsOf(leaf(piece, 5));
  const area = leaf(piece, 6);
  const extension = leaf(piece, 8);
  const local = area === undefined ? number : `${area}-${number}`;
  return `${country === undefined ? '' : `+${country}-`}${local}${extension === undefined ? '' : ` x${extension}`}`;
}

const digitsOf = (text: string | undefined) =>
  text !== undefined && /^\d{1,3}$/.test(text) ? text : undefined;

type Uses = { readonly system: string | undefined; readonly use: string | undefined };

/** XTN-2 and XTN-3. */
function codesOf(tables: MappingTables, { system, use }: Uses): readonly string[] {
  if (system === 'email') return ['NET', 'Internet'];
  if (use === 'mobile') return ['PRN', 'CP'];
  const equipment = system === undefined ? undefined : tables.toV2('telecom-system', system);
  return [(use === undefined ? undefined : tables.toV2('telecom-use', use)) ?? '', equipment ?? 'PH'];
}

/** The way back. */
export function fromTelecom(tables: MappingTables, contact: ContactPoint): FieldValue {
  const { system, use, value = '' } = contact;
  const codes = v2UseOf(contact)?.split('^') ?? codesOf(tables, { system, use });
  const [sent = '', equipment] = codes;
  // XTN-2 must be said.
  const code = sent === '' ? 'PRN' : sent;
  if (system === 'email') return [undefined, code, equipment, value];
  const [, country, area, number, extension] =
    /^(?:\+(\d{1,3})[- ])?(?:\(?(\d{3})\)?[- ]?(?=(?:\d-?){5}))?(\d[\d-]+?)(?: ?x(\d+))?$/.exec(value) ?? [];
  if (number === undefined) return [undefined, code, equipment, undefined, undefined, undefined, value];
  // XTN-7 is a number.
  return [undefined, code, equipment, undefined, country, area, number.replaceAll('-', ''), extension];
}
