import { afterAll, afterEach, expect, it } from 'vitest';
import type { Bucket } from '../../src/export/output-bucket.ts';
import { openTestBucket } from '../export/test-bucket.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const { bucket, close } = await openTestBucket();
afterAll(() => close());
let server: TestServer;
afterEach(() => server.close());

const prefer = { prefer: 'respond-async' };
const pathOf = (url: unknown) => String(url).replace('http://jenner.test', '');

async function exportedTo(where: Bucket) {
  server = await openTestServer({ bucket: where });
  for (const id of ['p', 'q']) {
    const answer = await server.send('PUT', `/fhir/Patient/${id}`, { resourceType: 'Patient', id });
    expect(answer.status).toBe(201);
  }
  server.startExports();
  const status = pathOf(
    (await server.get('/fhir/$export?_type=Patient', prefer)).headers['content-location'],
  );
  for (;;) {
    const answer = await server.get(status);
    if (answer.status !== 202) return { status, file: pathOf(answer.body.output[0].url) };
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

it('is served from the bucket, whole, in part, and unpacked, until it is deleted', async () => {
  const { status, file } = await exportedTo(bucket);
  const plain = await server.get(file);
  expect(plain.text.trimEnd().split('\n')).toHaveLength(2);
  const packed = await server.app.inject({ url: file, headers: { 'accept-encoding': 'gzip' } });
  expect(packed.headers['content-encoding']).toBe('gzip');
  const range = { 'accept-encoding': 'gzip', range: 'bytes=2-4' };
  const part = await server.app.inject({ url: file, headers: range });
  expect(part.rawPayload).toEqual(packed.rawPayload.subarray(2, 5));
  expect((await server.send('DELETE', status)).status).toBe(202);
  expect((await server.get(file)).status).toBe(404);
});

it('is fetched there where links are wanted, by who takes it packed', async () => {
  const { file } = await exportedTo({ ...bucket, isLinked: true });
  const sent = await server.get(file, { 'accept-encoding': 'gzip' });
  expect(sent.status).toBe(302);
  const link = String(sent.headers['location']);
  expect(link).toContain(`${bucket.url}/${bucket.prefix}`);
  expect((await (await fetch(link)).text()).trimEnd().split('\n')).toHaveLength(2);
  expect((await server.get(file)).text.trimEnd().split('\n')).toHaveLength(2);
  const range = { 'accept-encoding': 'gzip', range: 'bytes=0-1' };
  expect((await server.get(file, range)).status).toBe(206);
});
