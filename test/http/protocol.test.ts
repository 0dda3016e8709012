import { connect } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
let port: number;
beforeAll(async () => {
  server = await openTestServer();
  port = Number(new URL(await server.app.listen({ host: '127.0.0.1', port: 0 })).port);
  await server.send('PUT', '/fhir/Patient/p1', ann);
});
afterAll(() => server.close());

const ann = { resourceType: 'Patient', id: 'p1', name: [{ family: 'Doe' }], birthDate: '2020-02-29' };
const fhirJson = { 'content-type': 'application/fhir+json' };

/** What the server sends for bytes that no HTTP client would send. */
function sendRaw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8');
    socket.on('data', (part) => {
      answer += part;
    });
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
}

describe('the media types of a request (R4 http.html#mime-type, RFC 9110, 12.5.1)', () => {
  it.each`
    accept                                                | answered
    ${'application/fhir+json; fhirVersion="4.0"'}         | ${'json'}
    ${'application/fhir+json;q=.5, application/xml;q=.8'} | ${'xml'}
    ${'*/*;q=0.5, application/fhir+json;q=0'}             | ${'xml'}
    ${'application/*;q=0.2, application/xml;q=0.1'}       | ${'json'}
    ${'text/html, *; q=.2, */*; q=.2'}                    | ${'json'}
    ${'application/fhir+xml;fhirVersion="3.0", */*;q=.1'} | ${'json'}
  `('answers $answered to Accept: $accept', async ({ accept, answered }) => {
    const { status, headers } = await server.get('/fhir/Patient/p1', { accept });
    expect([status, headers['content-type']]).toEqual([200, `application/fhir+${answered}; charset=utf-8`]);
  });

  it.each`
    type                                        | body
    ${'application/json-patch+json'}            | ${ann}
    ${'application/x-www-form-urlencoded'}      | ${'active=true'}
    ${'application/fhir+json; fhirVersion=3.0'} | ${ann}
  `('refuses a resource sent as $type with 415', async ({ type, body }) => {
    const put = await server.send('PUT', '/fhir/Patient/p1', body, { 'content-type': type });
    expect([put.status, put.body.issue[0].code]).toEqual([415, 'not-supported']);
    const called = await server.send('POST', '/fhir/Patient/$validate', body, { 'content-type': type });
    expect(called.status).toBe(415);
  });

  it('reads a form whose type is written in capitals', async () => {
    const headers = { 'content-type': 'Application/X-WWW-Form-URLEncoded' };
    const found = await server.send('POST', '/fhir/Patient/_search', '_id=p1&_format=xml', headers);
    expect(found.status).toBe(200);
    expect(found.headers['content-type']).toBe('application/fhir+xml; charset=utf-8');
  });

  it('passes over the type of a body that is not there', async () => {
    const headers = { 'content-type': 'text/plain' };
    const url = '/fhir/Patient/nobody';
    expect((await server.app.inject({ method: 'DELETE', url, headers })).statusCode).toBe(204);
    const everything = '/fhir/Patient/p1/$everything';
    expect((await server.app.inject({ method: 'POST', url: everything, headers })).statusCode).toBe(200);
    expect((await server.send('POST', everything, 'text', headers)).status).toBe(415);
  });
});

describe('the paths that clients make', () => {
  it.each([
    '/fhir/Patient/p1/%24everything',
    '/fhir/Patient/p1/$everything/',
    '/fhir//Patient/p1',
    '/fhir/Patient/p1/',
    '/fhir/Patient/?identifier=http://a.org//b%24%7C1',
    '/fhir/metadata/',
  ])('finds %s', async (url) => {
    const { status, body } = await server.get(url);
    expect(status).toBe(200);
    const self = body.link?.[0].url;
    if (url.includes('?')) expect(self).toContain('?identifier=http://a.org//b$%7C1');
  });

  it('creates by a base that ends in a slash', async () => {
    expect((await server.send('POST', '/fhir/Patient/', ann)).status).toBe(201);
    const batch = { resourceType: 'Bundle', type: 'batch' };
    expect((await server.send('POST', '/fhir/', batch)).status).toBe(200);
  });

  it('answers 501 to a method that it does not know', async () => {
    const answer = await sendRaw(
      'PROPFIND /fhir/Patient/p1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toContain('HTTP/1.1 501 Not Implemented');
    expect(answer).toContain('"code":"not-supported"');
  });

  it.each`
    what                                                | head                                                             | status
    ${'no Host'}                                        | ${'GET /fhir/Patient/p1 HTTP/1.1'}                               | ${400}
    ${'an expectation that nobody meets'}               | ${'GET /fhir/Patient/p1 HTTP/1.1\r\nExpect: tea\r\nHost: a'}     | ${417}
    ${'a method that needs a body'}                     | ${'QUERY /fhir/Patient HTTP/1.1\r\nHost: a'}                     | ${501}
    ${'a query that cannot be read, nor how to answer'} | ${'GET /fhir/Patient?name=%E0&_pretty=true HTTP/1.1\r\nHost: a'} | ${400}
    ${'an unreadable format'}                           | ${'GET /fhir/Patient?_format=%E0 HTTP/1.1\r\nHost: a'}           | ${400}
  `('answers $status with an OperationOutcome to $what', async ({ head, status }) => {
    const answer = await sendRaw(`${head}\r\nConnection: close\r\n\r\n`);
    expect(answer).toContain(`HTTP/1.1 ${status} `);
    expect(answer).toContain('content-type: application/fhir+json');
    expect(answer).toContain('"resourceType":"OperationOutcome"');
  });

  it('reads a request of HTTP/1.0 without Host, and a body that waits to be asked for', async () => {
    expect(await sendRaw('GET /fhir/Patient/p1 HTTP/1.0\r\n\r\n')).toContain('HTTP/1.1 200 OK');
    const head =
      'POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/fhir+json';
    const body = JSON.stringify(ann);
    const answer = await sendRaw(
      `${head}\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(answer).toContain('HTTP/1.1 201 Created');
  });
});

describe('gzip (R4 http.html#gzip)', () => {
  const put = (payload: Buffer, coding: string) =>
    server.app.inject({
      method: 'PUT',
      url: '/fhir/Patient/p1',
      headers: { ...fhirJson, 'content-encoding': coding },
      payload,
    });

  it.each(['gzip', 'GZIP', 'x-gzip', 'identity'])('reads a body in %s', async (coding) => {
    const text = Buffer.from(JSON.stringify({ ...ann, language: 'en' }));
    const { statusCode, body } = await put(coding === 'identity' ? text : gzipSync(text), coding);
    expect(statusCode).toBe(200);
    expect(body).toContain('"language":"en"');
  });

  it('refuses other codings with 415, bytes that are no gzip with 400, and what is too large unpacked with 413', async () => {
    const other = await put(Buffer.from('x'), 'br');
    expect([other.statusCode, other.headers['accept-encoding']]).toEqual([415, 'gzip']);
    const whole = gzipSync(JSON.stringify(ann));
    for (const bytes of [Buffer.from('{}'), whole.subarray(0, whole.length - 12)]) {
      const { statusCode, body } = await put(bytes, 'gzip');
      expect([statusCode, JSON.parse(body).issue[0].code]).toEqual([400, 'structure']);
    }
    expect((await put(gzipSync(Buffer.alloc(33 * 1024 * 1024, ' ')), 'gzip')).statusCode).toBe(413);
  });

  it.each`
    accepted               | coding
    ${'gzip, deflate, br'} | ${'gzip'}
    ${'br;q=1, *;q=0.1'}   | ${'gzip'}
    ${'gzip;q=0, *'}       | ${undefined}
    ${'br'}                | ${undefined}
    ${undefined}           | ${undefined}
  `('answers $coding where $accepted is accepted', async ({ accepted, coding }) => {
    const headers = accepted === undefined ? {} : { 'accept-encoding': accepted };
    const plain = await server.app.inject({ url: '/fhir/metadata' });
    const answer = await server.app.inject({ url: '/fhir/metadata', headers });
    expect(answer.headers['content-encoding']).toBe(coding);
    expect(answer.headers['vary']).toBe('accept, accept-encoding');
    const text = coding ? gunzipSync(answer.rawPayload).toString() : answer.body;
    expect(text).toBe(plain.body);
    const { headers: head } = await server.app.inject({ method: 'HEAD', url: '/fhir/metadata', headers });
    expect(head['content-length']).toBe(String(answer.rawPayload.length));
  });

  it('leaves short answers as they are', async () => {
    const { headers } = await server.get('/fhir/Patient/p1', { 'accept-encoding': 'gzip' });
    expect(headers['content-encoding']).toBeUndefined();
  });
});

describe('bytes that are no request', () => {
  it.each`
    what                        | request                                                                         | status
    ${'no HTTP'}                | ${'hello\r\n\r\n'}                                                              | ${'400 Bad Request'}
    ${'UTF-8 without encoding'} | ${'GET /fhir/Patient?family=é HTTP/1.1\r\nHost: a\r\n\r\n'}                     | ${'400 Bad Request'}
    ${'a very long URL'}        | ${`GET /fhir/Patient?family=${'a'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`} | ${'431 Request Header Fields Too Large'}
  `('answers $status with an OperationOutcome to $what', async ({ request, status }) => {
    const answer = await sendRaw(request);
    expect(answer).toContain(`HTTP/1.1 ${status}\r\ncontent-type: application/fhir+json; charset=utf-8\r\n`);
    const [, body = ''] = answer.split('\r\n\r\n');
    expect(JSON.parse(body)).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error' }],
    });
  });

  it('gives a request five minutes to arrive', () => {
    expect(server.app.server.requestTimeout).toBe(300_000);
  });
});
