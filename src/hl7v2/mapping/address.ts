import type { Address } from 'fhir/r4.js';
import type { Piece } from '../er7/piece.ts';
import type { FieldValue } from '../er7/write-segment.ts';
import { defined, keptV2Use, some, v2UseOf } from './extensions.ts';
import type { MappingTables } from './mapping-tables.ts';
import { leaf } from './v2-text.ts';
import { toFhirDate, toV2Day } from './v2-time.ts';

/** XAD: street, other designation, city, state, zip, country, type; undefined where it says no place. */
export function toAddress(tables: MappingTables, piece: Piece): Address | undefined {
  const place = {
    line: some([leaf(piece, 1), leaf(piece, 2)]),
    city: leaf(piece, 3),
    district: leaf(piece, 9),
    state: leaf(piece, 4),
    postalCode: leaf(piece, 5),
    country: leaf(piece, 6),
  };
  if (Object.values(place).every((part) => part === undefined)) return undefined;
  const code = leaf(piece, 7);
  const use = code === undefined ? undefined : tables.toFhir('address-use', code)?.fhir;
  const type = code === undefined ? undefined : tables.toFhir('address-type', code)?.fhir;
  // XAD-12, of 13 and 14 in its place.
  const period = {
    start: toFhirDate(leaf(piece, 13) ?? leaf(piece, 12)),
    end: toFhirDate(leaf(piece, 14) ?? leaf(piece, 12, 2)),
  };
  return defined<Address>({
    extension: keptV2Use(code, writtenType(tables, { use, type })),
    use: use as Address['use'],
    type: type as Address['type'],
    ...place,
    period: (period.start ?? period.end) ? defined(period) : undefined,
  });
}

/** Whether it is where somebody was born, and not where somebody lives (own choice; table 0190). */
export const isBirthPlace = (tables: MappingTables, piece: Piece): boolean =>
  tables.toFhir('birth-place', leaf(piece, 7) ?? '') !== undefined;

function writtenType(
  tables: MappingTables,
  { use, type }: { readonly use: string | undefined; readonly type: string | undefined },
): string | undefined {
  if (type !== undefined) return tables.toV2('address-type', type);
  return use === undefined ? undefined : tables.toV2('address-use', use);
}

/** The way back. A street of more than two lines has the others beside the second. */
export function fromAddress(tables: MappingTables, address: Address): FieldValue {
  const [street, ...others] = address.line ?? [];
  const { city, state, postalCode, country, district, period } = address;
  const other = others.length === 0 ? undefined : others.join(', ');
  const known = writtenType(tables, { use: address.use, type: address.type });
  // XAD-7 must be said: where nothing is known, it is where somebody lives.
  const written = v2UseOf(address) ?? known ?? 'P';
  const place = [street, other, city, state, postalCode, country, written, undefined, district];
  if (!period) return place;
  return [...place, undefined, undefined, undefined, toV2Day(period.start), toV2Day(period.end)];
}
