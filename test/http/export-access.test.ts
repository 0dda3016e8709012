import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/access/caller.ts';
import { everything } from '../../src/search/filter.ts';
import { grant } from '../interaction/test-callers.ts';
import { callerFor } from '../unit/access/access-world.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

type Given = Parameters<typeof callerFor>[0];

const given: Readonly<Record<string, Given>> = {
  'v1 scopes': { scopes: 'system/*.read', name: 'client:one' },
  'v2 scopes': { scopes: 'system/*.rs', name: 'client:two' },
  'one type': { scopes: 'system/Patient.rs', name: 'client:narrow' },
  'a query part': {
    scopes: 'system/Patient.rs system/Immunization.rs?status=completed',
    name: 'client:part',
  },
  'search alone': { scopes: 'system/Patient.s', name: 'client:searcher' },
  'read alone': { scopes: 'system/Patient.r', name: 'client:reader' },
  'a roster': { scopes: 'system/*.rs', name: 'client:roster', groups: ['g'] },
  'a clinic': { scopes: 'system/*.rs', name: 'client:clinic', organizations: ['a'] },
  'the Department': {
    scopes: 'system/*.rs',
    name: 'client:department',
    organizations: ['dep'],
    isDepartment: true,
  },
  'one with less now': { scopes: 'system/Group.rs', name: 'client:one' },
};
const callers = new Map<string, Caller>(Object.entries(given).map(([name, one]) => [name, callerFor(one)]));
callers.set(
  'one person',
  grant({ Group: everything, Patient: { kind: 'id', anyOf: ['own'] }, Immunization: everything }),
);
const as = (name: string) => ({ authorization: `Bearer ${name}` });

let server: TestServer;
beforeEach(() => open());
afterEach(() => server.close());

async function open(exportUrls: 'token' | 'capability' = 'token'): Promise<void> {
  server = await openTestServer({
    auth: 'smart',
    exportUrls,
    audit: true,
    callerOf: ({ headers }) => {
      if (headers.authorization === 'Bearer filler') return { kind: 'system', name: 'filler' };
      return (
        callers.get(/^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '') ?? { kind: 'anonymous' }
      );
    },
  });
  server.startExports();
  const put = async (resource: { readonly resourceType: string; readonly id: string }) => {
    const { resourceType, id } = resource;
    const answer = await server.send('PUT', `/fhir/${resourceType}/${id}`, resource, as('filler'));
    expect(answer.status, answer.text).toBe(201);
  };
  for (const id of ['a', 'b', 'dep']) await put({ resourceType: 'Organization', id, name: id } as never);
  const person = (id: string, organization: string) =>
    put({
      resourceType: 'Patient',
      id,
      managingOrganization: { reference: `Organization/${organization}` },
    } as never);
  const dose = (id: string, patient: string, status = 'completed') =>
    put({
      resourceType: 'Immunization',
      id,
      status,
      vaccineCode: { text: 'MMR' },
      patient: { reference: `Patient/${patient}` },
      occurrenceDateTime: '2024-02-01',
    } as never);
  await person('own', 'a');
  await person('shy', 'a');
  await person('far', 'b');
  for (const id of ['own', 'shy', 'far']) await dose(`dose-${id}`, id);
  await dose('wrong', 'own', 'entered-in-error');
  await put({
    resourceType: 'Consent',
    id: 'objection',
    status: 'active',
    scope: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
    },
    category: [
      {
        coding: [
          {
            system: 'https://jenner-iis.org/fhir/CodeSystem/consent-category',
            code: 'data-sharing-objection',
          },
        ],
      },
    ],
    policyRule: { text: 'The person objects' },
    patient: { reference: 'Patient/shy' },
  } as never);
  const member = [{ entity: { reference: 'Patient/own' } }, { entity: { reference: 'Patient/far' } }];
  for (const id of ['g', 'h'])
    await put({ resourceType: 'Group', id, type: 'person', actual: true, member } as never);
}

const pathOf = (url: unknown) => String(url).replace('http://jenner.test', '');
const kickOff = (path: string, name: string) =>
  server.get(`/fhir/${path}`, { prefer: 'respond-async', accept: 'application/fhir+json', ...as(name) });

async function manifestOf(path: string, name: string) {
  const kicked = await kickOff(path, name);
  expect(kicked.status, kicked.text).toBe(202);
  const url = pathOf(kicked.headers['content-location']);
  for (;;) {
    const answer = await server.get(url, as(name));
    if (answer.status !== 202) return { url, manifest: answer.body };
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function exported(path: string, name: string) {
  const { manifest } = await manifestOf(path, name);
  const found: Record<string, string[]> = {};
  for (const { url, type } of manifest.output) {
    const answer = await server.get(pathOf(url), as(name));
    expect(answer.status).toBe(200);
    found[type] = answer.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).id as string)
      .sort();
  }
  return found;
}

describe('who may export what', () => {
  it.each(['$export', 'Patient/$export', 'Group/g/$export'])(
    'rejects %s without authorization, and by a bad token',
    async (path) => {
      const prefer = { prefer: 'respond-async' };
      expect((await server.get(`/fhir/${path}`, prefer)).status).toBe(401);
      expect((await kickOff(path, 'nobody')).status).toBe(401);
    },
  );

  it.each(['v1 scopes', 'v2 scopes', 'the Department'])('%s: all, whoever objects', async (name) => {
    const { Patient, Immunization, AuditEvent } = await exported('$export', name);
    expect(Patient).toEqual(['far', 'own', 'shy']);
    expect(Immunization).toEqual(['dose-far', 'dose-own', 'dose-shy', 'wrong']);
    expect(AuditEvent).toBeUndefined();
  });

  it('drops types outside the scopes silently, and refuses them where they are asked for', async () => {
    expect(await exported('$export', 'one type')).toEqual({ Patient: ['far', 'own', 'shy'] });
    const refused = await kickOff('$export?_type=Patient,Immunization', 'one type');
    expect(refused.status).toBe(403);
    expect(refused.headers['www-authenticate']).toContain('insufficient_scope');
  });

  it.each(['search alone', 'read alone'])('needs both to search and to read: %s', async (name) => {
    expect(await exported('$export', name)).toEqual({});
  });

  it('exports of what may be searched that alone which may be read', async () => {
    const scopes = 'system/Immunization.s system/Immunization.r?status=entered-in-error';
    callers.set('reader of some', callerFor({ scopes, name: 'client:reader-of-some' }));
    expect(await exported('$export', 'reader of some')).toEqual({ Immunization: ['wrong'] });
  });

  it('keeps to the query part of a scope, of what was changed since too', async () => {
    expect((await exported('$export', 'a query part'))['Immunization']).toEqual([
      'dose-far',
      'dose-own',
      'dose-shy',
    ]);
  });

  it('leaves out for a clinic who is not in its care, and who objects to the sharing of data', async () => {
    const found = await exported('$export', 'a clinic');
    expect(found['Patient']).toEqual(['own']);
    expect(found['Immunization']).toEqual(['dose-own', 'wrong']);
    const members = await exported('Group/g/$export?_type=Patient', 'v2 scopes');
    expect(members['Patient']).toEqual(['far', 'own']);
  });

  it('exports to a client none but the Groups that it was registered with', async () => {
    expect((await exported('Group/g/$export?_type=Patient', 'a roster'))['Patient']).toEqual(['far', 'own']);
    expect((await kickOff('Group/h/$export', 'a roster')).status).toBe(403);
  });

  it('looks by criteria for whom the client sees, and leaves the Group as it is for the others', async () => {
    const modifierExtension = [
      {
        url: 'http://hl7.org/fhir/uv/bulkdata/StructureDefinition/member-filter',
        valueExpression: {
          language: 'application/x-fhir-query',
          expression: 'Immunization?status=completed',
        },
      },
    ];
    const criteria = { resourceType: 'Group', id: 'c', type: 'person', actual: true, modifierExtension };
    await server.send('PUT', '/fhir/Group/c', criteria, as('filler'));
    const members = async () =>
      ((await server.get('/fhir/Group/c', as('filler'))).body.member ?? []).map(
        (one: { readonly entity: { readonly reference: string } }) => one.entity.reference,
      );
    expect(await exported('Group/c/$export?_type=Patient', 'one person')).toEqual({ Patient: ['own'] });
    expect(await members()).toEqual([]);
    expect((await exported('Group/c/$export?_type=Patient', 'v2 scopes'))['Patient']).toEqual([
      'far',
      'own',
      'shy',
    ]);
    expect(await members()).toEqual(['Patient/far', 'Patient/own', 'Patient/shy']);
    expect(await exported('Group/c/$export?_type=Patient', 'one person')).toEqual({ Patient: ['own'] });
    expect(await members()).toHaveLength(3);
  });

  it.each([
    ['Immunization?status=completed', 'people alone', []],
    ['Patient?_has:Immunization:patient:status=completed', 'people alone', []],
    ['Patient?_filter=not (active eq true)', 'people alone', ['far', 'own', 'shy']],
    ['Immunization?status=entered-in-error', 'people and some doses', []],
  ])(
    'leaves a Group by %s as it is to whoever does not see what that asks about: %s',
    async (expression, who, seen) => {
      const valueExpression = { language: 'application/x-fhir-query', expression };
      const url = 'http://hl7.org/fhir/uv/bulkdata/StructureDefinition/member-filter';
      const group = { resourceType: 'Group', id: 'c', type: 'person', actual: true };
      const member = [{ entity: { reference: 'Patient/shy' } }];
      const criteria = { ...group, modifierExtension: [{ url, valueExpression }], member };
      await server.send('PUT', '/fhir/Group/c', criteria, as('filler'));
      const persons = 'system/Patient.rs system/Group.rs';
      callers.set('people alone', callerFor({ scopes: persons, name: 'client:people' }));
      const some = `${persons} system/Immunization.rs?status=completed`;
      callers.set('people and some doses', callerFor({ scopes: some, name: 'client:some' }));
      expect((await exported('Group/c/$export?_type=Patient', who))['Patient'] ?? []).toEqual(seen);
      const { body } = await server.get('/fhir/Group/c', as('filler'));
      expect(body.meta.versionId).toBe(seen.length > 0 ? '2' : '1');
    },
  );

  it('needs a token to download, of the client that asked, for the type that the file holds', async () => {
    const { url, manifest } = await manifestOf('$export?_type=Patient', 'v1 scopes');
    const file = pathOf(manifest.output[0].url);
    expect((await server.get(file)).status).toBe(401);
    expect((await server.get(file, as('v1 scopes'))).status).toBe(200);
    expect((await server.get(file, as('one with less now'))).status).toBe(403);
    for (const each of [url, file]) expect((await server.get(each, as('v2 scopes'))).status).toBe(404);
    expect((await server.send('DELETE', url, undefined, as('v2 scopes'))).status).toBe(404);
    expect((await server.get(url)).status).toBe(401);
    expect((await server.get(file, as('v1 scopes'))).status).toBe(200);
  });

  it('has blocks of those people alone whom the caller may see, for tokens of all that is in them', async () => {
    const query = 'organizeOutputBy=Patient&_type=Patient,Immunization';
    const { manifest } = await manifestOf(`Patient/$export?${query}`, 'a clinic');
    const { text } = await server.get(pathOf(manifest.output[0].url), as('a clinic'));
    const lines = text.trimEnd().split('\n');
    expect(lines[0]).toContain('Patient/own');
    expect(lines).toHaveLength(4);
    expect(text).not.toMatch(/far|shy/);
    const one = await manifestOf(`Patient/$export?${query}`, 'one person');
    const own = await server.get(pathOf(one.manifest.output[0].url), as('one person'));
    expect(own.text).not.toMatch(/far|shy/);
    const all = await manifestOf(`Patient/$export?${query}`, 'v1 scopes');
    const file = pathOf(all.manifest.output[0].url);
    expect((await server.get(file, as('one with less now'))).status).toBe(403);
    expect((await server.get(file, as('v1 scopes'))).status).toBe(200);
    callers.set('doses alone', callerFor({ scopes: 'system/Immunization.rs', name: 'client:doses' }));
    expect((await kickOff('Patient/$export?organizeOutputBy=Patient', 'doses alone')).status).toBe(403);
  });

  it('tells nobody of the deletes of whom they may not see', async () => {
    const { manifest: first } = await manifestOf('$export?_type=Immunization', 'a clinic');
    for (const id of ['dose-own', 'dose-shy', 'dose-far']) {
      await server.send('DELETE', `/fhir/Immunization/${id}`, undefined, as('filler'));
    }
    const query = `$export?_type=Immunization&_since=${first.transactionTime}`;
    const { manifest } = await manifestOf(query, 'a clinic');
    const { text } = await server.get(pathOf(manifest.deleted[0].url), as('a clinic'));
    expect(text).toContain('Immunization/dose-own');
    expect(text).not.toContain('shy');
    expect(text).not.toContain('far');
  });

  it('tells of a delete what a scope with a query part let through before it', async () => {
    callers.set('lots', callerFor({ scopes: 'system/Immunization.rs?lot-number=L1', name: 'client:lots' }));
    const lots = { 'dose-own': 'L1', 'dose-far': 'L2' };
    for (const [id, lotNumber] of Object.entries(lots)) {
      const { body } = await server.get(`/fhir/Immunization/${id}`, as('filler'));
      await server.send('PUT', `/fhir/Immunization/${id}`, { ...body, lotNumber }, as('filler'));
    }
    const { manifest: first } = await manifestOf('$export?_type=Immunization', 'lots');
    for (const id of Object.keys(lots)) {
      await server.send('DELETE', `/fhir/Immunization/${id}`, undefined, as('filler'));
    }
    const { manifest } = await manifestOf(
      `$export?_type=Immunization&_since=${first.transactionTime}`,
      'lots',
    );
    const { text } = await server.get(pathOf(manifest.deleted[0].url), as('lots'));
    expect(JSON.parse(text).entry).toEqual([{ request: { method: 'DELETE', url: 'Immunization/dose-own' } }]);
  });
});

describe('files whose URL is a secret (Bulk Data 4: requiresAccessToken false)', () => {
  beforeEach(async () => {
    await server.close();
    await open('capability');
  });

  it('are for whoever knows it, until the export is deleted, and what is fetched is told', async () => {
    const { url, manifest } = await manifestOf('$export?_type=Patient', 'v1 scopes');
    expect(manifest.requiresAccessToken).toBe(false);
    const file = pathOf(manifest.output[0].url);
    expect(file).toMatch(/^\/fhir\/bulk-files\/[^/]+\/[A-Za-z0-9_-]{43}\/Patient-1\.ndjson\.gz$/);
    const got = await server.get(file);
    expect([got.status, got.headers['content-type']]).toEqual([200, 'application/fhir+ndjson']);
    expect(got.text.trimEnd().split('\n')).toHaveLength(3);
    const part = await server.get(file, { 'accept-encoding': 'gzip', range: 'bytes=0-1' });
    expect(part.status).toBe(206);
    const [row] = (await server.auditRows()).filter((one) => one.interaction === 'bulk download');
    expect(row).toMatchObject({ agent: { name: 'client:one' }, from: '127.0.0.1' });
    expect(row?.query).toContain('Patient-1.ndjson.gz (by its URL alone)');
    const secret = file.split('/').at(-2) ?? '';
    expect(JSON.stringify(await server.auditRows())).not.toContain(secret);
    expect((await server.get(url)).status).toBe(401);
    expect((await server.send('DELETE', url, undefined, as('v1 scopes'))).status).toBe(202);
    expect((await server.get(file)).status).toBe(404);
  });

  it('end with the export, when it has expired', async () => {
    const { manifest } = await manifestOf('$export?_type=Patient', 'v1 scopes');
    const file = pathOf(manifest.output[0].url);
    expect((await server.get(file)).status).toBe(200);
    // A second at every reading.
    for (let second = 0; second < 25 * 3600; second++) server.context.clock.now();
    expect((await server.get(file)).status).toBe(404);
  });

  it('are for nobody else: not by another secret, another file, or another export', async () => {
    const { url, manifest } = await manifestOf('$export?_type=Patient', 'v1 scopes');
    const other = await manifestOf('$export?_type=Patient', 'v2 scopes');
    const [, id, secret] = /bulk-files\/([^/]+)\/([^/]+)\//.exec(manifest.output[0].url) ?? [];
    const [, , others] = /bulk-files\/([^/]+)\/([^/]+)\//.exec(other.manifest.output[0].url) ?? [];
    const wrong = [
      `${id}/${others}/Patient-1.ndjson.gz`,
      `${id}/${secret?.slice(1)}/Patient-1.ndjson.gz`,
      `${id}/undefined/Patient-1.ndjson.gz`,
      `${id}/${secret}/Patient-2.ndjson.gz`,
      `${id}/${secret}/..%2f..%2fsecret`,
      `none/${secret}/Patient-1.ndjson.gz`,
    ];
    for (const each of wrong) {
      const answer = await server.get(`/fhir/bulk-files/${each}`);
      expect([each, answer.status, answer.body?.resourceType]).toEqual([each, 404, 'OperationOutcome']);
    }
    expect((await server.get(`${url}/${'Patient-1.ndjson.gz'}`)).status).toBe(401);
  });
});

it('has no secret URLs where the setting does not say so', async () => {
  const { url, manifest } = await manifestOf('$export?_type=Patient', 'v1 scopes');
  expect(manifest.requiresAccessToken).toBe(true);
  const id = url.split('/').at(-1);
  for (const secret of ['undefined', '', 'null', '%00'])
    expect((await server.get(`/fhir/bulk-files/${id}/${secret}/Patient-1.ndjson.gz`)).status).not.toBe(200);
});

describe('what the audit tells of an export', () => {
  const toldOf = async (interaction: string) =>
    (await server.auditRows()).filter((row) => row.interaction === interaction);

  it('is one row with everybody whose data is in it, and one for each file that was fetched', async () => {
    const found = await exported('Patient/$export?_type=Immunization', 'a clinic');
    expect(found).toEqual({ Immunization: ['dose-own', 'wrong'] });
    const [row, ...others] = await toldOf('bulk export');
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      agent: { name: 'client:clinic' },
      action: 'E',
      outcome: 0,
      patients: ['own'],
      from: '127.0.0.1',
    });
    expect(row?.query).toContain('$export?_type=Immunization');
    expect(await toldOf('bulk download')).toMatchObject([
      {
        agent: { name: 'client:clinic' },
        query: expect.stringContaining('/Immunization-1.ndjson.gz'),
        from: '127.0.0.1',
      },
    ]);
    expect(await toldOf('operation $export')).toMatchObject([{ agent: { name: 'client:clinic' } }]);
  });

  it('is a refusal for who asks for what another has exported', async () => {
    const { url, manifest } = await manifestOf('$export?_type=Patient', 'v1 scopes');
    const file = pathOf(manifest.output[0].url);
    for (const path of [url, `${url}/manifest/1`, file])
      expect((await server.get(path, as('a clinic'))).status).toBe(404);
    expect((await server.send('DELETE', url, undefined, as('a clinic'))).status).toBe(404);
    const rows = (await toldOf('refused')).map(({ agent, outcome, query }) => [agent.name, outcome, query]);
    const told = [`GET ${url}`, `GET ${url}/manifest/1`, `GET ${file}`, `DELETE ${url}`];
    expect(rows.toReversed()).toEqual(told.map((query) => ['client:clinic', 4, query]));
  });

  it('does not name who is only mentioned', async () => {
    const observation = {
      resourceType: 'Observation',
      id: 'told-by-another',
      status: 'final',
      code: { text: 'titer' },
      subject: { reference: 'Patient/own' },
      performer: [{ reference: 'Patient/far' }],
    };
    await server.send('PUT', '/fhir/Observation/told-by-another', observation, as('filler'));
    await exported('$export?_type=Observation', 'the Department');
    expect((await toldOf('bulk export'))[0]?.patients).toEqual(['own']);
  });

  it('names who is a Patient in it, and whom its resources are about', async () => {
    await exported('$export?_type=Patient,Consent', 'the Department');
    const [row] = await toldOf('bulk export');
    expect(row?.patients.toSorted()).toEqual(['far', 'own', 'shy']);
    await exported('$export?_type=Consent', 'the Department');
    expect((await toldOf('bulk export'))[0]?.patients).toEqual(['shy']);
  });
});
