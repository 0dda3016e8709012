import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  await server.send('PUT', '/fhir/Patient/p', { resourceType: 'Patient', id: 'p', text: text('<b>x</b>') });
});
afterAll(() => server.close());

const div = (content: string) => `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`;
const text = (content: string) => ({ status: 'generated', div: div(content) });
const declared = `<?xml version="1.0" encoding="UTF-8"?>${div('x')}`;
const patient = { resourceType: 'Patient', id: 'q', text: { status: 'generated', div: declared } };
const patch = [{ op: 'replace', path: '/text/div', value: declared }];

// It could not stand inside the XML of the resource, nor of any Bundle that holds it.
it.each([
  ['POST', () => server.send('POST', '/fhir/Patient', { ...patient, id: undefined })],
  ['PUT', () => server.send('PUT', '/fhir/Patient/q', patient)],
  [
    'PATCH',
    () =>
      server.send('PATCH', '/fhir/Patient/p', JSON.stringify(patch), {
        'content-type': 'application/json-patch+json',
      }),
  ],
  [
    'a transaction',
    () =>
      server.send('POST', '/fhir', {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [{ resource: patient, request: { method: 'PUT', url: 'Patient/q' } }],
      }),
  ],
])('refuses by %s a narrative that begins with an XML declaration', async (_, send) => {
  const { status, body } = await send();
  expect([400, 422]).toContain(status);
  expect(JSON.stringify(body)).toContain('XML declaration');
  expect((await server.get('/fhir/Patient?_format=xml')).status).toBe(200);
});

it('says so in $validate', async () => {
  const { body } = await server.send('POST', '/fhir/Patient/$validate', patient);
  expect(JSON.stringify(body)).toContain('XML declaration');
});

it.each(['a<!-- c -->', '&#160;a &lt;', 'a\tb', "<a title='q\"q'>a</a>", '&#13;a', '<p/>a', 'a]]&gt;'])(
  'answers as XML what it accepts as JSON: %s',
  async (content) => {
    const resource = { resourceType: 'Patient', id: 'r', text: text(content) };
    expect((await server.send('PUT', '/fhir/Patient/r', resource)).status).toBeLessThan(300);
    const xml = await server.get('/fhir/Patient/r?_format=xml');
    const headers = { 'content-type': 'application/fhir+xml' };
    const back = await server.send('PUT', '/fhir/Patient/r?_format=json', xml.text, headers);
    expect(back.body.text.div).toBe(div(content));
  },
);
