import { afterAll, beforeAll, expect, it } from 'vitest';
import { fillAccessWorld } from './access-world.ts';
import { as, callersByName } from './entitled.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({
    auth: 'smart',
    callerOf: callersByName({
      clinician: { role: 'clinician', organizations: ['a'] },
      chain: { organizations: ['a', 'b', 'c', 'd'] },
      nurse: { role: 'school-nurse', organizations: ['school'] },
      parent: { role: 'individual', ownPersons: ['mine'] },
    }),
  });
  await fillAccessWorld(server);
});
afterAll(() => server.close());

const refused = 'The access token does not allow to write this resource';
const child = { resourceType: 'Patient', name: [{ family: 'New' }], birthDate: '2026-01-01' };
const told = async (who: string, resource: { readonly resourceType: string }) => {
  const { status, body } = await server.send('POST', `/fhir/${resource.resourceType}`, resource, as(who));
  return [status, body.issue[0].details.text];
};

it('says of a new Patient which organizations it may name', async () => {
  const needed = `${refused}: managingOrganization or generalPractitioner must be one of its organizations`;
  expect(await told('clinician', child)).toEqual([403, `${needed} (Organization/a)`]);
  const [, ofMany] = await told('chain', child);
  expect(ofMany).toBe(`${needed} (Organization/a, Organization/b, Organization/c …)`);
  const own = { ...child, managingOrganization: { reference: 'Organization/a' } };
  expect((await server.send('POST', '/fhir/Patient', own, as('clinician'))).status).toBe(201);
});

it('says nothing of that to who writes no Patient anyway', async () => {
  for (const who of ['nurse', 'parent']) expect(await told(who, child)).toEqual([403, refused]);
});

it('says the same of whom the caller may not see and of who never was', async () => {
  const dose = (person: string) => ({
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: { text: 'some' },
    occurrenceDateTime: '2024-01-01',
    patient: { reference: `Patient/${person}` },
  });
  const answers = [await told('clinician', dose('theirs')), await told('clinician', dose('never'))];
  const text = `${refused}: whom it is about must be within reach of the token`;
  expect(answers).toEqual([
    [403, text],
    [403, text],
  ]);
});
