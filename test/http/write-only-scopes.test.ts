import { afterEach, describe, expect, it } from 'vitest';
import { doseOf, fillAccessWorld } from './access-world.ts';
import { as, callersByName, type Given } from './entitled.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
afterEach(() => server.close());

const clinician = { role: 'clinician', organizations: ['a'] } as const;
const entitled: Readonly<Record<string, Given>> = {
  writer: { ...clinician, scopes: 'user/Immunization.cud' },
  backend: { organizations: ['a'], scopes: 'system/Immunization.c' },
  app: { ...clinician, patient: 'mine', scopes: 'patient/Immunization.cud' },
  'reader of some': {
    ...clinician,
    scopes: 'user/Immunization.u user/Immunization.r?status=not-done user/Immunization.s',
  },
  coordinator: {
    role: 'vaccine-coordinator',
    organizations: ['a'],
    scopes: 'user/SupplyDelivery.crus user/Patient.rs',
  },
};
const open = async (referential: 'patient' | 'all' | 'off') => {
  server = await openTestServer({ auth: 'smart', referential, callerOf: callersByName(entitled) });
  await fillAccessWorld(server);
};
const post = (who: string, resource: object & { readonly resourceType: string }) =>
  server.send('POST', `/fhir/${resource.resourceType}`, resource, as(who));
/** The same words but for the name. */
const nameless = ({ status, body }: { status: number; body: unknown }) =>
  `${status} ${JSON.stringify(body).replaceAll(/Patient\/\w+|Encounter\/\w+/g, '?')}`;
const missing = { issue: [{ code: 'not-found' }] };

describe.each(['patient', 'all'] as const)(
  'a scope that only writes, under JENNER_REFERENTIAL=%s',
  (kind) => {
    it.each(['writer', 'backend', 'app'])('lets the %s report on whom its role reaches', async (who) => {
      await open(kind);
      const answer = await post(who, doseOf('mine'));
      expect(answer.status).toBe(201);
      expect((await server.get('/fhir/Patient/mine', as(who))).status).toBe(403);
    });

    it.each(['writer', 'backend', 'app'])('tells the %s of no other person', async (who) => {
      await open(kind);
      const never = await post(who, doseOf('never'));
      expect(never).toMatchObject({ status: 422, body: missing });
      expect(nameless(await post(who, doseOf('theirs')))).toBe(nameless(never));
    });

    it('lets a dose of somebody in care who objects be reported', async () => {
      await open(kind);
      expect((await post('writer', doseOf('objecting'))).status).toBe(201);
      expect(nameless(await post('app', doseOf('objecting')))).toBe(
        nameless(await post('app', doseOf('never'))),
      );
    });

    it('changes and deletes by letters that do not read', async () => {
      await open(kind);
      const { body } = await post('writer', doseOf('mine'));
      const url = `/fhir/Immunization/${body.id}`;
      const changed = await server.send('PUT', url, { ...body, lotNumber: 'X' }, as('writer'));
      expect([changed.status, changed.body.meta.versionId]).toEqual([200, '2']);
      const moved = { ...body, patient: { reference: 'Patient/theirs' } };
      const never = { ...body, patient: { reference: 'Patient/never' } };
      expect(nameless(await server.send('PUT', url, moved, as('writer')))).toBe(
        nameless(await server.send('PUT', url, never, as('writer'))),
      );
    });
  },
);

it('refers to the directory, and to nothing of persons that it may not read', async () => {
  await open('all');
  const performed = (organization: string) => ({
    ...doseOf('mine'),
    performer: [{ actor: { reference: `Organization/${organization}` } }],
  });
  expect((await post('writer', performed('b'))).status).toBe(201);
  expect(await post('writer', performed('never'))).toMatchObject({ status: 422, body: missing });
  const because = (reference: string) => ({
    ...doseOf('mine'),
    extension: [{ url: 'urn:because', valueReference: { reference } }],
  });
  const unread = await post('writer', because('Immunization/dose-mine'));
  expect(unread).toMatchObject({ status: 422, body: missing });
  const never = await post('writer', because('Immunization/dose-never'));
  expect(unread.text.replaceAll('dose-mine', '?')).toBe(never.text.replaceAll('dose-never', '?'));
});

it('patches nothing of a type of which others may be read: a test that fails would tell what is there', async () => {
  await open('patient');
  const json = { ...as('reader of some'), 'content-type': 'application/json-patch+json' };
  const tries = ['some', 'other'].map((value) => [
    { op: 'test', path: '/vaccineCode/text', value },
    { op: 'add', path: '/lotNumber', value: 'X' },
  ]);
  for (const url of ['Immunization/dose-mine', 'Immunization?_id=dose-mine']) {
    for (const operations of tries) {
      const { status, text } = await server.send('PATCH', `/fhir/${url}`, JSON.stringify(operations), json);
      expect([status, text]).toEqual([403, expect.stringContaining('does not allow to write')]);
    }
  }
});

it('asks for a scope to read of who patches', async () => {
  await open('off');
  const patch = JSON.stringify([{ op: 'replace', path: '/lotNumber', value: 'X' }]);
  const json = { ...as('writer'), 'content-type': 'application/json-patch+json' };
  for (const id of ['dose-mine', 'dose-theirs', 'dose-never']) {
    const { status, headers } = await server.send('PATCH', `/fhir/Immunization/${id}`, patch, json);
    expect([status, headers['www-authenticate']]).toEqual([
      403,
      expect.stringContaining('insufficient_scope'),
    ]);
  }
});

it.each(['off', 'patient'] as const)(
  'supplies to no person beyond its care, and is not told of one (referential %s)',
  async (kind) => {
    await open(kind);
    const supply = (person: string) => ({
      resourceType: 'SupplyDelivery',
      supplier: { reference: 'Organization/a' },
      patient: { reference: `Patient/${person}` },
    });
    const never = await post('coordinator', supply('never'));
    expect([403, 422]).toContain(never.status);
    for (const person of ['theirs', 'mine'])
      expect([403, 422]).toContain((await post('coordinator', supply(person))).status);
    expect(nameless(await post('coordinator', supply('theirs')))).toBe(nameless(never));
    const { patient: _, ...stock } = supply('mine');
    expect((await post('coordinator', stock)).status).toBe(201);
  },
);
