import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Resource } from '../../../../src/fhir/resource.ts';
import {
  consolidatePatient,
  elementSourceUrl,
} from '../../../../src/registry/identity/consolidate-patient.ts';
import type { SourceRecord } from '../../../../src/registry/identity/surviving-values.ts';

const source = (id: string, day: number, members: object, trust = 0): SourceRecord => ({
  id,
  reported: `2026-01-${String(day).padStart(2, '0')}T00:00:00.000Z`,
  trust,
  resource: { resourceType: 'Patient', id, ...members } as Resource,
});
const person = (...sources: readonly SourceRecord[]) =>
  consolidatePatient('p', sources, { replacedIds: [], joins: [] }) as Record<string, unknown>;
const originsOf = (patient: Record<string, unknown>) =>
  new Map(
    (patient['extension'] as readonly { url: string; extension?: readonly Record<string, unknown>[] }[])
      .filter(({ url }) => url === elementSourceUrl)
      .map(({ extension = [] }) => [
        extension[0]?.['valueString'],
        (extension[1]?.['valueReference'] as { reference: string } | undefined)?.reference,
      ]),
  );

describe('survivorship', () => {
  it('takes of the most trusted what most say, whatever others say, and nothing that these do not know', () => {
    const [a, b] = [{ birthDate: '2020-01-02' }, { birthDate: '2020-02-01' }];
    expect(person(source('x', 1, a, 7), source('y', 2, b), source('z', 3, b))['birthDate']).toBe(
      '2020-01-02',
    );
    const both = [source('x', 1, a, 7), source('y', 2, a, 7), source('z', 3, b, 7)] as const;
    expect(person(...both, source('w', 4, b, 6))['birthDate']).toBe('2020-01-02');
    expect(person(source('x', 1, {}, 9), source('y', 2, b, 0))['birthDate']).toBe('2020-02-01');
    const unknown = source('x', 3, { gender: 'unknown' }, 9);
    expect(person(unknown, source('y', 2, { gender: 'female' }))['gender']).toBe('female');
  });

  it('names the person as the most trusted do, and keeps what others say', () => {
    const name = (given: string[], use?: string) => ({
      name: [{ ...(use && { use }), family: 'Ng', given }],
    });
    const names = (...sources: readonly SourceRecord[]) =>
      (person(...sources)['name'] as { given: string[] }[]).map(({ given }) => given.join(' '));
    expect(names(source('x', 1, name(['Li']), 7), source('y', 2, name(['Li', 'Anne'])))).toEqual([
      'Li',
      'Li Anne',
    ]);
    expect(names(source('x', 1, name(['Li'], 'old'), 7), source('y', 2, name(['Anne'])))).toEqual([
      'Anne',
      'Li',
    ]);
    expect(names(source('x', 1, name(['Li'], 'old'), 7), source('y', 2, name(['Anne'], 'old')))).toEqual([
      'Li',
      'Anne',
    ]);
    expect(names(source('x', 1, {}, 9), source('y', 2, name(['Anne'], 'old')))).toEqual(['Anne']);
  });

  it('takes what most sources say, the more trusted of equals, then the newer', () => {
    const [a, b] = [{ birthDate: '2020-01-02' }, { birthDate: '2020-02-01' }];
    expect(person(source('x', 1, a), source('y', 2, a), source('z', 3, b))['birthDate']).toBe('2020-01-02');
    expect(person(source('x', 1, a, 1), source('z', 3, b))['birthDate']).toBe('2020-01-02');
    expect(person(source('x', 1, a), source('z', 3, b))['birthDate']).toBe('2020-02-01');
  });

  it('counts an unknown gender for nothing, unless nobody says more', () => {
    const [unknown, female] = [{ gender: 'unknown' }, { gender: 'female' }];
    expect(person(source('x', 1, female), source('y', 2, unknown), source('z', 3, unknown))['gender']).toBe(
      'female',
    );
    expect(person(source('x', 1, unknown))['gender']).toBe('unknown');
  });

  it('lets inactive and dead win, with the date where one is known', () => {
    expect(person(source('x', 1, { active: false }), source('y', 2, { active: true }))['active']).toBe(false);
    expect(person(source('x', 1, {}), source('y', 2, { active: true }))['active']).toBe(true);
    const dead = person(
      source('x', 1, { deceasedDateTime: '2025-05-05' }),
      source('y', 2, { deceasedBoolean: false }),
    );
    expect(dead['deceasedDateTime']).toBe('2025-05-05');
    expect(dead).not.toHaveProperty('deceasedBoolean');
    expect(person(source('y', 2, { deceasedBoolean: false }))['deceasedBoolean']).toBe(false);
    const said = (day: number, deceasedBoolean: boolean) => source(`y${day}`, day, { deceasedBoolean });
    expect(person(said(1, true), said(2, false))['deceasedBoolean']).toBe(true);
    const dated = person(source('x', 1, { deceasedDateTime: '2025-05-05' }), said(2, true));
    expect(dated['deceasedDateTime']).toBe('2025-05-05');
    expect(dated).not.toHaveProperty('deceasedBoolean');
  });

  it('lets of two reports of one instant the more trusted count as the newer', () => {
    const status = (text: string) => ({ maritalStatus: { text } });
    const two = [source('a', 1, status('single'), 1), source('b', 1, status('married'), 8)] as const;
    expect(person(...two)['maritalStatus']).toEqual({ text: 'married' });
  });

  it('is not called by the slip of one source where more say it otherwise', () => {
    const name = (family: string, given = 'Ada') => ({ name: [{ family, given: [given] }] });
    const first = (...sources: readonly SourceRecord[]) => {
      const [called] = person(...sources)['name'] as { family: string; given: string[] }[];
      return `${called?.family} ${called?.given.join(' ')}`;
    };
    const right = [source('x', 1, name('Lindqvist')), source('y', 2, name('Lindqvist'))] as const;
    expect(first(...right, source('z', 3, name('Lindqivst')))).toBe('Lindqvist Ada');
    expect(first(...right, source('z', 3, name('Lindqvistt')))).toBe('Lindqvist Ada');
    expect(first(source('x', 1, name('Lindqvist')), source('z', 3, name('Lindqivst')))).toBe('Lindqivst Ada');
    // More letters are no slip: who knows the whole name is believed.
    const initials = [source('x', 1, name('Ng', 'M')), source('y', 2, name('Ng', 'M'))] as const;
    expect(first(...initials, source('z', 3, name('Ng', 'Maria')))).toBe('Ng Maria');
  });

  it('keeps all that differs of a list, once, the fullest name first and the newest address', () => {
    const short = { name: [{ family: 'Ng', given: ['Li'] }], address: [{ city: 'Boston' }] };
    const full = {
      name: [
        { family: 'NG', given: ['Li', 'Anne'] },
        { family: 'Old', use: 'old', given: ['L', 'A', 'B'] },
      ],
    };
    const same = {
      name: [{ use: 'official', family: 'ng', given: ['LI'] }],
      address: [{ city: 'BOSTON' }, { city: 'Lynn' }],
    };
    const found = person(source('x', 1, short), source('y', 2, full), source('z', 3, same));
    expect(found['name']).toEqual([full.name[0], same.name[0], full.name[1]]);
    expect(found['address']).toEqual(same.address);
  });

  it('takes each extension by itself from the newest source that has it', () => {
    const race = (value: string) => ({ url: 'http://race', valueString: value });
    const found = person(
      source('x', 1, { extension: [race('a'), { url: 'http://maiden', valueString: 'm' }] }),
      source('y', 2, { extension: [race('b'), race('c')] }),
    );
    expect((found['extension'] as readonly unknown[]).slice(0, 3)).toEqual([
      race('b'),
      race('c'),
      { url: 'http://maiden', valueString: 'm' },
    ]);
  });

  it('prefers the number of a birth to that there were several', () => {
    const found = person(
      source('x', 1, { multipleBirthInteger: 2 }),
      source('y', 2, { multipleBirthBoolean: true }),
    );
    expect(found['multipleBirthInteger']).toBe(2);
    expect(found).not.toHaveProperty('multipleBirthBoolean');
  });

  it('leaves with a source what it contains, what is generated, and its photo', () => {
    const found = person(
      source('x', 1, {
        contained: [{ resourceType: 'Organization', id: 'o' }],
        managingOrganization: { reference: '#o' },
        generalPractitioner: [{ reference: '#o' }, { reference: 'Organization/real' }],
        text: { status: 'generated' },
        photo: [{ url: 'http://photo' }],
      }),
      source('y', 0, { managingOrganization: { reference: 'Organization/real' } }),
    );
    expect(found).toMatchObject({
      managingOrganization: { reference: 'Organization/real' },
      generalPractitioner: [{ reference: 'Organization/real' }],
    });
    for (const name of ['contained', 'text', 'photo']) expect(found).not.toHaveProperty(name);
  });

  it('says which element came from which source', () => {
    const found = person(
      source('x', 1, { birthDate: '2020-01-02', name: [{ family: 'Ng', given: ['Li', 'Anne'] }] }),
      source('y', 2, { gender: 'male', name: [{ family: 'Wu' }] }),
    );
    expect(Object.fromEntries(originsOf(found))).toEqual({
      birthDate: 'Patient/x',
      'name[0]': 'Patient/x',
      'name[1]': 'Patient/y',
      gender: 'Patient/y',
    });
  });
});

it('makes the same person of the same sources, in whatever order they come', () => {
  const member = fc.record(
    {
      gender: fc.constantFrom('male', 'female', 'unknown'),
      birthDate: fc.constantFrom('2020-01-01', '2020-01-02'),
      active: fc.boolean(),
      name: fc.array(fc.record({ family: fc.constantFrom('Ng', 'Wu') }), { minLength: 1, maxLength: 2 }),
      deceasedBoolean: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  const sources = fc.array(fc.tuple(fc.nat(5), member), { minLength: 1, maxLength: 5 });
  const bare = ({ link: _, ...rest }: Record<string, unknown>) => rest;
  fc.assert(
    fc.property(sources, fc.nat(), (all, seed) => {
      const made = all.map(([day, members], place) => source(`s${place}`, day + 1, members));
      const turned = [...made.slice(seed % made.length), ...made.slice(0, seed % made.length)].reverse();
      expect(bare(person(...turned))).toEqual(bare(person(...made)));
    }),
  );
});
