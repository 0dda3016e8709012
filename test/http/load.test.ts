import { afterEach, describe, expect, it, vi } from 'vitest';
import { openRateLimiter } from '../../src/rest/rate-limit.ts';
import { StoreBusyError } from '../../src/store/contract/store.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
afterEach(() => server.close());

describe('more than the server takes', () => {
  it('answers 429 with Retry-After to an address that asks too fast, health checks apart', async () => {
    let now = 0;
    server = await openTestServer({ rateLimiter: openRateLimiter(1, () => now) });
    for (let n = 0; n < 10; n++) expect((await server.get('/fhir/Patient')).status).toBe(200);
    const refused = await server.get('/fhir/Patient');
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1']);
    expect(refused.body.issue[0].code).toBe('throttled');
    expect((await server.get('/health/live')).status).toBe(200);
    now += 1000;
    expect((await server.get('/fhir/Patient')).status).toBe(200);
  });

  it('answers at once to who would wait for a slow answer (Prefer: respond-async)', async () => {
    server = await openTestServer();
    const { status, body } = await server.get('/fhir/Patient', { prefer: 'respond-async' });
    expect([status, body.type]).toEqual([200, 'searchset']);
  });

  it('limits who has no token too', async () => {
    server = await openTestServer({ auth: 'smart', rateLimiter: openRateLimiter(1, () => 0) });
    for (let n = 0; n < 10; n++) expect((await server.get('/fhir/Patient')).status).toBe(401);
    expect((await server.get('/fhir/Patient')).status).toBe(429);
  });

  it('answers 503 with Retry-After when the store is busy', async () => {
    server = await openTestServer();
    const busy = () => Promise.reject(new StoreBusyError('full'));
    vi.spyOn(server.store, 'write').mockImplementation(busy);
    vi.spyOn(server.store, 'search').mockImplementation(busy);
    const written = await server.send('POST', '/fhir/Patient', { resourceType: 'Patient' });
    const searched = await server.get('/fhir/Patient');
    for (const { status, headers, body } of [written, searched]) {
      expect([status, headers['retry-after'], body.issue[0].code]).toEqual([503, '1', 'transient']);
    }
  });
});
