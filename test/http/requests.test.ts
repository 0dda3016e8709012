import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestAnswer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  await server.send('PUT', '/fhir/Patient/p', patient);
  await server.send('PUT', '/fhir/Immunization/i', dose);
});
afterAll(() => server.close());

const patient = { resourceType: 'Patient', id: 'p', identifier: [{ system: 'urn:r', value: '1' }] };
const dose = {
  resourceType: 'Immunization',
  id: 'i',
  status: 'completed',
  vaccineCode: { text: 'x' },
  patient: { reference: 'Patient/p' },
  occurrenceDateTime: '2024-01-01',
};

// biome-ignore lint/suspicious/noExplicitAny: answers have every shape
type Json = any;

async function inBatch(request: object, resource?: object, type = 'batch'): Promise<TestAnswer> {
  const entry = [{ request, ...(resource && { resource }) }];
  return server.send('POST', '/fhir', { resourceType: 'Bundle', type, entry });
}

/** Without what differs between any two answers: the time, and who asked. */
function contentOf(body: Json): unknown {
  const text = JSON.stringify(body ?? null);
  return JSON.parse(text.replaceAll(/"(?:lastUpdated|timestamp)":"[^"]*"/g, '"at":""'));
}

const reads = [
  'metadata',
  'metadata?mode=normative',
  'metadata?mode=terminology',
  'Patient/p',
  'Patient/p?_summary=true',
  'Patient/p/_history/1',
  'Patient/p/_history',
  'Patient/_history?_count=1',
  '_history?_count=1',
  'Patient?identifier=urn:r|1',
  'Patient?_format=json&identifier=urn:r|1',
  'Patient/_search?identifier=urn:r|1',
  '?_type=Patient,Immunization',
  '_search?_type=Patient',
  'Patient/p/Immunization',
  'Patient/p/*',
  'Patient/p/$everything',
  'Patient/p/%24everything',
  'CodeSystem/$lookup?system=http://hl7.org/fhir/sid/cvx&code=03',
  '$meta',
];

describe('an entry of a batch or transaction', () => {
  it.each(reads)('answers GET %s as rest does', async (url) => {
    const alone = await server.get(`/fhir/${url}`);
    expect(alone.status).toBe(200);
    for (const type of ['batch', 'transaction']) {
      const { body } = await inBatch({ method: 'GET', url }, undefined, type);
      expect(body.entry[0].response.status).toBe('200 OK');
      expect(contentOf(body.entry[0].resource)).toEqual(contentOf(alone.body));
      const head = await inBatch({ method: 'HEAD', url }, undefined, type);
      expect([head.body.entry[0].response.status, head.body.entry[0].resource]).toEqual([
        '200 OK',
        undefined,
      ]);
    }
  });

  it('searches by POST with the criteria in its URL, and no resource', async () => {
    const url = 'Patient/_search?identifier=urn:r|1';
    const { body } = await inBatch({ method: 'POST', url });
    expect(body.entry[0].resource.entry).toHaveLength(1);
    const refused = await inBatch({ method: 'POST', url }, patient);
    expect(refused.body.entry[0].response.status).toBe('400 Bad Request');
    expect((await inBatch({ method: 'POST', url }, undefined, 'transaction')).status).toBe(400);
  });

  it('says 304 to who holds the version', async () => {
    const at = (await server.get('/fhir/Patient/p')).body.meta.lastUpdated;
    const statusOf = async (condition: object) =>
      (await inBatch({ method: 'GET', url: 'Patient/p', ...condition })).body.entry[0].response.status;
    expect(await statusOf({ ifNoneMatch: 'W/"1"' })).toBe('304 Not Modified');
    expect(await statusOf({ ifNoneMatch: 'W/"2"' })).toBe('200 OK');
    expect(await statusOf({ ifModifiedSince: at })).toBe('304 Not Modified');
    expect(await statusOf({ ifModifiedSince: '2020-01-01T00:00:00Z' })).toBe('200 OK');
  });

  it.each`
    method      | url                                | status
    ${'GET'}    | ${'metadata?mode=odd'}             | ${400}
    ${'GET'}    | ${'Nothing'}                       | ${404}
    ${'GET'}    | ${'Nothing/a'}                     | ${404}
    ${'GET'}    | ${'Patient/none'}                  | ${404}
    ${'GET'}    | ${'Patient/p/_history/9'}          | ${404}
    ${'GET'}    | ${'Patient/p/Nothing'}             | ${404}
    ${'GET'}    | ${'Group/p/Patient'}               | ${404}
    ${'GET'}    | ${'Patient/p/CodeSystem'}          | ${404}
    ${'GET'}    | ${'Patient/p/_history/1/more'}     | ${404}
    ${'GET'}    | ${'Patient?nonsense=1'}            | ${400}
    ${'GET'}    | ${'Patient/p/_history?nonsense=1'} | ${400}
    ${'GET'}    | ${'$nothing'}                      | ${404}
    ${'POST'}   | ${'$nothing'}                      | ${404}
    ${'GET'}    | ${'Patient/$nothing'}              | ${404}
    ${'POST'}   | ${'Patient/$nothing'}              | ${404}
    ${'GET'}    | ${'Patient/p/$nothing'}            | ${404}
    ${'POST'}   | ${'Patient/p/$nothing'}            | ${404}
    ${'GET'}    | ${'Group/$everything'}             | ${404}
    ${'GET'}    | ${'Patient/p/$meta-add'}           | ${405}
    ${'GET'}    | ${'$immds-forecast'}               | ${405}
    ${'PUT'}    | ${'Patient/p/$everything'}         | ${405}
    ${'POST'}   | ${'Patient/p'}                     | ${405}
    ${'POST'}   | ${'metadata'}                      | ${405}
    ${'DELETE'} | ${'metadata'}                      | ${405}
    ${'PUT'}    | ${'_history'}                      | ${405}
    ${'DELETE'} | ${'Patient/p/_history/1'}          | ${405}
    ${'PUT'}    | ${'Patient/p/Immunization'}        | ${405}
    ${'DELETE'} | ${'/'}                             | ${405}
    ${'PATCH'}  | ${'Patient/a_b'}                   | ${400}
    ${'DELETE'} | ${'Patient/a_b'}                   | ${400}
    ${'DELETE'} | ${'Nothing?x=1'}                   | ${404}
    ${'DELETE'} | ${'Patient?nonsense=1'}            | ${400}
  `('refuses $method $url with $status, as rest does', async ({ method, url, status }) => {
    const body = method === 'GET' || method === 'DELETE' ? undefined : patient;
    const alone =
      method === 'GET' ? await server.get(`/fhir/${url}`) : await server.send(method, `/fhir/${url}`, body);
    expect(alone.status, alone.text).toBe(status);
    const { response } = (await inBatch({ method, url }, body)).body.entry[0];
    expect(Number(response.status.slice(0, 3)), JSON.stringify(response)).toBe(status);
    const [said, expected] = [response.outcome.issue[0], alone.body.issue[0]];
    expect([said.code, said.details]).toEqual([expected.code, expected.details]);
  });

  it('says 400 in a transaction where its method is wrong, since that of the request is right', async () => {
    const { status, body } = await inBatch({ method: 'POST', url: 'Patient/p' }, patient, 'transaction');
    expect([status, body.issue[0].code, body.issue[0].expression]).toEqual([
      400,
      'not-supported',
      ['Bundle.entry[0]'],
    ]);
  });

  it('is refused where it is a Bundle to be run', async () => {
    const { body } = await inBatch({ method: 'POST', url: '/' }, { resourceType: 'Bundle', type: 'batch' });
    expect(body.entry[0].response.status).toBe('400 Bad Request');
  });
});

describe('a conditional delete', () => {
  it('honours If-Match, alone, in a batch and in a transaction', async () => {
    const url = 'Patient?identifier=urn:kept|1';
    const kept = { resourceType: 'Patient', id: 'kept', identifier: [{ system: 'urn:kept', value: '1' }] };
    await server.send('PUT', '/fhir/Patient/kept', kept);
    const stale = { 'if-match': 'W/"7"' };
    expect((await server.send('DELETE', `/fhir/${url}`, undefined, stale)).status).toBe(412);
    const request = { method: 'DELETE', url, ifMatch: 'W/"7"' };
    expect((await inBatch(request)).body.entry[0].response.status).toBe('412 Precondition Failed');
    expect((await inBatch(request, undefined, 'transaction')).status).toBe(412);
    expect((await server.get('/fhir/Patient/kept')).status).toBe(200);
    expect((await server.send('DELETE', `/fhir/${url}`, undefined, { 'if-match': 'W/"1"' })).status).toBe(
      204,
    );
    expect((await server.get('/fhir/Patient/kept')).status).toBe(410);
  });
});
