import { Client } from 'fhir-kit-client';
import FHIR from 'fhirclient';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
let base: string;
beforeAll(async () => {
  server = await openTestServer();
  base = `${await server.app.listen({ host: '127.0.0.1', port: 0 })}/fhir`;
});
afterAll(() => server.close());

const patient = (family: string) => ({
  resourceType: 'Patient',
  name: [{ family }],
  birthDate: '2020-01-01',
});
const dose = (reference: string) => ({
  resourceType: 'Immunization',
  status: 'completed',
  vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '08' }] },
  patient: { reference },
  occurrenceDateTime: '2020-01-01',
});

// biome-ignore lint/suspicious/noExplicitAny: clients type their answers loosely
type Json = any;

describe('fhir-kit-client drives the server', () => {
  it('creates, reads, searches, pages, updates, patches, deletes and runs transactions and operations', async () => {
    const client = new Client({ baseUrl: base });
    const capabilities: Json = await client.capabilityStatement();
    expect(capabilities.fhirVersion).toBe('4.0.1');
    const created: Json = await client.create({ resourceType: 'Patient', body: patient('Kit') as Json });
    const { id } = created;
    expect(((await client.read({ resourceType: 'Patient', id })) as Json).name[0].family).toBe('Kit');
    expect(((await client.vread({ resourceType: 'Patient', id, version: '1' })) as Json).id).toBe(id);
    const entry = Array.from({ length: 5 }, () => ({
      resource: dose(`Patient/${id}`),
      request: { method: 'POST', url: 'Immunization' },
    }));
    const answer: Json = await client.transaction({
      body: { resourceType: 'Bundle', type: 'transaction', entry } as Json,
    });
    expect(answer.entry).toHaveLength(5);
    const page: Json = await client.search({
      resourceType: 'Immunization',
      searchParams: { patient: id, _count: 2 },
    });
    expect(page.entry).toHaveLength(2);
    const next = page.link
      .find((link: Json) => link.relation === 'next')
      .url.replace('http://jenner.test/fhir', base);
    const second: Json = await client.request(next);
    expect(second.entry).toHaveLength(2);
    await client.update({ resourceType: 'Patient', id, body: { ...patient('Kit2'), id } as Json });
    await client.patch({
      resourceType: 'Patient',
      id,
      jsonPatch: [{ op: 'replace', path: '/birthDate', value: '2021-01-01' }],
    });
    const history: Json = await client.history({ resourceType: 'Patient', id });
    expect(history.total).toBe(3);
    const everything: Json = await client.operation({
      name: 'everything',
      resourceType: 'Patient',
      id,
      method: 'GET',
    });
    expect(everything.entry).toHaveLength(6);
    const forecast: Json = await client.operation({
      name: 'immds-forecast',
      resourceType: 'Patient',
      id,
      method: 'GET',
    });
    expect(forecast.parameter.some(({ name }: Json) => name === 'recommendation')).toBe(true);
    const doses = answer.entry.map(({ resource }: Json) => resource.id);
    for (const dose of doses) await client.delete({ resourceType: 'Immunization', id: dose });
    await client.delete({ resourceType: 'Patient', id });
    await expect(client.read({ resourceType: 'Patient', id })).rejects.toMatchObject({
      response: { status: 410 },
    });
  });
});

describe('fhirclient drives the server', () => {
  it('creates, searches, pages and follows references', async () => {
    const request = { headers: {}, url: '/' };
    const client = (FHIR as Json)(request, {}).client(base);
    const created: Json = await client.create(patient('Smart'));
    for (let n = 0; n < 3; n++) await client.create(dose(`Patient/${created.id}`));
    const found: Json = await client.request(`Patient?family=smart`, { flat: true });
    expect(found.map(({ id }: Json) => id)).toEqual([created.id]);
    const resolved: Json = await client.request(`Immunization?patient=${created.id}&_count=10`, {
      flat: true,
      resolveReferences: 'patient',
    });
    expect(resolved).toHaveLength(3);
    await client.update({ ...created, active: true });
    expect(((await client.request(`Patient/${created.id}`)) as Json).active).toBe(true);
    await expect(client.delete(`Patient/${created.id}`)).rejects.toThrow('409');
    for (const { id } of resolved) await client.delete(`Immunization/${id}`);
    await client.delete(`Patient/${created.id}`);
    await expect(client.request(`Patient/${created.id}`)).rejects.toThrow();
  });
});
