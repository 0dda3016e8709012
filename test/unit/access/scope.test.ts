import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResourceScope, Scope } from '../../../src/access/scope.ts';
import { isWithin, maxScopes, narrowings, parseScope, parseScopes } from '../../../src/access/scope.ts';

const known = (text: string): Scope => {
  const scope = parseScope(text);
  if (!scope) throw new Error(`${text} is no scope`);
  return scope;
};
const letters = (text: string) => {
  const scope = known(text);
  return scope.kind === 'resource' ? [...scope.permissions].map(([letter]) => letter).join('') : '';
};
const texts = (scopes: readonly Scope[]) => scopes.map(({ text }) => text);

describe('a scope', () => {
  // SMART App Launch 2.2, scopes-and-launch-context.html#scopes-for-requesting-fhir-resources
  it.each([
    ['patient/Immunization.rs', 2, 'rs'],
    ['user/*.cruds', 2, 'cruds'],
    ['system/Patient.s', 2, 's'],
    ['patient/Patient.read', 1, 'rs'],
    ['user/Patient.write', 1, 'cud'],
    ['system/*.*', 1, 'cruds'],
  ])('%s is of version %i and says %s', (text, version, said) => {
    expect(known(text)).toMatchObject({ kind: 'resource', text, version });
    expect(letters(text)).toBe(said);
  });

  it.each([
    'patient/Immunization.dus',
    'patient/Immunization.sr',
    'patient/Immunization.rr',
    'patient/Immunization.xyz',
    'patient/Immunization.',
    'patient/Immunization',
    'patient/Immunization.constructor',
    'patient/Immunization.Read',
    'patient/immunization.rs',
    'patient/Nothing.rs',
    'patients/Immunization.rs',
    'Patient/Immunization.rs',
    'patient/**.rs',
    'patient/Immunization.read?status=completed',
    'patient/Immunization.rs?',
    'patient/Immunization.rs?status',
    'patient/Immunization.rs?status=',
    'patient/Immunization.rs?=completed',
    'patient/Immunization.rs?status=completed&',
    'patient/Immunization.rs?status:not=completed',
    'patient/Immunization.rs?patient.name=smith',
    'patient/Immunization.rs?_filter=status%20eq%20completed',
    'patient/Immunization.rs?_has:Group:member:_id=x',
    'patient/Immunization.rs?_include=*',
    'patient/Immunization.rs?_count=1',
    'patient/Immunization.rs?status=%zz',
    'patient/Immunization.rs status',
    'patient/Immunization.rs"',
    'launch/practitioner',
    'offline',
    'email',
    'https://jenner-iis.org/scope/',
    'https://jenner-iis.org/scope/a/b',
    'https://elsewhere.org/scope/launch',
    `patient/Immunization.rs?${'a=b&'.repeat(10)}c=d`,
    `patient/Immunization.rs?status=${'x'.repeat(500)}`,
    '',
  ])('%s is none', (text) => {
    expect(parseScope(text)).toBeUndefined();
  });

  it.each([
    ['launch', 'launch'],
    ['launch/patient', 'launch'],
    ['launch/encounter', 'launch'],
    ['openid', 'identity'],
    ['fhirUser', 'identity'],
    ['profile', 'identity'],
    ['offline_access', 'refresh'],
    ['online_access', 'refresh'],
    ['https://jenner-iis.org/scope/launch', 'own'],
  ])('%s is of kind %s', (text, kind) => {
    expect(known(text)).toMatchObject({ kind, text });
  });

  it('has a query part that is decoded', () => {
    const text = 'patient/Observation.rs?category=http%3A%2F%2Fa%7Cb&date=ge2020';
    expect(known(text)).toMatchObject({
      query: [
        ['category', 'http://a|b'],
        ['date', 'ge2020'],
      ],
    });
  });
});

describe('a list of scopes', () => {
  it('holds each once, and passes over what is none', () => {
    const scopes = parseScopes('openid  patient/*.rs openid patient/*.sr');
    expect(texts(scopes ?? [])).toEqual(['openid', 'patient/*.rs']);
  });

  it('is refused when it has thousands', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, i) => `patient/Immunization.rs?date=${i}`).join(' ');
    expect(parseScopes(many(maxScopes))).toHaveLength(maxScopes);
    expect(parseScopes(many(maxScopes + 1))).toBeUndefined();
    expect(parseScopes(' '.repeat(1_000_000))).toBeUndefined();
  });
});

describe('what may be granted', () => {
  it.each([
    ['patient/Immunization.rs', 'patient/*.rs', true],
    ['patient/Immunization.r', 'patient/Immunization.read', true],
    ['patient/Immunization.read', 'patient/Immunization.rs', true],
    ['patient/Immunization.cruds', 'patient/Immunization.read patient/Immunization.write', true],
    ['patient/Immunization.cruds', 'patient/Immunization.read patient/Patient.write', false],
    ['patient/Immunization.rs?status=completed', 'patient/Immunization.rs', true],
    ['patient/Immunization.rs?status=completed&date=1', 'patient/*.rs?date=1', true],
    ['patient/Immunization.rs', 'patient/Immunization.rs?status=completed', false],
    ['patient/Immunization.rs?status=x', 'patient/Immunization.rs?status=completed', false],
    ['patient/Immunization.rs?date=completed', 'patient/Immunization.rs?status=completed', false],
    ['patient/Immunization.rus', 'patient/Immunization.rs', false],
    ['patient/*.rs', 'patient/Immunization.rs', false],
    ['user/Immunization.rs', 'patient/Immunization.rs', false],
    ['system/Immunization.rs', 'user/*.cruds', false],
    ['openid', 'openid fhirUser', true],
    ['offline_access', 'online_access', false],
    ['launch', 'launch/patient patient/*.cruds', false],
  ])('%s within %s: %s', (asked, allowed, expected) => {
    expect(isWithin(known(asked), parseScopes(allowed) ?? [])).toBe(expected);
  });

  it('is within itself, and never wider by an order of scopes', () => {
    const type = fc.constantFrom('*', 'Patient', 'Immunization');
    const suffix = fc.constantFrom('r', 's', 'rs', 'cud', 'read', '*');
    const text = fc.tuple(type, suffix).map(([one, of]) => `user/${one}.${of}`);
    fc.assert(
      fc.property(text, fc.array(text), (asked, allowed) => {
        const scopes = allowed.map(known);
        expect(isWithin(known(asked), [known(asked)])).toBe(true);
        expect(isWithin(known(asked), scopes)).toBe(isWithin(known(asked), [...scopes].reverse()));
      }),
    );
  });
});

describe('the narrowings of a scope', () => {
  const types = ['Patient', 'Immunization'] as const;

  it('are one for each type that is held, in the version that was asked for', () => {
    expect(texts(narrowings(known('patient/*.read'), types))).toEqual([
      'patient/Patient.read',
      'patient/Immunization.read',
    ]);
    expect(texts(narrowings(known('patient/*.rs'), types))).toEqual([
      'patient/Patient.rs',
      'patient/Immunization.rs',
      'patient/Immunization.rs?status=completed',
    ]);
    expect(texts(narrowings(known('user/*.rs?_tag=x'), types))).toEqual([
      'user/Patient.rs?_tag=x',
      'user/Immunization.rs?_tag=x',
    ]);
    expect(texts(narrowings(known('openid'), types))).toEqual(['openid']);
  });

  it('are scopes as they would be asked for, none wider than the whole', () => {
    const all = ['patient/*.rs', 'user/Condition.cruds', 'patient/Observation.rs', 'system/*.*'];
    for (const whole of all.map(known)) {
      for (const one of narrowings(whole, [...types, 'Condition', 'Observation'])) {
        expect(parseScope(one.text)).toEqual(one);
        expect(isWithin(one, [whole])).toBe(true);
        if ((whole as ResourceScope).type === '*') expect(isWithin(whole, [one])).toBe(false);
      }
    }
  });
});
