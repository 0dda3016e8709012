import type { JsonObject } from '../fhir-json.ts';
import type { InvariantTest } from './invariant-test.ts';
import { isObject, type Scope } from './run.ts';

/** A test of an object; there is nothing to say of a primitive that has only extensions. */
export function onObject(test: (node: JsonObject, scope: Scope) => boolean): InvariantTest {
  return (focus, scope) => !isObject(focus) || test(focus, scope);
}
