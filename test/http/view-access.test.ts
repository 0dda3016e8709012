import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/access/caller.ts';
import { callerFor } from '../unit/access/access-world.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const callers = new Map<string, Caller>(
  Object.entries({
    whole: { scopes: 'system/*.rs', name: 'client:whole', isDepartment: true, organizations: ['dep'] },
    clinic: { scopes: 'system/*.rs', name: 'client:clinic', organizations: ['a'] },
    patients: { scopes: 'system/Patient.rs', name: 'client:patients' },
    'a part': {
      scopes: 'system/Patient.rs system/Immunization.rs?status=completed system/ImmunizationEvaluation.rs',
      name: 'client:part',
    },
    'search alone': { scopes: 'system/Patient.s', name: 'client:searcher' },
    'reads some': { scopes: 'system/Patient.s system/Patient.r?gender=male', name: 'client:some' },
    'a roster': { scopes: 'system/*.rs', name: 'client:roster', groups: ['g'] },
  }).map(([name, one]) => [name, callerFor(one)]),
);
const as = (name: string) => ({ authorization: `Bearer ${name}` });

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer({
    auth: 'smart',
    audit: true,
    callerOf: ({ headers: { authorization = '' } }) =>
      authorization === 'Bearer filler'
        ? { kind: 'system', name: 'filler' }
        : (callers.get(authorization.slice('Bearer '.length)) ?? { kind: 'anonymous' }),
  });
  const put = async (resourceType: string, id: string, more = {}) => {
    const resource = { resourceType, id, ...more };
    const answer = await server.send('PUT', `/fhir/${resourceType}/${id}`, resource, as('filler'));
    expect(answer.status, answer.text).toBe(201);
  };
  for (const id of ['a', 'b', 'dep']) await put('Organization', id, { name: id });
  for (const [id, organization] of [
    ['own', 'a'],
    ['far', 'b'],
  ] as const) {
    const managingOrganization = { reference: `Organization/${organization}` };
    await put('Patient', id, { gender: 'female', birthDate: '2020-05-17', managingOrganization });
    await put('Immunization', `dose-${id}`, {
      status: 'completed',
      vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '03' }] },
      patient: { reference: `Patient/${id}` },
      occurrenceDateTime: '2021-06-01',
    });
  }
  const member = [{ entity: { reference: 'Patient/far' } }];
  for (const id of ['g', 'h']) await put('Group', id, { type: 'person', actual: true, member });
});
afterEach(() => server.close());

const run = (name: string, query: string) =>
  server.get(`/fhir/ViewDefinition/$run?viewReference=${query}`, as(name));
const rowsOf = async (name: string, query: string) => {
  const answer = await run(name, query);
  expect(answer.status, answer.text).toBe(200);
  return answer.text === ''
    ? []
    : answer.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
};

describe('ViewDefinition/$run for a caller', () => {
  it('has rows of whom the caller sees, and of nobody else', async () => {
    const ids = async (name: string) => (await rowsOf(name, 'patient')).map(({ id }) => id);
    expect(await ids('whole')).toEqual(['far', 'own']);
    expect(await ids('clinic')).toEqual(['own']);
    expect(await rowsOf('clinic', 'immunization')).toMatchObject([{ id: 'dose-own' }]);
    const forecast = await rowsOf('clinic', 'recommendation&asOf=2026-11-28');
    expect(new Set(forecast.map((row) => row.patient_id))).toEqual(new Set(['own']));
    expect(await rowsOf('clinic', 'patient&patient=Patient/far')).toEqual([]);
  });

  it('needs a token, and scopes to read and search the type', async () => {
    expect((await server.get('/fhir/ViewDefinition/$run?viewReference=patient')).status).toBe(401);
    expect((await run('patients', 'patient')).status).toBe(200);
    expect((await run('patients', 'immunization')).status).toBe(403);
    expect((await run('search alone', 'patient')).status).toBe(403);
    expect(await rowsOf('reads some', 'patient')).toEqual([]);
  });

  it('tells no forecast to who may know a part of the record alone', async () => {
    const answer = await run('a part', 'evaluation');
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('rests on the whole record');
  });

  it('has no Group but those that the client was given', async () => {
    expect(await rowsOf('a roster', 'patient&group=Group/g')).toMatchObject([{ id: 'far' }]);
    expect((await run('a roster', 'patient&group=Group/h')).status).toBe(403);
    expect((await run('clinic', 'patient&group=Group/none')).status).toBe(404);
  });

  it('tells who was in the rows, before they are sent', async () => {
    const before = (await server.auditRows()).length;
    await rowsOf('clinic', 'immunization');
    const rows = await server.auditRows();
    expect(rows.slice(0, rows.length - before)).toMatchObject([
      {
        interaction: 'operation $viewdefinition-run',
        query: 'ViewDefinition/$run?viewReference=immunization',
        patients: [],
      },
      { interaction: 'bulk export', query: '$viewdefinition-run immunization ndjson', patients: ['own'] },
    ]);
  });
});
