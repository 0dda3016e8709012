import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  await server.send('PUT', '/fhir/Patient/p', { resourceType: 'Patient', id: 'p' });
});
afterAll(() => server.close());

const usCorePatient = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient';
const bare = { resourceType: 'Patient', meta: { profile: [usCorePatient] } };

describe('what is written must be valid', () => {
  it.each`
    what                       | resource                                                 | status | expression
    ${'an unknown element'}    | ${{ resourceType: 'Patient', nmae: 'x' }}                | ${400} | ${'Patient.nmae'}
    ${'a wrong type'}          | ${{ resourceType: 'Patient', active: 'yes' }}            | ${400} | ${'Patient.active'}
    ${'a code out of its set'} | ${{ resourceType: 'Patient', gender: 'f' }}              | ${400} | ${'Patient.gender'}
    ${'a day that never was'}  | ${{ resourceType: 'Patient', birthDate: '2023-02-30' }}  | ${400} | ${'Patient.birthDate'}
    ${'a missing element'}     | ${{ resourceType: 'Immunization', status: 'completed' }} | ${400} | ${'Immunization.vaccineCode'}
    ${'a profile it claims'}   | ${bare}                                                  | ${422} | ${'Patient.identifier'}
  `('refuses $what with $status at $expression', async ({ resource, status, expression }) => {
    const answer = await server.send('POST', `/fhir/${resource.resourceType}`, resource);
    expect(answer.status).toBe(status);
    const places = answer.body.issue.map((issue: { expression?: string[] }) => issue.expression?.[0]);
    expect(places).toContain(expression);
  });

  it('lets a claimed profile pass as a warning, and enforces one that nobody claims, by setting', async () => {
    const lenient = await openTestServer({ declaredProfiles: 'warning' });
    expect((await lenient.send('POST', '/fhir/Patient', bare)).status).toBe(201);
    await lenient.close();
    const strict = await openTestServer({ profiles: [usCorePatient] });
    expect((await strict.send('POST', '/fhir/Patient', { resourceType: 'Patient' })).status).toBe(422);
    await strict.close();
    await expect(openTestServer({ profiles: ['urn:none'] })).rejects.toThrow('urn:none');
  });

  it('holds for updates, patches and every entry of a transaction', async () => {
    const bad = { resourceType: 'Patient', id: 'p', gender: 'f' };
    expect((await server.send('PUT', '/fhir/Patient/p', bad)).status).toBe(400);
    const patch = [{ op: 'add', path: '/gender', value: 'f' }];
    const headers = { 'content-type': 'application/json-patch+json' };
    expect((await server.send('PATCH', '/fhir/Patient/p', patch, headers)).status).toBe(422);
    const entry = [{ resource: bad, request: { method: 'POST', url: 'Patient' } }];
    const { status, body } = await server.send('POST', '/fhir', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry,
    });
    expect([status, body.issue[0].expression]).toEqual([400, ['Bundle.entry[0].resource.gender']]);
  });
});

describe('$validate (R4 resource-operation-validate.html)', () => {
  const call = (body: object, query = '') => server.send('POST', `/fhir/Patient/$validate${query}`, body);
  const severities = (body: { issue: { severity: string }[] }) =>
    new Set(body.issue.map(({ severity }) => severity));

  it('answers 200 and an outcome, whatever it finds', async () => {
    const right = await call({ resourceType: 'Patient' });
    expect([right.status, severities(right.body).has('error')]).toEqual([200, false]);
    const wrong = await call({ resourceType: 'Patient', gender: 'f' });
    expect([wrong.status, severities(wrong.body).has('error')]).toEqual([200, true]);
    const other = await call({ resourceType: 'Group', type: 'person', actual: true });
    expect(other.body.issue[0].expression).toEqual(['resourceType']);
  });

  it('takes Parameters with mode and profile, and the query', async () => {
    const parameters = (parameter: object[]) => ({ resourceType: 'Parameters', parameter });
    const resource = { name: 'resource', resource: { resourceType: 'Patient' } };
    expect(severities((await call(parameters([resource]))).body).has('error')).toBe(false);
    const profiled = parameters([resource, { name: 'profile', valueUri: usCorePatient }]);
    expect(severities((await call(profiled)).body).has('error')).toBe(true);
    expect(
      severities((await call({ resourceType: 'Patient' }, `?profile=${usCorePatient}`)).body).has('error'),
    ).toBe(true);
    expect(severities((await call({ resourceType: 'Patient' }, '?profile=urn:none')).body).has('error')).toBe(
      true,
    );
    expect((await call(parameters([resource, { name: 'mode', valueCode: 'maybe' }]))).status).toBe(400);
    expect((await call(parameters([]))).status).toBe(400);
  });

  it('judges a stored resource', async () => {
    expect(severities((await server.get('/fhir/Patient/p/$validate')).body).has('error')).toBe(false);
    expect(
      severities((await server.get(`/fhir/Patient/p/$validate?profile=${usCorePatient}`)).body).has('error'),
    ).toBe(true);
    expect((await server.get('/fhir/Patient/p/$validate?mode=delete')).status).toBe(200);
    expect((await server.get('/fhir/Patient/none/$validate')).status).toBe(404);
  });
});
