import type { ImmunizationEvaluation } from 'fhir/r4.js';
import { expect, it } from 'vitest';
import { evaluationObxs } from '../../../../src/hl7v2/query/forecast-obxs.ts';
import { tables } from '../mapping/mapping.ts';

const evaluation = (
  disease: string,
  members: Partial<ImmunizationEvaluation> = {},
): ImmunizationEvaluation => ({
  resourceType: 'ImmunizationEvaluation',
  status: 'completed',
  patient: { reference: 'Patient/p' },
  immunizationEvent: { reference: 'Immunization/d' },
  targetDisease: { coding: [{ system: 'http://snomed.info/sct', code: disease }] },
  doseStatus: { coding: [{ code: 'valid' }] },
  doseNumberPositiveInt: 2,
  seriesDosesPositiveInt: 2,
  ...members,
});
const told = (...evaluations: readonly ImmunizationEvaluation[]) =>
  evaluationObxs(tables, { evaluations, groups: [] }, { id: 'd', vaccineCode: {} }).map(
    ({ code: [code], value }) => `${code} ${Array.isArray(value) ? value[0] : value}`,
  );

it('a group counts a dose that each of its antigens counts', () => {
  const all = ['14189004', '36989005', '36653000'].map((disease) => evaluation(disease));
  expect(told(...all)).toEqual(['30956-7 03', '59779-9 VXC16', '30973-2 2', '59782-3 2', '59781-5 Y']);
});

it('a group does not count a dose that one of its antigens does not, and says why', () => {
  const soon = evaluation('36989005', {
    doseStatus: { coding: [{ code: 'notvalid' }] },
    doseStatusReason: [{ text: 'Interval: too soon' }],
    doseNumberPositiveInt: 1,
  });
  const obxs = told(evaluation('14189004'), soon);
  expect(obxs).toContain('59781-5 N');
  expect(obxs).toContain('30973-2 1');
  expect(obxs).toContain('30982-3 Interval: too soon');
});

it('is of the dose alone that is asked for', () => {
  expect(told(evaluation('14189004', { immunizationEvent: { reference: 'Immunization/other' } }))).toEqual(
    [],
  );
});
