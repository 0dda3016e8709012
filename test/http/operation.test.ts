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

describe('Patient/[id]/$everything', () => {
  const url = '/fhir/Patient/ann/$everything';
  const all = ['ann', 'ann-c', 'ann-i1', 'ann-i2', 'ann-i3', 'ann-i4', 'ann-i5'];

  it('answers the person, all that belongs to them and what that refers to', async () => {
    const { status, body } = await server.get(url);
    expect([status, body.type, ids(body), ids(body, 'include')]).toEqual([200, 'searchset', all, ['clinic']]);
  });

  it('pages without losing or repeating', async () => {
    const seen: string[] = [];
    let next: string | undefined = `${url}?_count=2`;
    while (next) {
      const { body }: { body: { entry: Entry[]; link: { relation: string; url: string }[] } } =
        await server.get(next);
      expect(ids(body).length).toBeLessThanOrEqual(2);
      seen.push(...ids(body));
      next = body.link.find(({ relation }) => relation === 'next')?.url.replace('http://jenner.test', '');
    }
    expect(seen).toEqual(all);
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
    expect(await metaOf('/fhir/Endpoint/$meta')).toEqual({});
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
