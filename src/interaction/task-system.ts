import type { Filter } from '../search/filter.ts';

/** The code system of what Tasks of the registry are for. */
export const taskSystem = 'https://jenner-iis.org/fhir/CodeSystem/task';

/** Codes of what the registry itself asks; what people report has others. */
const questionCodes = ['review-duplicate', 'review-dose', 'check-after-unmerge'];

/** Of Tasks: those by which the registry asks. */
export const isQuestion: Filter = {
  kind: 'value',
  param: 'code',
  test: { kind: 'token', anyOf: questionCodes.map((code) => ({ system: taskSystem, code })) },
};
