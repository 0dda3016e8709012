import type { JsonObject, JsonValue } from '../fhir-json.ts';
import type { ConstraintSeverity, Definitions, FhirPathEngine } from './definitions.ts';
import { compileFhirPathTest } from './fhirpath-test.ts';
import type { InvariantTest } from './invariant-test.ts';
import { nativeTests } from './native-tests.ts';
import { type Run, report, type Scope } from './run.ts';

export type Invariant = {
  readonly key: string;
  readonly severity: ConstraintSeverity;
  readonly human: string;
  readonly test: InvariantTest;
};

export type InvariantSources = {
  readonly keys: readonly string[];
  /** The type or element path that the expression starts at. */
  readonly base: string;
  readonly elements: readonly string[];
  readonly definitions: Definitions;
  readonly fhirPath: () => FhirPathEngine;
};

/** The rules of a type or element: in code where there is code for them, by FHIRPath otherwise. */
export function compileInvariants(sources: InvariantSources): readonly Invariant[] {
  const { keys, definitions } = sources;
  return keys.flatMap((name) => {
    const definition = definitions.constraints[name];
    if (!definition?.expression) return [];
    const { severity, human, expression } = definition;
    const test = nativeTests[name] ?? compileFhirPathTest({ ...sources, expression });
    return [{ key: name.replaceAll("'", ''), severity, human, test }];
  });
}

export function checkInvariants(
  run: Run,
  focus: JsonObject | JsonValue,
  invariants: readonly Invariant[],
  scope: Scope,
): void {
  for (const { key, severity, human, test } of invariants) {
    const verdict = test(focus, scope);
    if (verdict === true) continue;
    if (verdict === false) report(run, { severity, code: 'invariant', text: `${human} (${key})` });
    else
      report(run, {
        severity: 'warning',
        code: 'processing',
        text: `The rule ${key} could not be evaluated: ${human}`,
      });
  }
}
