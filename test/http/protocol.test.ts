import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  await server.send('PUT', '/fhir/Patient/p1', ann);
});
afterAll(() => server.close());

const ann = { resourceType: 'Patient', id: 'p1', name: [{ family: 'Doe' }], birthDate: '2020-02-29' };

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
