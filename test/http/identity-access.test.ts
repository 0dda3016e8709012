import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownerCode, ownerSystem } from '../../src/access/owner.ts';
import { dataSharingObjection } from '../../src/search/reach.ts';
import { as, callersByName, type Given } from './entitled.ts';
import { doseFor, parametersOf, personIn, referring, report } from './identity-world.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';
import { writeAll } from './write-all.ts';

const entitled = {
  first: { organizations: ['a'], scopes: 'system/*.cruds', matching: 'automatic' },
  second: { organizations: ['b'], scopes: 'system/*.cruds', matching: 'automatic' },
  writer: { organizations: ['b'], scopes: 'system/Patient.c', matching: 'automatic' },
  deleter: { organizations: ['b'], scopes: 'system/Patient.cd', matching: 'automatic' },
  plain: { organizations: ['b'], scopes: 'system/*.cruds' },
  clinician: { role: 'clinician', organizations: ['a'] },
  staff: { role: 'programme-staff' },
  trusted: { organizations: ['a'], scopes: 'system/*.cruds', matching: 'automatic', trust: 8 },
  alsoTrusted: { organizations: ['b'], scopes: 'system/*.cruds', matching: 'automatic', trust: 8 },
  doubted: { organizations: ['b'], scopes: 'system/*.cruds', matching: 'automatic', trust: 0 },
  reader: { role: 'programme-staff', scopes: 'user/*.rs' },
} as const satisfies Readonly<Record<string, Given>>;
type Name = keyof typeof entitled;

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer({
    auth: 'smart',
    callerOf: callersByName(entitled),
    audit: true,
    clockStep: 10,
  });
  for (const id of ['a', 'b']) await write({ resourceType: 'Organization', id, name: id });
});
afterEach(() => server.close());

const write = (resource: object) => writeAll(server.ctx, [resource]);

const of = (organization: string) => ({
  managingOrganization: { reference: `Organization/${organization}` },
});
const known = () =>
  write({
    ...report('a', of('a')),
    id: 'known',
    meta: { tag: [{ system: ownerSystem, code: ownerCode('a') }] },
  });
const object = () =>
  write({
    resourceType: 'Consent',
    id: 'objection',
    status: 'active',
    patient: { reference: 'Patient/known' },
    scope: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
    },
    category: [{ coding: [dataSharingObjection] }],
    policyRule: { text: 'law' },
  });
const bring = (name: Name, clinic: string) =>
  server.send('POST', '/fhir/Patient', report(clinic, of(clinic)), as(name));
const asked = async () => {
  const { body } = await server.get('/fhir/Task?code=review-duplicate', as('staff'));
  return (body.entry ?? []).map(({ resource }: { resource: { status: string } }) => resource.status);
};

describe('who joins somebody', () => {
  it('an app that was registered so; any other keeps what it writes to itself', async () => {
    await known();
    expect(personIn(await bring('plain', 'b'))).toBeUndefined();
    expect(await asked()).toEqual([]);
    await server.close();
    server = await openTestServer({
      auth: 'smart',
      callerOf: callersByName(entitled),
      audit: true,
      clockStep: 10,
    });
    await known();
    expect(personIn(await bring('second', 'b'))).toBeDefined();
    expect(await asked()).toEqual(['completed']);
  });

  it('sees the person from then on by either id, and the audit tells of both', async () => {
    await known();
    const joined = await bring('second', 'b');
    const person = personIn(joined) as string;
    for (const id of [person, joined.body.id]) {
      expect((await server.get(`/fhir/Patient/${id}`, as('second'))).status).toBe(200);
    }
    const rows = await server.auditRows();
    const told = new Set(rows.flatMap(({ patients }) => patients));
    for (const id of [person, joined.body.id, 'known']) expect(told).toContain(id);
  });

  it('joins neither of two who are certain, but the one who has its own number', async () => {
    await known();
    await write({ ...report('c', of('b')), id: 'another' });
    expect(personIn(await bring('second', 'b'))).toBeUndefined();
    expect(await asked()).toEqual(['requested', 'requested']);
    const own = await bring('first', 'a');
    expect(own.body.link).toHaveLength(1);
    const { body } = await server.get(`/fhir/Patient/${personIn(own)}`, as('staff'));
    const sources = body.link.map(({ other }: { other: { reference: string } }) => other.reference);
    expect(sources).toEqual(['Patient/known', `Patient/${own.body.id}`]);
  });

  it('is not told of the person where it may not read any', async () => {
    await known();
    const joined = await bring('writer', 'b');
    expect([joined.status, personIn(joined)]).toEqual([201, undefined]);
    expect(await asked()).toEqual(['completed']);
  });

  it('joins nobody who objects, unless one of the records is its own; people are asked', async () => {
    await known();
    await object();
    const other = await bring('second', 'b');
    expect([other.status, personIn(other)]).toEqual([201, undefined]);
    expect(other.body.meta.tag.map(({ code }: { code: string }) => code)).not.toContain('source');
    expect(await asked()).toEqual(['requested']);
    expect((await server.get('/fhir/Task?code=review-duplicate', as('second'))).body.entry).toBeUndefined();
    const own = await bring('first', 'a');
    expect(own.body.meta.tag.map(({ code }: { code: string }) => code)).toContain('source');
  });

  it('joins its own as if nobody else who is certain objected; people are asked of that one', async () => {
    await known();
    const bare = (number: string) =>
      report('b', { ...of('b'), identifier: [{ system: 'urn:b', value: number }] });
    await object();
    const first = await server.send('POST', '/fhir/Patient', bare('1'), as('second'));
    const second = await server.send('POST', '/fhir/Patient', bare('2'), as('second'));
    expect(personIn(second)).toBeDefined();
    const { body } = await server.get('/fhir/Task?code=review-duplicate&status=requested', as('staff'));
    const pairs = body.entry.map(
      ({ resource }: { resource: { for: { reference: string }; focus: { reference: string } } }) => [
        resource.for.reference,
        resource.focus.reference,
      ],
    );
    const ids = [first, second].map(({ body: { id } }) => `Patient/${id}`);
    expect(pairs.sort()).toEqual(ids.map((id) => [id, 'Patient/known']).sort());
  });
});

describe('who deletes a record of its own', () => {
  const remove = (name: Name, id: string) =>
    server.send('DELETE', `/fhir/Patient/${id}`, undefined, as(name));

  it('may do so where it may not write the person, and is told nothing of the others', async () => {
    const a = (await bring('first', 'a')).body.id;
    const joining = await bring('deleter', 'b');
    const b = /Patient\/([^/]+)/.exec(String(joining.headers['location']))?.[1] ?? '';
    const person = (await server.get(`/fhir/Patient/${a}`, as('staff'))).body.link[0].other.reference.slice(
      8,
    );
    const { status, text } = await remove('deleter', b);
    expect([status, text]).toEqual([204, '']);
    const { body } = await server.get(`/fhir/Patient/${person}`, as('staff'));
    expect(body.link.map(({ other }: { other: object }) => other)).toEqual([{ reference: `Patient/${a}` }]);
    const rows = (await server.auditRows()).slice(0, 4).filter(({ interaction }) => interaction !== 'read');
    expect(rows.map(({ action }) => action).sort()).toEqual(['C', 'D', 'U']);
    expect(new Set(rows.flatMap(({ patients }) => patients))).toEqual(new Set([b, person]));
  });

  it('is not told which dose keeps a person whose last record it is', async () => {
    const joining = await bring('deleter', 'b');
    const b = /Patient\/([^/]+)/.exec(String(joining.headers['location']))?.[1] ?? '';
    const a = (await bring('first', 'a')).body.id;
    const person = (await server.get(`/fhir/Patient/${a}`, as('staff'))).body.link[0].other.reference.slice(
      8,
    );
    await write({ ...doseFor(person, '2024-03-01'), id: 'dose' });
    expect((await remove('first', a)).status).toBe(204);
    const refused = await remove('deleter', b);
    expect([refused.status, refused.body.issue[0].details.text]).toEqual([
      409,
      `Patient/${b} cannot be deleted: others refer to the person that goes with it; delete or change those first`,
    ]);
  });
});

describe('who is trusted more', () => {
  const name = (given: string) => ({ name: [{ family: 'Szymborska', given: given.split(' ') }] });
  const tagOf = (digit: string) => ({ system: 'https://jenner-iis.org/fhir/CodeSystem/trust', code: digit });

  it('says how the person is called, whoever says more later, and cannot be said by a client', async () => {
    const sent = report('a', { ...of('a'), ...name('Wislawa') });
    const first = await server.send('POST', '/fhir/Patient', sent, as('trusted'));
    expect(first.body.meta.tag).toContainEqual(tagOf('8'));
    const other = report('b', { ...of('b'), ...name('Wislawa Maria'), meta: { tag: [tagOf('9')] } });
    const second = await server.send('POST', '/fhir/Patient', other, as('doubted'));
    expect(second.body.meta.tag).toContainEqual(tagOf('0'));
    expect(second.body.meta.tag).not.toContainEqual(tagOf('9'));
    const personOf = async () =>
      (await server.get(`/fhir/Patient/${personIn(second)}`, as('staff'))).body.name[0].given.join(' ');
    expect(await personOf()).toBe('Wislawa');
    // Whoever reports it last is who says it; one of whom nothing is said is trusted as usual.
    const url = `/fhir/Patient/${second.body.id}`;
    const { meta: _, ...bare } = second.body;
    const again = await server.send('PUT', url, bare, as('second'));
    expect(again.body.meta.tag).not.toContainEqual(tagOf('0'));
    expect(await personOf()).toBe('Wislawa');
    await server.send('PUT', url, bare, as('alsoTrusted'));
    expect(await personOf()).toBe('Wislawa Maria');
  });
});

describe('who says who is one person', () => {
  const merge = (name: Name, preview = true) =>
    server.send(
      'POST',
      '/fhir/Patient/$merge',
      parametersOf({
        'source-patient': referring('one'),
        'target-patient': referring('other'),
        preview: { valueBoolean: preview },
      }),
      as(name),
    );
  beforeEach(async () => {
    await write({ ...report('a', of('a')), id: 'one' });
    await write({ ...report('a', of('a')), id: 'other' });
  });

  it.each<[Name, number]>([
    ['staff', 200],
    ['clinician', 403],
    ['first', 403],
    ['reader', 403],
  ])('%s: %i', async (name, status) => {
    expect((await merge(name)).status).toBe(status);
    expect((await server.get('/fhir/Patient?family=Szymborska', as('staff'))).body.entry).toHaveLength(2);
  });

  it('nor may anybody else part, or answer what is asked', async () => {
    const part = (name: Name) => server.send('POST', '/fhir/Patient/one/$unmerge', undefined, as(name));
    expect((await merge('staff', false)).status).toBe(200);
    for (const name of ['clinician', 'first', 'reader'] as const) expect((await part(name)).status).toBe(403);
    expect((await part('staff')).status).toBe(200);
    const { body } = await server.get('/fhir/Task?code=review-duplicate', as('staff'));
    const url = `/fhir/Task/${body.entry[0].resource.id}`;
    const decide = parametersOf({ decision: { valueCode: 'same' } });
    for (const name of ['clinician', 'first', 'reader'] as const) {
      const isSeen = (await server.get(url, as(name))).status === 200;
      expect((await server.send('POST', `${url}/$decide`, decide, as(name))).status).toBe(isSeen ? 403 : 404);
    }
  });
});
