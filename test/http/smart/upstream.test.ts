import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Browser, issuer, openSmartServer, type SmartServer } from './smart-server.ts';

// The upstream is the real oidc-provider package.

let upstream: Server;
let server: SmartServer;
let url: string;
beforeAll(async () => {
  upstream = createServer().listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const client = {
    client_id: 'jenner',
    client_secret: 'upstream secret',
    redirect_uris: [`${issuer}/auth/upstream/callback`],
  };
  upstream.on(
    'request',
    new Provider(url, { clients: [client], features: { devInteractions: { enabled: true } } }).callback(),
  );
  const settings = {
    issuer: url,
    clientId: 'jenner',
    clientSecret: 'upstream secret',
    name: 'Harbor Health',
  };
  server = await openSmartServer({ settings: { upstream: settings } });
  await server.addUser('pat', { role: 'individual', patient: 'p', subject: 'pat-upstream' });
}, 60_000);
afterAll(async () => {
  await server.close();
  upstream.close();
});
// What the provider signs is of now.
beforeEach(() => {
  server.at.now = Date.now();
});

/** Goes through the provider's own pages as somebody, and answers where it sends the browser in the end. */
async function signInUpstream(start: string, account: string): Promise<string> {
  const cookies = new Map<string, string>();
  let next = start;
  let form: URLSearchParams | undefined;
  for (let step = 0; step < 20; step++) {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
    const answer = await fetch(next, {
      redirect: 'manual',
      headers: { cookie },
      ...(form && { method: 'POST', body: form }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';')[0]?.split('=') ?? [];
      cookies.set(name, value);
    }
    form = undefined;
    const location = answer.headers.get('location');
    if (location?.startsWith(issuer)) return location.slice(issuer.length);
    if (location) {
      next = new URL(location, next).href;
      continue;
    }
    const page = await answer.text();
    next = new URL(/action="([^"]+)"/.exec(page)?.[1] ?? '', next).href;
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? '';
    form = new URLSearchParams({ prompt, ...(prompt === 'login' && { login: account, password: 'x' }) });
  }
  throw new Error('the provider does not come to an end');
}

async function begin(browser: Browser, next = '/app/account'): Promise<string> {
  const page = await browser.get(next);
  expect(page.body.providers).toEqual([
    { name: 'Harbor Health', href: `/auth/upstream?next=${encodeURIComponent(next)}` },
  ]);
  const answer = await browser.get(page.body.providers[0].href);
  expect(answer.status).toBe(303);
  return String(answer.headers['location']);
}

it('signs in who is linked to the account upstream, and goes on where they were', async () => {
  const browser = new Browser(server);
  const start = await begin(browser);
  expect(Object.fromEntries(new URL(start).searchParams)).toMatchObject({
    response_type: 'code',
    code_challenge_method: 'S256',
    nonce: expect.any(String),
    state: expect.any(String),
  });
  const back = await signInUpstream(start, 'pat-upstream');
  const page = await browser.follow(await browser.get(back));
  expect(page.body).toMatchObject({ view: 'account', user: { name: 'Ann Smith', role: 'individual' } });
});

it('refuses who has no account here, or one that is disabled', async () => {
  const browser = new Browser(server);
  const back = await signInUpstream(await begin(browser), 'stranger');
  expect((await browser.get(back)).body).toMatchObject({ view: 'problem', code: 'forbidden' });
  await server.auth.users.change('pat', (user) => ({ ...user, disabled: true }));
  const again = await signInUpstream(await begin(browser), 'pat-upstream');
  expect((await browser.get(again)).body.code).toBe('forbidden');
  await server.auth.users.change('pat', ({ disabled: _, ...user }) => user);
  expect((await browser.get('/app')).body.view).toBe('signIn');
});

it('takes an answer once, in the browser that asked, with the state that was given', async () => {
  const victim = new Browser(server);
  const attacker = new Browser(server);
  const back = await signInUpstream(await begin(attacker), 'pat-upstream');
  await victim.get('/app');
  expect((await victim.get(back)).body.code).toBe('forbidden');
  // It was used up by that.
  expect((await attacker.get(back)).body.code).toBe('forbidden');
  const second = await signInUpstream(await begin(attacker), 'pat-upstream');
  const tampered = second.replace(/state=[^&]+/, 'state=made-up');
  expect((await attacker.get(tampered)).body.code).toBe('forbidden');
  const mixedUp = second.replace(/iss=[^&]+/, 'iss=https%3A%2F%2Fevil.test');
  expect((await attacker.get(mixedUp)).body.code).toBe('forbidden');
});

it('says that it cannot be done now when the provider is away', async () => {
  const settings = { issuer: 'http://127.0.0.1:1', clientId: 'x', clientSecret: undefined, name: 'Away' };
  const alone = await openSmartServer({ settings: { upstream: settings } });
  const answer = await alone.get('/auth/upstream?next=/app');
  expect([answer.status, answer.body.code]).toEqual([502, 'busy']);
  await alone.close();
});
