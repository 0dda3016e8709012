import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../../../src/auth/clients/client.ts';
import { FetchError } from '../../../src/auth/clients/fetch-json.ts';
import { type EhrInput, newEhr, openEhrs } from '../../../src/auth/ehr/ehr-records.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { openContext } from '../../../src/interaction/context.ts';
import { searchAll } from '../../../src/interaction/search-all.ts';
import { updateResource } from '../../../src/interaction/update-resource.ts';
import type { ResourceId } from '../../../src/values/resource-id.ts';
import { type Answer, allow, Browser, openSmartServer, type SmartServer } from './smart-server.ts';

/** Answers are read as a browser reads them. */
// biome-ignore lint/suspicious/noExplicitAny: answers have every shape
type Json = any;

const registryUrl = 'http://localhost:8400';
const ehrUrl = 'http://localhost:8500';
const stubUrl = 'https://stub.example/r4';

let registry: SmartServer;
let ehr: SmartServer;
/** Another EHR, by URL; and what was sent to it. */
let stub: Record<string, unknown>;
let asked: {
  readonly url: string;
  readonly body: string | undefined;
  readonly authorization: string | undefined;
}[];

const cvx = (code: string) => ({
  coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code, display: `vaccine ${code}` }],
});
const person = (more: object = {}) => ({
  resourceType: 'Patient',
  identifier: [{ system: 'http://hl7.org/fhir/sid/us-ssn', value: '529-11-7788' }],
  name: [{ family: 'Kowalska', given: ['Miriam', 'Liv'] }],
  birthDate: '2024-09-28',
  gender: 'female',
  telecom: [{ system: 'phone', value: '617-555-0112' }],
  address: [{ line: ['12 Elm Street'], city: 'Salem', state: 'MA', postalCode: '01970' }],
  managingOrganization: { reference: 'Organization/a' },
  ...more,
});
const dose = (patient: string, code: string, date: string, more: object = {}) => ({
  resourceType: 'Immunization',
  status: 'completed',
  vaccineCode: cvx(code),
  patient: { reference: `Patient/${patient}` },
  occurrenceDateTime: date,
  primarySource: true,
  ...more,
});

const coded = (system: string, code: string) => ({ coding: [{ system, code }] });
const frail = {
  name: [{ family: 'Rahman', given: ['Idris'] }],
  birthDate: '2025-02-27',
  gender: 'male',
  managingOrganization: { reference: 'Organization/a' },
};

async function put(server: SmartServer, id: string, resource: { readonly resourceType: string }) {
  const ctx = openContext({ ...server.context, writeRules: [] }, server.store, { kind: 'open' });
  const key = { type: resource.resourceType as 'Patient', id: id as ResourceId };
  await updateResource(ctx, key, {
    resource: { ...resource, id } as unknown as Resource,
    exactNumbers: false,
  });
}

/** What a form of the page holds before anything is chosen. */
const formOf = ({ body }: Answer) => ({ csrf: body.csrf, visit: body.visit, do: 'report' });
/** All that may be reported. */
function chosen(page: Answer): URLSearchParams {
  const fields = new URLSearchParams(formOf(page));
  for (const { report } of page.body.doses) if (report !== undefined) fields.append('report', report);
  return fields;
}

const pathOf = (url: string) => url.replace(/^https?:\/\/[^/]+/, '');

beforeAll(async () => {
  ehr = await openSmartServer({
    settings: { publicUrl: ehrUrl },
    fetchKeys: async (url) => {
      if (url !== `${registryUrl}/app/launch/jwks`) throw new FetchError('no answer');
      return { json: (await registry.get('/app/launch/jwks')).body, maxAge: undefined };
    },
  });
  registry = await openSmartServer({
    audit: true,
    fetchEhr: async (url, { method = 'GET', headers = {}, body } = {}) => {
      asked.push({ url, body, authorization: headers['authorization'] });
      if (url.includes('stub.example')) {
        if (stub[url] === undefined) throw new FetchError('no answer');
        return { json: stub[url], maxAge: undefined };
      }
      const options: InjectOptions = {
        method,
        url: pathOf(url),
        headers,
        ...(body !== undefined && { payload: body }),
      };
      const answer = await ehr.inject(options);
      if (answer.status !== 200) throw new FetchError('the answer is no 200');
      return { json: answer.body, maxAge: undefined };
    },
  });
  await ehr.addUser('doc', { role: 'clinician', practitioner: 'doc', organization: ['a'] });
  await put(ehr, 'sure', person());
  await put(registry, 'known', person());
  for (const [id, code, date] of [
    ['e1', '08', '2024-09-28'],
    ['e2', '146', '2024-11-28'],
    ['e3', '133', '2024-11-28'],
  ] as const) {
    await put(ehr, id, dose('sure', code, date));
  }
  await put(ehr, 'frail', { resourceType: 'Patient', ...frail });
  await put(ehr, 'f1', dose('frail', '08', '2025-03-01'));
  await put(ehr, 'f2', dose('frail', '21', '2025-05-05'));
  await put(ehr, 'f3', {
    resourceType: 'Condition',
    clinicalStatus: coded('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active'),
    code: coded('http://snomed.info/sct', '31323000'),
    subject: { reference: 'Patient/frail' },
  } as never);
  await put(registry, 'r1', dose('known', '08', '2024-09-28'));
  await put(registry, 'r2', dose('known', '03', '2025-11-20'));
}, 60_000);
afterAll(async () => {
  await registry.close();
  await ehr.close();
});
beforeEach(async () => {
  await removeAll();
  stub = {};
  asked = [];
  ehr.at.now = registry.at.now;
});

const add = async (input: EhrInput) => {
  const made = newEhr(
    { name: 'Harbor EHR', kind: 'public', organization: 'a', ...input },
    registry.auth.clock.now(),
  );
  expect(await openEhrs(registry.store).add(made)).toBe(true);
  return made;
};
const removeAll = async () => {
  const ehrs = openEhrs(registry.store);
  for (const { id } of await ehrs.list()) await ehrs.remove(id);
};

/** Jenner as the EHR knows it. */
const register = (input: object = {}): Promise<Client> =>
  ehr.addClient({
    name: 'Jenner',
    kind: 'public',
    redirect: [`${registryUrl}/app/launch/callback`],
    launch: `${registryUrl}/app/launch`,
    scope: 'launch openid fhirUser patient/*.rs',
    ...input,
  });

/** What the EHR does when somebody opens the app there: a handle, and a browser in which that user is signed in. */
async function openedIn(client: Client, patient = 'sure') {
  const launcher = await ehr.addClient(
    { scope: 'https://jenner-iis.org/scope/launch system/*.rs', organization: 'a', redirect: [] },
    'secret',
  );
  const basic = Buffer.from(`${launcher.id}:secret`).toString('base64');
  const scope = 'https://jenner-iis.org/scope/launch';
  const token = await ehr.form(
    '/auth/token',
    { grant_type: 'client_credentials', scope },
    { authorization: `Basic ${basic}` },
  );
  const made = await ehr.inject({
    method: 'POST',
    url: '/auth/launch',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token.body.access_token}` },
    payload: JSON.stringify({ client_id: client.id, user: 'doc', patient }),
  });
  expect(made.status, made.text).toBe(201);
  const there = new Browser(ehr);
  await there.signIn('doc');
  return { url: new URL(made.body.url), there };
}

/** To the page of the app, as a browser goes. */
async function launched(
  client: Client,
  browser = new Browser(registry),
  patient = 'sure',
): Promise<{ page: Answer; browser: Browser; callback: string }> {
  const { url, there } = await openedIn(client, patient);
  const sent = await browser.get(`${url.pathname}${url.search}`);
  expect(sent.status, sent.text).toBe(303);
  const consent = await there.follow(await there.get(pathOf(String(sent.headers['location']))));
  const back = String((await allow(there, consent)).headers['location']);
  const callback = pathOf(back);
  const page = await browser.follow(await browser.get(callback));
  return { page, browser, callback };
}

describe('the app inside an EHR that is a second Jenner', () => {
  it('shows both records as one, what either lacks, and what is due by both', async () => {
    const client = await register();
    await add({ iss: `${ehrUrl}/fhir`, clientId: client.id });
    const { page } = await launched(client);
    expect([page.status, page.body.view]).toEqual([200, 'ehrRecord']);
    expect(page.body).toMatchObject({
      ehr: 'Harbor EHR',
      registry: 'known',
      person: { birthDate: '2024-09-28' },
    });
    expect(page.body.doses.map((one: Json) => [one.date, one.vaccine, one.in])).toEqual([
      ['2025-11-20', 'MMR', 'registry'],
      ['2024-11-28', 'Pneumococcal conjugate PCV 13', 'ehr'],
      ['2024-11-28', 'DTaP, IPV, Hib, HepB', 'ehr'],
      ['2024-09-28', 'Hep B, adolescent or pediatric', 'both'],
    ]);
    const due = Object.fromEntries(page.body.due.map((one: Json) => [one.group, one]));
    // One record has the MMR, the other the DTaP.
    expect(due['DTaP/Tdap/Td']).toMatchObject({ urgency: 'overdue', doseNumber: 2 });
    expect(due).not.toHaveProperty('MMR');
  });

  it('tells what must not be given and why, and which doses do not count and why', async () => {
    const client = await register();
    await add({ iss: `${ehrUrl}/fhir`, clientId: client.id });
    const { page } = await launched(client, new Browser(registry), 'frail');
    expect(page.body.registry).toBe('unknown');
    expect(page.body.doses.map(({ vaccine, notCounted }: Json) => [vaccine, notCounted])).toEqual([
      ['varicella', expect.arrayContaining(['Age: too young'])],
      ['Hep B, adolescent or pediatric', undefined],
    ]);
    const { forbidden, due } = page.body;
    expect(forbidden).toContainEqual({
      group: 'MMR',
      vaccines: [],
      because: [{ title: expect.stringContaining('Complete defects'), code: '147' }],
    });
    expect(due.map((one: Json) => one.group)).not.toContain('MMR');
    expect(due.map((one: Json) => one.group)).toContain('HepB');
  });

  it('says of a system that is not registered that nobody knows it here', async () => {
    const asked = `/app/launch?iss=${encodeURIComponent('https://stranger.example/fhir')}&launch=abc`;
    const { status, body } = await new Browser(registry).get(asked);
    expect([status, body.view, body.code, body.detail]).toEqual([
      400,
      'problem',
      'unknown-ehr',
      'iss: https://stranger.example/fhir',
    ]);
    expect((await new Browser(registry).get('/app/launch')).body.code).toBe('unknown-ehr');
  });

  it('reports the doses that the registry lacks, each once', async () => {
    const client = await register();
    await add({ iss: `${ehrUrl}/fhir`, clientId: client.id });
    const { page, browser } = await launched(client);
    const fields = chosen(page);
    const after = await browser.follow(await browser.post('/app/launch/record', fields));
    expect(after.body.doses.map((one: Json) => one.in)).toEqual(['registry', 'both', 'both', 'both']);
    await browser.post('/app/launch/record', fields);
    const kept = await searchAll(registry.auth.system, 'Immunization', [['patient', 'Patient/known']]);
    expect(kept).toHaveLength(4);
    const text = kept
      .map((one) => JSON.parse(String(one.text)))
      .find((one) => one.vaccineCode.coding[0].code === '146');
    expect(text.identifier).toEqual([{ system: `${ehrUrl}/fhir/Immunization`, value: 'e2' }]);
    expect(text.meta.tag).toContainEqual(expect.objectContaining({ code: 'Organization/a' }));
  });

  it('signs in as a client with keys', async () => {
    const jwksUrl = `${registryUrl}/app/launch/jwks`;
    const client = await register({ kind: 'key', jwksUrl });
    await add({ iss: `${ehrUrl}/fhir`, clientId: client.id, kind: 'key', jwksUrl });
    const { page } = await launched(client);
    expect(page.body.view).toBe('ehrRecord');
    const { body = '' } = asked.find(({ url }) => url.endsWith('/auth/token')) ?? {};
    expect(new URLSearchParams(body).get('client_assertion_type')).toContain('jwt-bearer');
  });

  it('does not look into the registry for an EHR of no organization', async () => {
    const client = await register();
    const { organization: _, ...rest } = await add({ iss: `${ehrUrl}/fhir`, clientId: client.id });
    await removeAll();
    expect(await openEhrs(registry.store).add(rest)).toBe(true);
    const { page, browser } = await launched(client);
    expect(page.body.registry).toBe('not-asked');
    expect(new Set(page.body.doses.map((one: Json) => one.in))).toEqual(new Set(['ehr']));
    expect(page.body.doses.every((one: Json) => one.report === undefined)).toBe(true);
    expect(page.body.due.map((one: Json) => one.group)).toContain('MMR');
    expect((await browser.post('/app/launch/record', { ...formOf(page), report: 'e1' })).status).toBe(403);
  });

  it('takes an answer once, and of the browser that asked alone', async () => {
    const client = await register();
    await add({ iss: `${ehrUrl}/fhir`, clientId: client.id });
    const { callback } = await launched(client);
    expect((await new Browser(registry).get(callback)).status).toBe(400);
    const { url, there } = await openedIn(client);
    const mine = new Browser(registry);
    const sent = await mine.get(`${url.pathname}${url.search}`);
    const consent = await there.follow(await there.get(pathOf(String(sent.headers['location']))));
    const back = pathOf(String((await allow(there, consent)).headers['location']));
    expect((await new Browser(registry).get(back)).status).toBe(400);
    expect((await mine.get(back)).status).toBe(400);
  });

  it('is over with its token, and for an EHR that was removed', async () => {
    const client = await register();
    await add({ iss: `${ehrUrl}/fhir`, clientId: client.id });
    const { browser } = await launched(client);
    registry.at.now += 61 * 60_000;
    expect((await browser.get('/app/launch/record')).status).toBe(401);
    ehr.at.now = registry.at.now;
    const again = await launched(client);
    expect(again.page.status).toBe(200);
    await removeAll();
    expect((await again.browser.get('/app/launch/record')).status).toBe(401);
  });

  it('takes no form of another site', async () => {
    const client = await register();
    await add({ iss: `${ehrUrl}/fhir`, clientId: client.id });
    const { page, browser } = await launched(client);
    const url = '/app/launch/record';
    expect((await browser.post(url, { ...formOf(page), csrf: 'x', report: 'e1' })).status).toBe(403);
    expect(
      (await browser.post(url, { ...formOf(page), report: 'e1' }, { 'sec-fetch-site': 'cross-site' })).status,
    ).toBe(403);
  });

  it.each([
    ['/app/launch', 400],
    ['/app/launch?iss=https://nobody.example/fhir&launch=x', 400],
    ['/app/launch/callback', 400],
    ['/app/launch/callback?state=x&code=y', 400],
    ['/app/launch/callback?error=access_denied&state=x', 400],
    ['/app/launch/record', 401],
  ])('answers %s by %i where nobody was launched', async (url, status) => {
    expect((await registry.get(url)).status).toBe(status);
    expect(asked).toEqual([]);
  });

  it('keeps no token that the store shows', async () => {
    const client = await register();
    await add({ iss: `${ehrUrl}/fhir`, clientId: client.id });
    await launched(client);
    const tokens = asked.flatMap(({ authorization }) => authorization?.replace('Bearer ', '') ?? []);
    expect(tokens.length).toBeGreaterThan(0);
    const { records } = await registry.store.listRecords({ collection: 'ehr-visit', prefix: '', count: 50 });
    for (const token of tokens) expect(JSON.stringify(records)).not.toContain(token);
  });

  it('tells the audit of whom the EHR has seen, and who looked', async () => {
    const rows = await registry.auditRows();
    const shown = rows.find(
      ({ interaction, patients }) => interaction === 'page launch' && patients.length > 0,
    );
    expect(shown).toMatchObject({ patients: ['known'], outcome: 0 });
    expect(shown?.query).toContain(`${ehrUrl}/fhir user`);
    expect(shown?.query).toContain('Practitioner/doc');
  });
});

describe('the app inside an EHR with other habits', () => {
  const patient = person({
    id: 'X-77.1',
    identifier: [{ system: 'urn:oid:1.2.3', value: 'MRN7' }],
    name: [{ family: 'Nowak', given: ['Ida'] }],
    birthDate: '2023-05-05',
    managingOrganization: { reference: 'Organization/999' },
  });
  const doses = Array.from({ length: 23 }, (_, i) =>
    dose(
      'X-77.1',
      i === 0 ? '03' : '88',
      `20${24 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, '0')}-03`,
      { id: `imm-${i}` },
    ),
  );
  const page = (from: number) => ({
    resourceType: 'Bundle',
    type: 'searchset',
    link: from + 10 < doses.length ? [{ relation: 'next', url: `${stubUrl}?cursor=${from + 10}` }] : [],
    entry: doses.slice(from, from + 10).map((resource) => ({ resource, search: { mode: 'match' } })),
  });

  async function open(browser = new Browser(registry)): Promise<Answer> {
    const sent = await browser.get(`/app/launch?iss=${encodeURIComponent(`${stubUrl}/`)}&launch=abc`);
    expect(sent.status, sent.text).toBe(303);
    const url = new URL(String(sent.headers['location']));
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'jenner-at-stub',
      aud: `${stubUrl}/`,
      launch: 'abc',
      code_challenge_method: 'S256',
      // It speaks the first version alone.
      scope: expect.stringContaining('patient/Immunization.read'),
    });
    return browser.follow(
      await browser.get(`/app/launch/callback?code=c0de&state=${url.searchParams.get('state')}`),
    );
  }

  beforeEach(async () => {
    await add({ name: 'Stub', iss: stubUrl, clientId: 'jenner-at-stub' });
    stub = {
      [`${stubUrl}/.well-known/smart-configuration`]: {
        authorization_endpoint: 'https://login.stub.example/authorize',
        token_endpoint: 'https://login.stub.example/token',
        capabilities: ['launch-ehr', 'client-public', 'permission-v1'],
      },
      [`${stubUrl}/Patient/X-77.1`]: patient,
      [`${stubUrl}/Immunization?patient=X-77.1`]: page(0),
      [`${stubUrl}?cursor=10`]: page(10),
      [`${stubUrl}?cursor=20`]: page(20),
    };
  });
  it('is read page by page, and compared by what it tells', async () => {
    const token = {
      access_token: 'tok',
      token_type: 'Bearer',
      expires_in: 300,
      patient: 'X-77.1',
      need_patient_banner: true,
    };
    stub['https://login.stub.example/token'] = token;
    const shown = await open();
    expect(shown.status, shown.text).toBe(200);
    expect(shown.body).toMatchObject({
      registry: 'unknown',
      person: { name: expect.stringContaining('Nowak') },
    });
    expect(shown.body.doses).toHaveLength(23);
    // What it does not have is told.
    expect(shown.body.missing).toEqual(['Condition', 'Observation', 'AllergyIntolerance', 'Procedure']);
  });

  it('is not mixed with what the EHR answers of somebody else', async () => {
    stub['https://login.stub.example/token'] = {
      access_token: 'tok',
      token_type: 'Bearer',
      patient: 'X-77.1',
    };
    const whole = await open();
    expect(whole.status, whole.text).toBe(200);
    const other = { ...doses[0], id: 'strange', patient: { reference: 'Patient/another' } };
    stub[`${stubUrl}?cursor=20`] = { ...page(20), entry: [...page(20).entry, { resource: other }] };
    const mixed = await open();
    expect(mixed.status).not.toBe(200);
    expect(mixed.text).not.toContain('strange');
  });

  it('reports a person whom the registry does not know, and then knows', async () => {
    stub['https://login.stub.example/token'] = {
      access_token: 'tok',
      token_type: 'Bearer',
      patient: 'X-77.1',
    };
    const browser = new Browser(registry);
    const shown = await open(browser);
    const fields = chosen(shown);
    await browser.post('/app/launch/record', fields);
    await browser.post('/app/launch/record', fields);
    const identifier = `${stubUrl}/Patient|X-77.1`;
    const people = await searchAll(registry.auth.system, 'Patient', [['identifier', identifier]]);
    expect(people).toHaveLength(1);
    const made = JSON.parse(String(people[0]?.text));
    expect(made).toMatchObject({
      birthDate: '2023-05-05',
      managingOrganization: { reference: 'Organization/a' },
    });
    const doses = await searchAll(registry.auth.system, 'Immunization', [['patient', `Patient/${made.id}`]]);
    expect(doses).toHaveLength(23);
  });

  it.each([
    ['without a patient', { access_token: 'tok', token_type: 'Bearer' }, 400],
    ['without a token', { patient: 'X-77.1' }, 400],
    ['with a patient that is a path', { access_token: 'tok', patient: '../Observation' }, 400],
  ])('is refused where it answers %s', async (_, token, status) => {
    stub['https://login.stub.example/token'] = token;
    expect((await open()).status).toBe(status);
  });

  it('is told of where it does not answer', async () => {
    stub['https://login.stub.example/token'] = {
      access_token: 'tok',
      token_type: 'Bearer',
      patient: 'X-77.1',
    };
    delete stub[`${stubUrl}?cursor=20`];
    expect((await open()).status).toBe(502);
    stub[`${stubUrl}/.well-known/smart-configuration`] = { authorization_endpoint: 'javascript:alert(1)' };
    const answer = await new Browser(registry).get(
      `/app/launch?iss=${encodeURIComponent(stubUrl)}&launch=abc`,
    );
    expect(answer.status).toBe(502);
  });
});
