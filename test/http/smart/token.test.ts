import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../../src/auth/clients/client.ts';
import {
  allow,
  asked,
  Browser,
  challenge,
  codeFor,
  launch,
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
  browser = new Browser(server);
  await browser.signIn('pat');
}, 60_000);
afterAll(() => server.close());

const scope = 'launch/patient openid offline_access patient/Patient.rs patient/Immunization.rs';
const newCode = (client = app) => codeFor(browser, client, scope);
const refresh = (token: string, more: Readonly<Record<string, string>> = {}, client = app) =>
  server.form('/auth/token', {
    grant_type: 'refresh_token',
    refresh_token: token,
    client_id: client.id,
    ...more,
  });
const reads = async (token: string) => (await server.ask(token, '/fhir/Patient/p')).status;

describe('PKCE', () => {
  it.each([
    ['no verifier', {}],
    ['a blank verifier', { code_verifier: '' }],
    ['a wrong verifier', { code_verifier: 'w'.repeat(43) }],
    ['the challenge itself', { code_verifier: challenge }],
    ['a short verifier', { code_verifier: 'w' }],
  ])('Invalid PKCE Code Verifier: refuses %s', async (_, more) => {
    const answer = await server.form('/auth/token', {
      grant_type: 'authorization_code',
      code: await newCode(),
      redirect_uri: redirect,
      client_id: app.id,
      ...more,
    });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_grant']);
  });

  it.each([
    ['no challenge', { code_challenge: '' }],
    ['no method', { code_challenge_method: '' }],
    ['plain', { code_challenge_method: 'plain' }],
    ['a challenge of another length', { code_challenge: 'short' }],
  ])('is not left out: %s', async (_, more) => {
    const back = await browser.get(asked(app, scope, more));
    expect(sentBack(back)).toMatchObject({ error: 'invalid_request', state: expect.any(String) });
  });
});

describe('Invalid Access Token Request', () => {
  it('fails when supplied invalid code', async () => {
    const answer = await redeem(server, app, 'BAD_CODE');
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_grant']);
  });

  it('fails when supplied invalid client ID', async () => {
    const answer = await redeem(server, app, await newCode(), { client_id: 'BAD_CLIENT_ID' });
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
  });

  it('fails for another client, another redirect, and after a minute', async () => {
    const other = await server.addClient({ name: 'Other' });
    expect((await redeem(server, other, await newCode())).body.error).toBe('invalid_grant');
    const elsewhere = await redeem(server, app, await newCode(), { redirect_uri: `${redirect}/x` });
    expect(elsewhere.body.error).toBe('invalid_grant');
    const code = await newCode();
    server.at.now += 61_000;
    expect((await redeem(server, app, code)).body.error).toBe('invalid_grant');
  });

  it.each([
    [{ grant_type: 'password' }, 'unsupported_grant_type'],
    [{ grant_type: 'constructor' }, 'unsupported_grant_type'],
    [{ grant_type: '' }, 'invalid_request'],
    [{ code: '' }, 'invalid_request'],
  ])('fails with %j: %s', async (more, error) => {
    const answer = await redeem(server, app, 'x', more);
    expect([answer.status, answer.body.error]).toEqual([400, error]);
  });

  it.each(['/auth/token', '/auth/introspect', '/auth/revoke', '/auth/launch'])(
    'says of %s that it is posted to',
    async (url) => {
      for (const method of ['GET', 'PUT', 'PATCH', 'DELETE'] as const) {
        const answer = await server.inject({ method, url });
        expect([answer.status, answer.body.error]).toEqual([405, 'invalid_request']);
        expect(answer.headers['allow']).toMatch(/^POST/);
      }
    },
  );

  it('fails when a parameter stands there twice, or the body is no form', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const payload = 'grant_type=refresh_token&grant_type=client_credentials';
    const twice = await server.inject({ method: 'POST', url: '/auth/token', headers, payload });
    expect([twice.status, twice.body.error]).toEqual([400, 'invalid_request']);
    const json = await server.inject({ method: 'POST', url: '/auth/token', payload: { grant_type: 'x' } });
    expect([json.status, json.body.error]).toEqual([400, 'invalid_request']);
  });
});

describe('a client that authenticates in two ways', () => {
  const secret = 'secret';
  const assertion = {
    client_assertion: 'x.y.z',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  };
  it.each([
    ['by the header and the form', true, { client_secret: secret }],
    ['by the header and an assertion', true, assertion],
    ['by the form and an assertion', false, { client_secret: secret, ...assertion }],
  ])('is told so: %s', async (_, byHeader, more) => {
    const client = await server.addClient({ name: 'Two ways' }, secret);
    const basic = `Basic ${Buffer.from(`${client.id}:${secret}`).toString('base64')}`;
    const fields = { grant_type: 'client_credentials', client_id: client.id, ...more };
    for (const url of ['/auth/token', '/auth/introspect', '/auth/revoke']) {
      const answer = await server.form(url, fields, byHeader ? { authorization: basic } : {});
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
    }
  });
});

describe('the header Authorization', () => {
  it.each([
    ['as nearly all write it', 'Bearer TOKEN', 200],
    ['in small letters', 'bearer TOKEN', 200],
    ['with more blanks', 'BEARER   TOKEN', 200],
    ['without a blank', 'BearerTOKEN', 401],
    ['with something behind it', 'Bearer TOKEN x', 401],
    ['under another name', 'Basic TOKEN', 401],
    ['under none', 'TOKEN', 401],
    ['as a name that every object has', 'Bearer constructor', 401],
  ])('is read the same of a token that is known and of one that is not: %s', async (_, sent, status) => {
    const { access_token: token } = (await redeem(server, app, await newCode())).body;
    const authorization = sent.replace('TOKEN', token);
    const ask = () => server.inject({ method: 'GET', url: '/fhir/Patient/p', headers: { authorization } });
    expect((await ask()).status).toBe(status);
    expect(await reads(token)).toBe(200);
    expect((await ask()).status).toBe(status);
  });
});

describe('a code', () => {
  it('is good once: who comes with it again ends what came of it', async () => {
    const code = await newCode();
    const { body } = await redeem(server, app, code);
    expect(await reads(body.access_token)).toBe(200);
    expect((await redeem(server, app, code)).body.error).toBe('invalid_grant');
    expect(await reads(body.access_token)).toBe(401);
    expect((await refresh(body.refresh_token)).body.error).toBe('invalid_grant');
  });

  it('is good once, also for two who come at once', async () => {
    const code = await newCode();
    const answers = await Promise.all([redeem(server, app, code), redeem(server, app, code)]);
    const tokens = answers.flatMap(({ body }) => body.access_token ?? []);
    expect(tokens.length).toBeLessThanOrEqual(1);
    for (const token of tokens) expect(await reads(token)).toBe(401);
  });
});

describe('Token Refresh', () => {
  it('Server successfully refreshes the access token when optional scope parameter omitted', async () => {
    const first = await launch(server, { client: app, login: 'pat', scope });
    const answer = await refresh(first.refresh_token);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
    expect(answer.body).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3600,
      scope: first.scope,
      patient: 'p',
    });
    expect(answer.body.refresh_token).not.toBe(first.refresh_token);
    expect(await reads(answer.body.access_token)).toBe(200);
  });

  it('knows a public client that does not name itself by its refresh token', async () => {
    const first = await launch(server, { client: app, login: 'pat', scope });
    const form = { grant_type: 'refresh_token', refresh_token: first.refresh_token };
    expect((await server.form('/auth/token', { ...form, refresh_token: 'none' })).body.error).toBe(
      'invalid_client',
    );
    const { status, body } = await server.form('/auth/token', form);
    expect([status, body.patient]).toEqual([200, 'p']);
  });

  it('Server successfully refreshes the access token when optional scope parameter provided', async () => {
    const first = await launch(server, { client: app, login: 'pat', scope });
    const less = await refresh(first.refresh_token, { scope: 'patient/Patient.r' });
    expect(less.body.scope).toBe('patient/Patient.r');
    expect((await server.ask(less.body.access_token, '/fhir/Immunization')).status).toBe(403);
    // What was granted stays granted.
    expect((await refresh(less.body.refresh_token)).body.scope).toBe(first.scope);
  });

  it.each([
    'patient/*.rs',
    'patient/Patient.cruds',
    'user/Patient.rs',
    'patient/Patient.rs made-up',
    'fhirUser',
    ' ',
  ])('does not give more than was granted: %s', async (more) => {
    const first = await launch(server, { client: app, login: 'pat', scope });
    const answer = await refresh(first.refresh_token, { scope: more });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_scope']);
  });

  it('ends the family when a token that was used comes again', async () => {
    const first = await launch(server, { client: app, login: 'pat', scope });
    const second = (await refresh(first.refresh_token)).body;
    expect(await reads(second.access_token)).toBe(200);
    expect((await refresh(first.refresh_token)).body.error).toBe('invalid_grant');
    expect(await reads(second.access_token)).toBe(401);
    expect((await refresh(second.refresh_token)).body.error).toBe('invalid_grant');
  });

  it('is bound to the client', async () => {
    const first = await launch(server, { client: app, login: 'pat', scope });
    const other = await server.addClient({ name: 'Other' });
    expect((await refresh(first.refresh_token, {}, other)).body.error).toBe('invalid_grant');
    expect((await refresh(first.access_token)).body.error).toBe('invalid_grant');
    expect((await refresh(first.refresh_token)).status).toBe(200);
  });

  it('is good for more than three months', async () => {
    const first = await launch(server, { client: app, login: 'pat', scope });
    server.at.now += 120 * 24 * 3600 * 1000;
    expect((await refresh(first.refresh_token)).status).toBe(200);
    await browser.signIn('pat');
  });

  it('ends with the session where it is online_access', async () => {
    const here = new Browser(server);
    await here.signIn('pat');
    const online = await codeFor(here, app, 'online_access launch/patient patient/Patient.rs');
    const { body } = await redeem(server, app, online);
    const again = (await refresh(body.refresh_token)).body;
    expect(again.refresh_token).toEqual(expect.any(String));
    const home = await here.get('/app');
    await here.fill(home, '/auth/sign-out', {});
    expect((await refresh(again.refresh_token)).body.error).toBe('invalid_grant');
    // The access token follows within a minute.
    server.at.now += 60_001;
    expect(await reads(again.access_token)).toBe(401);
  });
});

describe('an access token', () => {
  it('is good for an hour', async () => {
    const { access_token: token } = await launch(server, { client: app, login: 'pat', scope });
    expect(await reads(token)).toBe(200);
    server.at.now += 3600 * 1000;
    const answer = await server.ask(token, '/fhir/Patient/p');
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([
      401,
      'Bearer realm="jenner", error="invalid_token"',
    ]);
    await browser.signIn('pat');
  });

  it('is refused in a URL', async () => {
    const { access_token: token } = await launch(server, { client: app, login: 'pat', scope });
    const url = `/fhir/Patient/p?access_token=${token}`;
    expect((await server.get(url)).status).toBe(400);
    expect((await server.ask(token, url)).status).toBe(400);
  });

  it.each([
    ['disabled', async () => server.auth.users.change('tmp', (user) => ({ ...user, disabled: true }))],
    ['removed', async () => server.auth.users.remove('tmp')],
  ])('is worth nothing once its user is %s', async (_, change) => {
    await server.auth.users.remove('tmp');
    await server.addUser('tmp', { role: 'individual', patient: 'p' });
    const { access_token: token, refresh_token: next } = await launch(server, {
      client: app,
      login: 'tmp',
      scope,
    });
    expect(await reads(token)).toBe(200);
    await change();
    expect(await reads(token)).toBe(401);
    expect((await refresh(next)).body.error).toBe('invalid_grant');
  });

  it('is not inherited by who is given the login later', async () => {
    await server.addUser('name', { role: 'individual', patient: 'p' });
    const { access_token: token } = await launch(server, { client: app, login: 'name', scope });
    await server.auth.users.remove('name');
    await server.addUser('name', { role: 'individual', patient: 'q' });
    expect(await reads(token)).toBe(401);
  });

  it('is worth nothing once its client is disabled or removed, and less once it is registered for less', async () => {
    const client = await server.addClient({ name: 'Passing' });
    const { access_token: token } = await launch(server, { client, login: 'pat', scope });
    expect((await server.ask(token, '/fhir/Immunization')).status).toBe(200);
    await server.auth.clients.change(client.id, (there) => ({ ...there, scope: 'patient/Patient.rs' }));
    expect((await server.ask(token, '/fhir/Immunization')).status).toBe(403);
    expect(await reads(token)).toBe(200);
    await server.auth.clients.change(client.id, (there) => ({ ...there, disabled: true }));
    expect(await reads(token)).toBe(401);
    await server.auth.clients.remove(client.id);
    expect(await reads(token)).toBe(401);
  });

  it('tells what it is still good for, once its client is registered for less', async () => {
    const client = await server.addClient({ name: 'Lessened' }, 'secret');
    const answer = await redeem(server, client, await codeFor(browser, client, scope), {
      client_secret: 'secret',
    });
    const token = answer.body.access_token;
    const less = 'launch/patient offline_access patient/Patient.rs';
    await server.auth.clients.change(client.id, (there) => ({ ...there, scope: less }));
    const own = { client_id: client.id, client_secret: 'secret' };
    const asked = await server.form('/auth/introspect', { token, ...own });
    expect(asked.body).toMatchObject({ active: true, scope: less });
    const next = await refresh(answer.body.refresh_token, { client_secret: 'secret' }, client);
    expect([next.status, next.body.scope]).toEqual([200, less]);
  });

  it('is known to a second server, which learns within a second that it was revoked', async () => {
    const second = await openSmartServer({ beside: server });
    const { access_token: token } = await launch(server, { client: app, login: 'pat', scope });
    expect((await second.ask(token, '/fhir/Patient/p')).status).toBe(200);
    await server.form('/auth/revoke', { token, client_id: app.id });
    expect(await reads(token)).toBe(401);
    server.at.now += 1000;
    expect((await second.ask(token, '/fhir/Patient/p')).status).toBe(401);
    await second.app.close();
  });

  it('follows what changes between persons within a minute', async () => {
    const client = await server.addClient({ name: 'Staff app', scope: 'user/*.rs' });
    await server.addUser('doc', { role: 'clinician', organization: ['b'] });
    const { access_token: token } = await launch(server, { client, login: 'doc', scope: 'user/Patient.rs' });
    expect((await server.ask(token, '/fhir/Patient/p')).status).toBe(404);
    await server.auth.users.spend('doc', (user) => ({ ...user, organizations: ['a'] }));
    server.at.now += 60_001;
    expect((await server.ask(token, '/fhir/Patient/p')).status).toBe(200);
  });
});

describe('Token Introspection', () => {
  let backend: Client;
  beforeAll(async () => {
    backend = await server.addClient({ name: 'Resource server' }, 'secret');
  });
  const introspect = (token: string) =>
    server.form('/auth/introspect', { token, client_id: backend.id, client_secret: 'secret' });

  it('response for an active token contains required fields', async () => {
    await browser.signIn('pat');
    const consent = await browser.follow(await browser.get(asked(app, `${scope} fhirUser`)));
    const { body } = await redeem(server, app, sentBack(await allow(browser, consent))['code'] ?? '');
    const answer = await introspect(body.access_token);
    expect(answer.body).toMatchObject({
      active: true,
      scope: body.scope,
      client_id: app.id,
      exp: Math.floor(server.at.now / 1000) + 3600,
      patient: 'p',
      iss: expect.any(String),
      sub: expect.any(String),
      fhirUser: expect.stringContaining('Patient/p'),
    });
    expect((await introspect(body.refresh_token)).body.active).toBe(true);
    await refresh(body.refresh_token);
    expect((await introspect(body.refresh_token)).body).toEqual({ active: false });
  });

  it('response for an invalid token contains required fields', async () => {
    for (const token of ['invalid', 'x'.repeat(43)]) {
      const answer = await introspect(token);
      expect([answer.status, answer.body]).toEqual([200, { active: false }]);
    }
  });

  it('is not for everybody', async () => {
    const asks = (more: object) => server.form('/auth/introspect', { token: 'x', ...more });
    expect((await asks({})).status).toBe(401);
    expect((await asks({ client_id: app.id })).status).toBe(401);
    expect((await asks({ client_id: backend.id, client_secret: 'wrong' })).status).toBe(401);
    const { access_token: token } = await launch(server, { client: app, login: 'pat', scope });
    const headers = { authorization: `Bearer ${token}` };
    const refused = await server.form('/auth/introspect', { token }, headers);
    expect(refused.status).toBe(403);
    expect(refused.headers['www-authenticate']).toBe('Bearer realm="jenner", error="insufficient_scope"');
  });
});

describe('Token Revocation', () => {
  const revoke = (token: string, client = app) =>
    server.form('/auth/revoke', { token, client_id: client.id });

  it('ends access and refresh by either token, at once', async () => {
    for (const which of ['access_token', 'refresh_token']) {
      const answer = await launch(server, { client: app, login: 'pat', scope });
      expect(await reads(answer.access_token)).toBe(200);
      expect((await revoke(answer[which])).status).toBe(200);
      expect(await reads(answer.access_token)).toBe(401);
      expect((await refresh(answer.refresh_token)).body.error).toBe('invalid_grant');
    }
  });

  it('passes over what belongs to somebody else, or to nobody', async () => {
    const other = await server.addClient({ name: 'Other' });
    const { access_token: token } = await launch(server, { client: app, login: 'pat', scope });
    expect((await revoke(token, other)).status).toBe(200);
    expect((await revoke('made-up')).status).toBe(200);
    expect(await reads(token)).toBe(200);
  });
});
