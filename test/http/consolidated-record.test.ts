import { afterAll, beforeAll, expect, it } from 'vitest';
import { create, doseFor, personIn, report } from './identity-world.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ matching: 'automatic', clockStep: 10 });
});
afterAll(() => server.close());

const codeOf = (cvx: string) => ({ coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: cvx }] });

it('answers each dose once, whichever record is asked, and the forecast counts it once', async () => {
  const a = (await create(server, report('a'))).body.id;
  const joined = await create(server, report('b'));
  const [b, person] = [joined.body.id, personIn(joined) as string];
  const given = await create(
    server,
    doseFor(a, '2022-07-10', { vaccineCode: codeOf('110'), primarySource: true }),
  );
  const told = await create(
    server,
    doseFor(b, '2022-07-10', { vaccineCode: codeOf('107'), primarySource: false, lotNumber: 'X1' }),
  );
  const rabies = await create(
    server,
    doseFor(b, '2025-01-01', { vaccineCode: codeOf('90'), primarySource: true }),
  );
  const again = await create(
    server,
    doseFor(a, '2025-01-04', { vaccineCode: codeOf('90'), primarySource: false }),
  );
  const ids = [given, told, rabies, again].map(({ body }) => body.id);
  for (const id of [a, b, person]) {
    const { status, body } = await server.get(`/fhir/Patient/${id}/$consolidated-record`);
    expect([status, body.type]).toEqual([200, 'collection']);
    const of = (type: string) =>
      body.entry
        .map(({ resource }: { resource: { resourceType: string } }) => resource)
        .filter(({ resourceType }: { resourceType: string }) => resourceType === type);
    expect(of('Patient').map((one: { id: string }) => one.id)).toEqual([person]);
    expect(
      of('Immunization')
        .map((one: { id: string }) => one.id)
        .sort(),
    ).toEqual([ids[0], ids[2], ids[3]].sort());
    expect(of('Immunization').find((one: { id: string }) => one.id === ids[0]).lotNumber).toBe('X1');
    expect(of('Linkage')[0].item).toEqual([
      { type: 'source', resource: { reference: `Immunization/${ids[0]}` } },
      { type: 'alternate', resource: { reference: `Immunization/${ids[1]}` } },
    ]);
    expect(of('DetectedIssue')[0].implicated).toHaveLength(2);
  }
  const forecast = await server.get(`/fhir/Patient/${b}/$immds-forecast`);
  expect(forecast.status).toBe(200);
  expect(forecast.text).toContain(`Immunization/${ids[1]} tells of the same dose as Immunization/${ids[0]}`);
});

it('answers the digits of an amount as they were sent', async () => {
  const { id } = (await create(server, report('digits', { identifier: [{ system: 'urn:d', value: '1' }] })))
    .body;
  const dose = doseFor(id, '2022-07-10', { doseQuantity: { value: 7, unit: 'mL' } });
  const text = JSON.stringify(dose).replace('"value":7', '"value":0.50');
  expect((await server.send('POST', '/fhir/Immunization', text)).status).toBe(201);
  const url = `Patient/${id}/$consolidated-record`;
  for (const query of ['', '?_pretty=true', '?_format=xml']) {
    expect((await server.get(`/fhir/${url}${query}`)).text).toMatch(/value"?[:= ]+"?0\.50\b/);
  }
  const batch = { resourceType: 'Bundle', type: 'batch', entry: [{ request: { method: 'GET', url } }] };
  expect((await server.send('POST', '/fhir', batch)).text).toContain('"value":0.50');
});

it('is 404 of nobody', async () => {
  expect((await server.get('/fhir/Patient/none/$consolidated-record')).status).toBe(404);
});
