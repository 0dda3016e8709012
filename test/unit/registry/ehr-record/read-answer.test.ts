import { expect, it } from 'vitest';
import { forbiddenIn } from '../../../../src/registry/ehr-record/read-answer.ts';

const group = (text: string, status: string, more: object = {}) => ({
  forecastStatus: { text: status },
  vaccineCode: [{ text }],
  ...more,
});
const forbidden = (...recommendation: readonly object[]) =>
  forbiddenIn({
    parameters: [
      {
        name: 'recommendation',
        resource: { resourceType: 'ImmunizationRecommendation', recommendation } as never,
      },
    ],
    isJoined: false,
    today: '2026-11-28',
    orderIds: [],
  });

it('names a group of which nothing may be given, and what is known that says so', () => {
  const supportingPatientInformation = [{ reference: 'Condition/1', display: 'Severe immunodeficiency' }];
  expect(forbidden(group('MMR', 'Contraindicated', { supportingPatientInformation }))).toEqual([
    { group: 'MMR', vaccines: [], because: ['Severe immunodeficiency'] },
  ]);
});

it('names the vaccines alone, where there are others of the group that may be given', () => {
  const td = { vaccineCode: [{ text: 'DTaP/Tdap/Td' }, { text: 'Td' }] };
  const contraindicatedVaccineCode = [{ text: 'Tdap' }, { coding: [{ code: '20', display: 'DTaP' }] }];
  const vaccines = ['Tdap', 'DTaP'];
  const found = [{ group: 'DTaP/Tdap/Td', vaccines, because: [] }];
  const of = (status: string) =>
    forbidden(group('DTaP/Tdap/Td', status, { ...td, contraindicatedVaccineCode }));
  expect(of('Contraindicated')).toEqual(found);
  expect(of('Not Complete')).toEqual(found);
});

it('names nothing of what may be given', () => {
  expect(forbidden(group('HepB', 'Not Complete'), group('Polio', 'Complete'))).toEqual([]);
});
