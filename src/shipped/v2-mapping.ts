import { readMapping } from '../hl7v2/mapping/mapping-tables.ts';
import type { DoseMapping } from '../hl7v2/mapping/to-immunization.ts';
import { cvxOf } from './knowledge-bases.ts';
import { once, shippedDocuments } from './package-files.ts';

/** How messages become resources (hl7v2/mapping). */
export const shippedMapping: () => DoseMapping = once(() => ({
  tables: readMapping(shippedDocuments('hl7v2/mapping')),
  toCvx: cvxOf,
}));
