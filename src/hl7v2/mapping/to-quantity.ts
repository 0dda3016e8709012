import type { Immunization } from 'fhir/r4.js';
import { keepWritten } from '../../fhir/written-numbers.ts';
import type { Segment } from '../er7/message.ts';
import { textAt } from '../er7/piece.ts';
import { defined } from './extensions.ts';
import type { MappingTables } from './mapping-tables.ts';
import { leaf, saying } from './v2-text.ts';

const ucum = 'http://unitsofmeasure.org';

/** ISO+ has capitals alone, and careless senders take them too: in UCUM ML is a million litres, and nobody is given any. */
const toUnit = (tables: MappingTables, sent: string | undefined): string | undefined =>
  sent && (tables.toFhir('dose-unit', sent.toUpperCase())?.fhir ?? sent);

/** RXA-6 and RXA-7, with the digits that were sent; 999 is an amount that nobody knows. */
export function toQuantity(tables: MappingTables, rxa: Segment): Immunization['doseQuantity'] {
  const written = decimalOf(textAt(rxa, { field: 6 }));
  if (written === undefined || Number(written) === 999) return undefined;
  const [piece] = saying(rxa, 7);
  const sent = piece && leaf(piece, 1);
  const unit = piece && (leaf(piece, 2) ?? sent);
  const system = piece && tables.systemOf(leaf(piece, 3) ?? 'UCUM');
  const code = system === ucum ? toUnit(tables, sent) : sent;
  const quantity = defined<NonNullable<Immunization['doseQuantity']>>({
    value: Number(written),
    unit,
    system: code === undefined ? undefined : system,
    code,
  });
  keepWritten(quantity, 'value', Number(written), written);
  return quantity;
}

/** NM may leave out the sign and the digits on either side of the point (HL7 v2.5.1 §2.A.47); a number of FHIR may not. */
function decimalOf(text = ''): string | undefined {
  const [, whole = '', part = ''] = /^\+?(\d{0,15})(?:\.(\d{0,15}))?$/.exec(text) ?? [];
  if (whole === '' && part === '') return undefined;
  const digits = whole.replace(/^0+(?=\d)/, '') || '0';
  return part === '' ? digits : `${digits}.${part}`;
}
