import { gunzipSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/access/caller.ts';
import { callerFor } from '../unit/access/access-world.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const callers = new Map<string, Caller>(
  Object.entries({
    department: {
      scopes: 'system/*.rs',
      name: 'client:department',
      organizations: ['dep'],
      isDepartment: true,
    },
    clinic: { scopes: 'system/*.rs', name: 'client:clinic', organizations: ['a'] },
    'a part': {
      scopes: [
        'system/Immunization.rs?status=completed',
        ...['Patient', 'ImmunizationEvaluation', 'ImmunizationRecommendation', 'Condition'].map(
          (type) => `system/${type}.rs`,
        ),
      ].join(' '),
      name: 'client:part',
    },
    patients: { scopes: 'system/Patient.rs', name: 'client:patients' },
  }).map(([name, one]) => [name, callerFor(one)]),
);
const as = (name: string) => ({ authorization: `Bearer ${name}` });

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer({
    auth: 'smart',
    audit: true,
    clockStep: 1,
    callerOf: ({ headers: { authorization = '' } }) =>
      authorization === 'Bearer filler'
        ? { kind: 'system', name: 'filler' }
        : (callers.get(authorization.slice('Bearer '.length)) ?? { kind: 'anonymous' }),
  });
  server.startExports();
  for (const id of ['a', 'b', 'dep']) await put('Organization', id, { name: id });
  await person('own', 'a', '2020-05-17');
  await person('far', 'b', '2020-05');
  await put('Group', 'g', {
    type: 'person',
    actual: true,
    member: [{ entity: { reference: 'Patient/own' } }],
  });
});
afterEach(() => server.close());

const put = async (resourceType: string, id: string, more = {}) => {
  const answer = await server.send(
    'PUT',
    `/fhir/${resourceType}/${id}`,
    { resourceType, id, ...more },
    as('filler'),
  );
  expect(answer.status, answer.text).toBe(201);
};
async function person(id: string, organization: string, birthDate: string): Promise<void> {
  const managingOrganization = { reference: `Organization/${organization}` };
  await put('Patient', id, { gender: 'female', birthDate, managingOrganization });
  await put('Immunization', `dose-${id}`, {
    status: 'completed',
    vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '03' }] },
    patient: { reference: `Patient/${id}` },
    occurrenceDateTime: '2021-06-01',
  });
}

const pathOf = (url: unknown) => String(url).replace('http://jenner.test', '');
const kickOff = (path: string, name = 'department') =>
  server.get(`/fhir/${path}`, { prefer: 'respond-async', accept: 'application/fhir+json', ...as(name) });

async function manifestOf(path: string, name = 'department') {
  const kicked = await kickOff(path, name);
  expect(kicked.status, kicked.text).toBe(202);
  for (;;) {
    const answer = await server.get(pathOf(kicked.headers['content-location']), as(name));
    if (answer.status === 200) return answer.body;
    // Five questions a second are answered.
    expect(answer.status, answer.text).toBe(202);
    await new Promise((resolve) => setTimeout(resolve, 220));
  }
}
type File = { readonly type: string; readonly url: string; readonly count: number };
const fetchFile = (file: File, headers = {}) =>
  server.app.inject({ url: pathOf(file.url), headers: { ...as('department'), ...headers } });
const rowsOf = async (file: File) =>
  parquetReadObjects({ file: new Uint8Array((await fetchFile(file)).rawPayload).buffer });

describe('an export of tables', () => {
  it('has the views of what is stored that ship, as Parquet that lies as it is', async () => {
    const manifest = await manifestOf('$export?_outputFormat=parquet');
    expect(manifest.outputFormat).toBe('application/vnd.apache.parquet');
    expect(manifest.output).toMatchObject([
      { type: 'Immunization', count: 2, url: expect.stringMatching(/immunization-1\.parquet$/) },
      { type: 'Patient', count: 2, url: expect.stringMatching(/patient-1\.parquet$/) },
    ]);
    const [doses] = manifest.output as File[];
    const whole = await fetchFile(doses as File, { 'accept-encoding': 'gzip' });
    expect(whole.headers).toMatchObject({
      'content-type': 'application/vnd.apache.parquet',
      'accept-ranges': 'bytes',
      'content-length': String(whole.rawPayload.length),
    });
    expect(whole.headers['content-encoding']).toBeUndefined();
    expect(await rowsOf(doses as File)).toMatchObject([
      { id: 'dose-far', patient_id: 'far', cvx: '03' },
      { id: 'dose-own', patient_id: 'own', cvx: '03' },
    ]);
    const part = await fetchFile(doses as File, { range: 'bytes=0-3' });
    expect([part.statusCode, part.payload]).toEqual([206, 'PAR1']);
  });

  it('has CSV, gzipped where that is taken', async () => {
    const { output } = await manifestOf('Patient/$export?_outputFormat=text/csv&_type=Patient');
    const [file] = output as File[];
    const packed = await fetchFile(file as File, { 'accept-encoding': 'gzip' });
    expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', 'content-type': /^text\/csv/ });
    const plain = await fetchFile(file as File);
    expect(gunzipSync(packed.rawPayload).toString()).toBe(plain.payload);
    expect(plain.payload.split('\r\n')).toMatchObject([
      /^id,active,family_name/,
      /^far,,,,,2020-05,female/,
      /^own,,,,2020-05-17,2020-05-17,female/,
      '',
    ]);
  });

  it('has forecasts where they are named, and says of whom there is none', async () => {
    const query = '_outputFormat=parquet&_view=recommendation,evaluation&asOf=2026-11-28';
    const manifest = await manifestOf(`$export?${query}`);
    expect((manifest.output as File[]).map(({ type }) => type)).toEqual([
      'ImmunizationRecommendation',
      'ImmunizationEvaluation',
    ]);
    const [due, judged] = await Promise.all((manifest.output as File[]).map(rowsOf));
    expect(due?.filter((row) => row['vaccine_group'] === 'MMR')).toMatchObject([
      { patient_id: 'own', status: 'notComplete', dose_number: 2 },
    ]);
    expect(judged).toContainEqual(
      expect.objectContaining({ immunization_id: 'dose-own', dose_status: 'valid' }),
    );
    const said = await fetchFile(manifest.error[0]);
    expect(said.payload).toContain('Patient/far cannot be forecast: birthDate 2020-05 is not a whole date');
  });

  it('is of a Group, a jurisdiction’s own view, and what was written since', async () => {
    const definition = {
      resourceType: 'ViewDefinition',
      name: 'cities',
      status: 'active',
      resource: 'Patient',
      select: [{ column: [{ name: 'key', path: 'getResourceKey()' }] }],
    };
    await server.store.writeRecords([
      { kind: 'put', record: { collection: 'view', key: 'cities', value: JSON.stringify(definition) } },
    ]);
    const { output } = await manifestOf('Group/g/$export?_outputFormat=csv&_view=cities');
    expect((await fetchFile(output[0])).payload).toBe('key\r\nown\r\n');
    const first = await manifestOf('$export?_outputFormat=csv&_view=patient');
    await put('Patient', 'new', { managingOrganization: { reference: 'Organization/a' } });
    const next = await manifestOf(`$export?_outputFormat=csv&_view=cities&_since=${first.transactionTime}`);
    expect((await fetchFile(next.output[0])).payload).toBe('key\r\nnew\r\n');
    expect(next.deleted).toEqual([]);
  });

  it('gives out no more than the caller may see', async () => {
    const { output } = await manifestOf('$export?_outputFormat=parquet', 'clinic');
    expect(output).toMatchObject([
      { type: 'Immunization', count: 1 },
      { type: 'Patient', count: 1 },
    ]);
    const narrow = await manifestOf('$export?_outputFormat=parquet', 'patients');
    expect(narrow.output).toMatchObject([{ type: 'Patient', count: 2 }]);
    expect((await kickOff('$export?_outputFormat=parquet&_view=immunization', 'patients')).status).toBe(403);
  });

  it('forecasts those whom the caller sees, and nobody of whom it may know a part', async () => {
    const query = '$export?_outputFormat=csv&_view=recommendation,evaluation&asOf=2026-11-28';
    const { output, error } = await manifestOf(query, 'clinic');
    const texts = (output as File[]).map(async (file) => (await fetchFile(file, as('clinic'))).payload);
    const [due, judged] = await Promise.all(texts);
    expect(due).toContain('own,');
    expect(judged).toContain('dose-own,');
    expect(`${due}${judged}`).not.toContain('far');
    expect(error).toEqual([]);
    const part = await kickOff(query, 'a part');
    expect(part.status).toBe(403);
    expect(part.text).toContain('a scope has a part of Immunization');
    expect((await kickOff(query, 'patients')).status).toBe(403);
  });

  it('is told of file by file where that is taken, unless something is told at the end', async () => {
    const partial = '_outputFormat=csv&allowPartialManifests=true';
    const first = await manifestOf(`$export?${partial}`);
    expect(first.output).toMatchObject([{ type: 'Immunization' }]);
    expect(first.link).toMatchObject([{ relation: 'next' }]);
    const due = await manifestOf(`$export?${partial}&_view=recommendation`);
    expect(due.output).toHaveLength(1);
    expect(due.link).toBeUndefined();
    expect(due.error).toHaveLength(1);
  });

  it('tells in the audit who was in it', async () => {
    await manifestOf('$export?_outputFormat=csv&_view=recommendation');
    const told = (await server.auditRows()).filter(({ interaction }) => interaction === 'bulk export');
    expect(told).toHaveLength(1);
    expect([...(told[0]?.patients ?? [])].sort()).toEqual(['far', 'own']);
  });

  it('are one of a view that is named twice', async () => {
    const url = 'https://jenner-iis.org/fhir/ViewDefinition/patient';
    const query = `_outputFormat=csv&_view=patient,ViewDefinition/patient&_view=${url}`;
    const { output } = await manifestOf(`$export?${query}`);
    expect(output.map(({ count }: { readonly count: number }) => count)).toEqual([2]);
  });

  it.each([
    ['_outputFormat=orc', 'is none of'],
    ['_outputFormat=json', 'is none of'],
    ['_view=patient', 'goes with _outputFormat=parquet'],
    ['_outputFormat=csv&_view=none', 'there is no such view'],
    ['_outputFormat=csv&_view=patient&_type=Immunization', 'which _type leaves out'],
    ['_outputFormat=csv&_type=Organization', 'No view of Organization ships'],
    ['_outputFormat=csv&organizeOutputBy=Patient', 'organizeOutputBy has no meaning for a table'],
    ['_outputFormat=csv&_elements=id', '_elements has no meaning for a table'],
    ['_outputFormat=csv&_view=evaluation&_since=2020-01-01T00:00:00Z', 'no meaning for a forecast'],
    ['_outputFormat=csv&_view=evaluation&asOf=2020-13-01', 'asOf'],
  ])('is refused with %s', async (query, text) => {
    const answer = await kickOff(`$export?${query}`);
    expect(answer.status, answer.text).toBe(400);
    expect(answer.text).toContain(text);
  });
});
