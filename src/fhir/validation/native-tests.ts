import type { InvariantTest } from './invariant-test.ts';
import { bundleTests } from './native-bundle-tests.ts';
import { clinicalTests } from './native-clinical-tests.ts';
import { datatypeTests } from './native-datatype-tests.ts';
import { definitionTests } from './native-definition-tests.ts';
import { questionnaireTests } from './native-questionnaire-tests.ts';
import { structureTests } from './native-structure-tests.ts';

/**
 * Invariants in code, by key: those of the types that are written most, and those whose FHIRPath takes time that
 * grows with the square of the input. Tests hold them to what fhirpath.js says.
 */
export const nativeTests: Readonly<Record<string, InvariantTest>> = {
  ...datatypeTests,
  ...clinicalTests,
  ...bundleTests,
  ...definitionTests,
  ...questionnaireTests,
  ...structureTests,
};
