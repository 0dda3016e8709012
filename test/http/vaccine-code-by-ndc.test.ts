import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

// A dose that was coded by NDC alone is found by the CVX code that it is evaluated as.

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

const ndc = 'http://hl7.org/fhir/sid/ndc';
const cvx = 'http://hl7.org/fhir/sid/cvx';
const create = async (coding: readonly object[]) => {
  const { body } = await server.send('POST', '/fhir/Immunization', {
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: { coding },
    patient: { reference: 'Patient/p' },
    occurrenceDateTime: '2026-01-10',
  });
  return body.id as string;
};
const found = async (query: string) => {
  const { body } = await server.get(`/fhir/Immunization?vaccine-code=${encodeURIComponent(query)}`);
  return (body.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id);
};

describe('Immunization?vaccine-code', () => {
  it('finds a dose by its NDC and by the CVX code that this stands for', async () => {
    const id = await create([{ system: ndc, code: '00006-4121-02' }]);
    for (const query of ['165', `${cvx}|165`, `${ndc}|00006-4121-02`])
      expect(await found(query)).toEqual([id]);
    expect(await found(`${ndc}|165`)).toEqual([]);
  });

  it('finds a dose whose codes have the OIDs of HL7 v2', async () => {
    const oid = (suffix: string) => `urn:oid:2.16.840.1.113883.${suffix}`;
    const byNdc = await create([{ system: oid('6.69'), code: '58160-0815-11' }]);
    const byCvx = await create([{ system: oid('12.292'), code: '104' }]);
    expect(await found(`${cvx}|104`)).toEqual(expect.arrayContaining([byNdc, byCvx]));
  });

  it('does not add to a CVX code that was sent', async () => {
    const id = await create([
      { system: cvx, code: '62' },
      { system: ndc, code: '00006-4121-02' },
    ]);
    expect(await found('62')).toEqual([id]);
    expect(await found(`${cvx}|165`)).not.toContain(id);
  });

  it('finds by nothing more what no map knows', async () => {
    const id = await create([{ system: ndc, code: '99999-9999-99' }]);
    expect(await found(`${ndc}|99999-9999-99`)).toEqual([id]);
  });
});
