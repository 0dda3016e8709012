import { afterEach, describe, expect, it, vi } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
afterEach(() => server.close());

const patient = { resourceType: 'Patient', id: 'p' };
const dose = (to: string, more: object = {}) => ({
  resourceType: 'Immunization',
  id: 'i',
  status: 'completed',
  vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '08' }] },
  occurrenceDateTime: '2025-01-01',
  patient: { reference: to },
  ...more,
});
const entry = (resource: { readonly resourceType: string; readonly id: string }) => ({
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
});
const bundle = (type: string, ...entries: object[]) => ({ resourceType: 'Bundle', type, entry: entries });
const missing = (expression: string) => ({
  issue: [{ severity: 'error', code: 'not-found', expression: [expression] }],
});

describe('JENNER_REFERENTIAL=patient', () => {
  it('refuses a dose of nobody, and takes it when its patient is there', async () => {
    server = await openTestServer({ referential: 'patient' });
    const refused = await server.send('PUT', '/fhir/Immunization/i', dose('Patient/p'));
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject(missing('Immunization.patient'));
    expect((await server.get('/fhir/Immunization/i')).status).toBe(404);
    await server.send('PUT', '/fhir/Patient/p', patient);
    expect((await server.send('PUT', '/fhir/Immunization/i', dose('Patient/p'))).status).toBe(201);
  });

  it.each(['batch', 'transaction'])('judges the entries of a %s too', async (type) => {
    server = await openTestServer({ referential: 'patient' });
    const { status, body } = await server.send('POST', '/fhir', bundle(type, entry(dose('Patient/p'))));
    if (type === 'transaction') expect(status).toBe(422);
    else expect(body.entry[0].response.status).toBe('422 Unprocessable Entity');
  });

  it('counts what the same transaction writes, in any order, and not what it deletes', async () => {
    server = await openTestServer({ referential: 'patient', deleteReferred: 'allow' });
    const both = bundle('transaction', entry(dose('Patient/p')), entry(patient));
    expect((await server.send('POST', '/fhir', both)).status).toBe(200);
    const remove = { request: { method: 'DELETE', url: 'Patient/p' } };
    const changed = entry(dose('Patient/p', { lotNumber: 'A' }));
    expect((await server.send('POST', '/fhir', bundle('transaction', changed, remove))).status).toBe(422);
  });

  it('refuses a patch that points at nobody, and a person that was deleted', async () => {
    server = await openTestServer({ referential: 'patient' });
    await server.send('PUT', '/fhir/Patient/p', patient);
    await server.send('PUT', '/fhir/Patient/q', { ...patient, id: 'q' });
    await server.send('PUT', '/fhir/Immunization/i', dose('Patient/p'));
    await server.send('DELETE', '/fhir/Patient/q');
    for (const to of ['Patient/q', 'Patient/never']) {
      const patch = JSON.stringify([{ op: 'replace', path: '/patient/reference', value: to }]);
      const { status } = await server.send('PATCH', '/fhir/Immunization/i', patch, {
        'content-type': 'application/json-patch+json',
      });
      expect(status).toBe(422);
    }
  });

  it('does not ask for what else a resource refers to', async () => {
    server = await openTestServer({ referential: 'patient' });
    await server.send('PUT', '/fhir/Patient/p', {
      ...patient,
      managingOrganization: { reference: 'Organization/o' },
    });
    const located = dose('Patient/p', { location: { reference: 'Location/nowhere' } });
    expect((await server.send('PUT', '/fhir/Immunization/i', located)).status).toBe(201);
  });

  it('refuses a dose whose patient is deleted before it is kept', async () => {
    server = await openTestServer({ referential: 'patient' });
    const { store } = server;
    await server.send('PUT', '/fhir/Patient/p', patient);
    const write = store.write.bind(store);
    const between = vi.spyOn(store, 'write').mockImplementationOnce(async (unit) => {
      expect((await server.send('DELETE', '/fhir/Patient/p')).status).toBe(204);
      return write(unit);
    });
    expect((await server.send('PUT', '/fhir/Immunization/i', dose('Patient/p'))).status).toBe(422);
    expect(between).toHaveBeenCalledTimes(2);
    expect((await server.get('/fhir/Immunization/i')).status).toBe(404);
  });

  it('keeps the patient of a dose that is written at the same moment', async () => {
    server = await openTestServer({ referential: 'patient' });
    for (let n = 0; n < 20; n++) {
      const own = { ...patient, id: `p${n}` };
      await server.send('PUT', `/fhir/Patient/p${n}`, own);
      const [written, removed] = await Promise.all([
        server.send('PUT', `/fhir/Immunization/i${n}`, { ...dose(`Patient/p${n}`), id: `i${n}` }),
        server.send('DELETE', `/fhir/Patient/p${n}`),
      ]);
      expect([
        [201, 409],
        [422, 204],
      ]).toContainEqual([written.status, removed.status]);
    }
  });
});

describe('JENNER_REFERENTIAL=all', () => {
  it('asks for every reference of this server, wherever it stands', async () => {
    server = await openTestServer({ referential: 'all' });
    await server.send('PUT', '/fhir/Patient/p', patient);
    const located = dose('Patient/p', { location: { reference: 'Location/nowhere' } });
    const { status, body } = await server.send('PUT', '/fhir/Immunization/i', located);
    expect(status).toBe(422);
    expect(body).toMatchObject(missing('Immunization.location'));
    const extended = dose('Patient/p', {
      extension: [{ url: 'urn:x', valueReference: { reference: 'Patient/none' } }],
    });
    expect((await server.send('PUT', '/fhir/Immunization/i', extended)).body).toMatchObject(
      missing('Immunization.extension[0].valueReference'),
    );
  });

  it('goes by the type of an element, not by its name', async () => {
    server = await openTestServer({ referential: 'all' });
    await server.send('PUT', '/fhir/Patient/p', patient);
    const handedOut = { education: [{ reference: 'http://jenner.test/fhir/DocumentReference/none' }] };
    expect((await server.send('PUT', '/fhir/Immunization/i', dose('Patient/p', handedOut))).status).toBe(201);
    const nowhere = { extension: [{ url: 'urn:x', valueReference: { reference: 'Location/none' } }] };
    const besideDate = dose('Patient/p', { _occurrenceDateTime: nowhere });
    expect((await server.send('PUT', '/fhir/Immunization/i', besideDate)).body).toMatchObject(
      missing('Immunization._occurrenceDateTime.extension[0].valueReference'),
    );
    const contained = [{ resourceType: 'Location', id: 'l', partOf: { reference: 'Location/none' } }];
    const within = dose('Patient/p', { contained, location: { reference: '#l' } });
    expect((await server.send('PUT', '/fhir/Immunization/i', within)).body).toMatchObject(
      missing('Immunization.contained[0].partOf'),
    );
  });

  it('asks for every member of a roster of 450, and names the one that is not there', async () => {
    server = await openTestServer({ referential: 'all' });
    const people = Array.from({ length: 450 }, (_, n) => ({ ...patient, id: `p${n}` }));
    await server.send('POST', '/fhir', bundle('transaction', ...people.map(entry)));
    const roster = (count: number) => ({
      resourceType: 'Group',
      id: 'g',
      type: 'person',
      actual: true,
      member: Array.from({ length: count }, (_, n) => ({ entity: { reference: `Patient/p${n}` } })),
    });
    expect((await server.send('PUT', '/fhir/Group/g', roster(450))).status).toBe(201);
    expect((await server.send('PUT', '/fhir/Group/g', roster(451))).body).toMatchObject(
      missing('Group.member[450].entity'),
    );
  });

  it('leaves references to elsewhere, to itself and to what is contained', async () => {
    server = await openTestServer({ referential: 'all' });
    const self = {
      ...patient,
      contained: [{ resourceType: 'Organization', id: 'c', name: 'C' }],
      managingOrganization: { reference: '#c' },
      generalPractitioner: [{ reference: 'https://elsewhere.org/fhir/Practitioner/1' }],
      link: [{ other: { reference: 'Patient/p' }, type: 'seealso' }],
    };
    expect((await server.send('PUT', '/fhir/Patient/p', self)).status).toBe(201);
  });
});

it('asks for nothing when JENNER_REFERENTIAL is off', async () => {
  server = await openTestServer();
  expect((await server.send('PUT', '/fhir/Immunization/i', dose('Patient/p'))).status).toBe(201);
});
