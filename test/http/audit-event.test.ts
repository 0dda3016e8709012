import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditOrigin } from '../../src/interaction/audit/audit-event.ts';
import { searchAuditEvents } from '../../src/interaction/audit/search-audit.ts';
import { seenOf } from '../../src/interaction/audit/seen.ts';
import { type InteractionContext, openContext } from '../../src/interaction/context.ts';
import { createResource } from '../../src/interaction/create-resource.ts';
import { searchResources } from '../../src/interaction/search-resources.ts';
import { updateResource } from '../../src/interaction/update-resource.ts';
import { toAuditId } from '../../src/store/contract/audit.ts';
import type { EpochMs } from '../../src/values/instant.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { auditRow } from '../contract/fixtures.ts';
import { callerFor } from '../unit/access/access-world.ts';
import { as, callersByName, type Given } from './entitled.ts';
import { openTestServer, type TestAnswer, type TestServer } from './open-test-server.ts';

const entitled = {
  auditor: { role: 'auditor' },
  administrator: { role: 'administrator' },
  clinician: { role: 'clinician', organizations: ['a'], fhirUser: 'Practitioner/doc', client: 'ehr' },
  patient: { role: 'individual', ownPersons: ['own'], fhirUser: 'Patient/own' },
  stranger: { role: 'individual', ownPersons: ['third'] },
  narrow: { role: 'auditor', scopes: 'user/Organization.rs' },
  system: { scopes: 'system/*.cruds' },
} as const satisfies Readonly<Record<string, Given>>;
type Name = keyof typeof entitled;

const care = { managingOrganization: { reference: 'Organization/a' } };
const resources = [
  { resourceType: 'Organization', id: 'a', name: 'Harbor Clinic' },
  { resourceType: 'Practitioner', id: 'doc', name: [{ given: ['Ada'], family: 'Smith' }] },
  { resourceType: 'Patient', id: 'own', name: [{ family: 'Jones' }], ...care },
  { resourceType: 'Patient', id: 'other', name: [{ family: 'Jones' }], ...care },
  { resourceType: 'Patient', id: 'third' },
];
const sent = {
  resourceType: 'AuditEvent',
  type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
  recorded: '2026-01-01T00:00:00Z',
  agent: [{ requestor: true, who: { display: 'Someone' } }],
  source: { observer: { display: 'Jenner' } },
  entity: [{ what: { reference: 'Patient/own' } }],
};

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer({ auth: 'smart', audit: true, callerOf: callersByName(entitled) });
  for (const resource of resources) {
    const key = { type: resource.resourceType as 'Patient', id: resource.id as ResourceId };
    await updateResource(server.ctx, key, { resource: resource as never, exactNumbers: false });
  }
});
afterEach(() => server.close());

/** What is told is there for whoever asks next. */
const ask = async (name: Name, url: string): Promise<TestAnswer> => {
  const answer = await server.get(`/fhir/${url}`, as(name));
  await server.auditRows();
  return answer;
};
const entries = ({ body }: TestAnswer): readonly Told[] =>
  (body.entry ?? []).map(({ resource }: { readonly resource: Told }) => resource);
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
type Told = any;
const referencesIn = (event: Told): readonly string[] =>
  (event.entity ?? []).flatMap(({ what }: Told) => what?.reference ?? []);
const ids = (answer: TestAnswer) => entries(answer).map(({ id }) => id);
const contextOf = (given: Given): InteractionContext =>
  openContext(server.context, server.store, callerFor(given));

describe("the server's own AuditEvents", () => {
  it('tell an auditor who saw what, as IHE BALP has it', async () => {
    await ask('clinician', 'Patient?family=jones');
    const found = await ask('auditor', 'AuditEvent?patient=Patient/own');
    expect(found.status).toBe(200);
    const [event] = entries(found);
    expect(event).toMatchObject({
      resourceType: 'AuditEvent',
      meta: { versionId: '1', tag: [{ system: auditOrigin, code: 'server' }] },
      type: { code: 'rest' },
      subtype: [{ code: 'search' }],
      action: 'E',
      outcome: '0',
      purposeOfEvent: [{ coding: [{ code: 'TREAT' }] }],
      source: { observer: { identifier: { value: server.context.baseUrl } } },
    });
    expect(event.agent.find(({ requestor }: Told) => requestor)).toMatchObject({
      who: { reference: 'Practitioner/doc', identifier: { value: 'someone' } },
      role: [{ coding: [{ code: 'clinician' }] }],
    });
    expect(event.agent[0]).toMatchObject({
      who: { identifier: { value: 'ehr' } },
      network: { address: '127.0.0.1' },
    });
    expect(referencesIn(event)).toEqual(expect.arrayContaining(['Patient/own', 'Patient/other']));
    const { query } = event.entity.find(({ role }: Told) => role.code === '24');
    expect(Buffer.from(query, 'base64').toString()).toBe('Patient?family=jones');
  });

  it('tell that one was read by its id, to each whom it names', async () => {
    await ask('clinician', 'Patient?family=jones');
    const [event] = entries(await ask('auditor', 'AuditEvent?patient=Patient/other'));
    await ask('auditor', `AuditEvent/${event.id}`);
    const [row] = await server.auditRows();
    expect(row).toMatchObject({ interaction: 'read', what: [{ type: 'AuditEvent', id: event.id }] });
    expect([...(row?.patients ?? [])].sort()).toEqual(['other', 'own']);
  });

  it('are valid, of whatever they tell', async () => {
    await ask('clinician', 'Patient/own');
    await ask('clinician', 'Patient/own/_history');
    await ask('clinician', 'Patient/own/$everything');
    await ask('clinician', 'Patient/never');
    await ask('system', 'Patient?_id=own');
    await server.send('POST', '/fhir/Patient/third/$break-glass', reason, as('clinician'));
    await server.send('POST', '/fhir', { resourceType: 'Bundle', type: 'batch' }, as('clinician'));
    await server.send('POST', '/fhir/AuditEvent', sent, as('system'));
    await server.auditRows();
    const found = entries(await ask('auditor', `AuditEvent?_tag=${auditOrigin}|server`));
    expect(found.length).toBeGreaterThanOrEqual(9);
    for (const event of found) {
      const issues = server.context.validation.validator.validate(event);
      expect(issues.filter(({ severity }) => severity === 'error' || severity === 'fatal')).toEqual([]);
    }
  });

  it.each([
    ['patient=Patient/own', 1],
    ['patient=own', 1],
    ['patient=Patient/third', 0],
    ['agent=Practitioner/doc', 2],
    ['agent-name=someone', 2],
    ['agent-name=nobody', 0],
    ['date=ge2026&date=lt2027', 2],
    ['date=gt2027', 0],
    ['date=2025,2026', 2],
    ['date=2026-01&date=ge2026-01-01', 2],
    ['date=le2025', 0],
    ['action=R', 2],
    ['action=C,U,D', 0],
    ['outcome=4', 1],
    ['outcome=0&action=R&patient=Patient/own', 1],
    ['type=rest', 2],
    ['type=other', 0],
    ['_sort=-date', 2],
  ])('are found by %s', async (query, count) => {
    await ask('clinician', 'Patient/own');
    await ask('clinician', 'Patient/never');
    expect(entries(await ask('auditor', `AuditEvent?${query}`))).toHaveLength(count);
    const counted = await ask('auditor', `AuditEvent?${query}&_summary=count`);
    // The auditor's own search has been told meanwhile.
    expect(counted.body.total).toBeGreaterThanOrEqual(count);
  });

  it('are read by their id, as a version too, and by a batch', async () => {
    await ask('clinician', 'Patient/own');
    const [id] = ids(await ask('auditor', 'AuditEvent?patient=own'));
    const read = await ask('auditor', `AuditEvent/${id}`);
    expect(read.body).toMatchObject({ id, resourceType: 'AuditEvent' });
    expect((await ask('auditor', `AuditEvent/${id}/_history/1`)).body).toEqual(read.body);
    expect(ids(await ask('auditor', `AuditEvent?_id=${id}`))).toEqual([id]);
    const request = { method: 'GET', url: `AuditEvent/${id}` };
    const batch = { resourceType: 'Bundle', type: 'batch', entry: [{ request }] };
    const { body } = await server.send('POST', '/fhir', batch, as('auditor'));
    expect(body.entry[0].resource).toEqual(read.body);
    const never = toAuditId(5 as EpochMs, 5);
    expect(await ask('auditor', `AuditEvent/${never}`)).toMatchObject({ status: 404 });
  });

  it('go page by page, and on with those that clients sent', async () => {
    for (let count = 0; count < 3; count++) await ask('clinician', 'Patient/own');
    const created = await createResource(server.ctx, { resource: sent as never, exactNumbers: false });
    const found: string[] = [];
    let url: string | undefined = 'AuditEvent?patient=own&_count=2&date=le2026-01-01T00:05:00Z';
    while (url !== undefined) {
      const page = await ask('auditor', url);
      found.push(...ids(page));
      const next = page.body.link.find(({ relation }: Told) => relation === 'next');
      url = next?.url.slice(server.context.baseUrl.length + 1);
      expect(found.length).toBeLessThan(20);
    }
    expect(found.at(-1)).toBe(created.version.id);
    expect(new Set(found).size).toBe(found.length);
    expect(found.length).toBeGreaterThanOrEqual(4);
  });

  it.each([
    'entity=Patient/own',
    'source=x',
    '_sort=date',
    '_include=AuditEvent:patient',
    'action:not=R',
    'date=2024,2027',
  ])('cannot be asked for by %s, and say so', async (query) => {
    const refused = await ask('auditor', `AuditEvent?${query}`);
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('audit-origin|client');
    expect((await ask('auditor', `AuditEvent?${query}&_tag=${auditOrigin}|client`)).status).toBe(200);
  });
});

const reason = { resourceType: 'Parameters', parameter: [{ name: 'reason', valueString: 'unconscious' }] };

describe('who may see them', () => {
  it('is the patient for own rows, without who else was in them and what was asked', async () => {
    await ask('clinician', 'Patient?family=jones');
    await ask('clinician', 'Patient/other');
    const found = await ask('patient', 'AuditEvent');
    expect(entries(found)).toHaveLength(1);
    const [event] = entries(found);
    expect(referencesIn(event)).toEqual(expect.arrayContaining(['Patient/own']));
    expect(found.text).not.toContain('Patient/other');
    expect(event.entity.some(({ query }: Told) => query !== undefined)).toBe(false);
    expect(entries(await ask('patient', 'AuditEvent?patient=Patient/other'))).toEqual([]);
    expect((await ask('patient', `AuditEvent/${event.id}`)).text).not.toContain('Patient/other');
    expect(ids(await ask('patient', 'Patient/own/AuditEvent')).length).toBeGreaterThan(0);
  });

  it('is nobody by another door: a row of others answers as what never was', async () => {
    await ask('clinician', 'Patient/other');
    const [id] = ids(await ask('auditor', 'AuditEvent?patient=other'));
    for (const name of ['patient', 'stranger', 'clinician'] as const) {
      const read = await ask(name, `AuditEvent/${id}`);
      expect(read).toMatchObject({ status: 404 });
      expect(read.text).toContain(`There is no AuditEvent/${id}`);
      expect(entries(await ask(name, `AuditEvent?_id=${id}`))).toEqual([]);
    }
    expect(entries(await ask('clinician', 'AuditEvent'))).toEqual([]);
    expect(await ask('narrow', 'AuditEvent')).toMatchObject({ status: 403 });
    expect(ids(await ask('administrator', 'AuditEvent?patient=other'))).toContain(id);
  });
});

describe('the server itself', () => {
  it('finds what clients sent, and not its own: these are for whoever may audit', async () => {
    await ask('clinician', 'Patient/own');
    const { body } = await server.send('POST', '/fhir/AuditEvent', sent, as('system'));
    const operator = openContext(server.context, server.store, { kind: 'system', name: 'cli:root' });
    const { matches } = await searchResources(operator, ['AuditEvent'], [], 'strict');
    expect(matches.map(({ id }) => id)).toEqual([body.id]);
  });
});

describe('nobody', () => {
  it.each(['system', 'administrator', 'auditor', 'clinician', 'patient'] as const)(
    'changes or deletes one: %s is refused, of the own ones and of those that were sent',
    async (name) => {
      await ask('clinician', 'Patient/own');
      const [own] = ids(await ask('auditor', 'AuditEvent?patient=own'));
      const put = await server.send('POST', '/fhir/AuditEvent', sent, as('system'));
      const before = await server.store.read({ type: 'AuditEvent', id: put.body.id });
      for (const id of [own, put.body.id]) {
        const url = `/fhir/AuditEvent/${id}`;
        const asJson = { ...as(name), 'content-type': 'application/json-patch+json' };
        expect(await server.send('PUT', url, { ...sent, id }, as(name))).toMatchObject({ status: 403 });
        expect(await server.send('PATCH', url, '[{"op":"remove","path":"/entity"}]', asJson)).toMatchObject({
          status: 403,
        });
        expect(await server.send('DELETE', url, undefined, as(name))).toMatchObject({ status: 403 });
      }
      const tag = { name: 'meta', valueMeta: { tag: [{ code: 'mine' }] } };
      const meta = { resourceType: 'Parameters', parameter: [tag] };
      const added = await server.send('POST', `/fhir/AuditEvent/${put.body.id}/$meta-add`, meta, as(name));
      expect(added.status).toBe(403);
      expect(await server.store.read({ type: 'AuditEvent', id: put.body.id })).toEqual(before);
    },
  );

  it('does so by the command line, nor takes an id of the own ones', async () => {
    const operator = openContext(server.context, server.store, { kind: 'system', name: 'cli:root' });
    const parsed = { resource: sent as never, exactNumbers: false };
    const { version } = await createResource(operator, parsed);
    const named = (id: string) => ({ resource: { ...sent, id, outcome: '8' } as never, exactNumbers: false });
    const write = (id: ResourceId) => updateResource(operator, { type: 'AuditEvent', id }, named(id));
    await expect(write(version.id)).rejects.toMatchObject({ kind: 'forbidden' });
    const own = toAuditId(5 as EpochMs, 5) as string as ResourceId;
    await expect(write(own)).rejects.toMatchObject({ kind: 'forbidden' });
    expect(await write('imported' as ResourceId)).toMatchObject({ kind: 'created' });
    const rows = await server.auditRows();
    expect(rows[0]).toMatchObject({ agent: { name: 'cli:root' }, action: 'C', what: [{ id: 'imported' }] });
  });
});

describe('an AuditEvent that a client sends', () => {
  const forged = { ...sent, meta: { tag: [{ system: auditOrigin, code: 'server' }, { code: 'mine' }] } };
  const tags = [{ code: 'mine' }, { system: auditOrigin, code: 'client' }];

  it('is marked, whatever it says of itself, by each way in', async () => {
    const alone = await server.send('POST', '/fhir/AuditEvent', forged, as('system'));
    expect(alone.body.meta.tag).toEqual(tags);
    for (const type of ['batch', 'transaction']) {
      const entry = [{ resource: forged, request: { method: 'POST', url: 'AuditEvent' } }];
      const { body } = await server.send(
        'POST',
        '/fhir',
        { resourceType: 'Bundle', type, entry },
        as('system'),
      );
      expect(body.entry[0].resource.meta.tag).toEqual(tags);
    }
    const found = await ask('auditor', `AuditEvent?_tag=${auditOrigin}|client`);
    expect(entries(found)).toHaveLength(3);
    expect(ids(await ask('auditor', `AuditEvent?_tag=${auditOrigin}|server`))).not.toContain(alone.body.id);
  });

  it('is marked where the command line brings it', async () => {
    const operator = openContext(server.context, server.store, { kind: 'system', name: 'cli:root' });
    const { version } = await createResource(operator, { resource: forged as never, exactNumbers: false });
    const [event] = entries(await ask('auditor', `AuditEvent?_tag=${auditOrigin}|client`));
    expect([event.id, event.meta.tag]).toEqual([version.id, tags]);
  });
});

it('names so many patients on a page of AuditEvents, and refuses ids of rows that name more', async () => {
  const many = (n: number) => Array.from({ length: n }, (_, i) => `p${i}`);
  const rows = [auditRow({ patients: many(30_000) }), auditRow({ patients: many(30_000) })];
  await server.store.appendAudit(rows);
  const [first, second] = rows.map(({ id }) => id);
  const { ctx, pauses } = paced();
  const page = await searchAuditEvents(ctx, [['_count', '2']], 'strict');
  expect([page.matches.length, pauses() > 0]).toEqual([1, true]);
  expect(ids(await ask('auditor', `AuditEvent?_id=${first}`))).toEqual([first]);
  expect((await ask('auditor', `AuditEvent?_id=${first},${second}`)).status).toBe(413);
});

/** An auditor, and how often others came first. */
function paced() {
  let pauses = 0;
  const ctx = { ...contextOf(entitled.auditor), pace: () => void pauses++ };
  return { ctx, pauses: () => pauses };
}

describe('who saw my record', () => {
  it('names who, for whom, by which app and why, and what was opened by force', async () => {
    await ask('clinician', 'Patient/own');
    await server.send('POST', '/fhir/Patient/third/$break-glass', reason, as('clinician'));
    await ask('clinician', 'Patient/third');
    const own = await seenOf(contextOf(entitled.patient), 'own');
    expect(own.rows).toMatchObject([
      {
        who: 'Ada Smith',
        role: 'clinician',
        organization: 'Harbor Clinic',
        app: 'ehr',
        what: 'read',
        why: 'TREAT',
        refused: false,
        breakGlass: false,
      },
    ]);
    const { rows } = await seenOf(contextOf(entitled.stranger), 'third');
    expect(rows).toMatchObject([
      { what: 'read', why: 'BTG', breakGlass: true },
      { what: 'operation $break-glass', why: 'unconscious', breakGlass: true },
    ]);
    expect((await seenOf(contextOf(entitled.stranger), 'own')).rows).toEqual([]);
  });
});
