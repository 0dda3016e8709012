import { afterAll, beforeAll, expect, it } from 'vitest';
import { ownPersons } from '../../src/auth/bearer/own-persons.ts';
import type { User } from '../../src/auth/users/user.ts';
import { updateResource } from '../../src/interaction/update-resource.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ startsAt: Date.UTC(2026, 2, 9) });
});
afterAll(() => server.close());

const put = (resource: { readonly resourceType: string; readonly id: string }) =>
  updateResource(
    server.ctx,
    { type: resource.resourceType as 'Patient', id: resource.id as ResourceId },
    { resource: resource as never, exactNumbers: false },
  );

it.each([
  [{ end: '2026' }, ['child']],
  [{ end: '2026-03' }, ['child']],
  [{ end: '2026-02' }, []],
  [{ start: '2026-04' }, []],
])('lets a parent see a child within %j', async (period, seen) => {
  await put({ resourceType: 'Patient', id: 'child', birthDate: '2020-01-01' } as never);
  const patient = { reference: 'Patient/child' };
  await put({ resourceType: 'RelatedPerson', id: 'mother', patient, period } as never);
  const mother = { fhirUser: 'RelatedPerson/mother', related: ['mother'] } as unknown as User;
  expect(await ownPersons(server.ctx, mother, 18)).toEqual(seen);
});
