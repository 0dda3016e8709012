import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  asked,
  Browser,
  base,
  issuer,
  openSmartServer,
  redirect,
  type SmartServer,
  sentBack,
} from './smart-server.ts';

let server: SmartServer;
beforeAll(async () => {
  server = await openSmartServer();
  await server.addUser('pat', { role: 'individual', patient: 'p' });
}, 60_000);
afterAll(() => server.close());

describe('a method that a path does not have', () => {
  it.each([
    ['/auth/authorize', 'GET, HEAD, POST'],
    ['/auth/sign-in', 'GET, HEAD, POST'],
    ['/auth/sign-out', 'POST'],
    ['/auth/consent', 'GET, HEAD, POST'],
    ['/auth/pick', 'GET, HEAD, POST'],
    ['/auth/token', 'POST, OPTIONS'],
    ['/auth/introspect', 'POST, OPTIONS'],
    ['/auth/revoke', 'POST, OPTIONS'],
    ['/auth/launch', 'POST'],
    ['/auth/jwks', 'GET, HEAD, OPTIONS'],
    ['/.well-known/openid-configuration', 'GET, HEAD, OPTIONS'],
    ['/fhir/.well-known/smart-configuration', 'GET, HEAD, OPTIONS'],
    ['/app', 'GET, HEAD'],
    ['/app/account', 'GET, HEAD, POST'],
    ['/app/record/p/apps', 'GET, HEAD, POST'],
    ['/', 'GET, HEAD'],
  ])('is 405 of %s, which has %s', async (url, allow) => {
    const has = allow.split(', ');
    for (const method of ['DELETE', 'GET', 'OPTIONS', 'PATCH', 'POST', 'PUT'] as const) {
      const { status, headers } = await server.inject({ method, url });
      if (has.includes(method)) expect(status).not.toBe(405);
      else expect([method, status, headers['allow']]).toEqual([method, 405, allow]);
    }
  });
});

describe('a path that is none', () => {
  it.each(['GET', 'POST', 'PUT', 'DELETE'] as const)('is 404 of %s below /auth, as JSON', async (method) => {
    const { status, body } = await server.inject({ method, url: '/auth/nothing/here' });
    expect([status, body.error]).toEqual([404, 'invalid_request']);
  });

  it('is a page of 404 below /app, for who has signed in and for others', async () => {
    const browser = new Browser(server);
    expect(await browser.get('/app/nothing')).toMatchObject({
      status: 404,
      body: { view: 'problem', code: 'not-found' },
    });
    await browser.signIn('pat');
    expect(await browser.get('/app/record/p/nothing')).toMatchObject({
      status: 404,
      body: { code: 'not-found' },
    });
  });
});

describe('what cannot be read', () => {
  const json = { 'content-type': 'application/json' };
  it.each`
    what                      | method      | url                                          | payload      | status
    ${'a parameter twice'}    | ${'GET'}    | ${'/auth/authorize?client_id=a&client_id=b'} | ${undefined} | ${400}
    ${'a form that is none'}  | ${'POST'}   | ${'/auth/authorize'}                         | ${'{}'}      | ${400}
    ${'a method that is not'} | ${'DELETE'} | ${'/auth/authorize'}                         | ${undefined} | ${405}
  `('is told as the fault of who sent it: $what', async ({ method, url, payload, status }) => {
    const answer = await server.inject({ method, url, ...(payload && { payload, headers: json }) });
    expect(answer).toMatchObject({ status, body: { view: 'problem', code: 'unreadable' } });
  });
});

describe('a parameter that stands twice at the authorization endpoint', () => {
  const twice = async (name: string, value: string) => {
    const url = asked(await server.addClient(), 'launch/patient patient/*.rs');
    return server.get(`${url}&${new URLSearchParams({ [name]: value })}`);
  };

  it.each(['response_type', 'scope', 'aud', 'code_challenge', 'nonce', 'other'])(
    'is told to the app: %s',
    async (name) => {
      const url = asked(await server.addClient(), 'launch/patient patient/*.rs', { nonce: 'n', other: 'o' });
      const answer = await server.get(`${url}&${name}=code`);
      const state = 'state-of-122-bits-or-more';
      expect(answer.status).toBe(303);
      const error_description = `${name} stands there twice`;
      expect(sentBack(answer)).toEqual({ error: 'invalid_request', error_description, state, iss: issuer });
    },
  );

  it('is told without a state where that is it, and where there are too many', async () => {
    const { error, state } = sentBack(await twice('state', 'another'));
    expect([error, state]).toEqual(['invalid_request', undefined]);
    const url = asked(await server.addClient(), 'launch/patient patient/*.rs');
    const many = Array.from({ length: 50 }, (_, index) => `p${index}=1`).join('&');
    expect(sentBack(await server.get(`${url}&${many}`))).toMatchObject({ error: 'invalid_request' });
  });

  it.each([
    ['client_id', 'x'],
    ['redirect_uri', redirect],
    ['redirect_uri', 'https://evil.example/'],
  ])('leads nowhere where it is %s', async (name, value) => {
    const answer = await twice(name, value);
    expect([answer.status, answer.headers['location']]).toEqual([400, undefined]);
    expect(answer.body).toMatchObject({ view: 'problem', code: 'unreadable' });
  });
});

describe('what no parameter may hold', () => {
  const url = new URL(asked({ id: 'x' } as never, 'launch/patient patient/*.rs'), issuer);
  it.each(['state', 'nonce', 'launch', 'scope', 'client_id', 'redirect_uri', 'aud', 'other'])(
    'is 400 in %s at the authorization endpoint',
    async (name) => {
      const app = await server.addClient();
      for (const bad of ['\r\nset-cookie: a=b', '\u0000', '\u007f', '\u0085']) {
        const sent = new URL(url);
        sent.searchParams.set('client_id', app.id);
        sent.searchParams.set(name, `${sent.searchParams.get(name) ?? ''}${bad}`);
        const answer = await server.get(sent.pathname + sent.search);
        expect([answer.status, answer.headers['location']]).toEqual([400, undefined]);
        const posted = await server.form('/auth/authorize', Object.fromEntries(sent.searchParams));
        expect((await server.get(String(posted.headers['location']))).status).toBe(400);
      }
    },
  );

  it.each([
    '/auth/authorize?\u{1f600}',
    '/auth/authorize?\u0000',
    '/auth/authorize?é',
    '/app\r\nx: y',
    '/app?\u007f',
  ])('leads nobody to %j after signing in, and nowhere else fails', async (next) => {
    const browser = new Browser(server);
    const page = await browser.get('/auth/sign-in');
    const fields = { login: 'pat', password: 'password of pat', code: '', csrf: page.body.csrf, next };
    const { status, headers } = await browser.post('/auth/sign-in', fields);
    expect([status, headers['location']]).toEqual([303, '/app']);
  });
});

it('leads a browser to the pages, and tells others where things are', async () => {
  const browser = await server.get('/', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
  expect([browser.status, browser.headers['location']]).toEqual([303, '/app']);
  const other = await server.get('/', { accept: '*/*' });
  expect([other.status, other.body.fhir]).toEqual([200, base]);
  expect((await server.get(new URL(other.body.smart_configuration).pathname)).status).toBe(200);
});
