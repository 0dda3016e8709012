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
