import fc from 'fast-check';
import type { Immunization, Patient } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import { toCardDose, toCardPatient } from '../../../../src/registry/health-cards/card-content.ts';

const cvx = (code: string) => ({ system: 'http://hl7.org/fhir/sid/cvx', code });
const ndc = { system: 'http://hl7.org/fhir/sid/ndc', code: '49281-400-10' };
const none = () => undefined;

const dose = (members: Partial<Immunization> = {}): Immunization => ({
  resourceType: 'Immunization',
  id: 'i1',
  meta: { versionId: '3', lastUpdated: '2026-01-01T00:00:00Z' },
  status: 'completed',
  vaccineCode: { coding: [{ ...cvx('208'), display: 'COVID-19' }], text: 'a shot' },
  patient: { reference: 'Patient/p1' },
  occurrenceDateTime: '2021-01-02',
  ...members,
});

const shownOf = (members: Partial<Immunization>, other: (one: Immunization) => string | undefined = none) =>
  toCardDose(dose(members), other);

describe('a dose in a card', () => {
  it('has what a verifier needs, and nothing of the record', () => {
    const full = shownOf({
      lotNumber: 'ER8732',
      expirationDate: '2022-01-01',
      site: { text: 'left arm' },
      performer: [
        { actor: { reference: 'Practitioner/n1', display: 'Nurse Joy' } },
        { actor: { reference: 'Organization/o1', display: 'Elm Street Clinic' } },
      ],
      protocolApplied: [{ doseNumberPositiveInt: 1 }],
      note: [{ text: 'cried' }],
    });
    expect(full).toEqual({
      resourceType: 'Immunization',
      status: 'completed',
      vaccineCode: { coding: [cvx('208')] },
      patient: { reference: 'resource:0' },
      occurrenceDateTime: '2021-01-02',
      lotNumber: 'ER8732',
      performer: [{ actor: { display: 'Elm Street Clinic' } }],
    });
  });

  it.each<[string, Partial<Immunization>]>([
    ['that was refused', { status: 'not-done' }],
    ['that was an error', { status: 'entered-in-error' }],
    ['dated to a month', { occurrenceDateTime: '2021-01' }],
    ['dated in words', { occurrenceDateTime: undefined as never, occurrenceString: 'as a child' }],
    ['that was no vaccine', { vaccineCode: { coding: [cvx('998')] } }],
    ['without a code that verifiers know', { vaccineCode: { coding: [ndc], text: 'DTaP' } }],
  ])('leaves out a dose %s', (_, members) => {
    expect(shownOf(members)).toBeUndefined();
  });

  it.each`
    written                        | day
    ${'2021-01-02T23:30:00-05:00'} | ${'2021-01-02'}
    ${'2021-01-02T00:10:00+13:00'} | ${'2021-01-02'}
  `('tells the day of $written where the dose was given', ({ written, day }) => {
    expect(shownOf({ occurrenceDateTime: written })?.occurrenceDateTime).toBe(day);
  });

  it.each`
    lot                       | shown
    ${'Lot: AB12'}            | ${'AB12'}
    ${'LOT#AB12'}             | ${'AB12'}
    ${'LOTUS1'}               | ${'LOTUS1'}
    ${'1234567890123456789'}  | ${'1234567890123456789'}
    ${'12345678901234567890'} | ${undefined}
    ${'lot'}                  | ${undefined}
  `('shows the lot "$lot" as $shown', ({ lot, shown }) => {
    expect(shownOf({ lotNumber: lot })?.lotNumber).toBe(shown);
  });

  it('has the CVX code that other codes stand for', () => {
    expect(shownOf({ vaccineCode: { coding: [ndc] } }, () => '106')?.vaccineCode).toEqual({
      coding: [cvx('106')],
    });
  });

  it('takes SNOMED CT where there is no CVX code', () => {
    const snomed = { system: 'http://snomed.info/sct', code: '1119349007' };
    expect(shownOf({ vaccineCode: { coding: [ndc, { ...snomed, display: 'x' }] } })?.vaccineCode).toEqual({
      coding: [snomed],
    });
  });

  it('says that a dose was too small, and nothing where it was not', () => {
    expect(shownOf({ isSubpotent: true })?.isSubpotent).toBe(true);
    expect(shownOf({ isSubpotent: false })).not.toHaveProperty('isSubpotent');
  });

  it('names no organization of 30 characters or more, and nobody else', () => {
    const named = (display: string, reference = 'Organization/o1') =>
      shownOf({ performer: [{ actor: { reference, display } }] })?.performer?.[0]?.actor.display;
    expect(named('x'.repeat(29))).toBe('x'.repeat(29));
    expect(named('x'.repeat(30))).toBeUndefined();
    expect(named('Nurse Joy', 'Practitioner/n1')).toBeUndefined();
  });
});

const patient = (members: Partial<Patient>): Patient => ({
  resourceType: 'Patient',
  id: 'p1',
  identifier: [{ value: '4711' }],
  gender: 'female',
  telecom: [{ value: '617-253-0198' }],
  address: [{ line: ['17 Elm Street'] }],
  ...members,
});

describe('a person in a card', () => {
  it('is a name and a birth date', () => {
    const shown = toCardPatient(
      patient({
        name: [{ use: 'official', text: 'Ann Lee', family: 'Lee', given: ['Ann', 'May'], prefix: ['Dr'] }],
        birthDate: '2021-07-02',
      }),
    );
    expect(shown).toEqual({
      resourceType: 'Patient',
      name: [{ family: 'Lee', given: ['Ann', 'May'] }],
      birthDate: '2021-07-02',
    });
  });

  it.each<[string, Patient['name'], object]>([
    [
      'official',
      [
        { use: 'usual', given: ['Bo'] },
        { use: 'official', family: 'Lee' },
      ],
      { family: 'Lee' },
    ],
    [
      'usual',
      [
        { use: 'nickname', given: ['B'] },
        { use: 'usual', given: ['Bo'] },
      ],
      { given: ['Bo'] },
    ],
    ['present', [{ use: 'old', family: 'Gray' }, { family: 'Lee' }], { family: 'Lee' }],
    ['present', [{ family: 'Gray', period: { end: '2020' } }, { family: 'Lee' }], { family: 'Lee' }],
    ['only', [{ use: 'old', family: 'Gray' }], { family: 'Gray' }],
    ['unstructured', [{ text: 'Ann Lee' }], { text: 'Ann Lee' }],
    ['partly unknown', [{ family: 'Lee', given: [null as never, 'May'] }], { family: 'Lee', given: ['May'] }],
  ])('goes by the %s name', (_, name, shown) => {
    expect(toCardPatient(patient({ ...(name && { name }) }))?.name).toEqual([shown]);
  });

  it('is nobody without a name', () => {
    expect(toCardPatient(patient({ birthDate: '2021-07-02' }))).toBeUndefined();
    expect(toCardPatient(patient({ name: [{ use: 'official' }] }))).toBeUndefined();
  });

  it('never tells more than those members, whatever is kept', () => {
    const text = fc.string({ minLength: 1, maxLength: 12 });
    const name = fc.record(
      {
        use: fc.constantFrom('old', 'usual'),
        text,
        family: text,
        given: fc.array(text),
        suffix: fc.array(text),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(name), text, (names, secret) => {
        const shown = toCardPatient(patient({ name: names as never, photo: [{ title: secret }] }));
        for (const member of Object.keys(shown ?? {})) expect(['resourceType', 'name']).toContain(member);
        for (const member of Object.keys(shown?.name?.[0] ?? {})) {
          expect(['family', 'given', 'text']).toContain(member);
        }
      }),
    );
  });
});
