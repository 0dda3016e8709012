import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer();
});
afterEach(() => server.close());

const found = async (query: string) => {
  const { status, body } = await server.get(`/fhir/${query}`);
  expect(status).toBe(200);
  return (body.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id).sort();
};
const put = (resource: { readonly resourceType: string; readonly id: string }) =>
  server.send('PUT', `/fhir/${resource.resourceType}/${resource.id}`, resource);

describe('a text of which folding leaves nothing', () => {
  beforeEach(async () => {
    for (const [id, family] of ['Smith', 'O-Neill', '-'].entries())
      await put({ resourceType: 'Patient', id: `p${id}`, name: [{ family }] } as never);
  });

  it.each([
    ['family:contains=-', []],
    ['name:contains=%27', []],
    ['family:contains=-,smi', ['p0']],
    ['family:contains=%C2%AD', []],
    ['family:exact=-', ['p2']],
    ['_has:Patient:link:family:contains=-', []],
  ])('matches nothing rather than everything: %s', async (query, ids) => {
    expect(await found(`Patient?${query}`)).toEqual(ids);
  });

  it('deletes, changes and refers to nothing', async () => {
    const criteria = 'Patient?family:contains=-';
    await server.send('DELETE', `/fhir/${criteria}`);
    const entry = [{ request: { method: 'DELETE', url: criteria } }];
    for (const type of ['batch', 'transaction'])
      await server.send('POST', '/fhir', { resourceType: 'Bundle', type, entry });
    expect(await found('Patient')).toEqual(['p0', 'p1', 'p2']);
  });

  it('deletes no only one either', async () => {
    for (const id of ['p1', 'p2']) await server.send('DELETE', `/fhir/Patient/${id}`);
    await server.send('DELETE', '/fhir/Patient?family:contains=-');
    expect(await found('Patient')).toEqual(['p0']);
  });
});

describe('letters of other scripts', () => {
  it('are found in whatever case they stand', async () => {
    const families = { sigma: 'ΣΟΦΟΣ', sharp: 'Straße', dotless: 'Yıldız', cherokee: 'ᎠᏂ' };
    for (const [id, family] of Object.entries(families))
      await put({ resourceType: 'Patient', id, name: [{ family }] } as never);
    for (const [query, id] of [
      ['family=σοφός', 'sigma'],
      ['family:contains=οφοσ', 'sigma'],
      ['family=STRASSE', 'sharp'],
      ['family=YILDIZ', 'dotless'],
      ['family=ꭰꮒ', 'cherokee'],
    ])
      expect(await found(`Patient?${encodeURI(query ?? '')}`)).toEqual([id]);
  });
});

describe('If-None-Exist', () => {
  /** What a client writes whose library puts the text into the header as UTF-8. */
  async function post(port: number, ifNoneExist: Buffer): Promise<string> {
    const body = JSON.stringify({ resourceType: 'Patient', name: [{ family: 'Müller' }] });
    const head =
      `POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\nIf-None-Exist: `;
    const sent = Buffer.concat([Buffer.from(head), ifNoneExist, Buffer.from(`\r\n\r\n${body}`)]);
    return new Promise((resolve, reject) => {
      let text = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(sent));
      socket.setEncoding('utf8');
      socket.on('data', (part: string) => {
        text += part;
      });
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
  }

  it.each(['utf8', 'latin1'] as const)('finds a name whose bytes are %s', async (encoding) => {
    await server.app.listen({ port: 0, host: '127.0.0.1' });
    const address = server.app.server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const condition = Buffer.from('family=Müller', encoding);
    expect(await post(port, condition)).toMatch(/^HTTP\/1.1 201/);
    expect(await post(port, condition)).toMatch(/^HTTP\/1.1 200/);
    expect(await found('Patient?family=Müller'.replace('ü', '%C3%BC'))).toHaveLength(1);
  });
});

describe('numbers of many digits', () => {
  const quantity = (id: string, value: string) =>
    server.send(
      'PUT',
      `/fhir/Observation/${id}`,
      `{"resourceType":"Observation","id":"${id}","status":"final","code":{"text":"x"},"valueQuantity":{"value":${value}}}`,
    );

  it.each([
    '1.2345678901234567',
    '12345678901234567',
    '1234567890123456789',
    '0.12345678901234567890',
    '-98765432109876543210.123456789',
    '12345678901234567890123456789012345678.5',
  ])('%s finds itself', async (value) => {
    await quantity('o', value);
    expect(await found(`Observation?value-quantity=${value}`)).toEqual(['o']);
    expect(await found(`Observation?value-quantity=ne${value}`)).toEqual([]);
    expect(await found(`Observation?value-quantity=ge${value}`)).toEqual(['o']);
    expect(await found(`Observation?value-quantity=gt${value}`)).toEqual([]);
  });

  it('takes the ends of a range by their digits, not by sums of doubles', async () => {
    await quantity('low', '0.05');
    await quantity('high', '0.15');
    await quantity('tenth', '0.1');
    expect(await found('Observation?value-quantity=0.1')).toEqual(['low', 'tenth']);
    await quantity('third', '2.15');
    expect(await found('Observation?value-quantity=2.1')).toEqual([]);
    expect(await found('Observation?value-quantity=-0.1')).toEqual([]);
  });
});

describe('times finer than a millisecond', () => {
  it('are found by the millisecond that they lie in, whatever their digits', async () => {
    const at = '2024-01-02T03:04:05.1234567890123Z';
    await put({
      resourceType: 'Observation',
      id: 'o',
      status: 'final',
      code: { text: 'x' },
      effectiveDateTime: at,
    } as never);
    for (const asked of [at, '2024-01-02T03:04:05.123Z', 'ge2024-01-02T03:04:05.1239Z', '2024-01-02'])
      expect(await found(`Observation?date=${asked}`)).toEqual(['o']);
    expect(await found('Observation?date=2024-01-02T03:04:05.124Z')).toEqual([]);
  });
});
