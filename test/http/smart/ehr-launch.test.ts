import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../../src/auth/clients/client.ts';
import { createResource } from '../../../src/interaction/create-resource.ts';
import { updateResource } from '../../../src/interaction/update-resource.ts';
import {
  allow,
  appUrl,
  asked,
  Browser,
  base,
  openSmartServer,
  redeem,
  type SmartServer,
  sentBack,
} from './smart-server.ts';

let server: SmartServer;
let app: Client;
let ehr: Client;
let token: string;
const launchScope = 'https://jenner-iis.org/scope/launch';
const scope = 'launch openid fhirUser offline_access patient/*.rs';

beforeAll(async () => {
  server = await openSmartServer();
  app = await server.addClient();
  ehr = await server.addClient(
    { scope: `${launchScope} system/*.rs`, organization: 'a', redirect: [] },
    'secret',
  );
  await server.addUser('doc', { role: 'clinician', practitioner: 'doc', organization: ['a'] });
  await server.addUser('other', { role: 'clinician', organization: ['school'] });
  const encounter = {
    resourceType: 'Encounter',
    id: 'e',
    status: 'finished',
    class: { code: 'AMB' },
    subject: { reference: 'Patient/p' },
  };
  const parsed = { resource: encounter as never, exactNumbers: false };
  await updateResource(server.auth.system, { type: 'Encounter', id: 'e' as never }, parsed);
  const stranger = { resource: { resourceType: 'Patient', id: 'z' } as never, exactNumbers: false };
  await updateResource(server.auth.system, { type: 'Patient', id: 'z' as never }, stranger);
  token = await backendToken(ehr, launchScope);
}, 60_000);
afterAll(() => server.close());

async function backendToken(client: Client, wanted: string): Promise<string> {
  const answer = await server.form(
    '/auth/token',
    { grant_type: 'client_credentials', scope: wanted },
    { authorization: `Basic ${Buffer.from(`${client.id}:secret`).toString('base64')}` },
  );
  return answer.body.access_token;
}

const prepare = (body: object, bearer = token) =>
  server.inject({
    method: 'POST',
    url: '/auth/launch',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    payload: JSON.stringify(body),
  });

const whole = () => ({
  client_id: app.id,
  user: 'doc',
  patient: 'p',
  encounter: 'e',
  intent: 'reconcile',
  need_patient_banner: false,
});

describe('EHR Launch', () => {
  it('EHR server redirects client browser to Inferno app launch URI, with iss and launch', async () => {
    const answer = await prepare(whole());
    expect(answer.status).toBe(201);
    const url = new URL(answer.body.url);
    expect(`${url.origin}${url.pathname}`).toBe(`${appUrl}/launch`);
    expect(Object.fromEntries(url.searchParams)).toEqual({ iss: base, launch: answer.body.launch });
  });

  it('gives the app what the EHR had in view', async () => {
    const { launch } = (await prepare(whole())).body;
    const browser = new Browser(server);
    await browser.signIn('doc');
    const consent = await browser.follow(await browser.get(asked(app, scope, { launch })));
    expect(consent.body).toMatchObject({ view: 'consent', person: { id: 'p' } });
    const { body } = await redeem(server, app, sentBack(await allow(browser, consent))['code'] ?? '');
    expect(body).toMatchObject({
      patient: 'p',
      encounter: 'e',
      intent: 'reconcile',
      need_patient_banner: false,
      smart_style_url: expect.any(String),
    });
    expect((await server.ask(body.access_token, '/fhir/Patient/p')).status).toBe(200);
    const refreshed = await server.form('/auth/token', {
      grant_type: 'refresh_token',
      refresh_token: body.refresh_token,
      client_id: app.id,
    });
    expect(refreshed.body).toMatchObject({ patient: 'p', encounter: 'e' });
  });

  it('takes an id or a reference of that type for the patient and the encounter', async () => {
    const { launch } = (await prepare({ ...whole(), patient: 'Patient/p', encounter: 'Encounter/e' })).body;
    const browser = new Browser(server);
    await browser.signIn('doc');
    const consent = await browser.follow(await browser.get(asked(app, scope, { launch })));
    const { body } = await redeem(server, app, sentBack(await allow(browser, consent))['code'] ?? '');
    expect(body).toMatchObject({ patient: 'p', encounter: 'e' });
    const wrong = await prepare({ ...whole(), patient: 'Encounter/p', encounter: undefined });
    expect([wrong.status, wrong.body.error]).toEqual([400, 'invalid_request']);
  });

  it('asks who is there when it is somebody else than the EHR says', async () => {
    const { launch } = (await prepare(whole())).body;
    const browser = new Browser(server);
    await browser.signIn('other');
    const page = await browser.follow(await browser.get(asked(app, scope, { launch })));
    expect(page.body).toMatchObject({ view: 'signIn', login: 'doc', onlyAs: 'doc' });
    const hinted = await browser.get(asked(app, 'user/Patient.rs', { prompt: 'login', login_hint: 'doc' }));
    expect(hinted.body).toMatchObject({ view: 'signIn', login: 'doc' });
    expect(hinted.body.onlyAs).toBeUndefined();
  });

  it.each([
    ['who may not see the patient', 'other', 'access_denied'],
    ['who may', 'doc', undefined],
  ])('by an EHR that does not say for whom is good for one %s', async (_, login, error) => {
    const { launch } = (await prepare({ ...whole(), user: undefined })).body;
    const browser = new Browser(server);
    await browser.signIn(login);
    const page = await browser.follow(await browser.get(asked(app, scope, { launch })));
    if (error === undefined) expect(page.body).toMatchObject({ view: 'consent', person: { id: 'p' } });
    else expect(sentBack(page)).toMatchObject({ error });
  });

  it('takes a launch once, within five minutes, from the app that it is for', async () => {
    const browser = new Browser(server);
    await browser.signIn('doc');
    const use = async (launch: string, client = app) =>
      browser.follow(await browser.get(asked(client, scope, { launch })));
    const { launch } = (await prepare(whole())).body;
    expect((await use(launch)).body.view).toBe('consent');
    const refused = { error: 'invalid_request', state: expect.any(String) };
    expect(sentBack(await use(launch))).toMatchObject(refused);
    expect(sentBack(await use('made-up'))).toMatchObject(refused);
    const other = await server.addClient({ name: 'Other' });
    const second = (await prepare(whole())).body.launch;
    expect(sentBack(await use(second, other))).toMatchObject(refused);
    server.at.now += 6 * 60_000;
    expect(sentBack(await use(second))).toMatchObject(refused);
    token = await backendToken(ehr, launchScope);
  });

  it('is not used up by who only looks (HEAD)', async () => {
    const { launch } = (await prepare(whole())).body;
    const browser = new Browser(server);
    await browser.signIn('doc');
    const url = asked(app, scope, { launch });
    const looked = await browser.send({ method: 'HEAD', url });
    expect([looked.status, looked.headers['location']]).toEqual([200, undefined]);
    expect((await browser.follow(await browser.get(url))).body.view).toBe('consent');
  });

  it('lets of two who use a launch at once one go on', async () => {
    const { launch } = (await prepare(whole())).body;
    const [one, two] = [new Browser(server), new Browser(server)];
    await one.signIn('doc');
    await two.signIn('doc');
    const answers = await Promise.all([one, two].map((each) => each.get(asked(app, scope, { launch }))));
    const goneOn = answers.filter((answer) => String(answer.headers['location']).startsWith('/auth/consent'));
    expect(goneOn).toHaveLength(1);
  });

  it.each([
    ['an app that nobody knows', { client_id: 'made-up' }],
    ['a user who works elsewhere', { user: 'other' }],
    ['a user who does not exist', { user: 'nobody' }],
    ['a patient who does not exist', { patient: 'never' }],
    ['a patient out of reach', { patient: 'z', encounter: undefined }],
    ['an encounter of somebody else', { patient: 'q' }],
    ['an encounter of nobody', { patient: undefined }],
    ['a banner that is no boolean', { need_patient_banner: 'yes' }],
    ['an id that is none', { patient: '../x' }],
  ])('refuses %s', async (_, wrong) => {
    const answer = await prepare({ ...whole(), ...wrong });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
  });

  it('refuses who has no token for it', async () => {
    expect((await prepare(whole(), 'made-up')).status).toBe(401);
    const reader = await backendToken(ehr, 'system/*.rs');
    const answer = await prepare(whole(), reader);
    expect([answer.status, answer.body.error]).toEqual([403, 'insufficient_scope']);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="jenner", error="insufficient_scope"');
  });

  it('does not give a person the scope to launch', async () => {
    const client = await server.addClient({ scope: `${launchScope} patient/*.rs system/*.rs` });
    const browser = new Browser(server);
    const back = await browser.get(asked(client, `${launchScope} system/*.rs`));
    expect(sentBack(back)).toMatchObject({ error: 'invalid_scope' });
  });
});

describe('the patient picker', () => {
  it('lets a parent choose between children, and nobody else', async () => {
    const link = (id: string, patient: string) => ({
      resource: { resourceType: 'RelatedPerson', patient: { reference: `Patient/${patient}` } } as never,
      exactNumbers: false,
      id,
    });
    const made = [];
    for (const each of [link('m1', 'p'), link('m2', 'q')]) {
      made.push((await createResource(server.auth.system, each)).version.id);
    }
    await server.addUser('mum', { role: 'individual', relatedPerson: made });
    const browser = new Browser(server);
    await browser.signIn('mum');
    const picker = await browser.follow(await browser.get(asked(app, 'launch/patient patient/*.rs')));
    expect(picker.body).toMatchObject({ view: 'picker', people: [{ id: 'p' }, { id: 'q' }] });
    // Going round the picker picks nobody.
    const handle = picker.body.hidden.request;
    expect((await browser.follow(await browser.get(`/auth/consent?request=${handle}`))).body.view).toBe(
      'picker',
    );
    const unpicked = { decision: 'allow', scope: 'patient/Patient.rs' };
    const gone = await browser.fill(picker, '/auth/consent', unpicked);
    expect([gone.status, gone.body.code]).toEqual([410, 'expired']);
    const wrong = await browser.fill(picker, '/auth/pick', { patient: 's' });
    expect([wrong.status, wrong.body.failure]).toEqual([400, 'choose']);
    const consent = await browser.fill(picker, '/auth/pick', { patient: 'q' });
    expect(consent.body).toMatchObject({ view: 'consent', person: { id: 'q' } });
    const { body } = await redeem(server, app, sentBack(await allow(browser, consent))['code'] ?? '');
    expect(body.patient).toBe('q');
    expect((await server.ask(body.access_token, '/fhir/Patient/q')).status).toBe(200);
    expect((await server.ask(body.access_token, '/fhir/Patient/p')).status).toBe(404);
  });

  it('finds patients of their own for staff, without a name in any URL', async () => {
    const browser = new Browser(server);
    await browser.signIn('doc');
    const picker = await browser.follow(await browser.get(asked(app, 'launch/patient patient/*.rs')));
    expect(picker.body).toMatchObject({ view: 'picker', people: [], search: { text: '', tooMany: false } });
    const found = await browser.fill(picker, '/auth/pick', { search: 'Smith' });
    expect(found.body.people.map(({ id }: { readonly id: string }) => id)).toEqual(['p', 'q']);
    const none = await browser.fill(picker, '/auth/pick', { search: 'Stone, or $else|what' });
    expect(none.body.people).toEqual([]);
    const outside = await browser.fill(picker, '/auth/pick', { patient: 'z' });
    expect(outside.status).toBe(400);
    const consent = await browser.fill(picker, '/auth/pick', { patient: 'p' });
    expect(consent.body.person.id).toBe('p');
  });
});
