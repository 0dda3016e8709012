import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  const put = (resource: { resourceType: string; id: string }) =>
    server.send('PUT', `/fhir/${resource.resourceType}/${resource.id}`, resource);
  await put({ resourceType: 'Organization', id: 'clinic', name: 'Clinic' } as never);
  for (const id of ['ann', 'bob']) {
    const patient = { reference: `Patient/${id}` };
    await put({
      resourceType: 'Patient',
      id,
      managingOrganization: { reference: 'Organization/clinic' },
    } as never);
    for (let n = 1; n <= 5; n++) {
      await put({
        resourceType: 'Immunization',
        id: `${id}-i${n}`,
        status: 'completed',
        vaccineCode: { text: 'x' },
        patient,
        occurrenceDateTime: `202${n}-06-01`,
      } as never);
    }
    await put({ resourceType: 'Condition', id: `${id}-c`, subject: patient } as never);
  }
});
afterAll(() => server.close());

type Entry = { readonly resource: { readonly id: string }; readonly search: { readonly mode: string } };
const ids = (body: { entry?: readonly Entry[] }, mode = 'match') =>
  (body.entry ?? []).filter(({ search }) => search.mode === mode).map(({ resource }) => resource.id);

/** All that the pages bring, none of them larger than `count`. */
async function walk(url: string, count: number): Promise<readonly string[]> {
  const seen: string[] = [];
  let next: string | undefined = url;
  for (let pages = 0; next !== undefined; pages++) {
    expect(pages).toBeLessThan(200);
    const { body }: { body: { entry?: Entry[]; link: { relation: string; url: string }[] } } =
      await server.get(next);
    expect(ids(body).length).toBeLessThanOrEqual(count);
    seen.push(...ids(body));
    next = body.link.find(({ relation }) => relation === 'next')?.url.replace('http://jenner.test', '');
  }
  return seen;
}

describe('Patient/[id]/$everything', () => {
  const url = '/fhir/Patient/ann/$everything';
  const all = ['ann', 'ann-c', 'ann-i1', 'ann-i2', 'ann-i3', 'ann-i4', 'ann-i5'];

  it('answers the person, all that belongs to them and what that refers to', async () => {
    const { status, body } = await server.get(url);
    expect([status, body.type, ids(body), ids(body, 'include')]).toEqual([200, 'searchset', all, ['clinic']]);
  });

  it.each([1, 2, 3])('pages by %i without losing or repeating', async (count) => {
    expect(await walk(`${url}?_count=${count}`, count)).toEqual(all);
  });

  it('takes Parameters, with several types', async () => {
    const parameter = [
      { name: '_type', valueCode: 'Patient' },
      { name: '_type', valueCode: 'Condition' },
      { name: '_count', valueInteger: 5 },
    ];
    const { body } = await server.send('POST', url, { resourceType: 'Parameters', parameter });
    expect(ids(body)).toEqual(['ann', 'ann-c']);
    const twice = [parameter[2], parameter[2]];
    const refused = await server.send('POST', url, { resourceType: 'Parameters', parameter: twice });
    expect([refused.status, refused.body.issue[0].expression]).toEqual([
      400,
      ["Parameters.parameter.where(name='_count')"],
    ]);
    expect((await server.send('POST', url, { resourceType: 'Patient' })).status).toBe(400);
  });

  it.each`
    query                            | found
    ${'_type=Immunization'}          | ${['ann-i1', 'ann-i2', 'ann-i3', 'ann-i4', 'ann-i5']}
    ${'start=2023-01-01'}            | ${['ann', 'ann-c', 'ann-i3', 'ann-i4', 'ann-i5']}
    ${'start=2022&end=2023'}         | ${['ann', 'ann-c', 'ann-i2', 'ann-i3']}
    ${'_type=Patient'}               | ${['ann']}
    ${'_since=2030-01-01T00:00:00Z'} | ${['ann']}
  `('narrows by $query', async ({ query, found }) => {
    expect(ids((await server.get(`${url}?${query}`)).body)).toEqual(found);
  });

  it.each(['?start=soon', '?_type=Nothing', '?_count=0', '?x=1', '?_cursor=x', '?_cursor=3.x'])(
    'refuses %s',
    async (query) => {
      expect((await server.get(url + query)).status).toBe(400);
    },
  );

  it('answers 404 for nobody', async () => {
    expect((await server.get('/fhir/Patient/none/$everything')).status).toBe(404);
  });
});

const ofPerson = (id: string) => [id, `${id}-c`, ...[1, 2, 3, 4, 5].map((n) => `${id}-i${n}`)];

describe('Patient/$everything', () => {
  it.each([1, 3, 200])('answers all patients by pages of %i', async (count) => {
    const seen = await walk(`/fhir/Patient/$everything?_count=${count}`, count);
    expect(seen).toEqual([...ofPerson('ann'), ...ofPerson('bob')]);
  });

  it('looks at a bounded number of persons a page, and goes on behind them', async () => {
    const lone = Array.from({ length: 60 }, (_, n) => `p${String(n).padStart(2, '0')}`);
    for (const id of lone) await server.send('PUT', `/fhir/Patient/${id}`, { resourceType: 'Patient', id });
    const url = '/fhir/Patient/$everything?_type=Condition';
    const first = await server.get(url);
    expect(ids(first.body)).toEqual(['ann-c', 'bob-c']);
    expect(first.body.link.map(({ relation }: { relation: string }) => relation)).toContain('next');
    expect(await walk(url, 200)).toEqual(['ann-c', 'bob-c']);
    for (const id of lone) await server.send('DELETE', `/fhir/Patient/${id}`);
  });

  it.each(['?x=1', '?_cursor=x', '?_count=0', '?_type=Foo', '?start=x', '?end=x', '?_since=x'])(
    'refuses %s',
    async (query) => {
      const { status, body } = await server.get(`/fhir/Patient/$everything${query}`);
      expect(status).toBe(400);
      expect(body.issue[0].expression).toEqual([`http.${/\w+/.exec(query)?.[0]}`]);
    },
  );
});

describe('Group/[id]/$everything', () => {
  const member = (id: string, more: object = {}) => ({ entity: { reference: `Patient/${id}` }, ...more });
  beforeAll(async () => {
    await server.send('PUT', '/fhir/Group/class', {
      resourceType: 'Group',
      id: 'class',
      type: 'person',
      actual: true,
      member: [member('bob'), member('none'), member('ann', { inactive: true }), member('bob')],
    });
  });

  it.each([1, 2, 3, 200])('answers the group and its active members by pages of %i', async (count) => {
    const seen = await walk(`/fhir/Group/class/$everything?_count=${count}`, count);
    // The group is in the compartment of its members too, but is not repeated.
    expect(seen).toEqual(['class', ...ofPerson('bob')]);
  });

  it('goes on with the next member when one was deleted between two pages', async () => {
    for (const id of ['x1', 'x2']) {
      await server.send('PUT', `/fhir/Patient/${id}`, { resourceType: 'Patient', id });
      const condition = { resourceType: 'Condition', id: `${id}-c`, subject: { reference: `Patient/${id}` } };
      await server.send('PUT', `/fhir/Condition/${id}-c`, condition);
    }
    const group = { resourceType: 'Group', id: 'two', type: 'person', actual: true };
    await server.send('PUT', '/fhir/Group/two', { ...group, member: [member('x1'), member('x2')] });
    const first = await server.get('/fhir/Group/two/$everything?_type=Patient,Condition&_count=1');
    expect(ids(first.body)).toEqual(['x1']);
    await server.send('DELETE', '/fhir/Condition/x1-c');
    await server.send('PUT', '/fhir/Group/two', {
      ...group,
      member: [member('ann', { inactive: true }), member('x2')],
    });
    const next = first.body.link.find(({ relation }: { relation: string }) => relation === 'next').url;
    expect(await walk(next.replace('http://jenner.test', ''), 1)).toEqual(['x2', 'x2-c']);
    await server.send('DELETE', '/fhir/Group/two');
  });

  it('leaves out what is not asked for', async () => {
    expect(await walk('/fhir/Group/class/$everything?_type=Patient,Condition', 200)).toEqual([
      'bob',
      'bob-c',
    ]);
    expect((await server.get('/fhir/Group/none/$everything')).status).toBe(404);
    expect((await server.get('/fhir/Group/class/$everything?_cursor=WyJ4IiwwXQ')).status).toBe(400);
  });
});

describe('$meta', () => {
  const tag = { system: 'urn:t', code: 'a', display: 'A' };
  const parameters = (meta: object) => ({
    resourceType: 'Parameters',
    parameter: [{ name: 'meta', valueMeta: meta }],
  });

  it('reads, adds once and removes, each a version', async () => {
    const url = '/fhir/Patient/bob';
    const before = (await server.get(`${url}/$meta`)).body.parameter[0].valueMeta;
    expect(before.versionId).toBe('1');
    const added = await server.send(
      'POST',
      `${url}/$meta-add`,
      parameters({ tag: [tag], profile: ['urn:p'] }),
    );
    expect(added.body.parameter[0].valueMeta).toMatchObject({
      versionId: '2',
      tag: [tag],
      profile: ['urn:p'],
    });
    const again = await server.send('POST', `${url}/$meta-add`, parameters({ tag: [tag] }));
    expect(again.body.parameter[0].valueMeta.versionId).toBe('2');
    expect(ids((await server.get('/fhir/Patient?_tag=urn:t|a')).body)).toEqual(['bob']);
    const removed = await server.send(
      'POST',
      `${url}/$meta-delete`,
      parameters({ tag: [{ system: 'urn:t', code: 'a' }] }),
    );
    expect(removed.body.parameter[0].valueMeta).toMatchObject({ versionId: '3', profile: ['urn:p'] });
    expect(removed.body.parameter[0].valueMeta.tag).toBeUndefined();
  });

  it('sums up what is in use on a type and on the system', async () => {
    const label = { system: 'urn:s', code: 'r' };
    const tagged = (resourceType: string, id: string, more: object) =>
      server.send('PUT', `/fhir/${resourceType}/${id}`, { resourceType, id, ...more });
    await tagged('Location', 'l1', { meta: { tag: [tag], security: [label] } });
    await tagged('Location', 'l2', { meta: { tag: [{ system: 'urn:t', code: 'a' }, { code: 'b' }] } });
    await tagged('Device', 'd', { meta: { profile: ['urn:device'], tag: [{ code: 'c' }] } });
    const metaOf = async (url: string) => (await server.get(url)).body.parameter[0].valueMeta;
    expect(await metaOf('/fhir/Location/$meta')).toEqual({ security: [label], tag: [tag, { code: 'b' }] });
    expect((await server.get('/fhir/Endpoint/$meta')).body).toEqual({ resourceType: 'Parameters' });
    const whole = await metaOf('/fhir/$meta');
    expect(whole.profile).toContain('urn:device');
    expect(whole.tag).toEqual(expect.arrayContaining([tag, { code: 'b' }, { code: 'c' }]));
  });

  it('needs a meta', async () => {
    expect(
      (await server.send('POST', '/fhir/Patient/bob/$meta-add', { resourceType: 'Parameters' })).status,
    ).toBe(400);
  });
});

describe('a resource whose type is an object', () => {
  const odd = { resourceType: { toString: 'x' } };
  const within = (name: string) => ({ resourceType: 'Parameters', parameter: [{ name, resource: odd }] });

  it.each([
    ['/fhir/Patient', odd],
    ['/fhir/Patient/$validate', within('resource')],
    ['/fhir/$immds-forecast', within('patient')],
    ['/fhir/$immds-forecast', within('immunization')],
    ['/fhir/ValueSet/$expand', within('valueSet')],
    ['/fhir/ConceptMap/$translate', within('conceptMap')],
    ['/fhir', { resourceType: 'Bundle', type: 'transaction', entry: [{ resource: odd }] }],
  ])('is refused at %s', async (url, body) => {
    const { status } = await server.send('POST', url, body);
    expect(status === 200 || (status >= 400 && status < 500), String(status)).toBe(true);
  });
});
