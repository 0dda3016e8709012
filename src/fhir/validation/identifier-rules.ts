import type { JsonObject } from '../fhir-json.ts';
import { isAbsoluteUri } from './primitive-rules.ts';
import { quote, type Run, reportAt } from './run.ts';

/** R4 datatypes.html#Identifier: the system of URIs says that the value is one, and it means the same everywhere. */
export function checkIdentifier(run: Run, { system, value }: JsonObject): void {
  if (system !== 'urn:ietf:rfc:3986' || typeof value !== 'string' || isAbsoluteUri(value)) return;
  const text = `${quote(value)} is no absolute URI, which the system urn:ietf:rfc:3986 asks for`;
  reportAt(run, ['value'], { severity: 'error', code: 'value', text });
}
