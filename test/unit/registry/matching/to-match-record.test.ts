import type { Patient } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import { toMatchRecord } from '../../../../src/registry/matching/to-match-record.ts';

const record = (more: object) => toMatchRecord({ resourceType: 'Patient', ...more } as Patient);
const named = (family: string | undefined, ...given: string[]) => record({ name: [{ family, given }] });

describe('names as they are compared', () => {
  it.each([
    ['Ó’Neill', 'oneill', ['oneill'], ['oneill']],
    ['Okonkwo-Eze', 'okonkwoeze', ['okonkwo', 'eze'], ['okonkwo', 'eze']],
    ['Van der Berg', 'vanderberg', ['vanderberg'], ['berg']],
    ['de la Cruz Ortiz', 'delacruzortiz', ['delacruz', 'ortiz'], ['cruz', 'ortiz']],
    ['Child', 'child', ['child'], ['child']],
  ])('%s', (family, whole, parts, bare) => {
    expect(named(family, 'Ann').family).toEqual({ whole, parts, bare });
  });

  it.each([
    ['in the suffix', record({ name: [{ family: 'King', given: ['Ira'], suffix: ['III'] }] })],
    ['behind the family name', named('King III', 'Ira')],
    ['behind the given names', named('King', 'Ira', 'B 3rd')],
    [
      'as an alias',
      record({
        name: [
          { family: 'King', given: ['Ira'] },
          { use: 'nickname', given: ['III'] },
        ],
      }),
    ],
  ])('have their suffix taken out, whether it stands %s', (_where, { suffix, family, aliases }) => {
    expect({ suffix, whole: family.whole, aliases }).toEqual({ suffix: '3', whole: 'king', aliases: [] });
  });

  it.each(['Baby Boy', 'BABYGIRL', 'bb', 'Newborn', 'Twin A', 'FC1', 'Infant of', 'Unknown', 'N/A'])(
    '%s is no given name',
    (given) => {
      expect(named('King', given).given).toEqual({ whole: '', parts: [] });
    },
  );

  it.each([['Babette'], ['Nb'.repeat(3)], ['Malena'], ['Testarossa'], ['Na']])('%s is one', (given) => {
    expect(named('King', given).given.whole).toBe(given.toLowerCase());
  });

  it('know which twin a placeholder names', () => {
    expect(named('King', 'Twin B')).toMatchObject({ birthOrder: 2, isMultiple: true });
    expect(named('King', 'Baby Boy')).toMatchObject({ birthOrder: 0, isMultiple: undefined });
  });

  it('keep the name in use apart from old names and nicknames', () => {
    const name = [
      { use: 'old', family: 'Eze' },
      { use: 'official', family: 'King', given: ['Ira', 'Ben', 'Lee'] },
      { use: 'nickname', given: ['Bo'] },
    ];
    expect(record({ name })).toMatchObject({
      family: { whole: 'king' },
      given: { whole: 'ira' },
      middle: 'benlee',
      otherFamilies: [{ whole: 'eze' }],
      aliases: ['bo'],
    });
  });
});

describe('what stands for no number', () => {
  const phones = (...values: string[]) =>
    record({ telecom: values.map((value) => ({ system: 'phone', value })) }).phones;

  it('a phone', () => {
    expect(
      phones('(617) 482-9931', '1-617-482-9931', '617-555-5555', '999-999-9999', '12', '617-123-4567'),
    ).toEqual(['6174829931']);
    expect(record({ telecom: [{ system: 'email', value: ' A@b.Org ' }] }).emails).toEqual(['a@b.org']);
  });

  it('a social security number', () => {
    const ssn = (value: string) => ({ system: 'http://hl7.org/fhir/sid/us-ssn', value });
    const identifier = ['401-22-7193', '000-12-3456', '999-99-9999', '123456789', '111111111'].map(ssn);
    expect(record({ identifier }).ssns).toEqual(['401227193']);
  });

  it('an identifier of a clinic', () => {
    const identifier = [
      { system: 'urn:a', value: 'A-77' },
      { system: 'urn:a', value: '0000' },
      { assigner: { reference: 'Organization/b' }, value: 'B 9' },
      { use: 'temp', system: 'urn:a', value: 'T-1' },
    ];
    expect(record({ identifier }).recordNumbers).toEqual([
      { owner: 'urn:a', type: '', value: 'a77' },
      { owner: 'Organization/b', type: '', value: 'b9' },
    ]);
  });
});

describe('addresses as the post writes them', () => {
  it.each([
    [['14 Hawthorne Street', 'Apt. 3B'], { number: '14', street: 'hawthorne st', unit: '3b' }],
    [['14 N. Hawthorne ST #3B'], { number: '14', street: 'n hawthorne st', unit: '3b' }],
    [['14HAWTHORNE AVENUE'], { number: '14', street: 'hawthorne ave', unit: '' }],
    [['12b Elm Road'], { number: '12b', street: 'elm rd', unit: '' }],
    [['P.O. Box 812'], { number: '812', street: 'pobox', unit: '' }],
  ])('%j', (line, expected) => {
    expect(record({ address: [{ line }] }).addresses[0]).toMatchObject(expected);
  });

  it('with the zip of five digits and a town without its blanks', () => {
    expect(
      record({ address: [{ city: 'Saint Ignace', postalCode: '49781-1234' }] }).addresses[0],
    ).toMatchObject({
      city: 'stignace',
      zip: '49781',
    });
  });
});

describe('a birth date', () => {
  it.each([
    ['2019-03-07', { year: 2019, month: 3, day: 7, isDefault: false }],
    ['1980-01-01', { year: 1980, month: 1, day: 1, isDefault: true }],
    ['1980-01', { year: 1980, month: 1, day: 0, isDefault: false }],
    ['1980', { year: 1980, month: 0, day: 0, isDefault: false }],
    ['1980-02-31', undefined],
  ])('%s', (birthDate, expected) => {
    expect(record({ birthDate }).birth).toEqual(expected);
  });
});

it('looks at a bounded part of what a Patient repeats', () => {
  const many = <Item>(item: (n: number) => Item) => Array.from({ length: 500 }, (_, n) => item(n));
  const { phones, addresses, recordNumbers, kin, otherFamilies } = record({
    name: many((n) => ({ family: `King${n}`, given: many((m) => `Ira${m}`) })),
    telecom: many((n) => ({ system: 'phone', value: `61748200${n}` })),
    address: many((n) => ({ line: many((m) => `${n} Elm ${m}`) })),
    identifier: many((n) => ({ system: 'urn:a', value: `A${n}` })),
    contact: many((n) => ({ name: { family: `King${n}` } })),
  });
  const lengths = [phones, addresses, recordNumbers, kin, otherFamilies].map(({ length }) => length);
  expect(lengths).toEqual([12, 4, 24, 6, 9]);
});
