import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

it('tells how long each route takes, never what was asked for', async () => {
  await server.get('/fhir/Patient/secret-1');
  await server.get('/fhir/Patient/secret-2');
  const { text } = await server.get('/metrics');
  const route = 'method="GET",route="/fhir/:type/:id",status="404"';
  const named = (name: string) => text.split('\n').filter((line) => line.startsWith(`${name}{${route}`));
  expect(named('jenner_http_request_seconds_count')).toEqual([
    `jenner_http_request_seconds_count{${route}} 2`,
  ]);
  const buckets = named('jenner_http_request_seconds_bucket');
  expect(buckets).toHaveLength(9);
  const counts = buckets.map((line) => Number(line.split(' ').at(-1)));
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect(buckets.at(-1)).toBe(`jenner_http_request_seconds_bucket{${route},le="+Inf"} 2`);
  expect(text).toContain('# TYPE jenner_http_request_seconds histogram');
  expect(text).not.toContain('secret');
});

it('answers a server with authorization by its own token alone, and health to everybody', async () => {
  const metricsToken = 'a-token-of-prometheus';
  const server = await openTestServer({ auth: 'smart', metricsToken });
  for (const authorization of [
    '',
    'Bearer',
    'Bearer a-token',
    `Bearer ${metricsToken}x`,
    `Basic ${metricsToken}`,
  ]) {
    const { status, headers, text } = await server.get('/metrics', { authorization });
    expect([status, headers['www-authenticate']]).toEqual([401, expect.stringContaining('Bearer')]);
    expect(text).not.toContain('process_');
  }
  expect((await server.get('/metrics')).status).toBe(401);
  const { status, text } = await server.get('/metrics', { authorization: `Bearer ${metricsToken}` });
  expect([status, text]).toEqual([200, expect.stringContaining('process_cpu_seconds_total')]);
  expect((await server.get('/health/ready')).status).toBe(200);
  await server.close();
});
