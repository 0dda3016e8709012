import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { baseUrl, openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer();
  for (const [index, id] of ['a', 'a', 'b', 'a'].entries()) {
    await server.send('PUT', `/fhir/Patient/${id}`, { resourceType: 'Patient', id, language: `v${index}` });
  }
  await server.send('DELETE', '/fhir/Patient/b');
  await server.send('POST', '/fhir/Organization', { resourceType: 'Organization', name: 'Clinic' });
});
afterEach(() => server.close());

type Entry = {
  request: { method: string; url: string };
  response: { status: string; etag: string };
  resource?: object;
};
const summary = (entries: readonly Entry[]) =>
  entries.map(({ request, response, resource }) => [request.method, response.etag, resource !== undefined]);

describe('history (R4 http.html#history)', () => {
  it('tells the versions of an instance, newest first', async () => {
    const { body } = await server.get('/fhir/Patient/a/_history');
    expect(body).toMatchObject({ resourceType: 'Bundle', type: 'history', total: 3 });
    expect(summary(body.entry)).toEqual([
      ['PUT', 'W/"3"', true],
      ['PUT', 'W/"2"', true],
      ['PUT', 'W/"1"', true],
    ]);
    expect(body.entry[0].fullUrl).toBe(`${baseUrl}/Patient/a`);
    expect(body.entry[2].response.status).toBe('201 Created');
  });

  it('shows a delete without a resource', async () => {
    const { body } = await server.get('/fhir/Patient/b/_history');
    expect(summary(body.entry)).toEqual([
      ['DELETE', 'W/"2"', false],
      ['PUT', 'W/"1"', true],
    ]);
  });

  it('pages through a type and the system without losing or repeating an entry', async () => {
    expect((await server.get('/fhir/Patient/_history')).body.total).toBe(5);
    const seen: string[] = [];
    let url: string | undefined = '/fhir/_history?_count=2';
    while (url) {
      const { body } = await server.get(url);
      expect(body.total).toBe(6);
      for (const entry of body.entry) seen.push(`${entry.fullUrl} ${entry.response.etag}`);
      const next = body.link.find((link: { relation: string }) => link.relation === 'next')?.url;
      url = next?.replace('http://jenner.test', '');
    }
    expect(seen).toHaveLength(6);
    expect(new Set(seen).size).toBe(6);
  });

  it.each`
    part                | members
    ${'_elements=id'}   | ${['resourceType', 'id', 'meta']}
    ${'_summary=text'}  | ${['resourceType', 'id', 'meta']}
    ${'_summary=false'} | ${['resourceType', 'id', 'meta', 'language']}
  `(
    'shows of each version, a vread and an entry of a batch what $part asks for',
    async ({ part, members }) => {
      const { body } = await server.get(`/fhir/Patient/b/_history?${part}`);
      const [deleted, created] = body.entry;
      expect(deleted.resource).toBeUndefined();
      const { body: version } = await server.get(`/fhir/Patient/b/_history/1?${part}`);
      const url = `Patient/b/_history/1?${part}`;
      const batch = { resourceType: 'Bundle', type: 'batch', entry: [{ request: { method: 'GET', url } }] };
      const { body: answer } = await server.send('POST', '/fhir', batch);
      const subsetted = members.includes('language') ? undefined : 'SUBSETTED';
      for (const resource of [created.resource, version, answer.entry[0].resource]) {
        expect(Object.keys(resource)).toEqual(members);
        expect(resource.meta.tag?.[0].code).toBe(subsetted);
      }
    },
  );

  it('counts by _summary=count, and refuses what is no summary', async () => {
    const { body } = await server.get('/fhir/Patient/_history?_summary=count');
    expect([body.total, body.entry]).toEqual([5, undefined]);
    expect((await server.get('/fhir/Patient/a/_history?_summary=most')).status).toBe(400);
  });

  it('limits by _since and _at', async () => {
    const { body } = await server.get('/fhir/Patient/a/_history');
    const [newest, , oldest] = body.entry.map(
      (entry: { resource: { meta: { lastUpdated: string } } }) => entry.resource.meta.lastUpdated,
    );
    expect((await server.get(`/fhir/Patient/a/_history?_since=${newest}`)).body.total).toBe(1);
    expect((await server.get(`/fhir/Patient/a/_history?_at=${oldest}`)).body.total).toBe(1);
    expect((await server.get('/fhir/Patient/a/_history?_count=0')).body).toMatchObject({ total: 3 });
  });

  it('follows a list: the versions it names, or all of a resource', async () => {
    const organization = (await server.get('/fhir/Organization')).body.entry[0].resource.id;
    const references = [
      'Patient/a',
      'Patient/b/_history/1',
      `Organization/${organization}`,
      'Patient/none',
      'urn:x',
    ];
    await server.send('PUT', '/fhir/List/l', {
      resourceType: 'List',
      id: 'l',
      status: 'current',
      mode: 'working',
      entry: references.map((reference) => ({ item: { reference } })),
    });
    const walk = async (from: string) => {
      const seen: string[] = [];
      let url: string | undefined = from;
      while (url) {
        const {
          body,
        }: { body: { total: number; entry?: Entry[]; link: { relation: string; url: string }[] } } =
          await server.get(url);
        seen.push(
          ...(body.entry ?? []).map(({ request, response }) => `${request.url.slice(0, 9)} ${response.etag}`),
        );
        url = body.link.find(({ relation }) => relation === 'next')?.url.replace('http://jenner.test', '');
        if (seen.length > 20) throw new Error('the pages have no end');
      }
      return seen;
    };
    const patients = ['Patient/a W/"3"', 'Patient/b W/"1"', 'Patient/a W/"2"', 'Patient/a W/"1"'];
    for (const count of [1, 2, 3, 50]) {
      expect(await walk(`/fhir/Patient/_history?_list=l&_count=${count}`)).toEqual(patients);
    }
    expect(await walk('/fhir/_history?_list=List/l&_count=2')).toHaveLength(5);
    expect((await server.get('/fhir/_history?_list=l')).body.total).toBe(5);
    expect((await server.get('/fhir/_history?_list=l&_count=0')).body).toMatchObject({ total: 5 });
    expect(await walk(`/fhir/Patient/_history?_list=l&_at=2026-01-01&_count=1`)).toEqual(patients);
    expect((await server.get('/fhir/_history?_list=none')).status).toBe(404);
    expect((await server.get('/fhir/_history?_list=$x')).status).toBe(400);
    expect((await server.get('/fhir/_history?_list=l&_cursor=x')).status).toBe(400);
  });

  it.each`
    url                                     | status
    ${'/fhir/Patient/never/_history'}       | ${404}
    ${'/fhir/Patient/a/_history?_since=x'}  | ${400}
    ${'/fhir/Patient/a/_history?_count=x'}  | ${400}
    ${'/fhir/Patient/a/_history?name=x'}    | ${400}
    ${'/fhir/Patient/a/_history?_cursor=x'} | ${400}
  `('answers $status to $url', async ({ url, status }) => {
    expect((await server.get(url)).status).toBe(status);
  });
});
