import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../../../src/auth/clients/client.ts';
import {
  allow,
  asked,
  Browser,
  openSmartServer,
  redeem,
  redirect,
  type SmartServer,
  sentBack,
} from './smart-server.ts';

let server: SmartServer;
let app: Client;
let browser: Browser;
beforeAll(async () => {
  server = await openSmartServer();
  app = await server.addClient();
  await server.addUser('pat', { role: 'individual', patient: 'p' });
  await server.addUser('quin', { role: 'individual', patient: 'q' });
}, 60_000);
afterAll(() => server.close());
beforeEach(() => {
  browser = new Browser(server);
  server.at.now += 60_000;
});

const scope = 'launch/patient openid patient/*.rs';
const ask = async (more: Readonly<Record<string, string>>) =>
  browser.follow(await browser.get(asked(app, scope, more)));
const view = async (more: Readonly<Record<string, string>>) => (await ask(more)).body?.view;
const signIn = { login: 'pat', password: 'password of pat', code: '' };

describe('prompt=none', () => {
  it('shows no page: login_required for who has not signed in', async () => {
    expect(sentBack(await ask({ prompt: 'none' }))).toMatchObject({
      error: 'login_required',
      state: 'state-of-122-bits-or-more',
      iss: expect.any(String),
    });
  });

  it('shows no page: consent_required for who has, and login_required where that was too long ago', async () => {
    await browser.signIn('pat');
    expect(sentBack(await ask({ prompt: 'none' }))).toMatchObject({ error: 'consent_required' });
    server.at.now += 61_000;
    expect(sentBack(await ask({ prompt: 'none', max_age: '60' }))).toMatchObject({ error: 'login_required' });
    expect(sentBack(await ask({ prompt: 'none', max_age: '62' }))).toMatchObject({
      error: 'consent_required',
    });
  });

  it.each(['login', 'consent', 'select_account'])('goes with no other (%s)', async (other) => {
    expect(sentBack(await ask({ prompt: `none ${other}` }))).toMatchObject({ error: 'invalid_request' });
  });
});

describe.each(['login', 'select_account', 'login consent'])('prompt=%s', (prompt) => {
  it('asks who is there though a session is, once', async () => {
    await browser.signIn('pat');
    server.at.now += 1000;
    const page = await ask({ prompt });
    expect(page.body.view).toBe('signIn');
    const consent = await browser.fill(page, '/auth/sign-in', signIn);
    expect(consent.body.view).toBe('consent');
    // Who goes on with what was asked before has not signed in for that.
    server.at.now += 1000;
    expect(await view({ prompt })).toBe('signIn');
    expect(await view({ prompt, signed_in_since: String(server.at.now) })).toBe('signIn');
    expect(await view({ prompt, signed_in_since: String(server.at.now + 60_000) })).toBe('signIn');
  });

  it('may be answered by somebody else', async () => {
    await browser.signIn('pat');
    server.at.now += 1000;
    const other = { login: 'quin', password: 'password of quin', code: '' };
    const consent = await browser.fill(await ask({ prompt }), '/auth/sign-in', other);
    expect(consent.body).toMatchObject({ view: 'consent', person: { id: 'q' } });
  });
});

it('prompt=consent asks for it, and a prompt that is not known is passed over', async () => {
  await browser.signIn('pat');
  expect(await view({ prompt: 'consent' })).toBe('consent');
  expect(await view({ prompt: 'create' })).toBe('consent');
});

describe('max_age', () => {
  it('asks again when signing in is longer ago, and tells when it was', async () => {
    await browser.signIn('pat');
    server.at.now += 100_000;
    expect(await view({ max_age: '100' })).toBe('consent');
    const page = await ask({ max_age: '99' });
    expect(page.body.view).toBe('signIn');
    const signedIn = server.at.now;
    const consent = await browser.fill(page, '/auth/sign-in', signIn);
    server.at.now += 5000;
    const { body } = await redeem(server, app, sentBack(await allow(browser, consent))['code'] ?? '');
    expect(decodeJwt(body.id_token)['auth_time']).toBe(Math.floor(signedIn / 1000));
  });

  it('of nothing asks each time, once', async () => {
    await browser.signIn('pat');
    server.at.now += 1000;
    const page = await ask({ max_age: '0' });
    expect(page.body.view).toBe('signIn');
    expect((await browser.fill(page, '/auth/sign-in', signIn)).body.view).toBe('consent');
  });

  it.each(['-1', 'soon', '1e3', '99999999999'])('is a number of seconds, and not %s', async (max_age) => {
    expect(sentBack(await ask({ max_age }))).toMatchObject({ error: 'invalid_request' });
  });
});

describe('login_hint', () => {
  it('stands in the form, and signs in nobody', async () => {
    expect((await ask({ login_hint: 'pat' })).body).toMatchObject({ view: 'signIn', login: 'pat' });
    expect((await ask({ login_hint: 'x'.repeat(500) })).body.login).toHaveLength(100);
  });

  it('does not send away who has signed in', async () => {
    await browser.signIn('pat');
    expect(await view({ login_hint: 'quin' })).toBe('consent');
  });
});

it('is advertised', async () => {
  expect((await server.get('/.well-known/openid-configuration')).body).toMatchObject({
    prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
    claims_parameter_supported: false,
  });
});

describe('a consent that is remembered', () => {
  const offline = `${scope} offline_access`;
  const tick = async (
    consent: Awaited<ReturnType<typeof ask>>,
    more: Readonly<Record<string, string>> = {},
  ) => {
    const fields = new URLSearchParams({ decision: 'allow', ...more });
    const without = more['without'];
    for (const { scope: one, checked } of consent.body.scopes) {
      if (checked && one !== without) fields.append('scope', one);
    }
    return browser.fill(consent, '/auth/consent', fields);
  };
  const remember = { remember: 'yes' };
  const begin = async (more: Readonly<Record<string, string>> = {}, scopes = offline, client = app) =>
    browser.follow(await browser.get(asked(client, scopes, more)));
  const isSilent = async (...args: Parameters<typeof begin>) =>
    sentBack(await begin(...args))['code'] !== undefined;
  const isAsked = async (...args: Parameters<typeof begin>) =>
    (await begin(...args)).body?.view === 'consent';
  let login: string;
  let count = 0;
  beforeEach(async () => {
    login = `ann-${count++}`;
    await server.addUser(login, { role: 'individual', patient: 'p' });
    await browser.signIn(login);
  });

  it('gives what was ticked before, without a page, also where none may be shown', async () => {
    const consent = await begin();
    expect(consent.body.canRemember).toBe(true);
    await tick(consent, { ...remember, without: 'patient/Immunization.rs' });
    const answer = await redeem(server, app, sentBack(await begin({ prompt: 'none' }))['code'] ?? '');
    expect(answer.body).toMatchObject({ patient: 'p', scope: expect.stringContaining('patient/Patient.rs') });
    expect(answer.body.scope).not.toContain('patient/Immunization.rs');
    expect(await isSilent()).toBe(true);
    expect(await isSilent({}, 'launch/patient patient/*.rs')).toBe(true);
  });

  it('is asked for where nobody ticked so, and where it is asked for anew', async () => {
    await tick(await begin());
    expect(await isAsked()).toBe(true);
    await tick(await begin(), remember);
    expect(await isSilent()).toBe(true);
    const again = await begin({ prompt: 'consent' });
    expect(again.body.view).toBe('consent');
    await tick(again);
    expect(await isAsked()).toBe(true);
  });

  it('is of one app, one person, one account, and what was asked for then', async () => {
    await tick(await begin(), remember);
    expect(await isAsked({}, `${offline} fhirUser`)).toBe(true);
    expect(await isAsked({}, offline, await server.addClient())).toBe(true);
    browser = new Browser(server);
    await browser.signIn('pat');
    expect(await isAsked()).toBe(true);
  });

  type Way = (client: Client) => Promise<unknown>;
  it.each<[string, Way]>([
    [
      'the person does not allow it',
      async (client) => {
        const consent = await begin({ prompt: 'consent' }, offline, client);
        return browser.fill(consent, '/auth/consent', { decision: 'deny' });
      },
    ],
    [
      'the person stops the app',
      async (client) => {
        const apps = await browser.get('/app/apps');
        await browser.fill(apps, '/app/apps', { stop: client.id });
      },
    ],
    [
      'the app is disabled',
      ({ id }) => server.auth.clients.change(id, (one) => ({ ...one, tokensFrom: server.at.now as never })),
    ],
    [
      'what the account had is ended',
      () => server.auth.users.change(login, (user) => ({ ...user, grantsFrom: server.at.now as never })),
    ],
  ])('ends when %s', async (_, way) => {
    const client = await server.addClient();
    await tick(await begin({}, offline, client), remember);
    expect(await isSilent({}, offline, client)).toBe(true);
    server.at.now += 1000;
    await way(client);
    expect(await isAsked({}, offline, client)).toBe(true);
  });

  it('lasts as long as what was allowed', async () => {
    await tick(await begin({}, scope), remember);
    server.at.now += 59 * 60_000;
    browser = new Browser(server);
    await browser.signIn(login);
    expect(await isSilent({}, scope)).toBe(true);
    server.at.now += 62 * 60_000;
    browser = new Browser(server);
    await browser.signIn(login);
    expect(await isAsked({}, scope)).toBe(true);
  });

  it.each(['http://127.0.0.1:4000/back', 'app.example:/back'])(
    'is none where another could take the answer: %s',
    async (redirect_uri) => {
      const client = await server.addClient({ redirect: [redirect_uri] });
      const consent = await begin({ redirect_uri }, offline, client);
      expect(consent.body.view).toBe('consent');
      expect(consent.body.canRemember).toBeUndefined();
      await tick(consent, remember);
      expect(await isAsked({ redirect_uri }, offline, client)).toBe(true);
    },
  );

  it('is kept and used by certain redirects alone, where an app has others too', async () => {
    const uncertain = { redirect_uri: 'app.example:/back' };
    const both = { redirect: [redirect, uncertain.redirect_uri] };
    const client = await server.addClient(both);
    await tick(await begin(uncertain, offline, client), remember);
    expect(await isAsked({}, offline, client)).toBe(true);
    await tick(await begin({}, offline, client), remember);
    expect(await isSilent({}, offline, client)).toBe(true);
    expect(await isAsked(uncertain, offline, client)).toBe(true);
  });

  it('is of the one person whom an EHR had in view', async () => {
    await server.addUser(`doc-${login}`, { role: 'clinician', organization: ['a'] });
    browser = new Browser(server);
    await browser.signIn(`doc-${login}`);
    const launched = async (patient: string) => {
      const launch = await server.auth.launches.add({ client: app.id, context: { patient } });
      return begin({ launch }, 'launch openid patient/Patient.rs');
    };
    await tick(await launched('p'), remember);
    expect(sentBack(await launched('p'))['code']).toBeDefined();
    expect((await launched('r')).body).toMatchObject({ view: 'consent', person: { id: 'r' } });
  });
});
