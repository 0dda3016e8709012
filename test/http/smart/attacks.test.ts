import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../../src/auth/clients/client.ts';
import { sessionKey } from '../../../src/auth/session/sessions.ts';
import {
  allow,
  asked,
  Browser,
  codeFor,
  everyScope,
  launch,
  openSmartServer,
  redeem,
  redirect,
  type SmartServer,
  sentBack,
} from './smart-server.ts';

let server: SmartServer;
let app: Client;
beforeAll(async () => {
  server = await openSmartServer();
  app = await server.addClient();
  await server.addUser('pat', { role: 'individual', patient: 'p' });
  await server.addUser('eve', { role: 'individual', patient: 'q' });
}, 60_000);
afterAll(() => server.close());

const scope = 'launch/patient patient/Patient.rs offline_access';
const signedIn = async (login = 'pat') => {
  const browser = new Browser(server);
  await browser.signIn(login);
  return browser;
};

describe('nobody is sent anywhere that is not registered', () => {
  it.each([
    `${redirect}/x`,
    `${redirect}?x=1`,
    `${redirect}/../evil`,
    `${redirect}#x`,
    `${redirect}%2f..%2fevil`,
    redirect.toUpperCase(),
    'https://app.example.evil.test/back',
    'https://app.example@evil.test/back',
    'https://evil.test/back',
    'http://app.example/back',
    'https://app.example:444/back',
    'javascript:alert(1)',
    '',
  ])('redirect_uri tricks: %s', async (other) => {
    const answer = await (await signedIn()).get(asked(app, scope, { redirect_uri: other }));
    expect([answer.status, answer.body.code, answer.headers['location']]).toEqual([
      400,
      'bad-redirect',
      undefined,
    ]);
  });

  it('by an app that is unknown or disabled', async () => {
    const browser = await signedIn();
    const disabled = await server.addClient({ disabled: true });
    for (const client of [{ ...app, id: 'unknown' }, disabled]) {
      const answer = await browser.get(asked(client, scope));
      expect([answer.status, answer.body.code, answer.headers['location']]).toEqual([
        400,
        'bad-client',
        undefined,
      ]);
    }
  });

  it.each([
    'https://evil.test/',
    '//evil.test/',
    '/\\evil.test',
    '/app//evil.test',
    '/app/../auth/sign-out',
    'javascript:alert(1)',
    '/auth/authorize#x',
    '/app\nset-cookie: x',
    '/fhir/Patient',
  ])('open redirect after sign-in: %j', async (next) => {
    const browser = new Browser(server);
    const page = await browser.get(`/auth/sign-in?next=${encodeURIComponent(next)}`);
    expect(page.body.hidden.next).toBe('/app');
    const fields = { csrf: page.body.csrf, login: 'pat', password: 'password of pat', next };
    const answer = await browser.post('/auth/sign-in', fields);
    expect([answer.status, answer.headers['location']]).toEqual([303, '/app']);
  });

  it('wrong parameters go back to the app, with its state and the issuer (mix-up)', async () => {
    const browser = await signedIn();
    const faults: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
      [{ aud: 'https://other.example/fhir' }, 'invalid_request'],
      [{ aud: '' }, 'invalid_request'],
      [{ response_type: 'token' }, 'unsupported_response_type'],
      [{ response_type: '' }, 'invalid_request'],
      [{ response_mode: 'fragment' }, 'invalid_request'],
      [{ request_uri: 'https://evil.test' }, 'invalid_request'],
      [{ scope: 'made-up' }, 'invalid_scope'],
      [{ scope: '' }, 'invalid_scope'],
    ];
    for (const [more, error] of faults) {
      const back = await browser.get(asked(app, scope, more));
      expect(String(back.headers['location']).startsWith(`${redirect}?`)).toBe(true);
      expect(sentBack(back)).toMatchObject({
        error,
        state: 'state-of-122-bits-or-more',
        iss: server.auth.issuer,
      });
    }
    expect(sentBack(await browser.get(asked(app, scope, { state: '' })))).toMatchObject({
      error: 'invalid_request',
    });
    const twice = sentBack(await browser.get(`${asked(app, scope)}&scope=openid`));
    expect(twice).toMatchObject({ error: 'invalid_request', state: 'state-of-122-bits-or-more' });
  });

  it('takes the FHIR base with a slash at its end, and resource for aud', async () => {
    const browser = await signedIn();
    for (const more of [{ aud: `${server.auth.base}/` }, { aud: '', resource: server.auth.base }]) {
      expect((await browser.follow(await browser.get(asked(app, scope, more)))).body.view).toBe('consent');
    }
  });
});

describe('CSRF', () => {
  it.each([
    '/auth/sign-in',
    '/auth/sign-out',
    '/auth/consent',
    '/auth/pick',
    '/app/account',
    '/app/record/p/apps',
  ])('a form of another site, or of another browser, is refused: %s', async (url) => {
    const browser = await signedIn();
    const { csrf } = (await browser.get('/app')).body;
    const strangers = (await (await signedIn('eve')).get('/app')).body.csrf;
    const attempts: readonly (readonly [
      Readonly<Record<string, string>>,
      Readonly<Record<string, string>>,
    ])[] = [
      [{}, {}],
      [{ csrf: '' }, {}],
      [{ csrf: 'forged' }, {}],
      [{ csrf: strangers }, {}],
      [{ csrf }, { 'sec-fetch-site': 'cross-site' }],
      [{ csrf }, { 'sec-fetch-site': 'same-site' }],
    ];
    for (const [fields, headers] of attempts) {
      const answer = await browser.post(url, fields, headers);
      expect([answer.status, answer.body.code]).toEqual([403, 'forged']);
    }
    const origin = await browser.send({
      method: 'POST',
      url,
      payload: `csrf=${csrf}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://evil.test' },
    });
    expect(origin.status).toBe(403);
    // It is still signed in.
    expect((await browser.get('/app')).body.view).toBe('home');
  });

  it.each([
    ['/auth/sign-in', { next: '/auth/authorize?a=b' }, '/auth/authorize?a=b'],
    ['/auth/sign-in', { next: '//evil.test/' }, '/app'],
    ['/auth/sign-out', {}, '/app'],
    ['/auth/consent', { request: 'r&x=y' }, '/auth/consent?request=r%26x%3Dy'],
    ['/auth/pick', { request: '../evil' }, '/auth/pick?request=..%2Fevil'],
    ['/app/account', {}, '/app/account'],
  ])('a form of ours that is out of date leads to the same one of now: %s %j', async (url, fields, to) => {
    const browser = await signedIn();
    const stale = { csrf: (await (await signedIn()).get('/app')).body.csrf, ...fields };
    const answer = await browser.post(url, stale);
    expect([answer.status, answer.body.code, answer.body.onward]).toEqual([403, 'forged', to]);
    const strangers = await browser.post(url, stale, { 'sec-fetch-site': 'cross-site' });
    expect([strangers.status, strangers.body.onward]).toEqual([403, undefined]);
  });
});

describe('what is posted to the authorization endpoint', () => {
  const post = (payload: string, type = 'application/x-www-form-urlencoded') =>
    server.inject({
      method: 'POST',
      url: '/auth/authorize',
      headers: { 'content-type': type },
      payload,
    });
  it('adds no header by line ends', async () => {
    const answer = await post('client_id=x\r\nSet-Cookie: a=b');
    expect(answer.status).toBe(303);
    expect(answer.headers['location']).toBe('/auth/authorize?client_id=x%0D%0ASet-Cookie%3A+a%3Db');
    expect(answer.headers['set-cookie']).toBeUndefined();
  });
  it('must be a form', async () => {
    expect((await post('{"client_id":"x"}', 'application/json')).status).toBe(400);
  });
});

describe('sessions', () => {
  it('fixation: a cookie from before the sign-in is worth nothing after it', async () => {
    const victim = new Browser(server);
    await victim.get('/auth/sign-in');
    const before = victim.cookies.get('jenner') ?? '';
    await victim.signIn('pat');
    expect(victim.cookies.get('jenner')).not.toBe(before);
    const attacker = new Browser(server);
    attacker.cookies.set('jenner', before);
    expect((await attacker.get('/app')).body.view).toBe('signIn');
    // Nor is the one that was there when the same person signed in again.
    const first = victim.cookies.get('jenner') ?? '';
    await victim.signIn('pat');
    attacker.cookies.set('jenner', first);
    expect((await attacker.get('/app')).body.view).toBe('signIn');
    // Nor is one that somebody made up.
    attacker.cookies.set('jenner', 'x'.repeat(43));
    expect((await attacker.get('/app')).body.view).toBe('signIn');
  });

  it('cookies are for this server alone, and not for scripts', async () => {
    const answer = await new Browser(server).get('/auth/sign-in');
    expect(answer.headers['set-cookie']).toMatch(/^jenner=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    const https = await openSmartServer({ settings: { publicUrl: 'https://iis.example' } });
    const safe = await https.get('/auth/sign-in');
    expect(safe.headers['set-cookie']).toMatch(
      /^__Host-jenner=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
    // A browser that was here once comes by https alone (RFC 6797).
    expect(safe.headers['strict-transport-security']).toMatch(/^max-age=[0-9]{8,}/);
    expect(answer.headers['strict-transport-security']).toBeUndefined();
    await https.close();
  });

  it('end after 15 minutes without a request, of individuals after 30, and when somebody signs out', async () => {
    await server.addUser('doc', { role: 'clinician', organization: ['a'] });
    for (const [login, minutes] of [
      ['doc', 15],
      ['pat', 30],
    ] as const) {
      const browser = await signedIn(login);
      for (let i = 0; i < 3; i++) {
        server.at.now += (minutes - 1) * 60_000;
        expect((await browser.get('/app')).body.view).toBe('home');
      }
      server.at.now += minutes * 60_000;
      expect((await browser.get('/app')).body.view).toBe('signIn');
    }
    const browser = await signedIn();
    const cookie = browser.cookies.get('jenner') ?? '';
    await browser.fill(await browser.get('/app'), '/auth/sign-out', {});
    browser.cookies.set('jenner', cookie);
    expect((await browser.get('/app')).body.view).toBe('signIn');
  });

  it('clickjacking: no page may be framed, kept or scripted from elsewhere', async () => {
    const browser = await signedIn();
    const consent = await browser.follow(await browser.get(asked(app, scope)));
    const policy = String(consent.headers['content-security-policy']);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self' https://app.example");
    expect(consent.headers).toMatchObject({
      'x-frame-options': 'DENY',
      'cache-control': 'private, no-store',
    });
    const home = await browser.get('/app');
    expect(home.headers['content-security-policy']).toMatch(/form-action 'self'$/);
  });
});

describe('a request that waits for consent', () => {
  it.each(['/auth/consent', '/auth/pick'])(
    'is gone on with by who has signed in anew, and by nobody else: %s',
    async (url) => {
      const browser = await signedIn();
      const earlier = await signedIn();
      server.at.now += 1000;
      await browser.signIn('pat');
      const consent = await browser.follow(await browser.get(asked(app, scope)));
      const { request } = consent.body.hidden;
      const handle = `/auth/consent?request=${request}`;
      // Signed in before, for an app that may have asked to sign in anew.
      expect((await earlier.get(handle)).body.code).toBe('expired');
      await server.auth.sessions.end(sessionKey(browser.cookies.get('jenner') ?? ''));
      const lost = await browser.post(url, { csrf: consent.body.csrf, request, decision: 'allow' });
      const next = `${url}?request=${request}`;
      expect(lost.body).toMatchObject({ view: 'signIn', hidden: { next } });
      const again = await browser.fill(lost, '/auth/sign-in', { login: 'pat', password: 'password of pat' });
      expect(again.body.view).toBe(url === '/auth/pick' ? 'picker' : 'consent');
      const page = await browser.get(handle);
      expect(sentBack(await allow(browser, page))['code']).toEqual(expect.any(String));
    },
  );

  it('is of who began it, and answered once', async () => {
    const browser = await signedIn();
    const consent = await browser.follow(await browser.get(asked(app, scope)));
    const eve = await signedIn('eve');
    const { csrf } = (await eve.get('/app')).body;
    const { request } = consent.body.hidden;
    const stolen = await eve.post('/auth/consent', {
      csrf,
      request,
      decision: 'allow',
      scope: 'launch/patient',
    });
    expect([stolen.status, stolen.body.code]).toEqual([410, 'expired']);
    expect((await eve.get(`/auth/consent?request=${request}`)).body.code).toBe('expired');
    expect(sentBack(await allow(browser, consent))['code']).toEqual(expect.any(String));
    expect((await allow(browser, consent)).body.code).toBe('expired');
  });

  it('gives no more than was offered, whatever is ticked', async () => {
    const narrow = await server.addClient({ scope: 'patient/Patient.rs launch/patient' });
    const browser = await signedIn();
    const consent = await browser.follow(await browser.get(asked(narrow, `${everyScope} patient/*.rs`)));
    const back = await allow(browser, consent, {
      also: ['patient/*.cruds', 'user/Patient.rs', 'offline_access'],
    });
    const { body } = await redeem(server, narrow, sentBack(back)['code'] ?? '');
    expect(body.scope.split(' ').sort()).toEqual(['launch/patient', 'patient/Patient.rs']);
  });

  it('gives no session of somebody else’s children', async () => {
    const browser = await signedIn();
    const consent = await browser.follow(await browser.get(asked(app, scope)));
    const fields = { csrf: consent.body.csrf, request: consent.body.hidden.request, patient: 'q' };
    expect((await browser.post('/auth/pick', fields)).status).toBe(400);
  });
});

describe('what is too much', () => {
  it('a token of 10 MB is refused before it is read', async () => {
    const token = 'x'.repeat(10 * 1024 * 1024);
    const answer = await server.form('/auth/introspect', { token });
    expect(answer.status).toBe(413);
    expect((await server.ask('y'.repeat(15_000), '/fhir/Patient')).status).toBe(401);
  });

  it('thousands of scopes are refused', async () => {
    const many = Array.from({ length: 3000 }, (_, i) => `patient/Patient.rs?_id=${i}`).join(' ');
    const browser = await signedIn();
    const [, query = ''] = asked(app, many).split('?');
    const answer = await browser.post('/auth/authorize', new URLSearchParams(query));
    expect(answer.status).toBe(413);
    const some = many.split(' ').slice(0, 320).join(' ');
    expect(sentBack(await browser.get(asked(app, some)))).toMatchObject({ error: 'invalid_scope' });
  });

  it('a token of another server is no token', async () => {
    const other = await openSmartServer();
    const client = await other.addClient();
    await other.addUser('pat', { role: 'individual', patient: 'p' });
    const { access_token: token } = await launch(other, { client, login: 'pat', scope });
    expect((await other.ask(token, '/fhir/Patient/p')).status).toBe(200);
    expect((await server.ask(token, '/fhir/Patient/p')).status).toBe(401);
    await other.close();
  });
});

it('keeps no secret in the store: neither tokens nor codes, cookies, passwords or client secrets', async () => {
  const client = await server.addClient({}, 'the-secret-of-the-client');
  const browser = await signedIn();
  const code = await codeFor(browser, client, scope);
  const { body } = await redeem(server, client, code, { client_secret: 'the-secret-of-the-client' });
  const secrets = [
    code,
    body.access_token,
    body.refresh_token,
    browser.cookies.get('jenner'),
    browser.cookies.get('jenner-device'),
    'the-secret-of-the-client',
  ];
  const all: string[] = [];
  for (const collection of [
    'client',
    'user',
    'token',
    'grant',
    'code',
    'session',
    'consent-request',
    'throttle',
    'device',
  ]) {
    const { records } = await server.store.listRecords({ collection, count: 1000 });
    all.push(...records.map(({ key, value }) => `${key} ${value}`));
  }
  expect(all.length).toBeGreaterThan(5);
  for (const secret of secrets) {
    expect(secret).toEqual(expect.any(String));
    expect(all.some((text) => text.includes(String(secret)))).toBe(false);
  }
});
