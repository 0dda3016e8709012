import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { updateResource } from '../../src/interaction/update-resource.ts';
import { dataSharingObjection, protectionIndicator } from '../../src/search/reach.ts';
import { fillAccessWorld } from './access-world.ts';
import { as, callersByName, type Given } from './entitled.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const organizations = ['a', 'ward'];
const entitled: Readonly<Record<string, Given>> = {
  'site administrator': { role: 'site-administrator', organizations },
  clinician: { role: 'clinician', organizations },
  interface: { role: 'interface', organizations },
  backend: { organizations, scopes: 'system/*.cruds' },
  'another clinic': { organizations: ['b'], scopes: 'system/*.cruds' },
  individual: { role: 'individual', ownPersons: ['mine', 'objecting'] },
  parent: { role: 'individual', ownPersons: ['mine'] },
  administrator: { role: 'administrator' },
  programme: { role: 'programme-staff' },
  Department: { role: 'clinician', organizations, isDepartment: true },
};

const to = (reference: string) => ({ reference });
const consent = (patient: string, more: object) => ({
  resourceType: 'Consent',
  status: 'active',
  scope: { text: 'privacy' },
  category: [{ text: 'some' }],
  patient: to(`Patient/${patient}`),
  policyRule: { text: 'law' },
  ...more,
});
const answers = { resourceType: 'QuestionnaireResponse', status: 'completed', subject: to('Patient/mine') };
const objecting = { category: [{ coding: [dataSharingObjection] }] };
const ward = {
  resourceType: 'Organization',
  id: 'ward',
  name: 'Ward',
  partOf: to('Organization/a'),
  type: [{ text: 'ward' }],
  address: [{ city: 'Boston', line: ['1 Elm'] }],
};
const mother = { resourceType: 'RelatedPerson', id: 'mother', patient: to('Patient/mine') };

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer({ auth: 'smart', callerOf: callersByName(entitled) });
  await fillAccessWorld(server);
  for (const resource of [ward, mother] as const) {
    const key = { type: resource.resourceType as 'Organization', id: resource.id as never };
    await updateResource(server.ctx, key, { resource: resource as never, exactNumbers: false });
  }
});
afterEach(() => server.close());

const put = (who: string, resource: { readonly resourceType: string; readonly id?: string }) =>
  server.send('PUT', `/fhir/${resource.resourceType}/${resource.id}`, resource, as(who));
const patch = (who: string, url: string, ...operations: object[]) =>
  server.send('PATCH', `/fhir/${url}`, JSON.stringify(operations), {
    ...as(who),
    'content-type': 'application/json-patch+json',
  });
const create = async (who: string, resource: { readonly resourceType: string }) => {
  const { status, body } = await server.send('POST', `/fhir/${resource.resourceType}`, resource, as(who));
  expect(status).toBe(201);
  return body;
};

it.each([{ active: false }, { period: { end: '2025-01-01' } }, { patient: to('Patient/objecting') }])(
  'a relation by which a parent sees a child is not changed by who cares for it: %j',
  async (more) => {
    for (const who of ['clinician', 'interface', 'backend']) {
      expect((await put(who, { ...mother, ...more })).status).toBe(403);
      const married = { ...mother, birthDate: '1990-01-01' };
      expect((await put(who, married)).status).toBe(200);
    }
    expect((await put('administrator', { ...mother, ...more })).status).toBe(200);
  },
);

describe.each(['site administrator', 'backend'])('the %s of an organization', (who) => {
  it.each<[string, object]>([
    ['address.city', { address: [{ ...ward.address[0], city: 'Salem' }] }],
    ['address.city', { address: [...ward.address, { city: 'Salem' }] }],
    ['partOf', { partOf: to('Organization/b') }],
    ['partOf', { partOf: undefined }],
    ['type', { type: [{ text: 'board' }] }],
  ])('does not change its own %s', async (path, more) => {
    const refused = await put(who, { ...ward, ...more });
    expect([refused.status, refused.body.issue[0].expression]).toEqual([403, [`Organization.${path}`]]);
    const [name] = Object.keys(more);
    const value = (more as Record<string, unknown>)[name ?? ''];
    const op = value === undefined ? 'remove' : 'replace';
    expect((await patch(who, 'Organization/ward', { op, path: `/${name}`, value })).status).toBe(403);
    const entry = [{ resource: { ...ward, ...more }, request: { method: 'PUT', url: 'Organization/ward' } }];
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
    expect((await server.send('POST', '/fhir', bundle, as(who))).status).toBe(403);
    expect((await server.get('/fhir/Organization/ward', as('administrator'))).body.meta.versionId).toBe('1');
  });

  it('changes its name and its street', async () => {
    const moved = { ...ward, name: 'Elm Ward', address: [{ city: 'Boston', line: ['2 Elm'] }] };
    expect((await put(who, moved)).status).toBe(200);
  });
});

it.each(['administrator', 'programme'])('lets the %s move an organization', async (who) => {
  const moved = { ...ward, address: [{ city: 'Salem' }], partOf: to('Organization/b'), type: undefined };
  expect((await put(who, moved)).status).toBe(200);
});

describe.each(['clinician', 'interface', 'backend'])('the %s of an organization', (who) => {
  it('gives no parent another child', async () => {
    const other = await create('administrator', {
      resourceType: 'Patient',
      managingOrganization: to('Organization/a'),
    } as never);
    const moved = { ...mother, patient: to(`Patient/${other.id}`) };
    expect((await put(who, moved)).status).toBe(403);
    expect((await put(who, { ...mother, birthDate: '1990' } as never)).status).toBe(200);
    await server.send('DELETE', '/fhir/RelatedPerson/mother', undefined, as('administrator'));
    expect((await put(who, moved)).status).toBe(403);
    expect((await put('programme', moved)).status).toBe(201);
  });

  it('ends no objection, its own neither', async () => {
    const own = await create(who, consent('mine', objecting));
    const url = `/fhir/Consent/${own.id}`;
    for (const more of [
      { status: 'inactive' },
      { category: [{ text: 'other' }] },
      { patient: to('Patient/objecting') },
    ])
      expect((await put(who, { ...own, ...more })).status).toBe(403);
    const ended = { op: 'replace', path: '/status', value: 'inactive' };
    expect((await patch(who, `Consent/${own.id}`, ended)).status).toBe(403);
    expect((await server.send('DELETE', url, undefined, as(who))).status).toBe(403);
    expect((await put(who, { ...own, dateTime: '2026-01-01' })).status).toBe(200);
    const { body } = await server.get(url, as('parent'));
    expect((await put('parent', { ...body, status: 'inactive' })).status).toBe(200);
  });

  it('lets an objection last longer, and does not shorten it', async () => {
    const during = (start?: string, end?: string) => ({
      provision: { period: { ...(start && { start }), ...(end && { end }) } },
    });
    const own = await create(who, consent('mine', { ...objecting, ...during('2025-03-05', '2026-02') }));
    for (const more of [during('2025-03-06', '2026-02'), during('2025-03-05', '2026-02-27'), during('2027')])
      expect((await put(who, { ...own, ...more })).status).toBe(403);
    for (const more of [during('2025-03-05', '2026-03-01'), during('2025'), { provision: undefined }])
      expect((await put(who, { ...own, ...more })).status).toBe(200);
    expect((await put(who, { ...own, ...during('2025') })).status).toBe(403);
  });

  it('ends a consent that is no objection', async () => {
    const own = await create(who, consent('mine', {}));
    expect((await put(who, { ...own, status: 'inactive' })).status).toBe(200);
  });
});

it('leaves what one clinic protects by itself to that clinic, before its time has come too', async () => {
  const { body: mine } = await server.get('/fhir/Patient/mine', as('administrator'));
  const shared = { ...mine, generalPractitioner: [to('Organization/b')] };
  expect((await put('administrator', shared)).status).toBe(200);
  const category = [{ coding: [dataSharingObjection] }, { coding: [protectionIndicator] }];
  const provision = { type: 'deny', period: { start: '2030-01-01' } };
  const own = await create('backend', consent('mine', { category, provision }));
  const ended = { ...own, status: 'inactive' };
  expect((await put('another clinic', { ...own, dateTime: '2026-01-01' })).status).toBe(403);
  expect((await put('another clinic', ended)).status).toBe(403);
  const deleted = await server.send('DELETE', `/fhir/Consent/${own.id}`, undefined, as('another clinic'));
  expect(deleted.status).toBe(403);
  expect((await put('backend', ended)).status).toBe(200);
});

it.each(['administrator', 'programme', 'Department'])('lets the %s end an objection', async (who) => {
  const { body } = await server.get('/fhir/Consent/objection', as(who));
  expect((await put(who, { ...body, status: 'inactive' })).status).toBe(200);
});

describe('a person', () => {
  it.each([consent('mine', {}), answers])('changes what a person wrote: $resourceType', async (resource) => {
    const own = await create('individual', resource);
    expect((await put('individual', { ...own, language: 'es' })).status).toBe(200);
    expect((await put('parent', { ...own, language: 'en' })).status).toBe(200);
  });

  it.each([consent('mine', {}), answers])('leaves what others wrote: $resourceType', async (resource) => {
    for (const who of ['clinician', 'administrator']) {
      const theirs = await create(who, resource);
      const name = `${resource.resourceType}/${theirs.id}`;
      expect((await put('individual', { ...theirs, language: 'es' })).status).toBe(403);
      const tag = [{ system: 'https://jenner-iis.org/fhir/CodeSystem/owner', code: 'individual' }];
      expect((await put('individual', { ...theirs, meta: { tag } })).status).toBe(403);
      const add = { op: 'add', path: '/language', value: 'es' };
      expect((await patch('individual', name, add)).status).toBe(403);
      expect((await server.send('DELETE', `/fhir/${name}`, undefined, as('individual'))).status).toBe(403);
    }
  });

  it('objects, and ends the objection that others wrote down, but makes nothing else of it', async () => {
    const { body } = await server.get('/fhir/Consent/objection', as('individual'));
    expect((await put('individual', { ...body, category: [{ text: 'other' }] })).status).toBe(403);
    expect((await put('individual', { ...body, status: 'inactive' })).status).toBe(200);
    const own = await create('individual', consent('mine', objecting));
    expect(own.meta.tag).toEqual([
      { system: 'https://jenner-iis.org/fhir/CodeSystem/owner', code: 'individual' },
    ]);
  });
});
