import type { Patient } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import { matchKeys } from '../../../../src/registry/matching/match-keys.ts';
import { toMatchRecord } from '../../../../src/registry/matching/to-match-record.ts';
import { ada, bare } from './people.ts';

const keysOf = (patient: Patient) => matchKeys(toMatchRecord(patient));
const named = (family: string, ...given: string[]) => ({ name: [{ family, given }] });
const meet = (a: Patient, b: Patient) => {
  const keys = new Set(keysOf(b));
  return keysOf(a)
    .filter((key) => keys.has(key))
    .map((key) => key[0]);
};

describe('two records are compared', () => {
  const { telecom = [], address = [], identifier = [] } = ada;
  const medicaid = [{ type: { coding: [{ code: 'MA' }] }, value: 'MA-1092837' }];

  it.each<[string, Patient, Patient]>([
    ['s', { ...bare(ada), identifier }, { resourceType: 'Patient', ...named('Bell', 'Per'), identifier }],
    [
      'n',
      { ...bare(ada), identifier },
      { resourceType: 'Patient', ...named('Bell', 'Per'), identifier: identifier.slice(1) },
    ],
    [
      'm',
      { ...bare(ada), identifier: medicaid },
      { ...bare(ada), ...named('Bell', 'Per'), identifier: medicaid },
    ],
    ['p', { ...bare(ada), telecom }, { resourceType: 'Patient', ...named('Bell', 'Per'), telecom }],
    ['b', bare(ada), { ...bare(ada), ...named('Okonkwo', 'Ngozi') }],
    ['b', bare(ada), { ...bare(ada), ...named('Bell', 'Adaeze') }],
    ['b', bare(ada), { ...bare(ada), ...named('Adaeze', 'Okonkwo') }],
    ['b', bare(ada), { ...bare(ada), ...named('Bell-Okonkwo', 'Ada') }],
    ['y', bare(ada), { ...bare(ada), birthDate: '2019-07-03' }],
    ['y', bare(ada), { ...bare(ada), ...named('Akonkwo', 'Adeze'), birthDate: '2019-07-03' }],
    [
      'h',
      { ...bare(ada), address },
      { ...bare(ada), ...named('Bell', 'Adaeze'), birthDate: '2011-01-30', address },
    ],
    ['z', { ...bare(ada), address }, { ...bare(ada), birthDate: '', address: [{ postalCode: '01852' }] }],
    ['k', { ...ada, ...named('Okonkwo', 'Baby Girl') }, { ...ada, ...named('Bell', 'Una') }],
  ])('by a key of the kind %s', (kind, a, b) => {
    expect(meet(a, b)).toContain(kind);
  });

  it('never by a first name alone, a town, or an empty record', () => {
    expect(meet(bare(ada), { ...bare(ada), ...named('Bell', 'Adaeze'), birthDate: '2001-09-09' })).toEqual(
      [],
    );
    expect(keysOf({ resourceType: 'Patient', address: [{ city: 'Lowell', postalCode: '01852' }] })).toEqual(
      [],
    );
    expect(keysOf({ resourceType: 'Patient' })).toEqual([]);
  });

  it('never by a birth date that is known to the month', () => {
    const kinds = keysOf({ ...ada, birthDate: '2019-03' }).map((key) => key[0]);
    expect(kinds).not.toContain('b');
    expect(kinds).not.toContain('k');
  });
});

it('gives a Patient few keys, however much stands in it', () => {
  const many = <Item>(item: (n: number) => Item) => Array.from({ length: 100 }, (_, n) => item(n));
  const patient = {
    ...ada,
    name: many((n) => ({ family: `Name${n} Other${n}`, given: [`Given${n}`] })),
    identifier: [
      ...['2', '3', '4', '5'].map((n) => ({ type: { coding: [{ code: 'SS' }] }, value: `40${n}-22-7193` })),
      ...['2', '3', '4', '5'].map((n) => ({ type: { coding: [{ code: 'MA' }] }, value: `MA-109283${n}` })),
      ...many((n) => ({ system: 'urn:a', value: `A-${n}` })),
    ],
    telecom: many((n) => ({ system: 'phone' as const, value: `617482${1000 + n}` })),
    address: many((n) => ({ line: [`${n} Elm St`], postalCode: '01852' })),
  };
  expect(keysOf(patient).length).toBeLessThanOrEqual(20);
  expect(keysOf(ada).length).toBeLessThanOrEqual(10);
});
