import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doseFor, report } from '../http/identity-world.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';
import { noMongo, testMongoUrl } from './test-mongo.ts';

const patient = (id: string) => ({ resourceType: 'Patient', id });
const bundle = (type: string, ...ids: readonly string[]) => ({
  resourceType: 'Bundle',
  type,
  entry: ids.map((id) => ({ resource: patient(id), request: { method: 'PUT', url: `Patient/${id}` } })),
});

if (testMongoUrl() === undefined) it.skip(`a single node: ${noMongo}`, () => undefined);
else {
  describe('a MongoDB without transactions', () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await openTestServer({ transactions: false });
    });
    afterAll(() => server.close());

    it('refuses a transaction of several resources with an OperationOutcome, and keeps none of them', async () => {
      const { status, body } = await server.send('POST', '/fhir', bundle('transaction', 'a', 'b'));
      expect(status).toBe(400);
      expect(body.issue[0]).toMatchObject({ severity: 'error', code: 'not-supported' });
      expect(body.issue[0].details.text).toMatch(/keeps no transactions as its database is deployed/);
      expect((await server.get('/fhir/Patient/a')).status).toBe(404);
      expect((await server.get('/fhir/Patient/b')).status).toBe(404);
    });

    it('takes a transaction of one resource, and a batch of several', async () => {
      expect((await server.send('POST', '/fhir', bundle('transaction', 'c'))).status).toBe(200);
      const { body } = await server.send('POST', '/fhir', bundle('batch', 'd', 'e'));
      expect(body.entry.map((entry: { response: { status: string } }) => entry.response.status)).toEqual([
        '201 Created',
        '201 Created',
      ]);
    });

    it('keeps Patients and doses that may be known, and asks nobody', async () => {
      const matching = await openTestServer({ transactions: false, matching: 'automatic' });
      const ids = [];
      for (const clinic of ['a', 'b']) {
        const { status, body } = await matching.send('POST', '/fhir/Patient', report(clinic));
        expect(status).toBe(201);
        ids.push(body.id);
      }
      for (const on of ['2025-01-01', '2025-01-04']) {
        const vaccineCode = { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '90' }] };
        const dose = doseFor(ids[0], on, { vaccineCode, primarySource: on.endsWith('01') });
        // A dose to the third day is unsure, and a Task would be a second resource of the write.
        expect((await matching.send('POST', '/fhir/Immunization', dose)).status).toBe(201);
      }
      expect((await matching.get('/fhir/Task?_summary=count')).body.total).toBe(0);
      await matching.close();
    });

    it('creates one of many that ask for the same', async () => {
      const create = () =>
        server.send(
          'POST',
          '/fhir/Patient',
          { resourceType: 'Patient', identifier: [{ value: 'x' }] },
          {
            'if-none-exist': 'identifier=x',
          },
        );
      const answers = await Promise.all(Array.from({ length: 6 }, create));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 201]);
    });
  });
}
