import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

// R4 http.html#concurrency: every precondition on every way to change a resource.

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer();
  await server.send('PUT', '/fhir/Patient/p', patient);
});
afterEach(() => server.close());

const patient = { resourceType: 'Patient', id: 'p', identifier: [{ system: 'urn:mrn', value: '1' }] };
const changed = { ...patient, active: true };
const jsonPatch = [{ op: 'add', path: '/active', value: true }];
const binary = {
  resourceType: 'Binary',
  contentType: 'application/json-patch+json',
  data: Buffer.from(JSON.stringify(jsonPatch)).toString('base64'),
};

const methods = ['PUT', 'PATCH', 'DELETE'] as const;
const places = ['Patient/p', 'Patient?identifier=urn:mrn|1'] as const;
const doors = ['alone', 'batch', 'transaction'] as const;
type Condition = { readonly ifMatch?: string; readonly ifNoneMatch?: string };

/** The status, and whether there is a new version. */
async function change(
  method: (typeof methods)[number],
  url: string,
  door: (typeof doors)[number],
  condition: Condition,
): Promise<readonly [status: number, isChanged: boolean]> {
  const before = await server.store.countHistory({ type: 'Patient', count: 1 });
  const status = door === 'alone' ? await alone(method, url, condition) : await entry(door);
  return [status, (await server.store.countHistory({ type: 'Patient', count: 1 })) > before];

  async function entry(type: 'batch' | 'transaction'): Promise<number> {
    const resource = method === 'PATCH' ? binary : method === 'PUT' ? changed : undefined;
    const request = { method, url, ...condition };
    const bundle = { resourceType: 'Bundle', type, entry: [{ resource, request }] };
    const answer = await server.send('POST', '/fhir', bundle);
    return answer.status === 200 ? Number.parseInt(answer.body.entry[0].response.status, 10) : answer.status;
  }
}

async function alone(method: (typeof methods)[number], url: string, condition: Condition): Promise<number> {
  const headers = {
    ...(condition.ifMatch && { 'if-match': condition.ifMatch }),
    ...(condition.ifNoneMatch && { 'if-none-match': condition.ifNoneMatch }),
    ...(method === 'PATCH' && { 'content-type': 'application/json-patch+json' }),
  };
  const body = method === 'PATCH' ? JSON.stringify(jsonPatch) : method === 'PUT' ? changed : undefined;
  return (await server.send(method, `/fhir/${url}`, body, headers)).status;
}

describe.each(['$meta-add', '$meta-delete'])('%s', (operation) => {
  const tag = { system: 'urn:tags', code: 'a' };
  const parameters = {
    resourceType: 'Parameters',
    parameter: [{ name: 'meta', valueMeta: { tag: [tag] } }],
  };
  const place = `Patient/p/${operation}`;
  beforeEach(() => server.send('PUT', '/fhir/Patient/p', { ...patient, meta: { tag: [{ code: 'b' }] } }));

  it.each<[string, string, number]>([
    ['the current version', 'W/"2"', 200],
    ['another version', 'W/"1"', 412],
  ])('honours If-Match: %s', async (_, ifMatch, status) => {
    const answer = await server.send('POST', `/fhir/${place}`, parameters, { 'if-match': ifMatch });
    expect(answer.status).toBe(status);
    const entry = [{ resource: parameters, request: { method: 'POST', url: place, ifMatch: 'W/"1"' } }];
    const batch = await server.send('POST', '/fhir', { resourceType: 'Bundle', type: 'batch', entry });
    expect(batch.body.entry[0].response.status).toMatch(/^412/);
  });
});

describe.each(doors)('%s', (door) => {
  describe.each(methods)('%s', (method) => {
    describe.each(places)('%s', (place) => {
      it.each<[string, Condition, boolean]>([
        ['nothing', {}, true],
        ['the current version', { ifMatch: 'W/"1"' }, true],
        ['the current version without W/', { ifMatch: '"1"' }, true],
        ['any version', { ifMatch: '*' }, true],
        ['another version', { ifMatch: 'W/"2"' }, false],
        ['no version at all', { ifMatch: 'x' }, false],
      ])('with If-Match: %s', async (_, condition, passes) => {
        const [status, isChanged] = await change(method, place, door, condition);
        expect([status, isChanged]).toEqual([passes ? (method === 'DELETE' ? 204 : 200) : 412, passes]);
      });

      it.each<[string, Condition, boolean]>([
        ['the current version', { ifNoneMatch: 'W/"1"' }, false],
        ['any version', { ifNoneMatch: '*' }, false],
        ['another version', { ifNoneMatch: 'W/"2"' }, true],
      ])('with If-None-Match: %s (RFC 9110, 13.1.2)', async (_, condition, passes) => {
        const [status, isChanged] = await change(method, place, door, condition);
        expect([status, isChanged]).toEqual([passes ? (method === 'DELETE' ? 204 : 200) : 412, passes]);
      });

      it('with If-Match of what is not there', async () => {
        const gone = place.replace('/p', '/none').replace('|1', '|none');
        const [status, isChanged] = await change(method, gone, door, { ifMatch: 'W/"1"' });
        // What is patched must be there (404); the body of the update has another id than the URL (400), or names another
        // resource than the search means (409).
        expect([400, 404, 409, 412]).toContain(status);
        expect(isChanged).toBe(false);
      });
    });
  });

  it.each<[string, Condition, number]>([
    ['nothing is to be there', { ifNoneMatch: '*' }, 412],
    ['the current version is not to be there', { ifNoneMatch: 'W/"1"' }, 412],
    ['another version is not to be there', { ifNoneMatch: 'W/"2"' }, 200],
  ])('PUT with If-None-Match: %s', async (_, condition, expected) => {
    const [status, isChanged] = await change('PUT', 'Patient/p', door, condition);
    expect([status, isChanged]).toEqual([expected, expected === 200]);
  });
});
