import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { baseUrl, openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer();
});
afterEach(() => server.close());

const uuid = 'urn:uuid:88888888-1111-4222-8333-444444444444';
const other = 'urn:uuid:99999999-1111-4222-8333-444444444444';
const post = (resource: Readonly<Record<string, unknown>>, extra: object = {}) => ({
  resource,
  request: { method: 'POST', url: resource['resourceType'], ...extra },
});
const patient = { resourceType: 'Patient', identifier: [{ system: 'urn:mrn', value: '1' }] };
const dose = (reference: string) => ({
  resourceType: 'Immunization',
  status: 'completed',
  vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '08' }] },
  patient: { reference },
  occurrenceDateTime: '2024-01-01',
});
const run = (type: string, entry: readonly object[], headers: Record<string, string> = {}) =>
  server.send('POST', '/fhir', { resourceType: 'Bundle', type, entry }, headers);

const rename = (family: string) => ({
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'add' },
        { name: 'path', valueString: 'Patient' },
        { name: 'name', valueString: 'name' },
        { name: 'value', valueHumanName: { family } },
      ],
    },
  ],
});
const jsonPatch = (operations: readonly object[]) => ({
  resourceType: 'Binary',
  contentType: 'application/json-patch+json',
  data: Buffer.from(JSON.stringify(operations)).toString('base64'),
});
const patchOf = (resource: object, url: string, extra: object = {}) => ({
  resource,
  request: { method: 'PATCH', url, ...extra },
});

describe.each(['transaction', 'batch'])('PATCH in a %s (R4 http.html#patch)', (type) => {
  const put = { resource: { ...patient, id: 'a' }, request: { method: 'PUT', url: 'Patient/a' } };
  const answerOf = async (entry: object) => {
    const { status, body } = await run(type, [entry]);
    if (body.resourceType === 'OperationOutcome') return String(status);
    return body.entry[0].response.status.slice(0, 3);
  };

  it('takes a FHIRPath Patch, a JSON Patch in a Binary, and a search', async () => {
    await run(type, [put]);
    const xml =
      '<diff xmlns:f="http://hl7.org/fhir"><add sel="f:Patient"><gender xmlns="http://hl7.org/fhir" value="male"/></add></diff>';
    const xmlPatch = {
      resourceType: 'Binary',
      contentType: 'application/xml-patch+xml',
      data: Buffer.from(xml).toString('base64'),
    };
    expect(await answerOf(patchOf(rename('Doe'), 'Patient/a', { ifMatch: 'W/"1"' }))).toBe('200');
    const activate = jsonPatch([{ op: 'add', path: '/active', value: true }]);
    expect(await answerOf(patchOf(activate, 'Patient?identifier=urn:mrn|1'))).toBe('200');
    expect(await answerOf(patchOf(xmlPatch, 'Patient/a'))).toBe('200');
    const { body } = await server.get('/fhir/Patient/a');
    expect(body).toMatchObject({ name: [{ family: 'Doe' }], active: true, gender: 'male' });
    const { body: history } = await server.get('/fhir/Patient/a/_history');
    expect(history.entry[0].request).toEqual({ method: 'PATCH', url: 'Patient/a' });
  });

  it.each`
    what                          | entry                                                                                        | status
    ${'nothing to patch'}         | ${patchOf(rename('Doe'), 'Patient/b')}                                                       | ${'404'}
    ${'no match'}                 | ${patchOf(rename('Doe'), 'Patient?identifier=urn:mrn|9')}                                    | ${'404'}
    ${'another version'}          | ${patchOf(rename('Doe'), 'Patient/a', { ifMatch: 'W/"7"' })}                                 | ${'412'}
    ${'an invalid result'}        | ${patchOf(jsonPatch([{ op: 'add', path: '/birthDate', value: 'x' }]), 'Patient/a')}          | ${'422'}
    ${'another id'}               | ${patchOf(jsonPatch([{ op: 'replace', path: '/id', value: 'b' }]), 'Patient/a')}             | ${'422'}
    ${'no patch'}                 | ${patchOf(patient, 'Patient/a')}                                                             | ${'400'}
    ${'a Binary of another type'} | ${patchOf({ resourceType: 'Binary', contentType: 'text/plain', data: 'AA==' }, 'Patient/a')} | ${'400'}
  `('answers $status to $what', async ({ entry, status }) => {
    await run(type, [put]);
    expect(await answerOf(entry)).toBe(status);
    expect((await server.get('/fhir/Patient/a')).headers['etag']).toBe('W/"1"');
  });
});

describe('transaction (R4 http.html#transaction)', () => {
  it('points references at what the entries become, circular ones too', async () => {
    const linked = (reference: string) => ({ ...patient, link: [{ other: { reference }, type: 'seealso' }] });
    const { status, body } = await run('transaction', [
      post(dose(uuid)),
      { fullUrl: other, ...post(linked(uuid)) },
      { fullUrl: uuid, ...post(linked(other)) },
    ]);
    expect(status).toBe(200);
    expect(body.type).toBe('transaction-response');
    const [immunization, first, second] = body.entry;
    expect(second.response).toMatchObject({ status: '201 Created', etag: 'W/"1"' });
    expect(second.response.location).toBe(`${baseUrl}/Patient/${second.resource.id}/_history/1`);
    expect(immunization.resource.patient.reference).toBe(`Patient/${second.resource.id}`);
    expect(first.resource.link[0].other.reference).toBe(`Patient/${second.resource.id}`);
    expect(second.resource.link[0].other.reference).toBe(`Patient/${first.resource.id}`);
    const found = await server.get(`/fhir/Immunization?patient=${second.resource.id}`);
    expect(found.body.entry).toHaveLength(1);
  });

  it('rewrites narrative links, but not identifiers that look like a fullUrl', async () => {
    const text = {
      status: 'generated',
      div: `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${uuid}">x</a></div>`,
    };
    const { body } = await run('transaction', [
      {
        fullUrl: uuid,
        ...post({ ...patient, identifier: [{ system: 'urn:ietf:rfc:3986', value: uuid }], text }),
      },
    ]);
    const { resource } = body.entry[0];
    expect(resource.identifier[0].value).toBe(uuid);
    expect(resource.text.div).toContain(`href="Patient/${resource.id}"`);
  });

  it('takes effect in the order DELETE, POST, PUT, GET and answers in the order of the request', async () => {
    await server.send('PUT', '/fhir/Patient/old', { ...patient, id: 'old' });
    const { body } = await run('transaction', [
      { request: { method: 'GET', url: 'Patient?identifier=urn:mrn|1' } },
      { ...post(patient, { ifNoneExist: 'identifier=urn:mrn|2' }) },
      { request: { method: 'DELETE', url: 'Patient/old' } },
      { resource: { ...patient, id: 'p' }, request: { method: 'PUT', url: 'Patient/p' } },
    ]);
    expect(body.entry.map((entry: { response: { status: string } }) => entry.response.status)).toEqual([
      '200 OK',
      '201 Created',
      '204 No Content',
      '201 Created',
    ]);
    expect(body.entry[0].resource.entry).toHaveLength(2);
  });

  it('resolves conditional references in the store and in the transaction itself', async () => {
    await server.send('PUT', '/fhir/Patient/stored', { ...patient, id: 'stored' });
    const { body, status } = await run('transaction', [
      post(dose('Patient?identifier=urn:mrn|1')),
      post(dose('Patient?identifier=urn:mrn|new')),
      post({ resourceType: 'Patient', identifier: [{ system: 'urn:mrn', value: 'new' }] }),
    ]);
    expect(status).toBe(200);
    expect(body.entry[0].resource.patient.reference).toBe('Patient/stored');
    expect(body.entry[1].resource.patient.reference).toBe(`Patient/${body.entry[2].resource.id}`);
  });

  it.each`
    what                                   | entry                                                                                               | status | expression
    ${'a reference to no entry'}           | ${[post(patient), post(dose(uuid))]}                                                                | ${400} | ${'Bundle.entry[1]'}
    ${'a conditional reference to nobody'} | ${[post(patient), post(dose('Patient?identifier=urn:mrn|none'))]}                                   | ${412} | ${'Bundle.entry[1]'}
    ${'one resource twice'}                | ${[put('a'), put('a')]}                                                                             | ${400} | ${'Bundle.entry[1]'}
    ${'one fullUrl twice'}                 | ${[{ fullUrl: uuid, ...post(patient) }, { fullUrl: uuid, ...post(patient) }]}                       | ${400} | ${'Bundle.entry[1].fullUrl'}
    ${'a stale version'}                   | ${[post(patient), { ...put('a'), request: { method: 'PUT', url: 'Patient/a', ifMatch: 'W/"3"' } }]} | ${412} | ${'Bundle.entry[1]'}
    ${'an unknown method'}                 | ${[post(patient), { request: { method: 'MOVE', url: 'Patient/a' } }]}                               | ${400} | ${'Bundle.entry[1]'}
    ${'no request'}                        | ${[post(patient), { resource: patient }]}                                                           | ${400} | ${'Bundle.entry[1]'}
    ${'another type than its url'}         | ${[post(patient), { resource: patient, request: { method: 'POST', url: 'Group' } }]}                | ${400} | ${'Bundle.entry[1]'}
    ${'another id than its url'}           | ${[post(patient), { ...put('a'), request: { method: 'PUT', url: 'Patient/b' } }]}                   | ${400} | ${'Bundle.entry[1].resource.id'}
    ${'an operation'}                      | ${[post(patient), { resource: patient, request: { method: 'POST', url: '$immds-forecast' } }]}      | ${400} | ${'Bundle.entry[1]'}
  `('keeps nothing when it holds $what', async ({ entry, status, expression }) => {
    const answer = await run('transaction', entry);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ expression: [expression] }],
    });
    expect((await server.get('/fhir/Patient?_summary=count')).body.total).toBe(0);
  });

  it('lets a patch refer to what another entry creates, and refuses two writes of one resource', async () => {
    await run('transaction', [
      { resource: { ...patient, id: 'a' }, request: { method: 'PUT', url: 'Patient/a' } },
    ]);
    const link = [{ op: 'add', path: '/generalPractitioner', value: [{ reference: uuid }] }];
    const practitioner = { fullUrl: uuid, ...post({ resourceType: 'Practitioner' }) };
    const { body } = await run('transaction', [patchOf(jsonPatch(link), 'Patient/a'), practitioner]);
    const [patched, created] = body.entry;
    expect(patched.resource.generalPractitioner[0].reference).toBe(`Practitioner/${created.resource.id}`);
    const twice = [patchOf(rename('Doe'), 'Patient/a'), patchOf(rename('Roe'), 'Patient/a')];
    expect((await run('transaction', twice)).status).toBe(400);
  });

  it('serializes transactions that write the same resource', async () => {
    await server.send('PUT', '/fhir/Patient/a', { ...patient, id: 'a' });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        run('transaction', [put('a', { language: `x${n}` }), post(patient)]),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect((await server.get('/fhir/Patient/a')).body.meta.versionId).toBe('9');
    expect((await server.get('/fhir/Patient?_summary=count')).body.total).toBe(9);
  });

  it('creates one where transactions race with ifNoneExist', async () => {
    const entry = [post(patient, { ifNoneExist: 'identifier=urn:mrn|1' })];
    await Promise.all(Array.from({ length: 8 }, () => run('transaction', entry)));
    expect((await server.get('/fhir/Patient?_summary=count')).body.total).toBe(1);
  });

  it('answers 413 to more entries than it takes, and leaves bodies out on request', async () => {
    expect((await run('transaction', Array(5001).fill(post(patient)))).status).toBe(413);
    const minimal = await run('transaction', [post(patient)], { prefer: 'return=minimal' });
    expect(minimal.body.entry[0].resource).toBeUndefined();
    expect(minimal.body.entry[0].response.status).toBe('201 Created');
  });
});

describe('batch (R4 http.html#batch)', () => {
  it('answers each entry by itself, failures with their outcome', async () => {
    const { status, body } = await run('batch', [
      post(patient),
      { request: { method: 'GET', url: 'Patient/none' } },
      { request: { method: 'GET', url: 'Patient?identifier=urn:mrn|1' } },
      put('x'),
      { request: { method: 'DELETE', url: 'Patient/x' } },
    ]);
    expect(status).toBe(200);
    expect(body.type).toBe('batch-response');
    expect(
      body.entry.map((entry: { response: { status: string } }) => entry.response.status.slice(0, 3)),
    ).toEqual(['201', '404', '200', '201', '204']);
    expect(body.entry[1].response.outcome.resourceType).toBe('OperationOutcome');
    expect(body.entry[2].resource.entry).toHaveLength(1);
  });

  it.each(['collection', undefined])('refuses a Bundle of type %s', async (type) => {
    const { status, body } = await server.send('POST', '/fhir', { resourceType: 'Bundle', type });
    expect([status, body.issue[0].expression]).toEqual([400, ['Bundle.type']]);
  });

  it.each`
    what                 | entry                                                 | status
    ${'an unknown type'} | ${{ request: { method: 'GET', url: 'Nothing/1' } }}   | ${'404'}
    ${'no method'}       | ${{ request: { url: 'Patient' } }}                    | ${'400'}
    ${'no request'}      | ${{ fullUrl: uuid }}                                  | ${'400'}
    ${'no resource'}     | ${{ request: { method: 'POST', url: 'Patient' } }}    | ${'400'}
    ${'an illegal id'}   | ${{ request: { method: 'GET', url: 'Patient/a_b' } }} | ${'400'}
  `('answers an entry with $what by itself', async ({ entry, status }) => {
    const { status: whole, body } = await run('batch', [entry, post(patient)]);
    expect(whole).toBe(200);
    const [failed, created] = body.entry;
    expect(failed.response.status.slice(0, 3)).toBe(status);
    expect(failed.response.outcome.issue[0].severity).toBe('error');
    expect(created.response.status).toBe('201 Created');
  });

  it('calls operations, by POST with Parameters and without', async () => {
    const validate = (resource: object) => ({
      resource: { resourceType: 'Parameters', parameter: [{ name: 'resource', resource }] },
      request: { method: 'POST', url: 'Patient/$validate' },
    });
    const { body } = await run('batch', [
      put('x'),
      validate(patient),
      validate({ ...patient, birthDate: 'soon' }),
      { request: { method: 'POST', url: 'Patient/x/$everything' } },
      { request: { method: 'POST', url: 'Patient/$nothing' } },
    ]);
    const [, valid, invalid, everything, unknown] = body.entry;
    expect(valid.response.status).toBe('200 OK');
    expect(JSON.stringify(valid.resource.issue)).not.toContain('"error"');
    expect(JSON.stringify(invalid.resource.issue)).toContain('"error"');
    expect(everything.resource.entry).toHaveLength(1);
    expect(unknown.response.status.slice(0, 1)).toBe('4');
  });

  it('searches a compartment', async () => {
    const vaccinated = {
      resource: { ...dose('Patient/x'), id: 'd' },
      request: { method: 'PUT', url: 'Immunization/d' },
    };
    const { body } = await run('batch', [
      put('x'),
      vaccinated,
      { request: { method: 'GET', url: 'Patient/x/Immunization?status=completed' } },
      { request: { method: 'GET', url: 'Patient/x/*' } },
      { request: { method: 'GET', url: 'Organization/x/Immunization' } },
    ]);
    const [, , immunizations, all, none] = body.entry;
    expect(
      immunizations.resource.entry.map((each: { resource: { id: string } }) => each.resource.id),
    ).toEqual(['d']);
    expect(all.resource.entry).toHaveLength(2);
    expect(none.response.status.slice(0, 1)).toBe('4');
  });

  it('answers HEAD without the resource, and failures with the phrase of HTTP', async () => {
    const { body } = await run('batch', [
      put('x'),
      { request: { method: 'HEAD', url: 'Patient/x' } },
      { request: { method: 'GET', url: 'Patient/none' } },
    ]);
    expect(body.entry[1].response).toMatchObject({ status: '200 OK', etag: 'W/"1"' });
    expect(body.entry[1]).not.toHaveProperty('resource');
    expect(body.entry[2].response.status).toBe('404 Not Found');
  });

  it('takes an ifNoneExist that is the URL of a search', async () => {
    const ifNoneExist = `${baseUrl}/Patient?identifier=urn:mrn|1`;
    const first = await run('transaction', [post(patient, { ifNoneExist })]);
    const second = await run('batch', [post(patient, { ifNoneExist })]);
    expect(second.body.entry[0].response.status).toBe('200 OK');
    expect(second.body.entry[0].resource.id).toBe(first.body.entry[0].resource.id);
  });

  it('keeps a Bundle that is posted to its type', async () => {
    const { status } = await server.send('POST', '/fhir/Bundle', {
      resourceType: 'Bundle',
      type: 'collection',
    });
    expect(status).toBe(201);
  });
});

function put(id: string, more: object = {}) {
  return { resource: { ...patient, ...more, id }, request: { method: 'PUT', url: `Patient/${id}` } };
}

describe('conditions among the entries of one transaction', () => {
  const named = (value: string, fullUrl?: string) => ({
    ...(fullUrl && { fullUrl }),
    resource: { resourceType: 'Patient', identifier: [{ system: 'urn:mrn', value }] },
    request: { method: 'POST', url: 'Patient', ifNoneExist: `identifier=urn:mrn|${value}` },
  });
  const transaction = (...entry: object[]) => ({ resourceType: 'Bundle', type: 'transaction', entry });

  it('makes one resource of two entries with one condition, and both are what it is', async () => {
    const [first, second] = [
      'urn:uuid:11111111-1111-4111-8111-111111111111',
      'urn:uuid:22222222-2222-4222-8222-222222222222',
    ];
    const dose = {
      resource: {
        resourceType: 'Immunization',
        status: 'completed',
        vaccineCode: { text: 'x' },
        occurrenceDateTime: '2025-01-01',
        patient: { reference: second },
      },
      request: { method: 'POST', url: 'Immunization' },
    };
    const { body } = await server.send(
      'POST',
      '/fhir',
      transaction(named('7', first), named('7', second), dose),
    );
    const [a, b, c] = body.entry.map((entry: { readonly response: object }) => entry.response);
    expect([a.status, b.status, c.status]).toEqual(['201 Created', '200 OK', '201 Created']);
    expect(b.location).toBe(a.location);
    const made = await server.get('/fhir/Patient?identifier=urn:mrn|7&_total=accurate');
    expect(made.body.total).toBe(1);
    expect(body.entry[2].resource.patient.reference).toBe(`Patient/${made.body.entry[0].resource.id}`);
  });

  it('makes two of two conditions', async () => {
    const { body } = await server.send('POST', '/fhir', transaction(named('8'), named('9')));
    expect(
      body.entry.map((entry: { readonly response: { readonly status: string } }) => entry.response.status),
    ).toEqual(['201 Created', '201 Created']);
  });
});

it.each(['PUT', 'batch', 'transaction'])(
  'refuses by %s to overwrite another resource than the search means',
  async (way) => {
    await server.send('PUT', '/fhir/Patient/taken', { resourceType: 'Patient', id: 'taken', active: true });
    const resource = { resourceType: 'Patient', id: 'taken', active: false };
    const url = 'Patient?identifier=urn:mrn|nobody';
    const entry = [{ resource, request: { method: 'PUT', url } }];
    const answer =
      way === 'PUT'
        ? await server.send('PUT', `/fhir/${url}`, resource)
        : await server.send('POST', '/fhir', { resourceType: 'Bundle', type: way, entry });
    const status = way === 'batch' ? answer.body.entry[0].response.status : String(answer.status);
    expect(status).toMatch(/^409/);
    expect((await server.get('/fhir/Patient/taken')).body.active).toBe(true);
  },
);

it('says of a conditional reference whether it matches nothing or too much', async () => {
  const entry = [
    {
      resource: { resourceType: 'Patient', managingOrganization: { reference: 'Organization?name=none' } },
      request: { method: 'POST', url: 'Patient' },
    },
  ];
  const { status, body } = await server.send('POST', '/fhir', {
    resourceType: 'Bundle',
    type: 'transaction',
    entry,
  });
  expect([status, body.issue[0].code]).toEqual([412, 'not-found']);
});

it('answers a read of a transaction that fails by itself, since the writes are kept by then', async () => {
  const entry = [
    { request: { method: 'GET', url: 'Patient/never' } },
    { resource: { resourceType: 'Patient', id: 'kept' }, request: { method: 'PUT', url: 'Patient/kept' } },
  ];
  const { status, body } = await server.send('POST', '/fhir', {
    resourceType: 'Bundle',
    type: 'transaction',
    entry,
  });
  expect(status).toBe(200);
  expect(body.entry[0].response).toMatchObject({
    status: '404 Not Found',
    outcome: { issue: [{ code: 'not-found' }] },
  });
  expect(body.entry[1].response.status).toBe('201 Created');
  expect((await server.get('/fhir/Patient/kept')).status).toBe(200);
});

describe('a Bundle as an entry', () => {
  const inner = (gender: string) => ({
    resourceType: 'Bundle',
    type: 'collection',
    entry: [{ resource: patient }, { resource: { ...patient, gender } }],
  });

  it('of a transaction is told the place of its own faults within both', async () => {
    const { status, body } = await run('transaction', [post(patient), post(inner('x'))]);
    expect(status).toBe(400);
    expect(body.issue[0].expression).toEqual(['Bundle.entry[1].resource.entry[1].resource.gender']);
    expect((await run('transaction', [post(inner('male'))])).status).toBe(200);
  });

  it('and one that names no entry by its reference are placed once', async () => {
    const { body } = await run('transaction', [post(patient), post(dose('urn:uuid:none'))]);
    expect(body.issue[0].expression).toEqual(['Bundle.entry[1]']);
  });
});
