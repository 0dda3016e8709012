import { afterEach, beforeEach, expect, it } from 'vitest';
import { dataSharingObjection } from '../../src/search/reach.ts';
import { as, callersByName, type Given } from './entitled.ts';
import { doseFor, personIn, report } from './identity-world.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const app = { scopes: 'system/*.cruds', matching: 'automatic' } as const;
const entitled = {
  first: { ...app, organizations: ['a'] },
  second: { ...app, organizations: ['b'] },
  doses: { scopes: 'system/Immunization.rs', organizations: ['a'] },
  staff: { role: 'programme-staff' },
} as const satisfies Readonly<Record<string, Given>>;
type Name = keyof typeof entitled;

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer({ auth: 'smart', callerOf: callersByName(entitled), clockStep: 10 });
});
afterEach(() => server.close());

const bring = async (name: Name, clinic: string) => {
  const sent = report(clinic, { managingOrganization: { reference: `Organization/${clinic}` } });
  const answer = await server.send('POST', '/fhir/Patient', sent, as(name));
  const dose = await server.send(
    'POST',
    '/fhir/Immunization',
    doseFor(answer.body.id, '2023-01-01'),
    as(name),
  );
  return { id: answer.body.id, person: personIn(answer), dose: dose.body.id };
};
const found = async (query: string, name: Name) => {
  const { body } = await server.get(`/fhir/Immunization?${query}&_total=accurate`, as(name));
  const ids = (body.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id);
  expect(body.total).toBe(ids.length);
  return ids.sort();
};

it('a person who objects is named to nobody else by what is found under another id', async () => {
  const own = await bring('first', 'a');
  const other = await bring('second', 'b');
  const both = [own.dose, other.dose].sort();
  for (const id of [own.id, other.id, other.person])
    expect(await found(`patient=${id}`, 'first')).toEqual(both);
  const consent = {
    resourceType: 'Consent',
    status: 'active',
    scope: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
    },
    category: [{ coding: [dataSharingObjection] }],
    patient: { reference: `Patient/${other.person}` },
    policyRule: { text: 'objects' },
    provision: { type: 'deny' },
  };
  expect((await server.send('POST', '/fhir/Consent', consent, as('staff'))).status).toBe(201);
  for (const id of [other.id, other.person, 'nobody']) {
    for (const query of [`patient=${id}`, `patient:Patient=${id}`, `patient._id=${id}`]) {
      expect([query, await found(query, 'first')]).toEqual([query, []]);
    }
  }
  expect(await found(`patient=${own.id}`, 'first')).toEqual([own.dose]);
  expect(await found(`patient=${other.person}`, 'staff')).toEqual(both);
});

it('an app without a scope for Patients finds the doses of a person by every id', async () => {
  const own = await bring('first', 'a');
  const other = await bring('second', 'b');
  for (const id of [own.id, other.id, other.person]) {
    expect(await found(`patient=${id}`, 'doses')).toEqual([own.dose, other.dose].sort());
  }
});
