import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { baseUrl, openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer();
});
afterEach(() => server.close());

const ann = { resourceType: 'Patient', name: [{ family: 'Doe', given: ['Ann'] }], birthDate: '2020-02-29' };

describe('create (R4 http.html#create)', () => {
  it('answers 201 with Location, ETag and Last-Modified, and ignores the id and version of the client', async () => {
    const sent = {
      ...ann,
      id: 'mine',
      meta: { versionId: '77', lastUpdated: '2001-01-01T00:00:00Z', source: 'urn:x' },
    };
    const { status, headers, body } = await server.send('POST', '/fhir/Patient', sent);
    expect(status).toBe(201);
    expect(body.id).not.toBe('mine');
    expect(body.meta).toEqual({
      versionId: '1',
      lastUpdated: expect.stringMatching(/^2026-01-01T/),
      source: 'urn:x',
    });
    expect(headers['location']).toBe(`${baseUrl}/Patient/${body.id}/_history/1`);
    expect(headers['etag']).toBe('W/"1"');
    expect(headers['last-modified']).toMatch(/GMT$/);
    expect(headers['content-type']).toBe('application/fhir+json; charset=utf-8');
  });

  it('keeps the text as it came: digits, order and unknown Unicode planes', async () => {
    const text = `{"resourceType":"Observation","status":"final","code":{"text":"𝒙 é"},"valueQuantity":{"value":1.00,"unit":"mL"}}`;
    const { body, text: answered } = await server.send('POST', '/fhir/Observation', text);
    expect(answered).toContain('"value":1.00,');
    const { text: read } = await server.get(`/fhir/Observation/${body.id}`);
    expect(read).toBe(answered);
  });

  it.each`
    prefer                       | length
    ${'return=minimal'}          | ${0}
    ${'return=OperationOutcome'} | ${1}
  `('returns what is preferred: $prefer', async ({ prefer, length }) => {
    const { status, text, body } = await server.send('POST', '/fhir/Patient', ann, { prefer });
    expect(status).toBe(201);
    if (length === 0) expect(text).toBe('');
    else
      expect(body).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'information' }] });
  });

  it.each`
    what                 | url                | body                                                         | status | code
    ${'no body'}         | ${'/fhir/Patient'} | ${''}                                                        | ${400} | ${'structure'}
    ${'broken JSON'}     | ${'/fhir/Patient'} | ${'{"resourceType":"Patient",'}                              | ${400} | ${'structure'}
    ${'a name twice'}    | ${'/fhir/Patient'} | ${'{"resourceType":"Patient","active":true,"active":false}'} | ${400} | ${'structure'}
    ${'no resource'}     | ${'/fhir/Patient'} | ${'{"name":"x"}'}                                            | ${400} | ${'structure'}
    ${'another type'}    | ${'/fhir/Patient'} | ${'{"resourceType":"Observation"}'}                          | ${400} | ${'invalid'}
    ${'an unknown type'} | ${'/fhir/Pation'}  | ${'{"resourceType":"Pation"}'}                               | ${404} | ${'not-supported'}
  `('refuses $what with $status', async ({ url, body, status, code }) => {
    const answer = await server.send('POST', url, body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', code }],
    });
  });

  it('refuses bytes that are not UTF-8, other media types, and bodies that are too large', async () => {
    const bytes = Buffer.from('{"resourceType":"Patient","x":"\xff"}', 'latin1');
    const headers = { 'content-type': 'application/fhir+json' };
    expect(
      (await server.app.inject({ method: 'POST', url: '/fhir/Patient', payload: bytes, headers })).statusCode,
    ).toBe(400);
    expect(
      (await server.send('POST', '/fhir/Patient', '<x/>', { 'content-type': 'text/plain' })).status,
    ).toBe(415);
    const large = `{"resourceType":"Patient","x":"${'a'.repeat(33 * 1024 * 1024)}"}`;
    expect((await server.send('POST', '/fhir/Patient', large)).status).toBe(413);
  });
});

describe('conditional create (R4 http.html#ccreate)', () => {
  const withId = { ...ann, identifier: [{ system: 'urn:mrn', value: '1' }] };
  const condition = { 'if-none-exist': 'identifier=urn:mrn|1' };

  it('creates at no match, answers the match at one, and 412 at two', async () => {
    const first = await server.send('POST', '/fhir/Patient', withId, condition);
    expect(first.status).toBe(201);
    const second = await server.send('POST', '/fhir/Patient', withId, condition);
    expect([second.status, second.body.id]).toEqual([200, first.body.id]);
    await server.send('POST', '/fhir/Patient', withId);
    const third = await server.send('POST', '/fhir/Patient', withId, condition);
    expect([third.status, third.body.issue[0].code]).toEqual([412, 'multiple-matches']);
  });

  it('creates one when sixteen ask at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => server.send('POST', '/fhir/Patient', withId, condition)),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });

  it.each([
    `${baseUrl}/Patient?_format=json&identifier=urn%3Amrn%7C1`,
    'Patient?identifier=urn:mrn|1',
    '?identifier=urn:mrn|1',
    'identifier=urn:mrn|1&_pretty=true',
  ])('takes the URL of the search too: %s', async (url) => {
    const first = await server.send('POST', '/fhir/Patient', withId);
    const second = await server.send('POST', '/fhir/Patient', withId, { 'if-none-exist': url });
    expect([second.status, second.body.id]).toEqual([200, first.body.id]);
  });

  it('refuses the URL of another type', async () => {
    const elsewhere = { 'if-none-exist': 'Organization?identifier=urn:mrn|1' };
    const { status, body } = await server.send('POST', '/fhir/Patient', withId, elsewhere);
    expect([status, body.issue[0].code]).toEqual([400, 'value']);
  });

  it('needs a criterion', async () => {
    const { status } = await server.send('POST', '/fhir/Patient', ann, { 'if-none-exist': '' });
    expect(status).toBe(400);
  });
});

describe('read and vread', () => {
  it('answers 404 for an id never used and 410 for a deleted resource, each version by itself', async () => {
    expect((await server.get('/fhir/Patient/none')).status).toBe(404);
    await server.send('PUT', '/fhir/Patient/a', { ...ann, id: 'a' });
    await server.send('DELETE', '/fhir/Patient/a');
    const gone = await server.get('/fhir/Patient/a');
    expect([gone.status, gone.body.issue[0].code]).toEqual([410, 'deleted']);
    expect((await server.get('/fhir/Patient/a/_history/1')).body.meta.versionId).toBe('1');
    expect((await server.get('/fhir/Patient/a/_history/2')).status).toBe(410);
    expect((await server.get('/fhir/Patient/a/_history/3')).status).toBe(404);
    expect((await server.get('/fhir/Patient/a/_history/x')).status).toBe(404);
  });

  it('answers 304 to a client that holds the version', async () => {
    const { headers } = await server.send('PUT', '/fhir/Patient/a', { ...ann, id: 'a' });
    const at = String(headers['last-modified']);
    expect((await server.get('/fhir/Patient/a', { 'if-none-match': 'W/"1"' })).status).toBe(304);
    expect((await server.get('/fhir/Patient/a', { 'if-none-match': 'W/"2"' })).status).toBe(200);
    expect((await server.get('/fhir/Patient/a', { 'if-modified-since': at })).status).toBe(304);
    expect(
      (await server.get('/fhir/Patient/a', { 'if-modified-since': 'Thu, 01 Jan 2015 00:00:00 GMT' })).status,
    ).toBe(200);
  });

  it('negotiates JSON, indents on request and refuses what it cannot write', async () => {
    await server.send('PUT', '/fhir/Patient/a', { ...ann, id: 'a' });
    expect(
      (await server.get('/fhir/Patient/a', { accept: 'application/fhir+json; fhirVersion=4.0' })).status,
    ).toBe(200);
    expect((await server.get('/fhir/Patient/a?_format=json', { accept: 'text/turtle' })).status).toBe(200);
    expect((await server.get('/fhir/Patient/a', { accept: 'text/turtle' })).status).toBe(406);
    expect(
      (await server.get('/fhir/Patient/a', { accept: 'application/fhir+json; fhirVersion=3.0' })).status,
    ).toBe(406);
    const pretty = await server.get('/fhir/Patient/a?_pretty=true');
    expect(pretty.text).toContain('\n  "resourceType": "Patient"');
    expect(pretty.body).toEqual((await server.get('/fhir/Patient/a')).body);
  });

  it('echoes a harmless request id, and answers HEAD and OPTIONS', async () => {
    await server.send('PUT', '/fhir/Patient/a', { ...ann, id: 'a' });
    expect((await server.get('/fhir/Patient/a', { 'x-request-id': 'abc-1' })).headers['x-request-id']).toBe(
      'abc-1',
    );
    expect((await server.get('/fhir/Patient/a', { 'x-request-id': 'a b' })).headers['x-request-id']).not.toBe(
      'a b',
    );
    const head = await server.app.inject({ method: 'HEAD', url: '/fhir/Patient/a' });
    expect([head.statusCode, head.body, head.headers['etag']]).toEqual([200, '', 'W/"1"']);
    const options = await server.app.inject({ method: 'OPTIONS', url: '/fhir/Patient/a' });
    expect([options.statusCode, options.headers['allow']]).toEqual([
      204,
      'GET, PUT, PATCH, DELETE, HEAD, OPTIONS',
    ]);
  });
});

describe('update (R4 http.html#update)', () => {
  it('creates under the id of the client, then makes versions, and none for equal content', async () => {
    const created = await server.send('PUT', '/fhir/Patient/a', { ...ann, id: 'a' });
    expect([created.status, created.headers['etag']]).toEqual([201, 'W/"1"']);
    const updated = await server.send('PUT', '/fhir/Patient/a', { ...ann, id: 'a', active: true });
    expect([updated.status, updated.headers['etag']]).toEqual([200, 'W/"2"']);
    const same = await server.send('PUT', '/fhir/Patient/a', { ...ann, id: 'a', active: true });
    expect([same.status, same.headers['etag']]).toEqual([200, 'W/"2"']);
  });

  it('honours If-Match and If-None-Match', async () => {
    const put = (body: object, headers: Record<string, string>) =>
      server.send('PUT', '/fhir/Patient/a', { ...body, id: 'a' }, headers);
    expect((await put(ann, { 'if-match': 'W/"1"' })).status).toBe(412);
    expect((await put(ann, { 'if-none-match': '*' })).status).toBe(201);
    expect((await put({ ...ann, active: true }, { 'if-none-match': '*' })).status).toBe(412);
    expect((await put({ ...ann, active: true }, { 'if-none-match': 'W/"7", "1"' })).status).toBe(412);
    expect((await put({ ...ann, active: true }, { 'if-none-match': 'W/"7"' })).status).toBe(200);
    expect((await put({ ...ann, active: false }, { 'if-match': 'W/"7", W/"2"' })).status).toBe(200);
    expect((await put({ ...ann, active: true }, { 'if-match': 'W/"3"' })).status).toBe(200);
    const stale = await put({ ...ann, active: false }, { 'if-match': 'W/"1"' });
    expect([stale.status, stale.body.issue[0].code]).toEqual([412, 'conflict']);
  });

  it('lets one of many win that expect the same version', async () => {
    await server.send('PUT', '/fhir/Patient/a', { ...ann, id: 'a' });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        server.send(
          'PUT',
          '/fhir/Patient/a',
          { ...ann, id: 'a', language: `x${n}` },
          { 'if-match': 'W/"1"' },
        ),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(9);
  });

  it.each`
    what               | id                | body                              | status
    ${'no id'}         | ${'a'}            | ${ann}                            | ${400}
    ${'another id'}    | ${'a'}            | ${{ ...ann, id: 'b' }}            | ${400}
    ${'an illegal id'} | ${'a_b'}          | ${{ ...ann, id: 'a_b' }}          | ${400}
    ${'a long id'}     | ${'a'.repeat(65)} | ${{ ...ann, id: 'a'.repeat(65) }} | ${400}
  `('refuses a body with $what', async ({ id, body, status }) => {
    const answer = await server.send('PUT', `/fhir/Patient/${id}`, body);
    expect([answer.status, answer.body.resourceType]).toEqual([status, 'OperationOutcome']);
  });

  it('updates by search: none, one, one of another id, two', async () => {
    const mrn = { ...ann, identifier: [{ system: 'urn:mrn', value: '7' }] };
    const url = '/fhir/Patient?identifier=urn:mrn|7';
    const created = await server.send('PUT', url, mrn);
    expect(created.status).toBe(201);
    const updated = await server.send('PUT', url, { ...mrn, active: true });
    expect([updated.status, updated.body.id]).toEqual([200, created.body.id]);
    expect((await server.send('PUT', url, { ...mrn, id: 'other' })).status).toBe(400);
    await server.send('POST', '/fhir/Patient', mrn);
    expect((await server.send('PUT', url, mrn)).status).toBe(412);
    expect((await server.send('PUT', '/fhir/Patient', mrn)).status).toBe(400);
    const named = await server.send('PUT', '/fhir/Patient?identifier=urn:mrn|8', { ...ann, id: 'n8' });
    expect([named.status, named.body.id]).toEqual([201, 'n8']);
  });
});

describe('delete (R4 http.html#delete)', () => {
  it('leaves a tombstone that a later update resurrects', async () => {
    await server.send('PUT', '/fhir/Patient/a', { ...ann, id: 'a' });
    expect((await server.send('DELETE', '/fhir/Patient/a')).status).toBe(204);
    expect((await server.send('DELETE', '/fhir/Patient/a')).status).toBe(204);
    expect((await server.get('/fhir/Patient?name=doe')).body.entry).toBeUndefined();
    const back = await server.send('PUT', '/fhir/Patient/a', { ...ann, id: 'a' });
    expect([back.status, back.body.meta.versionId]).toEqual([201, '3']);
  });

  it('deletes by search only when one matches, and never without criteria', async () => {
    await server.send('PUT', '/fhir/Patient/a', { ...ann, id: 'a' });
    await server.send('PUT', '/fhir/Patient/b', { ...ann, id: 'b' });
    expect((await server.send('DELETE', '/fhir/Patient?name=doe')).status).toBe(412);
    expect((await server.send('DELETE', '/fhir/Patient')).status).toBe(400);
    expect((await server.send('DELETE', '/fhir/Patient?_id=a')).status).toBe(204);
    expect((await server.send('DELETE', '/fhir/Patient?_id=a')).status).toBe(204);
    expect((await server.get('/fhir/Patient/a')).status).toBe(410);
    expect((await server.send('DELETE', '/fhir/Patient/b', undefined, { 'if-match': 'W/"9"' })).status).toBe(
      412,
    );
  });
});

describe('what is not there', () => {
  it.each`
    method      | url                           | status
    ${'GET'}    | ${'/nowhere'}                 | ${404}
    ${'GET'}    | ${'/fhir/Nothing'}            | ${404}
    ${'GET'}    | ${'/fhir/Nothing/1'}          | ${404}
    ${'GET'}    | ${'/fhir/$nothing'}           | ${404}
    ${'GET'}    | ${'/fhir/Patient/$nothing'}   | ${404}
    ${'GET'}    | ${'/fhir/Patient/a_b'}        | ${404}
    ${'PATCH'}  | ${'/fhir/Patient/a/_history'} | ${405}
    ${'DELETE'} | ${'/fhir/metadata'}           | ${405}
    ${'GET'}    | ${'/fhir/$immds-forecast'}    | ${405}
  `('answers $status to $method $url', async ({ method, url, status }) => {
    const answer = await server.app.inject({ method, url });
    expect(answer.statusCode).toBe(status);
    expect(answer.json().resourceType).toBe('OperationOutcome');
    if (status === 405) expect(answer.headers['allow']).toContain('OPTIONS');
  });
});
