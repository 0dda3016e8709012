import type { JsonObject } from '../fhir-json.ts';
import { has, objectsAt } from './element-presence.ts';
import type { InvariantTest } from './invariant-test.ts';
import { onObject } from './native-focus.ts';

const dataAbsentReason = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

/** By expression, since guides may use the same key for different rules. */
export const nativeProfileTests: Readonly<Record<string, InvariantTest>> = {
  // us-core-6
  [`(family.exists() or given.exists()) xor extension.where(url='${dataAbsentReason}').exists()`]: onObject(
    (node) => (has(node, 'family') || has(node, 'given')) !== isAbsent(node),
  ),
  // us-core-5
  "vaccineCode.coding.where(system='http://hl7.org/fhir/sid/cvx').exists() implies vaccineCode.coding.where(system='http://hl7.org/fhir/sid/ndc').exists()":
    onObject(
      (node) =>
        !hasSystem(node, 'http://hl7.org/fhir/sid/cvx') || hasSystem(node, 'http://hl7.org/fhir/sid/ndc'),
    ),
};

function isAbsent(node: JsonObject): boolean {
  return objectsAt(node, 'extension').some(({ url }) => url === dataAbsentReason);
}

function hasSystem(node: JsonObject, system: string): boolean {
  return objectsAt(node, 'vaccineCode')
    .flatMap((code) => objectsAt(code, 'coding'))
    .some((coding) => coding['system'] === system);
}
