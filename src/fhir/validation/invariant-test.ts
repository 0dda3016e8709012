import type { JsonValue } from '../fhir-json.ts';
import type { Scope } from './run.ts';

/** True where the rule holds. `undefined`: it could not be evaluated. */
export type InvariantTest = (focus: JsonValue, scope: Scope) => boolean | undefined;
