import type { Coding, Immunization } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import { toDose } from '../../../../src/registry/forecasting/to-dose.ts';
import { loadKnowledgeBases } from '../../../../src/shipped/knowledge-bases.ts';
import { toEpochDay } from '../../../../src/values/epoch-day.ts';

const given: Immunization = {
  resourceType: 'Immunization',
  status: 'completed',
  vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '08' }] },
  patient: { reference: 'Patient/p' },
  occurrenceDateTime: '2020-04-28',
};
const day = toEpochDay(2020, 4, 28);
const nothing = () => [];

describe('toDose', () => {
  it.each`
    what                                    | change                                                                                       | dose
    ${'a whole date and a CVX'}             | ${{}}                                                                                        | ${{ cvx: '08' }}
    ${'a CVX without its leading zero'}     | ${{ vaccineCode: cvx('8') }}                                                                 | ${{ cvx: '08' }}
    ${'a CVX that is written twice'}        | ${{ vaccineCode: cvx('8', '08') }}                                                           | ${{ cvx: '08' }}
    ${'the day as written, not as in UTC'}  | ${{ occurrenceDateTime: '2020-04-28T23:16:46-04:00' }}                                       | ${{ cvx: '08' }}
    ${'the manufacturer by identifier'}     | ${{ manufacturer: { identifier: { system: 'http://hl7.org/fhir/sid/mvx', value: 'skb' } } }} | ${{ cvx: '08', mvx: 'SKB' }}
    ${'the volume in millilitres'}          | ${{ doseQuantity: { value: 0.5, code: 'mL' } }}                                              | ${{ cvx: '08', volume: 0.5 }}
    ${'no volume in another unit'}          | ${{ doseQuantity: { value: 10, code: 'ug' } }}                                               | ${{ cvx: '08' }}
    ${'an expiry in May as its last day'}   | ${{ expirationDate: '2020-05' }}                                                             | ${{ cvx: '08', lotExpiration: toEpochDay(2020, 5, 31) }}
    ${'a broken cold chain as bad storage'} | ${{ isSubpotent: true, subpotentReason: [{ coding: [{ code: 'coldchainbreak' }] }] }}        | ${{ cvx: '08', condition: 'storage' }}
    ${'a sub-potent dose without a reason'} | ${{ isSubpotent: true }}                                                                     | ${{ cvx: '08', condition: 'other' }}
  `('reads $what', ({ change, dose }) => {
    expect(toDose({ ...given, ...change }, 'Immunization/i', nothing)).toEqual({
      kind: 'dose',
      dose: { id: 'Immunization/i', date: day, ...dose },
    });
  });

  it.each`
    change                                                               | because
    ${{ occurrenceDateTime: '2020-04' }}                                 | ${'its date 2020-04 is not a whole date'}
    ${{ occurrenceDateTime: undefined, occurrenceString: 'as a child' }} | ${'it has no date (occurrenceDateTime)'}
    ${{ occurrenceDateTime: '2020-02-30' }}                              | ${'2020-02-30 is not a date'}
    ${{ vaccineCode: { text: 'flu shot' } }}                             | ${'it has no CVX code'}
    ${{ vaccineCode: cvx('08', '110') }}                                 | ${'it has the CVX codes 08 and 110'}
    ${{ vaccineCode: cvx('9999') }}                                      | ${'"9999" is no CVX code'}
  `('is unsure when $because', ({ change, because }) => {
    expect(toDose({ ...given, ...change }, 'x', nothing)).toMatchObject({ kind: 'unsure', because });
  });

  it.each(['not-done', 'entered-in-error'] as const)('passes over what is %s', (status) => {
    expect(toDose({ ...given, status }, 'x', nothing)).toEqual({ kind: 'not-given', status });
  });
});

describe('a dose coded otherwise', () => {
  const [knowledgeBase] = loadKnowledgeBases('none');
  const ndc = (code: string) => ({ system: 'http://hl7.org/fhir/sid/ndc', code });
  const read = (...coding: readonly object[]) =>
    toDose({ ...given, vaccineCode: { coding: [...coding] as Coding[] } }, 'x', knowledgeBase.cvxOf);

  // 00006-4093-02 is a vial of hepatitis B vaccine, 49281-0010-50 influenza vaccine (CDC's NDC crosswalk).
  it.each(['00006-4093-02', '0006-4093-02', '00006409302', '0006409302'])('by NDC %s', (code) => {
    expect(read(ndc(code))).toMatchObject({
      kind: 'dose',
      dose: { cvx: '08' },
      because: `by http://hl7.org/fhir/sid/ndc|${code}`,
    });
  });

  it('by the OIDs of HL7 v2', () => {
    const oid = (suffix: string, code: string) => ({ system: `urn:oid:2.16.840.1.113883.${suffix}`, code });
    expect(read(oid('6.69', '00006-4093-02'))).toMatchObject({ kind: 'dose', dose: { cvx: '08' } });
    expect(read(oid('12.292', '8'), oid('6.69', '00006-4093-02'))).toEqual(
      read({ system: cvxSystem, code: '08' }),
    );
  });

  it('by several codes that agree', () => {
    const [reading] = [read(ndc('00006-4093-02'), ndc('00006-4980-00'), { system: 'urn:own', code: 'hepb' })];
    expect(reading).toMatchObject({ kind: 'dose', dose: { cvx: '08' } });
  });

  it('is unsure when they do not agree', () => {
    expect(read(ndc('00006-4093-02'), ndc('49281-0010-50'))).toMatchObject({
      kind: 'unsure',
      because: expect.stringMatching(/may be CVX 08 or 140$/),
    });
  });

  it('is unsure of ten digits that fit vaccines of two kinds', () => {
    expect(read(ndc('5063200101'))).toMatchObject({
      kind: 'unsure',
      because: expect.stringContaining('may be'),
    });
  });

  it('by its CVX code, beside an NDC that says the same', () => {
    expect(read({ system: cvxSystem, code: '08' }, ndc('00006-4093-02'))).toEqual(
      read({ system: cvxSystem, code: '08' }),
    );
  });

  it('by its CVX code, and says so when the NDC says something else', () => {
    expect(read({ system: cvxSystem, code: '08' }, ndc('49281-0010-50'))).toMatchObject({
      kind: 'dose',
      dose: { cvx: '08' },
      because: expect.stringContaining('although'),
    });
  });

  it('is unsure of an NDC that nobody knows', () => {
    expect(read(ndc('99999-9999-99'))).toMatchObject({ kind: 'unsure' });
  });
});

const cvxSystem = 'http://hl7.org/fhir/sid/cvx';

function cvx(...codes: string[]) {
  return { coding: codes.map((code) => ({ system: 'http://hl7.org/fhir/sid/cvx', code })) };
}
