import { readdirSync, readFileSync } from 'node:fs';
import { loadTerminology, type Terminology } from '../../../../src/fhir/terminology/terminology.ts';

const folder = new URL('../../../../terminology/', import.meta.url);

/** The terminology of the package, read as the server reads it. */
export function shippedTerminology(): Terminology {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return loadTerminology(names.sort().map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'))));
}
