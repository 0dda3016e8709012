import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { create, idsFound, personIn, report, twin } from './identity-world.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

/** What AIRA's measurement asks of de-duplication, as a clinic's system sends it by FHIR. */
let server: TestServer;
let count = 0;
beforeAll(async () => {
  server = await openTestServer({ matching: 'automatic', clockStep: 10 });
});
afterAll(() => server.close());

const someone = async () =>
  (
    await create(server, {
      resourceType: 'Patient',
      identifier: [{ system: 'urn:aira', value: `p${++count}` }],
      name: [{ family: `Aira${'abcdefghijklmnopqrstuvwxyz'[count]}`, given: ['Case'] }],
      birthDate: '2020-01-01',
    })
  ).body.id as string;

const dose = (patient: string, on: string, members: object = {}) => ({
  resourceType: 'Immunization',
  status: 'completed',
  vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '20' }] },
  patient: { reference: `Patient/${patient}` },
  occurrenceDateTime: on,
  primarySource: true,
  lotNumber: 'C2221AA',
  ...members,
});

async function counted(patient: string): Promise<readonly Record<string, unknown>[]> {
  const { body } = await server.get(`/fhir/Patient/${patient}/$consolidated-record`);
  return body.entry
    .map(({ resource }: { resource: { resourceType: string } }) => resource)
    .filter(({ resourceType }: { resourceType: string }) => resourceType === 'Immunization');
}

const send = (...resources: readonly object[]) =>
  server.send('POST', '/fhir', {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource) => ({ resource, request: { method: 'POST', url: 'Immunization' } })),
  });

describe('vaccinations', () => {
  it('counts two of one message that are the same once', async () => {
    const patient = await someone();
    expect((await send(dose(patient, '2021-01-01'), dose(patient, '2021-01-01'))).status).toBe(200);
    expect(await counted(patient)).toHaveLength(1);
  });

  it('keeps the whole one where one of them was given in part', async () => {
    const patient = await someone();
    await send(dose(patient, '2021-01-01', { isSubpotent: true }), dose(patient, '2021-01-01'));
    const [kept, ...others] = await counted(patient);
    expect([kept?.['isSubpotent'], others]).toEqual([undefined, []]);
  });

  it('changes nothing when the same message comes twice', async () => {
    const patient = await someone();
    const order = { identifier: [{ system: 'urn:clinic:order', value: `o${count}` }] };
    const url = `/fhir/Immunization?identifier=urn:clinic:order|o${count}`;
    const first = await server.send('PUT', url, dose(patient, '2021-01-01', order));
    const again = await server.send('PUT', url, dose(patient, '2021-01-01', order));
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body.meta.versionId).toBe('1');
    expect(await counted(patient)).toHaveLength(1);
  });

  it('keeps what was given where it was told of before', async () => {
    const patient = await someone();
    await create(server, dose(patient, '2021-01-01', { primarySource: false }));
    await create(server, dose(patient, '2021-01-01'));
    const all = await counted(patient);
    expect(all.map(({ primarySource }) => primarySource)).toEqual([true]);
  });

  it.each([2, 4, 7, 10, 14, 21, 24, 28])('moves a dose by %i days under its order number', async (days) => {
    const patient = await someone();
    const order = { identifier: [{ system: 'urn:clinic:order', value: `o${count}` }] };
    const url = `/fhir/Immunization?identifier=urn:clinic:order|o${count}`;
    const moved = `2021-03-${String(1 + days).padStart(2, '0')}`;
    await server.send('PUT', url, dose(patient, '2021-03-01', order));
    expect((await server.send('PUT', url, dose(patient, moved, order))).status).toBe(200);
    const all = await counted(patient);
    expect(all.map(({ occurrenceDateTime }) => occurrenceDateTime)).toEqual([moved]);
  });
});

describe('patients', () => {
  it('keeps twins two, each of whom is found', async () => {
    const first = await create(server, report('aira'));
    const second = await create(server, twin('aira'));
    expect(personIn(second)).toBeUndefined();
    for (const [given, id] of [
      ['Wislawa', first.body.id],
      ['Jadwiga', second.body.id],
    ])
      expect(await idsFound(server, `Patient?family=Szymborska&given=${given}`)).toEqual([id]);
  });
});
