import { describe, expect, it } from 'vitest';
import { ask, type Person } from './asking.ts';

// What proves immunity without a vaccine, on 2026-11-28.

const own = (code: string) => ({
  resourceType: 'Condition',
  code: { coding: [{ system: 'https://jenner-iis.org/fhir/CodeSystem/cdsi-observation', code }] },
});
const unitedStates = { countryWhereUnknown: 'U.S.' };
const born = '1975-05-05';
const inCountry = (country: string) => ({
  extension: [
    { url: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace', valueAddress: { country } },
  ],
});
const varicella = (person: Person, settings: object = {}) =>
  ask(person, settings).of('Varicella').forecastStatus.text;

describe('born before 1980, country unknown', () => {
  it.each([
    ['a US registry takes it to be the US', { born }, unitedStates, 'Immune'],
    ['another one does not', { born }, {}, 'Not Complete'],
    ['a country that is said counts', { born, patient: inCountry('Mexico') }, unitedStates, 'Not Complete'],
    ['and so does the US', { born, patient: inCountry('USA') }, {}, 'Immune'],
    ['health care personnel are excluded', { born, clinical: [own('055')] }, unitedStates, 'Not Complete'],
    ['born in 1980 is too late', { born: '1980-01-01' }, unitedStates, 'Not Complete'],
  ])('%s', (_, person, settings, expected) => {
    expect(varicella(person, settings)).toBe(expected);
  });

  it('is told either way', () => {
    const note = /country of birth is not known.*Varicella; it was (not )?taken to be that country/;
    expect(ask({ born }, unitedStates).notes.find((text) => note.test(text))).not.toContain('not taken');
    expect(ask({ born }).notes.find((text) => note.test(text))).toContain('not taken');
  });

  it.each([
    ['where the country is known', { born, patient: inCountry('USA') }],
    ['where it decides nothing', { born: '1980-01-01' }],
  ])('and not told %s', (_, person) => {
    expect(ask(person).notes.join()).not.toContain('country of birth');
  });
});

describe('a serological test', () => {
  const test = (loinc: string, result: object, more: object = {}) => ({
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: loinc }] },
    effectiveDateTime: '2026-01-10',
    ...result,
    ...more,
  });
  const coded = (code: string) => ({ valueCodeableConcept: { coding: [{ code }] } });
  const quantity = (value: number, code = 'm[IU]/mL', comparator?: string) => ({
    valueQuantity: { value, code, ...(comparator && { comparator }) },
  });
  const positive = coded('10828004');

  it.each([
    ['varicella IgG', '19162-7', positive, 'Varicella'],
    ['anti-HBs, positive', '22322-2', coded('LA6576-8'), 'HepB'],
    ['anti-HBs of 10 mIU/ml', '16935-9', quantity(10), 'HepB'],
    [
      'anti-HBs by its interpretation',
      '16935-9',
      { interpretation: [{ coding: [{ code: 'POS' }] }] },
      'HepB',
    ],
    ['hepatitis A, in words', '40724-7', { valueString: 'Reactive' }, 'HepA'],
  ])('%s proves immunity', (_, loinc, result, group) => {
    const answer = ask({ born: '2010-01-01', clinical: [test(loinc, result)] });
    expect(answer.of(group).forecastStatus.text).toBe('Immune');
    expect(answer.of(group).supportingPatientInformation).toEqual([{ reference: 'Observation/c0' }]);
  });

  it('all three of measles, mumps and rubella prove it for MMR', () => {
    const three = ['35275-7', '6476-6', '40667-8'].map((loinc) => test(loinc, positive));
    const status = (clinical: readonly object[]) =>
      ask({ born: '2010-01-01', clinical }).of('MMR').forecastStatus.text;
    expect([status(three), status(three.slice(1))]).toEqual(['Immune', 'Not Complete']);
  });

  it.each([
    ['a negative result', test('16935-9', coded('260385009')), 'its result is negative'],
    ['9 mIU/ml', test('16935-9', quantity(9)), 'its result is negative'],
    ['a number in an unknown unit', test('16935-9', quantity(100, 'g')), 'does not say that it is positive'],
    [
      'more than 5 mIU/ml is not enough to know',
      test('16935-9', quantity(5, 'm[IU]/mL', '<')),
      'its result is negative',
    ],
    ['no result', test('16935-9', {}), 'does not say that it is positive'],
    ['a preliminary one', test('16935-9', positive, { status: 'preliminary' }), 'its status is preliminary'],
    [
      'one of tomorrow',
      test('16935-9', positive, { effectiveDateTime: '2026-11-29' }),
      'after the assessment date',
    ],
  ])('%s is said not to be used', (_, clinical, because) => {
    const answer = ask({ born: '2010-01-01', clinical: [clinical] });
    expect(answer.of('HepB').forecastStatus.text).toBe('Not Complete');
    const told = answer.notes.filter((text) => text.includes('not used as evidence of immunity'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(because);
  });

  it('of something else says nothing', () => {
    expect(ask({ born: '2010-01-01', clinical: [test('718-7', quantity(14))] }).notes.join()).not.toContain(
      'not used',
    );
  });
});
