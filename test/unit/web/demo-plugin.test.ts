import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { utc } from '../../../src/values/time-zone.ts';
import { demoPlugin } from '../../../src/web/demo/demo-plugin.ts';

const publicUrl = 'http://127.0.0.1:8080';
const own = { host: '127.0.0.1:8080', 'sec-fetch-site': 'same-origin' };
const form = { ...own, 'content-type': 'application/x-www-form-urlencoded' };

type Asked = { readonly url: string; readonly headers: Record<string, unknown>; readonly body: unknown };

let app: FastifyInstance;
let asked: Asked[];

/** What of the authorization server the demo meets. */
async function authStandIn(server: FastifyInstance): Promise<void> {
  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, body),
  );
  server.get('/auth/sign-in', (_request, reply) =>
    reply.header('set-cookie', 'jenner=before; Path=/').send('<input name="csrf" value="c1"/>'),
  );
  server.post('/auth/sign-in', ({ url, headers, body }, reply) => {
    asked.push({ url, headers, body });
    return reply.header('set-cookie', 'jenner=after; Path=/; HttpOnly').redirect('/app', 303);
  });
  server.post('/auth/launch', ({ url, headers, body }, reply) => {
    asked.push({ url, headers, body });
    return reply.status(201).send({ launch: 'l', url: `${publicUrl}/demo/app/launch?iss=i&launch=l` });
  });
}

beforeEach(async () => {
  asked = [];
  app = Fastify({ routerOptions: { ignoreTrailingSlash: true } });
  await app.register(authStandIn);
  await app.register(demoPlugin, options);
});

const asset = (name: string) => ({ path: `/app/assets/${name}` });
const options = {
  publicUrl,
  zone: utc,
  assets: {
    styles: asset('s.css'),
    icon: asset('i.svg'),
    sampleScript: asset('a.js'),
    sampleStyles: asset('a.css'),
  },
  users: [
    { login: 'parent', password: 'p1', role: 'individual' },
    { login: 'clinician', password: 'p2', role: 'clinician' },
  ],
  openers: ['parent', 'clinician'],
  sampleApp: { clientId: 'c-1', redirect: `${publicUrl}/demo/app/`, scope: 'openid' },
  curl: 'curl -s …',
  people: async () => [{ id: 'p-1', name: 'Miles Kowalski', birthDate: '2024-09-28' }],
  stub: {
    iss: `${publicUrl}/demo/lantern/fhir`,
    charts: [{ id: 'LX.1', name: 'Miles Kowalski', shows: 'unreported' as const }],
    launchFor: (patient: string) => (patient === 'LX.1' ? 'handle' : undefined),
  },
  ehrUser: 'clinician',
  ehrToken: async () => 'ehr-token',
};

afterEach(() => app.close());

describe('the start page of the demo', () => {
  it('shows every user with the password, and opens the app by one click', async () => {
    const { body, headers } = await app.inject({ url: '/demo', headers: own });
    for (const text of ['parent', 'p1', 'clinician', 'p2', 'curl -s …']) expect(body).toContain(text);
    expect(body).toContain('name="user" value="parent">Open the sample app</button>');
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect((await app.inject({ url: '/demo?lang=es', headers: own })).body).toContain('<html lang="es">');
  });

  it('offers the way back to a password that was changed, and takes it from its own page alone', async () => {
    const restored: string[] = [];
    const demo = Fastify();
    await demo.register(demoPlugin, {
      ...options,
      passwords: {
        changed: async () => ['parent'],
        restore: async (login) => void restored.push(login),
      },
    });
    const { body } = await demo.inject({ url: '/demo', headers: own });
    expect(body).not.toContain('p1');
    expect(body).toContain('p2');
    expect(body).toContain('aria-label="Set the password of parent back"');
    const post = (payload: string, headers: Record<string, string> = form) =>
      demo.inject({ method: 'POST', url: '/demo/restore', headers, payload });
    const other = { ...form, 'sec-fetch-site': 'cross-site' };
    expect((await post('user=parent', other)).statusCode).toBe(403);
    expect((await post('user=nobody')).statusCode).toBe(403);
    expect(restored).toEqual([]);
    const { statusCode, headers } = await post('user=parent');
    expect([statusCode, headers.location]).toEqual([303, `${publicUrl}/demo`]);
    expect(restored).toEqual(['parent']);
    await demo.close();
  });

  it('is where its apps are registered, whatever name it was called by', async () => {
    const { statusCode, headers } = await app.inject({ url: '/demo', headers: { host: 'localhost:8080' } });
    expect([statusCode, headers.location]).toEqual([303, `${publicUrl}/demo`]);
  });

  it('signs in by the page of sign-in, and sends the browser to the app with the new cookie', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: '/demo/launch',
      headers: form,
      payload: 'user=parent',
    });
    expect(answer.statusCode).toBe(303);
    expect(answer.headers.location).toBe(
      `${publicUrl}/demo/app/launch?iss=${encodeURIComponent(`${publicUrl}/fhir`)}`,
    );
    expect(answer.headers['set-cookie']).toEqual(['jenner=after; Path=/; HttpOnly']);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.headers['cookie']).toBe('jenner=before');
    expect(asked[0]?.body).toBe('csrf=c1&login=parent&password=p1&next=%2Fapp');
  });

  it('lets a person sign in who has another password by now, and signs out who was there', async () => {
    const refusing = Fastify();
    await refusing.register(async (server) => {
      server.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_r, b, done) =>
        done(null, b),
      );
      server.get('/auth/sign-in', (_request, reply) => reply.header('set-cookie', 'jenner=before').send(''));
      server.post('/auth/sign-in', (_request, reply) => reply.status(401).send('again'));
    });
    await refusing.register(demoPlugin, options);
    const { statusCode, headers } = await refusing.inject({
      method: 'POST',
      url: '/demo/launch',
      headers: form,
      payload: 'user=parent',
    });
    await refusing.close();
    expect([statusCode, headers['set-cookie']]).toEqual([303, ['jenner=before']]);
  });

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }, 'user=parent'],
    ['a neighbour on another port or subdomain', { 'sec-fetch-site': 'same-site' }, 'user=parent'],
    ['another origin', { origin: 'http://evil.example' }, 'user=parent'],
    ['nobody knows where', {}, 'user=parent'],
    ['somebody who is not there', { 'sec-fetch-site': 'same-origin' }, 'user=nobody'],
  ])('signs nobody in for %s', async (_from, headers, payload) => {
    const { 'sec-fetch-site': _, ...rest } = form;
    for (const url of ['/demo/launch', '/demo/ehr']) {
      if (url === '/demo/ehr' && payload === 'user=nobody') continue;
      const answer = await app.inject({ method: 'POST', url, headers: { ...rest, ...headers }, payload });
      expect(answer.statusCode).toBe(403);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    expect(asked).toEqual([]);
  });
});

describe('the EHR from which the demo opens Jenner', () => {
  const open = (payload: string, headers: Record<string, string> = form) =>
    app.inject({ method: 'POST', url: '/demo/own-app', headers, payload });

  it('stands on the start page, and opens the app by one click', async () => {
    const { body } = await app.inject({ url: '/demo', headers: own });
    expect(body).toContain('aria-label="Open Jenner inside the clinic’s system for Miles Kowalski"');
    const { statusCode, headers } = await open('patient=LX.1');
    const to = new URL(String(headers.location));
    expect([statusCode, to.origin + to.pathname]).toEqual([303, `${publicUrl}/app/launch`]);
    expect(Object.fromEntries(to.searchParams)).toEqual({ iss: options.stub.iss, launch: 'handle' });
  });

  it('opens nothing for who is not there, nor for a page of somebody else', async () => {
    expect((await open('patient=LX.2')).statusCode).toBe(403);
    expect((await open('patient=LX.1', { ...form, 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
  });
});

describe('the EHR that the demo plays', () => {
  it('has a button for each chart', async () => {
    const { body } = await app.inject({ url: '/demo/ehr', headers: own });
    expect(body).toContain('name="patient" value="p-1"');
    expect(body).toContain('aria-label="Open the sample app for Miles Kowalski"');
  });

  it('launches the app for the patient with its own token, and signs its user in', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: '/demo/ehr',
      headers: form,
      payload: 'patient=p-1',
    });
    expect(answer.headers.location).toBe(`${publicUrl}/demo/app/launch?iss=i&launch=l`);
    expect(answer.headers['set-cookie']).toEqual(['jenner=after; Path=/; HttpOnly']);
    const [launch, signIn] = asked;
    expect(launch?.headers['authorization']).toBe('Bearer ehr-token');
    expect(launch?.body).toEqual({ client_id: 'c-1', user: 'clinician', patient: 'p-1' });
    expect(signIn?.body).toContain('login=clinician');
  });
});

it('tells the sample app by its page who it is, and lets it run no other script', async () => {
  for (const url of ['/demo/app/', '/demo/app/launch?iss=x']) {
    const { body, headers } = await app.inject({ url, headers: own });
    expect(body).toContain('data-client-id="c-1"');
    expect(body).toContain('<script src="/app/assets/a.js" defer></script>');
    expect(headers['content-security-policy']).toContain("script-src 'self'");
  }
});

it('opens to who knows its key alone, where others can reach it', async () => {
  const reachable = Fastify({ routerOptions: { ignoreTrailingSlash: true } });
  await reachable.register(demoPlugin, { ...options, key: 'k-1' });
  const ask = (url: string, headers = {}) => reachable.inject({ url, headers: { ...own, ...headers } });
  for (const url of ['/demo', '/demo?key=', '/demo?key=k-2', '/demo/ehr', '/demo/app']) {
    const { statusCode, body } = await ask(url);
    expect([statusCode, body]).toEqual([403, 'Open the address that the demo has printed.']);
  }
  expect((await ask('/demo', { cookie: 'demo=k-2' })).statusCode).toBe(403);
  const opened = await ask('/demo?key=k-1');
  expect(opened.statusCode).toBe(200);
  expect(opened.headers['set-cookie']).toBe('demo=k-1; Path=/demo; HttpOnly; SameSite=Lax');
  expect((await ask('/demo/ehr', { cookie: 'jenner=x; demo=k-1' })).statusCode).toBe(200);
  await reachable.close();
});
