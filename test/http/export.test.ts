import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseTimeZone, type TimeZone } from '../../src/values/time-zone.ts';
import {
  openTestServer,
  type TestAnswer,
  type TestServer,
  type TestServerOptions,
} from './open-test-server.ts';

const prefer = { accept: 'application/fhir+json', prefer: 'respond-async' };
type Headers = Readonly<Record<string, string>>;

let server: TestServer;
async function open(options: TestServerOptions = {}): Promise<void> {
  server = await openTestServer(options);
  server.startExports();
}
beforeEach(() => open());
afterEach(() => server.close());

const pathOf = (url: unknown) => String(url).replace('http://jenner.test', '');
const put = async (resource: { readonly resourceType: string; readonly id: string }) => {
  const answer = await server.send('PUT', `/fhir/${resource.resourceType}/${resource.id}`, resource);
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer;
};
const patient = (id: string, more = {}) => ({ resourceType: 'Patient', id, name: [{ family: id }], ...more });
const dose = (id: string, person: string, more = {}) => ({
  resourceType: 'Immunization',
  id,
  status: 'completed',
  vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '03' }] },
  patient: { reference: `Patient/${person}` },
  occurrenceDateTime: '2024-02-01',
  ...more,
});
async function fill(): Promise<void> {
  for (const id of ['p', 'q', 'r']) await put(patient(id));
  for (const id of ['p', 'q', 'r']) await put(dose(`d${id}`, id));
  await put({ resourceType: 'Organization', id: 'o', name: 'Clinic' } as never);
}

const kickOff = (path: string, headers: Headers = {}) =>
  server.get(`/fhir/${path}`, { ...prefer, ...headers });

async function complete(kicked: TestAnswer, headers: Headers = {}): Promise<TestAnswer> {
  expect(kicked.status, kicked.text).toBe(202);
  for (let poll = 0; poll < 400; poll++) {
    const answer = await server.get(pathOf(kicked.headers['content-location']), headers);
    if (answer.status !== 202) return answer;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('the export did not end');
}

async function linesOf(file: { readonly url: string }, headers: Headers = {}) {
  const answer = await server.get(pathOf(file.url), headers);
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('application/fhir+ndjson');
  expect(answer.text.endsWith('\n')).toBe(true);
  return answer.text.slice(0, -1).split('\n');
}

type File = { readonly type: string; readonly url: string; readonly count: number };

/** Ids by type of all that was exported. */
async function exported(path: string, headers: Headers = {}) {
  const manifest = (await complete(await kickOff(path, headers), headers)).body;
  const found: Record<string, string[]> = {};
  for (const file of manifest.output as readonly File[]) {
    const lines = (await linesOf(file, headers)).map((line) => JSON.parse(line));
    expect(lines).toHaveLength(file.count);
    for (const { resourceType, id } of lines) {
      expect(resourceType).toBe(file.type);
      found[resourceType] = [...(found[resourceType] ?? []), id].sort();
    }
  }
  return { found, manifest };
}

describe('kick-off (Bulk Data 1; Inferno 2, 4, 9; BDT kick-off)', () => {
  it('declares support for export operations in the CapabilityStatement', async () => {
    const { body } = await server.get('/fhir/metadata');
    const [rest] = body.rest;
    const definitionOf = (operations: readonly { readonly name: string; readonly definition: string }[]) =>
      operations.find(({ name }) => name === 'export')?.definition;
    const typed = (type: string) =>
      rest.resource.find((one: { readonly type: string }) => one.type === type).operation;
    const base = 'http://hl7.org/fhir/uv/bulkdata';
    expect(body.instantiates).toContain(`${base}/CapabilityStatement/bulk-data`);
    expect(definitionOf(rest.operation)).toBe(`${base}/OperationDefinition/export`);
    expect(definitionOf(typed('Patient'))).toBe(`${base}/OperationDefinition/patient-export`);
    expect(definitionOf(typed('Group'))).toBe(`${base}/OperationDefinition/group-export`);
  });

  it.each(['$export', 'Patient/$export', 'Group/g/$export'])(
    'returns "202 Accepted" and "Content-location" for %s, by GET and POST',
    async (path) => {
      await fill();
      const member = [{ entity: { reference: 'Patient/p' } }];
      await put({ resourceType: 'Group', id: 'g', type: 'person', actual: true, member } as never);
      const got = await kickOff(path);
      expect(got.status, got.text).toBe(202);
      expect(got.headers['content-location']).toMatch(/^http:\/\/jenner\.test\/fhir\/bulk\/[^/]+$/);
      const posted = await server.send('POST', `/fhir/${path}`, { resourceType: 'Parameters' }, prefer);
      expect(posted.status, posted.text).toBe(202);
    },
  );

  it.each(['application/fhir+ndjson', 'application/ndjson', 'ndjson', 'application%2Ffhir%2Bndjson'])(
    'accepts _outputFormat %s',
    async (format) => {
      expect((await kickOff(`$export?_outputFormat=${format}`)).status).toBe(202);
    },
  );

  it.each([
    ['_outputFormat=application/xml', '_outputFormat=application/xml is none of'],
    ['_outputFormat=text/html', 'none of'],
    ['_since=yesterday', 'expected an instant'],
    ['_since=2020-01-01', 'expected an instant'],
    ['_since=2999-01-01T00:00:00Z', 'future'],
    ['_type=Nonsense', 'no type'],
    ['_type=Patient,Nonsense', 'no type'],
    ['_typeFilter=Immunization', 'Type?search'],
    ['_typeFilter=Immunization%3Fnonsense%3D1', 'nonsense'],
    ['_typeFilter=Immunization%3F_count%3D1', '_count'],
    ['_elements=a.b.c', '_elements'],
    ['_elements=Nonsense.id', '_elements=Nonsense.id: there is no type Nonsense'],
    [
      '_type=Patient&_elements=birthdate',
      '_elements=birthdate: no type that is exported has such an element',
    ],
    ['_elements=Patient.occurrence', '_elements=Patient.occurrence: no Patient has such an element'],
    ['_typeFilter=Immunization%3F_sort%3Ddate', '_sort has no meaning in criteria'],
    ['includeAssociatedData=Everything', 'includeAssociatedData'],
    ['organizeOutputBy=Device', 'organizeOutputBy'],
    ['nonsense=1', 'nonsense'],
    ['_summary=true', '_summary=true has no meaning in an export'],
  ])('rejects %s', async (query, text) => {
    const answer = await kickOff(`$export?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.body.resourceType).toBe('OperationOutcome');
    expect(answer.text).toContain(text);
  });

  const codes = (type: string, n: number) =>
    `${type}?code=${Array.from({ length: 500 }, (_, i) => `c${n}-${i}`).join(',')}`;
  const filters = (count: number, type: string) => Array.from({ length: count }, (_, n) => codes(type, n));
  it.each([
    ['names of _type', { _type: [`${'Patient,'.repeat(200)}Patient`] }, '_type may have 200 values'],
    ['names of _elements', { _elements: Array(201).fill('id') }, '_elements may have 200 values'],
    ['codes', { includeAssociatedData: ['x,'.repeat(200)] }, 'includeAssociatedData may have 200 values'],
    ['_typeFilter', { _typeFilter: Array(51).fill('Patient?active=true') }, '_typeFilter may have 50 values'],
    ['values in them', { _typeFilter: filters(11, 'Observation') }, '_typeFilter asks for more values'],
  ])('rejects too many %s, whatever the client would have passed over', async (_what, sent, text) => {
    const parameter = Object.entries<readonly string[]>(sent).flatMap(([name, values]) =>
      values.map((valueString) => ({ name, valueString })),
    );
    const lenient = { prefer: 'respond-async, handling=lenient' };
    const body = { resourceType: 'Parameters', parameter };
    const answer = await server.send('POST', '/fhir/$export', body, lenient);
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(text)]);
  });

  it('takes as many filters as are within the bounds, of each type', async () => {
    const sent = [...filters(10, 'Observation'), ...filters(10, 'Condition')];
    const parameter = sent.map((valueString) => ({ name: '_typeFilter', valueString }));
    const answer = await server.send(
      'POST',
      '/fhir/$export',
      { resourceType: 'Parameters', parameter },
      prefer,
    );
    expect(answer.status, answer.text).toBe(202);
  });

  it('requires Prefer respond-async', async () => {
    expect((await server.get('/fhir/$export', { accept: 'application/fhir+json' })).status).toBe(400);
    expect((await kickOff('$export', { prefer: 'return=minimal' })).status).toBe(400);
  });

  it('rejects types none of which belongs to a patient, on the level of patients', async () => {
    expect((await kickOff('Patient/$export?_type=CodeSystem')).status).toBe(400);
    expect((await kickOff('$export?_type=CodeSystem')).status).toBe(202);
  });

  it('tells what it passed over with handling=lenient in the files of errors and outcomes', async () => {
    await fill();
    const headers = { prefer: 'respond-async, handling=lenient' };
    const { body } = await complete(await kickOff('$export?_type=Patient,Nonsense&nonsense=1', headers));
    expect(body.output.map((file: File) => file.type)).toEqual(['Patient']);
    expect(body.error).toHaveLength(1);
    expect(body.outcome[0].url).toBe(body.error[0].url);
    const lines = (await linesOf(body.error[0])).map((line) => JSON.parse(line));
    expect(lines.map(({ resourceType }) => resourceType)).toEqual(['OperationOutcome', 'OperationOutcome']);
    expect(JSON.stringify(lines)).toContain('Nonsense');
    expect(JSON.stringify(lines)).toContain('nonsense');
  });

  it('answers the state apart where the client prefers so', async () => {
    const headers = { prefer: 'respond-async,separate-export-status' };
    const kicked = await kickOff('$export', headers);
    expect(kicked.headers['preference-applied']).toBe('respond-async, separate-export-status');
    const states: string[] = [];
    let answer: TestAnswer;
    do {
      answer = await server.get(pathOf(kicked.headers['content-location']));
      expect(answer.status).toBe(200);
      states.push(String(answer.headers['x-export-status']));
      await new Promise((resolve) => setTimeout(resolve, 25));
    } while (answer.headers['x-export-status'] === '202');
    expect(states.at(-1)).toBe('200');
    expect(answer.body.output).toBeDefined();
  });

  it('refuses more exports of one client than it takes at once', async () => {
    await server.close();
    server = await openTestServer();
    for (let i = 0; i < 5; i++) expect((await kickOff('$export')).status).toBe(202);
    const refused = await kickOff('$export');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('is not an entry of a Bundle', async () => {
    const entry = [{ request: { method: 'GET', url: '$export' } }];
    const { body } = await server.send('POST', '/fhir', { resourceType: 'Bundle', type: 'batch', entry });
    expect(body.entry[0].response.status).toMatch(/^400/);
  });
});

describe('status and manifest (Bulk Data 2, 3; Inferno 5, 6)', () => {
  it('returns "202 Accepted" with progress and Retry-After, then "200 OK" with what the manifest must have', async () => {
    await server.close();
    server = await openTestServer();
    await fill();
    const kicked = await kickOff('$export?_type=Patient');
    const waiting = await server.get(pathOf(kicked.headers['content-location']));
    expect(waiting.status).toBe(202);
    expect(String(waiting.headers['x-progress']).length).toBeLessThan(100);
    expect(Number(waiting.headers['retry-after'])).toBeGreaterThan(0);
    server.startExports();
    const answer = await complete(kicked);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(Date.parse(String(answer.headers['expires']))).toBeGreaterThan(Date.UTC(2026, 0, 1, 20));
    expect(answer.body).toMatchObject({
      manifestType: 'http://hl7.org/fhir/uv/bulkdata/StructureDefinition/BulkDataManifest',
      request: 'http://jenner.test/fhir/$export?_type=Patient',
      requiresAccessToken: true,
      output: [{ type: 'Patient', count: 3 }],
      error: [],
      outcome: [],
    });
    expect(answer.body.transactionTime).toMatch(/^2026-01-01T\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(answer.body.output[0].url).toMatch(/^http:\/\//);
    expect(answer.body.deleted).toBeUndefined();
  });

  it.each([
    ['stu2', ['transactionTime', 'request', 'requiresAccessToken', 'output', 'error']],
    ['stu4', ['manifestType', 'outputFormat', 'transactionTime', 'requiresAccessToken', 'output', 'outcome']],
  ] as const)('has the keys of %s alone where the setting says so', async (bulkProfile, keys) => {
    await server.close();
    await open({ bulkProfile });
    const { body } = await complete(await kickOff('$export'));
    expect(Object.keys(body)).toEqual(keys);
  });

  it('answers 404 and an OperationOutcome for what was never asked for', async () => {
    const answer = await server.get('/fhir/bulk/nothing');
    expect(answer.status).toBe(404);
    expect(answer.body.issue[0]).toMatchObject({ severity: 'error', code: 'not-found' });
    expect((await server.get('/fhir/bulk/nothing/..%2F..%2Fsecret')).status).toBe(404);
  });

  it('answers 429 to whoever asks too often', async () => {
    await server.close();
    server = await openTestServer();
    const kicked = await kickOff('$export');
    const statuses = new Set<number>();
    for (let i = 0; i < 80; i++)
      statuses.add((await server.get(pathOf(kicked.headers['content-location']))).status);
    expect([...statuses]).toEqual([202, 429]);
  });
});

describe('what is exported', () => {
  it('is all of the system, as it is stored', async () => {
    await fill();
    const { found, manifest } = await exported('$export');
    expect(found).toMatchObject({
      Patient: ['p', 'q', 'r'],
      Immunization: ['dp', 'dq', 'dr'],
      Organization: ['o'],
    });
    const file = manifest.output.find((one: File) => one.type === 'Immunization');
    const stored = await server.get('/fhir/Immunization/dp');
    expect(await linesOf(file)).toContain(stored.text);
  });

  it('is narrowed by _type, given once with commas or several times', async () => {
    await fill();
    const both = ['Immunization', 'Patient'];
    expect(Object.keys((await exported('$export?_type=Patient,Immunization')).found).sort()).toEqual(both);
    expect(Object.keys((await exported('$export?_type=Patient&_type=Immunization')).found).sort()).toEqual(
      both,
    );
  });

  it('takes queries with commas between them, as Bulk Data 2.0 has them', async () => {
    await fill();
    for (const [id, gender] of [
      ['m', 'male'],
      ['f', 'female'],
      ['o', 'other'],
    ] as const)
      await put(patient(id, { gender }));
    const ofQuery = async (query: string) =>
      (await exported(`$export?_type=Patient&_typeFilter=${encodeURIComponent(query)}`)).found['Patient'];
    expect(await ofQuery('Patient?gender=male,Patient?gender=female')).toEqual(['f', 'm']);
    expect(await ofQuery('Patient?gender=male,other')).toEqual(['m', 'o']);
  });

  it('tells of types and elements that are passed over', async () => {
    await fill();
    const told = async (path: string, headers: Headers = {}) => {
      const { manifest, found } = await exported(path, headers);
      const lines = manifest.error[0] ? await linesOf(manifest.error[0]) : [];
      return [Object.keys(found), lines.map((line) => JSON.parse(line).issue[0].details.text)];
    };
    const lenient = { prefer: 'respond-async, handling=lenient' };
    const outside = '_type=ValueSet: nothing of the kind belongs to a patient';
    expect(await told('Patient/$export?_type=Patient,ValueSet')).toEqual([['Patient'], [outside]]);
    expect(await told('Patient/$export?_type=ValueSet', lenient)).toEqual([[], [outside]]);
    expect((await kickOff('Patient/$export?_type=ValueSet')).status).toBe(400);
    const noType = '_type=Nonsense is no type that this server keeps';
    expect(await told('$export?_type=Nonsense', lenient)).toEqual([[], [noType]]);
    const element = '_elements=birthdate: no type that is exported has such an element';
    expect(await told('$export?_type=Patient&_elements=birthdate', lenient)).toEqual([
      ['Patient'],
      [element],
    ]);
    expect((await kickOff('$export?_type=Immunization&_elements=occurrence,_birthDate')).status).toBe(400);
    expect(
      (await kickOff('$export?_type=Immunization&_elements=occurrence,status,meta,id,text')).status,
    ).toBe(202);
  });

  it('begins nothing by HEAD', async () => {
    const { statusCode } = await server.app.inject({ method: 'HEAD', url: '/fhir/$export', headers: prefer });
    expect(statusCode).toBe(405);
  });

  it('names the patient who is not there', async () => {
    await fill();
    const parameter = ['p', 'nobody'].map((id) => ({
      name: 'patient',
      valueReference: { reference: `Patient/${id}` },
    }));
    const answer = await server.send(
      'POST',
      '/fhir/Patient/$export',
      { resourceType: 'Parameters', parameter },
      prefer,
    );
    expect([answer.status, answer.text]).toEqual([
      400,
      expect.stringContaining('Patient/nobody is not known'),
    ]);
  });

  it('is narrowed by _typeFilter, any of several of a type', async () => {
    await fill();
    await put(dose('old', 'p', { occurrenceDateTime: '2001-01-01' }));
    await put(dose('entered', 'p', { status: 'entered-in-error' }));
    const filters = ['Immunization?date=lt2010', 'Immunization?status=entered-in-error'];
    const query = filters.map((one) => `_typeFilter=${encodeURIComponent(one)}`).join('&');
    const { found } = await exported(`$export?_type=Immunization,Patient&${query}`);
    expect(found).toEqual({ Immunization: ['entered', 'old'], Patient: ['p', 'q', 'r'] });
  });

  it('has the elements that are asked for, and the tag SUBSETTED', async () => {
    await fill();
    await put(patient('p', { birthDate: '2020-01-01', gender: 'female' }));
    const { manifest } = await exported('$export?_type=Patient,Organization&_elements=Patient.gender');
    const [organization, person] = manifest.output;
    const lines = (await linesOf(person)).map((line) => JSON.parse(line));
    const one = lines.find(({ id }) => id === 'p');
    expect(Object.keys(one).sort()).toEqual(['gender', 'id', 'meta', 'resourceType']);
    expect(one.meta.tag[0].code).toBe('SUBSETTED');
    expect((await linesOf(organization))[0]).toContain('Clinic');
  });

  it('is what was written after _since, and tells what was deleted', async () => {
    await fill();
    const first = (await exported('$export')).manifest;
    await put(patient('q', { gender: 'male' }));
    await put(dose('new', 'q'));
    await server.send('DELETE', '/fhir/Immunization/dr');
    const { found, manifest } = await exported(
      `$export?_type=Patient,Immunization&_since=${first.transactionTime}`,
    );
    expect(found).toEqual({ Immunization: ['new'], Patient: ['q'] });
    const [line = ''] = await linesOf(manifest.deleted[0]);
    expect(JSON.parse(line)).toEqual({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ request: { method: 'DELETE', url: 'Immunization/dr' } }],
    });
    const again = await exported(`$export?_type=Patient,Immunization&_since=${manifest.transactionTime}`);
    expect(again.found).toEqual({});
    expect(again.manifest.deleted).toEqual([]);
  });

  it('is what was written up to _until', async () => {
    await put(patient('p'));
    const before = (await server.get('/fhir/Patient/p')).body.meta.lastUpdated;
    await put(patient('q'));
    expect((await exported(`$export?_type=Patient&_until=${before}`)).found).toEqual({ Patient: ['p'] });
  });

  it('takes its instants in Parameters as what they are', async () => {
    await put(patient('p'));
    const parameter = [
      { name: '_type', valueString: 'Patient' },
      { name: '_since', valueInstant: '2020-01-01T00:00:00Z' },
      { name: '_until', valueInstant: '2999-01-01T00:00:00Z' },
    ];
    const kicked = await server.send(
      'POST',
      '/fhir/$export',
      { resourceType: 'Parameters', parameter },
      prefer,
    );
    expect((await complete(kicked)).body.output).toMatchObject([{ type: 'Patient', count: 1 }]);
  });

  it('is of the moment of the request, whatever is written, changed and deleted while it is exported', async () => {
    await server.close();
    server = await openTestServer();
    await fill();
    const before = (await server.get('/fhir/Immunization/dp')).text;
    const kicked = await kickOff('$export?_type=Patient,Immunization');
    await put(dose('dp', 'p', { lotNumber: 'L' }));
    await server.send('DELETE', '/fhir/Immunization/dq');
    await put(dose('later', 'p'));
    server.startExports();
    const { body } = await complete(kicked);
    const lines = await linesOf(body.output.find((one: File) => one.type === 'Immunization'));
    expect(lines.map((line) => JSON.parse(line).id).sort()).toEqual(['dp', 'dq', 'dr']);
    expect(lines).toContain(before);
    for (const line of lines) expect(JSON.parse(line).meta.lastUpdated <= body.transactionTime).toBe(true);
    const next = await exported(`$export?_type=Immunization&_since=${body.transactionTime}`);
    expect(next.found).toEqual({ Immunization: ['dp', 'later'] });
  });

  it('is the compartment of all patients, and who gave it and where', async () => {
    await fill();
    await put({
      resourceType: 'CodeSystem',
      id: 'c',
      status: 'active',
      content: 'complete',
      url: 'urn:c',
    } as never);
    const { found } = await exported('Patient/$export');
    expect(found).toEqual({
      Patient: ['p', 'q', 'r'],
      Immunization: ['dp', 'dq', 'dr'],
      Organization: ['o'],
    });
  });

  it('is of the patients that are named by POST', async () => {
    await fill();
    const named = (...ids: readonly string[]) => ({
      resourceType: 'Parameters',
      parameter: [
        { name: '_type', valueString: 'Patient' },
        { name: '_type', valueString: 'Immunization' },
        ...ids.map((id) => ({ name: 'patient', valueReference: { reference: `Patient/${id}` } })),
      ],
    });
    const kicked = await server.send('POST', '/fhir/Patient/$export', named('p', 'r'), prefer);
    const { body } = await complete(kicked);
    expect(body.output).toMatchObject([
      { type: 'Immunization', count: 2 },
      { type: 'Patient', count: 2 },
    ]);
    expect((await server.send('POST', '/fhir/Patient/$export', named('nobody'), prefer)).status).toBe(400);
    expect((await server.send('POST', '/fhir/$export', named('p'), prefer)).status).toBe(400);
  });
});

describe('what belongs to a person together (Bulk Data 1: organizeOutputBy)', () => {
  const blocksOf = async (path: string) => {
    const manifest = (await complete(await kickOff(path))).body;
    const lines = [];
    for (const file of manifest.output) lines.push(...(await linesOf(file)).map((line) => JSON.parse(line)));
    const told = lines.map(({ resourceType, id, parameter }) =>
      resourceType === 'Parameters' ? parameter[0].valueReference.reference : `${resourceType} ${id}`,
    );
    return { manifest, told };
  };

  it('is a header, the person, and the rest of the compartment, with no types in the manifest', async () => {
    await fill();
    await put({
      resourceType: 'Observation',
      id: 'both',
      status: 'final',
      code: { text: 'x' },
      subject: { reference: 'Patient/p' },
      performer: [{ reference: 'Patient/r' }],
    } as never);
    const { manifest, told } = await blocksOf('Patient/$export?organizeOutputBy=Patient');
    expect(told).toEqual([
      ...['Patient/p', 'Patient p', 'Immunization dp', 'Observation both'],
      ...['Patient/q', 'Patient q', 'Immunization dq'],
      ...['Patient/r', 'Patient r', 'Immunization dr', 'Observation both'],
    ]);
    expect(manifest.outputOrganizedBy).toBe('Patient');
    expect(manifest.output).toHaveLength(1);
    expect(manifest.output[0]).toMatchObject({ count: 11, url: expect.stringContaining('blocks-1') });
    expect('type' in manifest.output[0]).toBe(false);
  });

  it('keeps to what is asked for: types, filters, elements, a Group, and what is new', async () => {
    await fill();
    const organized = (query: string, level = 'Patient/$export') =>
      blocksOf(`${level}?organizeOutputBy=Patient&${query}`);
    expect((await organized('_type=Immunization&_typeFilter=Immunization%3F_id%3Ddq')).told).toEqual([
      'Patient/q',
      'Immunization dq',
    ]);
    const member = [{ entity: { reference: 'Patient/r' } }];
    await put({ resourceType: 'Group', id: 'g', type: 'person', actual: true, member } as never);
    const { told, manifest } = await organized('_type=Patient,Immunization', 'Group/g/$export');
    expect(told).toEqual(['Patient/r', 'Patient r', 'Immunization dr']);
    await put(dose('dq', 'q', { lotNumber: 'A' }));
    const since = `_since=${manifest.transactionTime}`;
    expect((await organized(since, '$export')).told).toEqual(['Patient/q', 'Immunization dq']);
  });

  it('is of persons alone: anything else is refused, or passed over', async () => {
    await fill();
    expect((await kickOff('$export?organizeOutputBy=Organization')).status).toBe(400);
    const lenient = { prefer: 'respond-async, handling=lenient' };
    const { manifest } = await exported('$export?organizeOutputBy=Organization&_type=Patient', lenient);
    expect(manifest.output.map(({ type }: File) => type)).toEqual(['Patient']);
    expect(manifest.error).toHaveLength(1);
  });
});

describe('manifests before the end (Bulk Data 1: allowPartialManifests)', () => {
  const file = (name: string, type = 'Patient', holds = 'resources') => ({
    name,
    type,
    holds,
    count: 1,
    bytes: 9,
  });
  /** An export that has got so far, of which nobody does the rest. */
  const at = async (status: string, state: 'running' | 'finished', files: readonly object[]) => {
    const key = status.split('/').at(-1) ?? '';
    const value = JSON.parse((await server.store.readRecord('job', key))?.value ?? '{}');
    const kept = state === 'finished' ? { result: { files } } : { checkpoint: { part: 0, done: 0, files } };
    const lease = { owner: 'another', until: Date.UTC(2100, 0, 1) };
    const record = { collection: 'job', key, value: JSON.stringify({ ...value, ...kept, state, lease }) };
    await server.store.writeRecords([{ kind: 'put', record }]);
  };
  const begin = async (query: string, headers: Headers = {}) => {
    await server.close();
    server = await openTestServer();
    return pathOf((await kickOff(`$export?${query}`, headers)).headers['content-location']);
  };

  it('tell of each file that is whole, and never change but for the link to the next', async () => {
    const status = await begin('allowPartialManifests=true');
    const none = await server.get(status);
    expect([none.status, none.text]).toEqual([202, '']);
    await at(status, 'running', [file('a')]);
    const first = await server.get(status);
    expect([first.status, first.headers['content-type']]).toEqual([202, 'application/json; charset=utf-8']);
    expect(first.body.output).toMatchObject([{ url: expect.stringMatching(/\/a$/) }]);
    expect(first.body.link).toBeUndefined();
    await at(status, 'running', [file('a'), file('b')]);
    const { link, ...same } = (await server.get(status)).body;
    expect(same).toEqual(first.body);
    expect(link).toEqual([{ relation: 'next', url: `http://jenner.test${status}/manifest/2` }]);
    const second = (await server.get(pathOf(link[0].url))).body;
    expect(second).toEqual({ ...same, output: [{ ...same.output[0], url: expect.stringMatching(/\/b$/) }] });
    expect((await server.get(`${status}/manifest/3`)).status).toBe(404);
    await at(status, 'finished', [file('a'), file('b')]);
    const ended = await server.get(status);
    expect([ended.status, ended.body]).toEqual([200, { ...same, link }]);
    for (const page of ['0', 'x', '1e1', '99'])
      expect((await server.get(`${status}/manifest/${page}`)).status).toBe(404);
  });

  it('are there only for who asked for them, and of an export of nothing there is one', async () => {
    const status = await begin('_type=Patient');
    await at(status, 'running', [file('a')]);
    expect((await server.get(status)).text).toBe('');
    expect((await server.get(`${status}/a`)).status).toBe(404);
    expect((await server.get(`${status}/manifest/1`)).status).toBe(404);
    const empty = await begin('allowPartialManifests=true');
    await at(empty, 'finished', []);
    expect((await server.get(empty)).body.output).toEqual([]);
  });

  it('have files of what went wrong from the first on', async () => {
    const lenient = { prefer: 'respond-async, handling=lenient' };
    const kicked = await kickOff('$export?allowPartialManifests=true&_unknown=1&_type=Patient', lenient);
    await fill();
    const manifest = (await complete(kicked)).body;
    expect(manifest.error).toHaveLength(1);
    expect((await linesOf(manifest.error[0]))[0]).toContain('_unknown');
  });
});

describe('groups (Bulk Data 6; g10 "Patient IDs match those expected in Group")', () => {
  const group = (member: readonly object[], more = {}) =>
    put({ resourceType: 'Group', id: 'g', type: 'person', actual: true, member, ...more } as never);
  const of = (id: string, more = {}) => ({ entity: { reference: `Patient/${id}` }, ...more });

  it('exports the members that are active, with what belongs to them, and no other Group', async () => {
    await fill();
    await group([of('p'), of('q', { inactive: true }), of('r', { period: { end: '2025-01-01' } })]);
    await put({
      resourceType: 'Group',
      id: 'other',
      type: 'person',
      actual: true,
      member: [of('p')],
    } as never);
    const { found } = await exported('Group/g/$export');
    expect(found).toEqual({ Group: ['g'], Immunization: ['dp'], Organization: ['o'], Patient: ['p'] });
  });

  it('exports members by days of the registry, and by moments', async () => {
    await server.close();
    // In New York it is 20:00 on 2026-03-09.
    const timeZone = parseTimeZone('America/New_York') as TimeZone;
    await open({ startsAt: Date.UTC(2026, 2, 10), timeZone });
    const periods = {
      today: { end: '2026-03-09' },
      month: { end: '2026-03' },
      over: { end: '2026-03-08' },
      tomorrow: { start: '2026-03-10' },
      begun: { start: '2026-03-10T09:00:00+10:00' },
      ended: { end: '2026-03-09T19:00:00-04:00' },
    };
    for (const id of Object.keys(periods)) await put(patient(id));
    await group(Object.entries(periods).map(([id, period]) => of(id, { period })));
    const { found } = await exported('Group/g/$export?_type=Patient');
    expect(found).toEqual({ Patient: ['begun', 'month', 'today'] });
  });

  it('exports a Group of more members than are named one by one', async () => {
    await fill();
    const many = Array.from({ length: 600 }, (_, i) => `m${i}`);
    for (const id of many) await put(patient(id));
    await put(dose('dm', 'm599'));
    await put(dose('gone', 'm0'));
    await group([...many.map((id) => of(id, id === 'm0' ? { inactive: true } : {})), of('q')]);
    const { found } = await exported('Group/g/$export?_type=Patient,Immunization');
    expect(found['Immunization']).toEqual(['dm', 'dq']);
    expect(found['Patient']).toHaveLength(600);
  }, 60_000);

  it('exports the members of the Groups that are its members, whichever way they lead to each other', async () => {
    await fill();
    const inner = (id: string, member: readonly object[]) =>
      put({ resourceType: 'Group', id, type: 'person', actual: true, member } as never);
    const group_ = (id: string, more = {}) => ({ entity: { reference: `Group/${id}` }, ...more });
    await inner('a', [of('q'), group_('b')]);
    await inner('b', [of('q'), group_('g'), group_('b')]);
    await inner('away', [of('r')]);
    await group([of('p'), group_('a'), group_('away', { inactive: true })]);
    const { found } = await exported('Group/g/$export?_type=Patient,Immunization');
    expect(found).toEqual({ Immunization: ['dp', 'dq'], Patient: ['p', 'q'] });
    const asked = (id: string) => ({
      resourceType: 'Parameters',
      parameter: [{ name: 'patient', valueReference: { reference: `Patient/${id}` } }],
    });
    const named = (id: string) => server.send('POST', '/fhir/Group/g/$export', asked(id), prefer);
    expect([(await named('q')).status, (await named('r')).status]).toEqual([202, 400]);
  });

  it('refuses a Group of more Groups than it follows', async () => {
    const entry = Array.from({ length: 100 }, (_, i) => `n${i}`);
    for (const id of entry) await put({ resourceType: 'Group', id, type: 'person', actual: true } as never);
    await group(entry.map((id) => ({ entity: { reference: `Group/${id}` } })));
    const refused = await kickOff('Group/g/$export');
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('More than 100 Groups')]);
    await group(entry.slice(1).map((id) => ({ entity: { reference: `Group/${id}` } })));
    expect((await kickOff('Group/g/$export')).status).toBe(202);
  });

  it('answers 404 for a Group that is not there, and exports nothing of one that is empty', async () => {
    await fill();
    expect((await kickOff('Group/none/$export')).status).toBe(404);
    await put({ resourceType: 'Group', id: 'empty', type: 'person', actual: true } as never);
    expect((await exported('Group/empty/$export?_type=Patient')).found).toEqual({});
  });

  it('looks for the members of a Group with criteria anew before it exports', async () => {
    await fill();
    await put(patient('p', { birthDate: '2020-03-01', address: [{ city: 'Boston' }] }));
    await put(patient('q', { birthDate: '2020-04-01', address: [{ city: 'Boston' }] }));
    await put(patient('r', { birthDate: '1990-04-01', address: [{ city: 'Boston' }] }));
    const criterion = (expression: string) => ({
      url: 'http://hl7.org/fhir/uv/bulkdata/StructureDefinition/member-filter',
      valueExpression: { language: 'application/x-fhir-query', expression },
    });
    const modifierExtension = [
      criterion('Patient?address-city=Boston&birthdate=2020'),
      criterion('Immunization?vaccine-code=03'),
    ];
    await put({ resourceType: 'Group', id: 'g', type: 'person', actual: true, modifierExtension } as never);
    expect((await exported('Group/g/$export?_type=Patient')).found).toEqual({ Patient: ['p', 'q'] });
    await put(patient('q', { birthDate: '2020-04-01', address: [{ city: 'Quincy' }] }));
    expect((await exported('Group/g/$export?_type=Patient')).found).toEqual({ Patient: ['p'] });
    const { body } = await server.get('/fhir/Group/g');
    expect(body.member).toEqual([{ entity: { reference: 'Patient/p' } }]);
    expect(body.extension[0].url).toBe(
      'http://hl7.org/fhir/uv/bulkdata/StructureDefinition/members-refreshed',
    );
  });
});

describe('the criteria of a Group', () => {
  const group = (expressions: readonly string[]) =>
    put({
      resourceType: 'Group',
      id: 'g',
      type: 'person',
      actual: true,
      modifierExtension: expressions.map((expression) => ({
        url: 'http://hl7.org/fhir/uv/bulkdata/StructureDefinition/member-filter',
        valueExpression: { language: 'application/x-fhir-query', expression },
      })),
    } as never);

  it('hold of whom a resource is about, not of who told it', async () => {
    await put(patient('child', { birthDate: '2020-03-01' }));
    await put(patient('mother', { birthDate: '1990-03-01' }));
    await put({
      resourceType: 'Condition',
      id: 'c',
      subject: { reference: 'Patient/child' },
      asserter: { reference: 'Patient/mother' },
      code: { text: 'chickenpox' },
    } as never);
    await group(['Condition?subject:Patient.gender:missing=true']);
    expect((await exported('Group/g/$export?_type=Patient')).found).toEqual({ Patient: ['child'] });
  });

  it('are bounded in number, and in what they compare with', async () => {
    const codes = Array.from({ length: 500 }, (_, n) => `c${n}`).join(',');
    await group(Array(20).fill('Patient?active=true'));
    expect((await kickOff('Group/g/$export')).status).toBe(202);
    await group(Array(21).fill('Patient?active=true'));
    expect((await kickOff('Group/g/$export')).text).toContain('a Group may have 20 criteria');
    await group(Array(11).fill(`Observation?code=${codes}`));
    expect((await kickOff('Group/g/$export')).text).toContain('member-filter asks for more values');
  });
});

describe('a Group of what is forecast', () => {
  const criteria = (...expressions: readonly (readonly [language: string, expression: string])[]) =>
    put({
      resourceType: 'Group',
      id: 'g',
      type: 'person',
      actual: true,
      modifierExtension: expressions.map(([language, expression]) => ({
        url: 'http://hl7.org/fhir/uv/bulkdata/StructureDefinition/member-filter',
        valueExpression: { language, expression },
      })),
    } as never);
  const forecast = 'text/x-jenner-forecast';
  const mmr = (id: string, person: string, date: string) =>
    put(dose(id, person, { occurrenceDateTime: date }));

  it('holds who has not had two doses of MMR', async () => {
    for (const id of ['p', 'q', 'r']) await put(patient(id, { birthDate: '2020-01-15', gender: 'female' }));
    await mmr('q1', 'q', '2021-02-01');
    for (const [id, date] of [
      ['r1', '2021-02-01'],
      ['r2', '2024-02-01'],
    ] as const)
      await mmr(id, 'r', date);
    await criteria(
      ['application/x-fhir-query', 'Patient?birthdate=2020'],
      [forecast, 'group=MMR&status=notComplete&asOf=2026-01-01'],
    );
    expect((await exported('Group/g/$export?_type=Patient')).found).toEqual({ Patient: ['p', 'q'] });
    await criteria([forecast, 'group=MMR&status=complete']);
    expect((await exported('Group/g/$export?_type=Patient')).found).toEqual({ Patient: ['r'] });
  });

  it.each([
    [forecast, 'group=MMR'],
    [forecast, 'group=MMR&status=notComplete&asOf=someday'],
    ['text/cql', 'Patient?birthdate=2020'],
    ['application/x-fhir-query', 'Nonsense?birthdate=2020'],
    ['application/x-fhir-query', 'Organization?name=x'],
    [forecast, 'group=mmr&status=notComplete'],
    [forecast, 'group=MMR&status=Overdue'],
    [forecast, 'group=MMR&status=notComplete&asof=2026-01-01'],
    [forecast, 'group=MMR&status=notComplete&group=HepB'],
  ])('refuses a criterion of %s that says %s', async (language, expression) => {
    await put(patient('p', { birthDate: '2020-01-15' }));
    await criteria([language, expression]);
    expect((await kickOff('Group/g/$export')).status).toBe(400);
  });

  it('says which groups and states there are', async () => {
    await criteria([forecast, 'group=Mumps&status=due']);
    expect((await kickOff('Group/g/$export')).text).toMatch(/group=Mumps is none of .*MMR, /);
    await criteria([forecast, 'group=MMR&status=late']);
    expect((await kickOff('Group/g/$export')).text).toContain(
      'status=late is none of notComplete, complete, immune, contraindicated, agedOut, notRecommended, due, overdue',
    );
  });

  it('holds who is due, or overdue', async () => {
    await put(patient('p', { birthDate: '2020-01-15', gender: 'female' }));
    const foundOn = async (status: string, asOf: string) => {
      await criteria([forecast, `group=MMR&status=${status}&asOf=${asOf}`]);
      return (await exported('Group/g/$export?_type=Patient')).found['Patient'] ?? [];
    };
    expect(await foundOn('due', '2020-06-01')).toEqual([]);
    expect(await foundOn('due', '2021-02-01')).toEqual(['p']);
    expect(await foundOn('overdue', '2021-02-01')).toEqual([]);
    expect(await foundOn('overdue', '2023-01-01')).toEqual(['p']);
  });

  it('leaves out of whom nothing can be forecast, and says so', async () => {
    await put(patient('p', { birthDate: '2020-01-15', gender: 'female' }));
    await put(patient('year', { birthDate: '2020', gender: 'female' }));
    await criteria([forecast, 'group=MMR&status=notComplete']);
    const { found, manifest } = await exported('Group/g/$export?_type=Patient');
    expect(found).toEqual({ Patient: ['p'] });
    const [told = ''] = await linesOf(manifest.error[0]);
    expect(told).toContain(
      'Patient/year is left out of the Group, since nothing can be forecast: birthDate 2020',
    );
  });
});

describe('download (Bulk Data 4; Inferno 7; BDT download)', () => {
  const first = async () => {
    await fill();
    const { manifest } = await exported('$export?_type=Patient');
    return manifest.output[0] as File & { readonly fileSize: number };
  };
  const raw = (file: File, headers: Headers) =>
    server.app.inject({ method: 'GET', url: pathOf(file.url), headers });

  it('is gzip as it lies where that is accepted, and unpacked where it is not', async () => {
    const file = await first();
    const packed = await raw(file, { 'accept-encoding': 'br, gzip' });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(packed.headers['content-length']).toBe(String(file.fileSize));
    expect(packed.headers['vary']).toContain('Accept-Encoding');
    const plain = await raw(file, { 'accept-encoding': 'gzip;q=0' });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(gunzipSync(packed.rawPayload).toString()).toBe(plain.payload);
    expect(plain.payload.trimEnd().split('\n')).toHaveLength(3);
  });

  it('goes on where it broke off (Range, If-Range, ETag)', async () => {
    const file = await first();
    const gzip = { 'accept-encoding': 'gzip' };
    const whole = await raw(file, gzip);
    const etag = String(whole.headers['etag']);
    const rest = await raw(file, { ...gzip, range: 'bytes=10-', 'if-range': etag });
    expect(rest.statusCode).toBe(206);
    expect(rest.headers['content-range']).toBe(`bytes 10-${file.fileSize - 1}/${file.fileSize}`);
    expect(rest.rawPayload.equals(whole.rawPayload.subarray(10))).toBe(true);
    expect((await raw(file, { ...gzip, range: 'bytes=0-3' })).rawPayload).toHaveLength(4);
    expect((await raw(file, { ...gzip, range: 'bytes=-5' })).rawPayload).toHaveLength(5);
    expect((await raw(file, { ...gzip, range: 'bytes=99999999-' })).statusCode).toBe(416);
    expect((await raw(file, { ...gzip, range: 'bytes=10-', 'if-range': '"other"' })).statusCode).toBe(200);
    for (const tags of [etag, `"other", ${etag}`, `W/${etag}`, '*'])
      expect((await raw(file, { ...gzip, 'if-none-match': tags })).statusCode, tags).toBe(304);
  });

  it('is told of by HEAD, which reads nothing of it', async () => {
    const file = await first();
    const head = (headers: Headers) => server.app.inject({ method: 'HEAD', url: pathOf(file.url), headers });
    const read = vi.spyOn(fs, 'createReadStream');
    syncBuiltinESMExports();
    onTestFinished(() => {
      read.mockRestore();
      syncBuiltinESMExports();
    });
    const packed = await head({ 'accept-encoding': 'gzip', range: 'bytes=0-3' });
    expect([packed.statusCode, packed.headers['content-length']]).toEqual([200, String(file.fileSize)]);
    expect(packed.headers['content-range']).toBeUndefined();
    const plain = await head({});
    expect([plain.statusCode, plain.headers['content-encoding']]).toEqual([200, undefined]);
    expect(read).not.toHaveBeenCalled();
    await raw(file, {});
    expect(read).toHaveBeenCalledOnce();
  });
});

describe('validation (Inferno 7, g10; by the names of their tests)', () => {
  it.each(['$export', 'Patient/$export', 'Group/g/$export'])(
    'All resources returned are valid FHIR resources, and the export has at least two patients (%s)',
    async (path) => {
      await fill();
      const member = ['p', 'q'].map((id) => ({ entity: { reference: `Patient/${id}` } }));
      await put({ resourceType: 'Group', id: 'g', type: 'person', actual: true, member } as never);
      const { manifest } = await exported(path);
      let patients = 0;
      for (const { type, url } of manifest.output as readonly File[]) {
        for (const line of await linesOf({ url })) {
          expect(JSON.parse(line).resourceType).toBe(type);
          const judged = await server.send('POST', `/fhir/${type}/$validate`, line);
          const { issue } = judged.body as { readonly issue: readonly { readonly severity: string }[] };
          expect(issue.filter(({ severity }) => ['error', 'fatal'].includes(severity))).toEqual([]);
          if (type === 'Patient') patients++;
        }
      }
      expect(patients).toBeGreaterThanOrEqual(2);
    },
  );

  it('protects against too many generated files: what is not asked for makes none', async () => {
    await fill();
    const { manifest } = await exported('$export?_type=Patient,Observation,Condition');
    expect(manifest.output.map(({ type }: File) => type)).toEqual(['Patient']);
  });
});

describe('delete (Bulk Data 5; Inferno 8)', () => {
  it('returns 202 for a delete, then 404 and an OperationOutcome for polling, its files and a second delete', async () => {
    await fill();
    const kicked = await kickOff('$export?_type=Patient');
    const url = pathOf(kicked.headers['content-location']);
    const { body } = await complete(kicked);
    expect((await server.send('DELETE', url)).status).toBe(202);
    const polled = await server.get(url);
    expect(polled.status).toBe(404);
    expect(polled.body.resourceType).toBe('OperationOutcome');
    expect((await server.get(pathOf(body.output[0].url))).status).toBe(404);
    expect((await server.send('DELETE', url)).status).toBe(404);
  });

  it('cancels an export that has not begun', async () => {
    await server.close();
    server = await openTestServer();
    const url = pathOf((await kickOff('$export')).headers['content-location']);
    expect((await server.send('DELETE', url)).status).toBe(202);
    expect((await server.get(url)).status).toBe(404);
    expect((await server.send('DELETE', url)).status).toBe(404);
  });
});
