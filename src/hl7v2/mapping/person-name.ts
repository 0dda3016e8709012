import type { HumanName } from 'fhir/r4.js';
import type { Piece } from '../er7/piece.ts';
import type { FieldValue } from '../er7/write-segment.ts';
import { defined, keptV2Use, some, v2UseOf } from './extensions.ts';
import type { MappingTables } from './mapping-tables.ts';
import { leaf } from './v2-text.ts';

/** Where the parts of a name stand: XPN begins with the family name, XCN with an id. */
type Places = { readonly family: number; readonly degree: number; readonly type: number };
export const xpn: Places = { family: 1, degree: 6, type: 7 };
export const xcn: Places = { family: 2, degree: 7, type: 10 };

/** XPN (PID-5): family, given, further names, suffix, prefix, type; undefined where it names nobody. */
export function toName(tables: MappingTables, piece: Piece, at: Places = xpn): HumanName | undefined {
  const { family, type } = at;
  const code = leaf(piece, type);
  const use = code === undefined ? undefined : tables.toFhir('name-use', code)?.fhir;
  const name = {
    family: leaf(piece, family),
    given: some([leaf(piece, family + 1), leaf(piece, family + 2)]),
    prefix: some([leaf(piece, family + 4)]),
    suffix: some([leaf(piece, family + 3)]),
  };
  if (name.family === undefined && name.given === undefined) return undefined;
  return defined<HumanName>({
    extension: keptV2Use(code, use === undefined ? undefined : tables.toV2('name-use', use)),
    use: use as HumanName['use'],
    ...name,
  });
}

/** The way back, as XPN; `usual` is the type where the name tells none. */
export function fromName(tables: MappingTables, name: HumanName, usual?: string): FieldValue {
  const { family, given = [], prefix, suffix } = name;
  const [first, ...further] = given;
  const known = name.use === undefined ? undefined : tables.toV2('name-use', name.use);
  const type = v2UseOf(name) ?? known ?? usual;
  const middle = further.length === 0 ? undefined : further.join(' ');
  return [family, first, middle, suffix?.[0], prefix?.[0], undefined, type];
}
