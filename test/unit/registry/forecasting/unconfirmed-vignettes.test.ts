import { describe, expect, it } from 'vitest';
import { ask } from './asking.ts';
import { condition, own, riskOf, snomed } from './clinical-facts.ts';

// What nobody has confirmed asks for no vaccine and proves no immunity; what it forbids is not given.

const verified = (code: string) => ({
  verificationStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code }],
  },
});
const child = { born: '2016-01-01', on: '2026-11-29' };
const varicellaImmunity = '371113008';
const told =
  'Observation/c0 was not used as an indication or as evidence of immunity: it is provisional; what it forbids is not given';

describe.each(['unconfirmed', 'provisional', 'differential'])('a condition that is %s', (code) => {
  const ofCode = (concept: object) =>
    ask({ ...child, clinical: [condition({ code: concept, ...verified(code) })] });

  it('proves no immunity', () => {
    const answer = ofCode(snomed(varicellaImmunity));
    expect(answer.of('Varicella').forecastStatus.text).toBe('Not Complete');
    expect(answer.notes).toContain(told.replace('provisional', code));
  });

  it('opens no risk series', () => {
    const answer = ofCode(own('160'));
    expect(riskOf(answer, 'Meningococcal')).toBeUndefined();
    expect(answer.notes).toContain(told.replace('provisional', code));
  });

  it('forbids what it would forbid', () => {
    const answer = ofCode(own('154'));
    expect(answer.of('Varicella').forecastStatus.text).toBe('Contraindicated');
    expect(answer.of('Varicella').supportingPatientInformation).toMatchObject([
      { reference: 'Observation/c0' },
    ]);
  });
});

it('an unconfirmed condition forbids single vaccines: live influenza vaccine', () => {
  const answer = ask({ ...child, clinical: [condition({ code: own('003'), ...verified('provisional') })] });
  const codes = answer.of('Influenza').contraindicatedVaccineCode?.map(({ coding }) => coding?.[0]?.code);
  expect(codes).toContain('111');
});

it('an unconfirmed exclusion keeps a birth date from proving immunity', () => {
  const born = { born: '1975-05-05', on: '2026-11-29' };
  const varicella = (...clinical: readonly object[]) =>
    ask({ ...born, clinical }, { countryWhereUnknown: 'U.S.' }).of('Varicella').forecastStatus.text;
  expect(varicella()).toBe('Immune');
  expect(varicella(condition({ code: own('055'), ...verified('provisional') }))).toBe('Not Complete');
});

it.each(['confirmed', undefined])('a condition that is %s counts', (code) => {
  const more = code === undefined ? {} : verified(code);
  const answer = ask({ ...child, clinical: [condition({ code: snomed(varicellaImmunity), ...more })] });
  expect(answer.of('Varicella').forecastStatus.text).toBe('Immune');
  expect(answer.notes.join()).not.toContain('was not used');
});

it.each(['refuted', 'entered-in-error'])('a condition that is %s does not even forbid', (code) => {
  const answer = ask({ ...child, clinical: [condition({ code: own('154'), ...verified(code) })] });
  expect(answer.of('Varicella').forecastStatus.text).toBe('Not Complete');
});

it('an unconfirmed pregnancy asks for no vaccine, and none that is forbidden in one is given', () => {
  const answer = ask({
    born: '1996-05-05',
    clinical: [condition({ recordedDate: '2026-10-01', ...verified('provisional') })],
  });
  expect([riskOf(answer, 'DTaP/Tdap/Td'), riskOf(answer, 'RSV')]).toEqual([undefined, undefined]);
  expect(answer.of('MMR').forecastStatus.text).toBe('Contraindicated');
  expect(answer.of('MMR').supportingPatientInformation).toMatchObject([{ reference: 'Observation/c0' }]);
  expect(answer.notes).toContain(told);
});

it('an unconfirmed pregnancy of a year ago forbids nothing', () => {
  const clinical = [condition({ recordedDate: '2025-10-01', ...verified('provisional') })];
  expect(ask({ born: '1996-05-05', clinical }).of('MMR').forecastStatus.text).toBe('Not Complete');
});

it('an allergy counts unconfirmed, as nearly all are recorded', () => {
  const allergy = {
    resourceType: 'AllergyIntolerance',
    ...verified('unconfirmed'),
    code: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '21' }] },
  };
  const answer = ask({ ...child, clinical: [allergy] });
  expect(answer.of('Varicella').forecastStatus.text).toBe('Contraindicated');
});

it('a preliminary observation proves nothing', () => {
  const preliminary = { resourceType: 'Observation', status: 'preliminary', code: snomed(varicellaImmunity) };
  const answer = ask({ ...child, clinical: [preliminary] });
  expect(answer.of('Varicella').forecastStatus.text).toBe('Not Complete');
  expect(answer.notes).toContain(told.replace('provisional', 'preliminary'));
});
