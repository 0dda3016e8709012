import { describe, expect, it } from 'vitest';
import { roleNames } from '../../../src/access/role-name.ts';
import { resourceTypes } from '../../../src/fhir/resource-type.ts';
import { nothing } from '../../../src/search/filter.ts';
import { allowed, callerFor, patientsIn, resources } from './access-world.ts';

const shared = ['a', 'b', 'doc', 'in-a', 'in-b', 'codes'];
const all = resources.map(({ id }) => id);
const clinic = { organizations: ['a'] } as const;
/** What a clinic sees of persons. */
/** Who was vaccinated there is kept by others; the dose is its own. */
const chargeOfA = ['own', 'back', 'objection-back', 'own-1', 'shy-a', 'dosed-1', 'consent-own'];
const careOfA = ['own', 'back', 'dosed', 'objection-back', 'own-1', 'shy-a', 'dosed-1', 'consent-own'];
const pupils = ['pupil', 'pupil-1', 'roster', 'mother'];

const read = (...given: Parameters<typeof callerFor>) => allowed(callerFor(...given), 'read');
const beside = (...given: Parameters<typeof callerFor>) =>
  read(...given).filter((id) => !shared.includes(id));

const typesOf = ({ grants }: ReturnType<typeof callerFor>) =>
  resourceTypes.filter((type) => grants.get(type) !== undefined);

describe('the reach of a role', () => {
  it.each([
    ['administrator', {}, all.filter((id) => !shared.includes(id))],
    ['programme-staff', {}, all.filter((id) => ![...shared, 'bytes', 'seen'].includes(id))],
    ['site-administrator', clinic, careOfA],
    ['clinician', clinic, careOfA],
    ['interface', clinic, careOfA],
    ['vaccine-coordinator', clinic, [...careOfA.slice(0, -1), 'order', 'consent-own']],
    ['vaccine-coordinator', { organizations: ['b'] }, ['other', 'sent']],
    ['clinician', { organizations: ['b'] }, ['other']],
    [
      'clinician',
      { organizations: ['a', 'b'] },
      [...careOfA.slice(0, 3), 'other', ...careOfA.slice(3, 6), 'shy-b', ...careOfA.slice(6)],
    ],
    ['clinician', {}, []],
    ['school-nurse', { organizations: ['school'] }, pupils],
    ['school-nurse', clinic, []],
    ['board-of-health', { towns: ['BOSTON'] }, pupils],
    ['board-of-health', { towns: ['bos', ''] }, []],
    ['auditor', {}, ['seen']],
    ['individual', { ownPersons: ['own'] }, ['own', 'own-1', 'seen', 'consent-own']],
    [
      'individual',
      { ownPersons: ['own', 'shy'] },
      ['own', 'shy', 'objection-shy', 'own-1', 'shy-a', 'shy-b', 'own-and-shy', 'seen', 'consent-own'],
    ],
    ['individual', {}, []],
  ] as const)('%s with %o', (role, standing, expected) => {
    expect([...beside({ role, ...standing })].sort()).toEqual([...expected].sort());
  });

  it('includes for every role who works where, and what is known of everybody', () => {
    for (const role of roleNames) {
      const seen = read({ role });
      expect(
        shared.filter((id) => !seen.includes(id)),
        role,
      ).toEqual([]);
    }
  });

  it.each([
    'site-administrator',
    'clinician',
    'vaccine-coordinator',
    'interface',
    'school-nurse',
    'board-of-health',
  ] as const)('of a %s of the Department is everybody, who objects too', (role) => {
    expect(beside({ role, organizations: ['a'], towns: ['boston'], isDepartment: true })).toEqual(
      expect.arrayContaining(['own', 'shy', 'shy-b', 'other', 'own-and-shy', 'pupil']),
    );
  });

  it('of a client that asks for itself is that of its organizations, or all', () => {
    const careAndSupply = [...careOfA, 'order'];
    expect([...beside(clinic)].sort()).toEqual([...careAndSupply].sort());
    expect(beside({ organizations: ['school'] })).toEqual(pupils);
    expect(read({})).toEqual(all);
  });
});

describe('what a role may write', () => {
  it.each([
    ['administrator', {}, all.filter((id) => id !== 'seen')],
    ['clinician', clinic, chargeOfA],
    ['interface', clinic, chargeOfA],
    ['site-administrator', clinic, ['a', 'in-a']],
    ['site-administrator', {}, []],
    ['vaccine-coordinator', clinic, ['order']],
    ['school-nurse', { organizations: ['school'] }, []],
    ['board-of-health', { towns: ['boston'] }, []],
    ['auditor', {}, []],
    ['individual', { ownPersons: ['own', 'back'] }, ['objection-back']],
  ] as const)('%s with %o', (role, standing, expected) => {
    expect([...allowed(callerFor({ role, ...standing }), 'update')].sort()).toEqual([...expected].sort());
  });

  it('of what is recorded of accesses is nothing that is there', () => {
    for (const role of roleNames) {
      const caller = callerFor({ role, ownPersons: ['own'], organizations: ['a'] });
      const changes = [...allowed(caller, 'update'), ...allowed(caller, 'delete')];
      expect(changes, role).not.toContain('seen');
    }
  });

  it('is deleted by who runs the registry alone', () => {
    const given = { ownPersons: ['own'], organizations: ['a'], towns: ['boston'] };
    const may = roleNames.filter((role) => allowed(callerFor({ role, ...given }), 'delete').length > 0);
    expect(may).toEqual(['administrator', 'programme-staff']);
  });
});

describe('a scope', () => {
  const clinician = { role: 'clinician', ...clinic } as const;

  it('covers its type and its letters alone', () => {
    const caller = callerFor({ ...clinician, scopes: 'user/Immunization.rs user/Patient.c' });
    expect(typesOf(caller)).toEqual(['Immunization', 'Patient']);
    expect(Object.keys(caller.grants.get('Immunization') ?? {})).toEqual(['read', 'search']);
    expect(Object.keys(caller.grants.get('Patient') ?? {})).toEqual(['create']);
    expect(typesOf(callerFor({ ...clinician, scopes: 'openid launch offline_access' }))).toEqual([]);
  });

  it('that the role may not use grants nothing, and is no missing scope', () => {
    const caller = callerFor({ role: 'auditor', scopes: 'user/Patient.cruds' });
    expect(caller.grants.get('Patient')).toEqual({
      create: nothing,
      read: nothing,
      update: nothing,
      delete: nothing,
      search: nothing,
    });
  });

  it('of a patient is narrowed to the one in context', () => {
    const scopes = 'patient/*.cruds';
    expect(beside({ ...clinician, scopes, patient: 'own' })).toEqual(['own', 'own-1', 'consent-own']);
    expect(beside({ ...clinician, scopes, patient: 'other' })).toEqual([]);
    expect(beside({ ...clinician, scopes, patient: 'shy' })).toEqual(['shy-a']);
    expect(beside({ ...clinician, scopes })).toEqual([]);
    const mother = { role: 'individual', ownPersons: ['own', 'pupil'], scopes } as const;
    expect(beside({ ...mother, patient: 'pupil' })).toEqual(['pupil', 'pupil-1', 'roster', 'mother']);
    expect(beside({ ...mother, patient: 'shy' })).toEqual([]);
    expect(beside({ role: 'individual', ownPersons: ['own'], scopes, patient: 'own' })).toContain('seen');
  });

  it('of a patient reads outside the compartment what the table says, and writes nothing there', () => {
    const given = { role: 'administrator', scopes: 'patient/*.cruds', patient: 'own' } as const;
    const caller = callerFor(given);
    expect(allowed(caller, 'read').filter((id) => shared.includes(id))).toEqual(shared);
    expect(allowed(caller, 'read')).not.toContain('bytes');
    expect(allowed(caller, 'update')).toEqual(['own', 'own-1', 'consent-own']);
    expect(allowed(caller, 'search')).toEqual(expect.arrayContaining(shared));
  });

  it('of a user needs a user, and one of a system needs that there is none', () => {
    expect(read({ scopes: 'user/*.rs' })).toEqual([]);
    expect(read({ scopes: 'system/*.rs' })).toEqual(all);
    expect(read({ role: 'administrator', scopes: 'system/*.rs' })).toEqual([]);
    expect(read({ role: 'administrator', scopes: 'user/*.rs' })).toEqual(all);
  });

  it('with a query part covers what all of its parts find', () => {
    const doses = (query: string) => read({ role: 'administrator', scopes: `user/Immunization.rs?${query}` });
    expect(doses('status=not-done')).toEqual(['pupil-1']);
    expect(doses('status=completed&patient=Patient/own')).toEqual(['own-1']);
    expect(doses('status=completed,not-done')).toHaveLength(5);
    expect(doses('no-such-parameter=1')).toEqual([]);
    expect(doses('date=never')).toEqual([]);
  });

  it('is joined with the others of its type', () => {
    const scopes = 'user/Immunization.rs?status=not-done user/Immunization.r?patient=Patient/own';
    const caller = callerFor({ role: 'administrator', scopes });
    expect(allowed(caller, 'read')).toEqual(['own-1', 'pupil-1']);
    expect(allowed(caller, 'search')).toEqual(['pupil-1']);
    const both = 'patient/Immunization.r user/Immunization.r?status=not-done';
    expect(read({ role: 'administrator', patient: 'own', scopes: both })).toEqual(['own-1', 'pupil-1']);
  });

  it('with a query part leaves a type out that has no such parameter', () => {
    const caller = callerFor({ role: 'administrator', scopes: 'user/*.rs?vaccine-code=08' });
    expect(typesOf(caller)).toEqual(['Immunization']);
  });

  it('to know who the user is lets the user be read', () => {
    const given = { role: 'individual', fhirUser: 'RelatedPerson/mother' } as const;
    expect(read({ ...given, scopes: 'openid fhirUser' })).toEqual(['mother']);
    expect(read({ ...given, scopes: 'openid profile' })).toEqual(['mother']);
    expect(read({ ...given, scopes: 'openid' })).toEqual([]);
    const caller = callerFor({ ...given, scopes: 'openid fhirUser' });
    expect(Object.keys(caller.grants.get('RelatedPerson') ?? {})).toEqual(['read']);
    // What has the same id by chance is not the user.
    expect(typesOf(caller)).toEqual(['RelatedPerson']);
    expect(read({ role: 'individual', fhirUser: 'Nothing/mother', scopes: 'openid fhirUser' })).toEqual([]);
    expect(
      read({ ...given, ownPersons: ['pupil'], patient: 'pupil', scopes: 'fhirUser patient/Patient.rs' }),
    ).toEqual(['pupil', 'mother']);
  });
});

describe('a record that is opened', () => {
  const clinician = { role: 'clinician', ...clinic } as const;

  it('with a reason is seen whole, though it is hidden', () => {
    const opened = read(clinician, { brokenGlass: ['shy'] });
    expect(opened).toEqual(expect.arrayContaining(['shy', 'shy-a', 'shy-b', 'objection-shy']));
    expect(opened).not.toContain('other');
    expect(beside({ role: 'school-nurse', ...clinic }, { brokenGlass: ['shy'] })).toContain('shy');
  });

  it('can be added to, but what is kept there cannot be changed', () => {
    for (const opened of [{ lookedUp: ['other'] }, { brokenGlass: ['other', 'shy'] }]) {
      const caller = callerFor(clinician, opened);
      const own = callerFor(clinician);
      expect(allowed(caller, 'update')).toEqual(allowed(own, 'update'));
      expect(allowed(caller, 'delete')).toEqual(allowed(own, 'delete'));
      expect(allowed(caller, 'create')).toContain('other');
    }
  });

  it('by looking it up is seen unless it is hidden', () => {
    expect(read(clinician, { lookedUp: ['other', 'shy'] })).toContain('other');
    expect(read(clinician, { lookedUp: ['other', 'shy'] })).not.toContain('shy');
    expect(read({ role: 'school-nurse' }, { lookedUp: ['other'] })).not.toContain('other');
    expect(read({ role: 'individual' }, { lookedUp: ['other'], brokenGlass: ['other'] })).not.toContain(
      'other',
    );
  });

  it('is looked up by roles that may, among who does not object', () => {
    const { lookUp } = callerFor(clinician);
    expect(patientsIn(lookUp ?? nothing)).toEqual(['own', 'back', 'dosed', 'other', 'pupil']);
    const ofAll = callerFor({ ...clinician, isDepartment: true }).lookUp;
    expect(patientsIn(ofAll ?? nothing)).toEqual(['own', 'shy', 'back', 'dosed', 'other', 'pupil']);
    const narrow = callerFor({ ...clinician, patient: 'own', scopes: 'patient/Patient.rs' });
    expect(patientsIn(narrow.lookUp ?? nothing)).toEqual(['own']);
    expect(callerFor({ ...clinician, scopes: 'user/Patient.r' }).lookUp).toBeUndefined();
    const may = roleNames.filter((role) => callerFor({ role, ...clinic }).lookUp !== undefined);
    expect(may).toEqual(['clinician', 'interface']);
    expect(callerFor(clinic).lookUp).toBeUndefined();
  });

  it('is opened under the name of the user, behind glass by roles that may', () => {
    const opener = (role: (typeof roleNames)[number]) => callerFor({ role, ...clinic }).opener;
    expect(opener('clinician')).toMatchObject({ login: 'someone', breaksGlass: true });
    expect(opener('interface')).toMatchObject({ login: 'someone', breaksGlass: false });
    expect(roleNames.filter((role) => opener(role)?.breaksGlass)).toEqual(['administrator', 'clinician']);
    expect(opener('individual')).toBeUndefined();
    expect(callerFor(clinic).opener).toBeUndefined();
  });
});

it('says whose it is what a token brings: the first of its organizations', () => {
  expect(callerFor({ role: 'clinician', organizations: ['a', 'b'] }).owner).toBe('a');
  expect(callerFor({ role: 'individual' }).owner).toBeUndefined();
});
