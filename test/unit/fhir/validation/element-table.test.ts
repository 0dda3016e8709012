import { expect, it } from 'vitest';
import { openElementTables } from '../../../../src/fhir/validation/element-table.ts';
import { readValidatorSources } from '../../../../src/shipped/validator.ts';

const tableOf = openElementTables(readValidatorSources().definitions);

it('tells what a summary keeps', () => {
  const dose = tableOf('Immunization');
  expect(dose?.mandatory.has('status')).toBe(true);
  expect(dose?.mandatory.has('occurrenceString')).toBe(true);
  expect(dose?.modifier.has('isSubpotent')).toBe(true);
  expect(dose?.summary.has('_lotNumber')).toBe(false);
  expect(tableOf('Patient')?.summary.has('_birthDate')).toBe(true);
});

it('leads on to the types below', () => {
  expect(tableOf('Patient')?.typeOf('contact')).toBe('Patient.contact');
  expect(tableOf('Patient.contact')?.typeOf('name')).toBe('HumanName');
  expect(tableOf('Observation')?.typeOf('valueQuantity')).toBe('Quantity');
  expect(tableOf('Pet')).toBeUndefined();
  expect(tableOf('constructor')).toBeUndefined();
});
