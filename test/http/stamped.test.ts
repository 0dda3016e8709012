import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

// R4 http.html#create: id, versionId and lastUpdated are the server's, whatever was sent.
const sent = {
  resourceType: 'Patient',
  id: 'mine',
  meta: { versionId: '77', lastUpdated: '2001-01-01T00:00:00Z', source: 'http://ehr.example' },
  name: [{ family: 'Doe' }],
};

describe('what a client sends in the place of what the server sets', () => {
  it('is passed over when a resource is created', async () => {
    const { status, body } = await server.send('POST', '/fhir/Patient', sent);
    expect(status).toBe(201);
    expect(body.id).not.toBe('mine');
    expect(body.meta).toMatchObject({ versionId: '1', source: 'http://ehr.example' });
    expect(body.meta.lastUpdated).toMatch(/^2026-/);
    const kept = await server.get(`/fhir/Patient/${body.id}`);
    expect([kept.body.id, kept.body.meta.versionId]).toEqual([body.id, '1']);
  });

  it('is passed over when it is updated, and the text begins with what the server set', async () => {
    const { body } = await server.send('POST', '/fhir/Patient', sent);
    const changed = { ...sent, id: body.id, gender: 'female' };
    const { text } = await server.send('PUT', `/fhir/Patient/${body.id}`, changed);
    expect(text).toMatch(
      new RegExp(
        `^\\{"resourceType":"Patient","id":"${body.id}","meta":\\{[^}]*"versionId":"2"[^}]*\\},"name"`,
      ),
    );
  });
});
