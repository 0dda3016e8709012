import { readMapping } from '../../../../src/hl7v2/mapping/mapping-tables.ts';
import { cvxOf } from '../../../../src/shipped/knowledge-bases.ts';
import { shippedDocuments } from '../../../../src/shipped/package-files.ts';

export const tables = readMapping(shippedDocuments('hl7v2/mapping'));
export const mapping = { tables, toCvx: cvxOf };
