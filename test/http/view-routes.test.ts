import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { viewsOf } from '../../src/shipped/views.ts';
import { callerFor } from '../unit/access/access-world.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const caller = callerFor({ scopes: 'system/Location.rs system/Patient.rs', name: 'client:desk' });
const as = (token: string) => ({ authorization: `Bearer ${token}` });
const own = {
  id: 'given-by-its-writer',
  resourceType: 'ViewDefinition',
  url: 'https://state.example/ViewDefinition/town_list',
  name: 'town_list',
  status: 'draft',
  resource: 'Patient',
  select: [{ column: [{ name: 'id', path: 'getResourceKey()' }] }],
};

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer({
    auth: 'smart',
    audit: true,
    callerOf: ({ headers: { authorization } }) =>
      authorization === 'Bearer desk' ? caller : { kind: 'anonymous' },
  });
  await viewsOf(server.store).keep(own);
});
afterEach(() => server.close());

const get = (path: string) => server.get(`/fhir/${path}`, as('desk'));
const run = (view: string, body?: unknown) =>
  server.send('POST', `/fhir/ViewDefinition/${view}/$run?_format=csv`, body, as('desk'));
const namesIn = ({ body }: Awaited<ReturnType<typeof get>>) =>
  (body.entry ?? []).map(({ resource }: { readonly resource: { readonly name: string } }) => resource.name);

describe('a ViewDefinition over HTTP', () => {
  it('is read by its id, or by its name', async () => {
    const answer = await get('ViewDefinition/town-list');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/fhir+json; charset=utf-8');
    expect(answer.body).toEqual({ ...own, id: 'town-list' });
    expect((await get('ViewDefinition/town_list')).body.id).toBe('town-list');
    expect((await get('ViewDefinition/patient')).body).toMatchObject({ id: 'patient', resource: 'Patient' });
  });

  it('is listed, by itself and by what it is', async () => {
    const all = await get('ViewDefinition?_count=50');
    expect(all.body).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 5 });
    expect(namesIn(all)).toEqual(['evaluation', 'immunization', 'patient', 'recommendation', 'town_list']);
    expect(all.body.entry[4].fullUrl).toBe('http://jenner.test/fhir/ViewDefinition/town-list');
    expect(namesIn(await get('ViewDefinition?resource=Patient&status=draft'))).toEqual(['town_list']);
    expect(namesIn(await get(`ViewDefinition?url=${own.url}`))).toEqual(['town_list']);
    expect(namesIn(await get('ViewDefinition?_id=town-list,patient'))).toEqual(['patient', 'town_list']);
    expect(namesIn(await get('ViewDefinition?name=TOWN'))).toEqual(['town_list']);
    const none = await get('ViewDefinition?name=nothing');
    expect(none.body).toMatchObject({ total: 0 });
    expect(none.body.entry).toBeUndefined();
  });

  it('is 404 where there is none, and 400 for what is no parameter', async () => {
    for (const id of ['none', 'https:%2F%2Fstate.example%2FViewDefinition%2Ftown_list', 'a%20b']) {
      const answer = await get(`ViewDefinition/${id}`);
      expect(answer.status, id).toBe(404);
      expect(answer.body).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'not-found' }] });
    }
    expect((await get('ViewDefinition?author=me')).status).toBe(400);
  });

  it('is for tokens alone, is told, and cannot be written', async () => {
    expect((await server.get('/fhir/ViewDefinition')).status).toBe(401);
    expect((await server.get('/fhir/ViewDefinition/patient')).status).toBe(401);
    await get('ViewDefinition/patient');
    await get('ViewDefinition/none');
    const sent = await server.send('POST', '/fhir/ViewDefinition', own, as('desk'));
    expect(sent.status).toBe(404);
    expect((await server.send('PUT', '/fhir/ViewDefinition/patient', own, as('desk'))).status).toBe(404);
    const told = (await server.auditRows()).map(({ query, interaction, outcome, patients }) => ({
      query,
      interaction,
      outcome,
      patients,
    }));
    expect(told).toContainEqual({
      query: 'ViewDefinition/patient',
      interaction: 'read',
      outcome: 0,
      patients: [],
    });
    expect(told).toContainEqual(
      expect.objectContaining({ query: 'ViewDefinition/none', interaction: 'read', outcome: 4 }),
    );
  });

  it('is named in the CapabilityStatement, whose types are R4 types alone', async () => {
    const { body } = await get('metadata');
    expect(body.rest[0].documentation).toContain('ViewDefinition (SQL on FHIR 2.1)');
    const types = body.rest[0].resource.map(({ type }: { readonly type: string }) => type);
    expect(types).not.toContain('ViewDefinition');
  });
});

describe('ViewDefinition/[id]/$run', () => {
  it('answers the rows of the view, by POST and by GET', async () => {
    expect((await run('town-list')).text).toBe('id\r\n');
    const byGet = await get('ViewDefinition/town-list/$viewdefinition-run?_format=csv&_limit=1');
    expect(byGet.status).toBe(200);
    expect(byGet.text).toBe('id\r\n');
    expect((await run('patient')).text).toMatch(/^id,active,family_name/);
  });

  it('needs the scopes that its rows need', async () => {
    expect((await run('immunization')).status).toBe(403);
  });

  it('runs no other view than this one', async () => {
    const other = {
      resourceType: 'Parameters',
      parameter: [{ name: 'viewReference', valueReference: { reference: 'ViewDefinition/patient' } }],
    };
    expect((await run('town-list', other)).status).toBe(400);
    expect((await run('town-list', own)).status).toBe(400);
    expect((await run('none')).status).toBe(404);
  });

  it('is the only operation of a view', async () => {
    expect((await get('ViewDefinition/patient/$everything')).status).toBe(404);
    expect((await get('ViewDefinition/patient/$meta')).status).toBe(404);
  });
});
