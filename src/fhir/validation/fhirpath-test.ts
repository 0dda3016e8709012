import type { JsonObject, JsonValue } from '../fhir-json.ts';
import type { FhirPathEngine } from './definitions.ts';
import type { InvariantTest } from './invariant-test.ts';
import { isObject, type Scope } from './run.ts';

const usesEnvironment = /%(?:resource|rootResource)/;
/** Reads of the whole tree or of another element: no look at the own names tells whether the rule can matter. */
const reachesFurther = /descendants|children|%resource|%rootResource|%context|\$this(?!\.)|repeat\(/;

type FhirPathSources = {
  readonly expression: string;
  readonly base: string;
  readonly elements: readonly string[];
  readonly fhirPath: () => FhirPathEngine;
};

/**
 * A test by fhirpath.js. The expression is compiled when it is first needed. Where it speaks only of elements that the
 * focus does not have, its answer is that of an empty focus, worked out once.
 */
export function compileFhirPathTest({
  expression,
  base,
  elements,
  fhirPath,
}: FhirPathSources): InvariantTest {
  let evaluate: ReturnType<FhirPathEngine['compile']> | undefined;
  let whenEmpty: boolean | undefined;
  const steps = namesIn(expression, elements);
  const test = (focus: JsonValue, scope: Scope) => {
    evaluate ??= fhirPath().compile(expression, base.replace('[x]', ''));
    return holds(evaluate, focus, usesEnvironment.test(expression) ? scope : undefined);
  };
  if (steps.length === 0 || reachesFurther.test(expression)) return test;
  return (focus, scope) => {
    if (!isObject(focus) || hasSome(focus, steps)) return test(focus, scope);
    whenEmpty ??= test(
      typeof focus['resourceType'] === 'string' ? { resourceType: focus['resourceType'] } : {},
      scope,
    );
    return whenEmpty;
  };
}

function holds(
  evaluate: ReturnType<FhirPathEngine['compile']>,
  focus: JsonValue,
  scope: Scope | undefined,
): boolean | undefined {
  try {
    const environment = scope
      ? { resource: copyOnce(scope.resource), rootResource: copyOnce(scope.root) }
      : {};
    const result = evaluate(structuredClone(focus), environment);
    return result.length > 0 && result[0] !== false;
  } catch {
    return undefined;
  }
}

/** fhirpath.js marks the objects that it walks over, so it gets copies: one of a resource for all its rules. */
const copies = new WeakMap<JsonObject, JsonObject>();

function copyOnce(resource: JsonObject): JsonObject {
  const known = copies.get(resource) ?? structuredClone(resource);
  copies.set(resource, known);
  return known;
}

function namesIn(expression: string, elements: readonly string[]): readonly string[] {
  const words = new Set(expression.match(/[A-Za-z]\w*/g));
  return elements.map((element) => element.replace('[x]', '')).filter((step) => words.has(step));
}

/** `step` may be a choice, so a longer name that begins with it counts too. */
function hasSome(focus: JsonObject, steps: readonly string[]): boolean {
  for (const key in focus) {
    const name = key.startsWith('_') ? key.slice(1) : key;
    if (steps.some((step) => name.startsWith(step))) return true;
  }
  return false;
}
