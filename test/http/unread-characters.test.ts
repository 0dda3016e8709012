import { afterEach, beforeEach, expect, it } from 'vitest';
import { createResource } from '../../src/interaction/create-resource.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer();
});
afterEach(() => server.close());

/** As a page or another server's answer brings it, which the reader of bodies has not seen. */
it('keeps nothing that could not be read again', async () => {
  const resource = { resourceType: 'Patient', name: [{ family: 'Zo\u0000e' }] };
  await expect(createResource(server.ctx, { resource, exactNumbers: false })).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining('control character'),
  });
  const { status, body } = await server.get('/fhir/Patient?_elements=name');
  expect([status, body.entry]).toEqual([200, undefined]);
});
