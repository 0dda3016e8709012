import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../../src/auth/clients/client.ts';
import {
  allow,
  asked,
  Browser,
  base,
  codeFor,
  issuer,
  launch,
  openSmartServer,
  redeem,
  redirect,
  type SmartServer,
  sentBack,
  verifier,
} from './smart-server.ts';

let server: SmartServer;
let app: Client;
beforeAll(async () => {
  server = await openSmartServer();
  app = await server.addClient();
  await server.addUser('pat', { role: 'individual', patient: 'p' });
}, 60_000);
afterAll(() => server.close());

const fullAccess = 'launch/patient openid fhirUser offline_access patient/*.rs';

describe('Standalone Launch', () => {
  it('OAuth server redirects client browser to app redirect URI, with code, state and issuer', async () => {
    const browser = new Browser(server);
    const signIn = await browser.get(asked(app, fullAccess));
    expect([signIn.status, signIn.body.view]).toEqual([200, 'signIn']);
    expect(signIn.body.app).toEqual({ name: 'Growth Buddy', host: 'app.example', verified: false });
    const login = { login: 'pat', password: 'password of pat', code: '' };
    const consent = await browser.fill(signIn, '/auth/sign-in', login);
    expect([consent.status, consent.body.view]).toEqual([200, 'consent']);
    expect(consent.body.person).toMatchObject({ id: 'p', name: 'Ann Smith' });
    const back = await allow(browser, consent);
    expect([back.status, String(back.headers['location']).split('?')[0]]).toEqual([303, redirect]);
    expect(sentBack(back)).toEqual({
      code: expect.stringMatching(/^[\w-]{43}$/),
      state: 'state-of-122-bits-or-more',
      iss: issuer,
    });
  });

  it('OAuth token exchange request succeeds when supplied correct information', async () => {
    const browser = new Browser(server);
    await browser.signIn('pat');
    const answer = await redeem(server, app, await codeFor(browser, app, fullAccess));
    expect(answer.status).toBe(200);
    // Response includes correct HTTP Cache-Control and Pragma headers.
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(answer.body).toMatchObject({
      access_token: expect.stringMatching(/^[\w-]{43}$/),
      token_type: 'Bearer',
      expires_in: 3600,
      refresh_token: expect.any(String),
      id_token: expect.any(String),
      patient: 'p',
      need_patient_banner: true,
      smart_style_url: `${issuer}/auth/style.json`,
    });
    const scopes = answer.body.scope.split(' ');
    expect(scopes).toEqual(
      expect.arrayContaining(['launch/patient', 'openid', 'fhirUser', 'offline_access']),
    );
    expect(scopes).toEqual(expect.arrayContaining(['patient/Patient.rs', 'patient/Immunization.rs']));
    expect((await server.get('/auth/style.json')).body).toMatchObject({
      color_background: expect.any(String),
    });
  });

  it('grants nothing that only an EHR can give', async () => {
    const client = await server.addClient({ scope: `${fullAccess} launch launch/encounter` });
    const scope = 'launch launch/encounter launch/patient patient/Patient.rs';
    const { scope: granted } = await launch(server, { client, login: 'pat', scope });
    expect(granted).toBe('launch/patient patient/Patient.rs');
  });

  it('lets the app read what is the person’s, and nothing else', async () => {
    const { access_token: token } = await launch(server, { client: app, login: 'pat', scope: fullAccess });
    expect((await server.ask(token, '/fhir/Patient/p')).status).toBe(200);
    expect((await server.ask(token, '/fhir/Patient/q')).status).toBe(404);
    expect((await server.ask(token, '/fhir/Immunization')).body.entry).toHaveLength(1);
  });

  it('grants scope that is limited to those selected by user', async () => {
    const browser = new Browser(server);
    await browser.signIn('pat');
    const consent = await browser.follow(await browser.get(asked(app, fullAccess)));
    const boxes = consent.body.scopes.map(({ scope }: { readonly scope: string }) => scope);
    expect(boxes).toContain('patient/Observation.rs');
    expect(boxes).not.toContain('patient/*.rs');
    const category = 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory';
    const back = await allow(browser, consent, {
      without: ['patient/Immunization.rs', 'patient/Observation.rs', 'offline_access'],
      also: [`patient/Observation.rs?category=${category}`, 'patient/Consent.cruds', 'system/*.rs'],
    });
    const { body } = await redeem(server, app, sentBack(back)['code'] ?? '');
    const scopes = body.scope.split(' ');
    expect(scopes).toContain(`patient/Observation.rs?category=${category}`);
    for (const none of [
      'patient/Observation.rs',
      'patient/Immunization.rs',
      'system/*.rs',
      'patient/Consent.cruds',
    ]) {
      expect(scopes).not.toContain(none);
    }
    expect(body.refresh_token).toBeUndefined();
    const refused = await server.ask(body.access_token, '/fhir/Immunization');
    expect(refused.status).toBe(403);
    expect(refused.headers['www-authenticate']).toBe('Bearer realm="jenner", error="insufficient_scope"');
    // o1 of the person is no laboratory result.
    expect((await server.ask(body.access_token, '/fhir/Observation')).body.entry).toBeUndefined();
    expect((await server.ask(body.access_token, '/fhir/Observation/o1')).status).toBe(404);
  });

  it('answers scopes of version 1 in version 1', async () => {
    const { scope } = await launch(server, { client: app, login: 'pat', scope: 'patient/*.read openid' });
    expect(scope.split(' ')).toContain('patient/Immunization.read');
    expect(scope).not.toMatch(/\.rs/);
  });

  it('takes the request by POST too', async () => {
    const browser = new Browser(server);
    await browser.signIn('pat');
    const [, query = ''] = asked(app, fullAccess).split('?');
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://app.example' };
    const posted = await browser.post('/auth/authorize', new URLSearchParams(query), foreign);
    expect((await browser.follow(posted)).body.view).toBe('consent');
  });

  it('sends the person back with access_denied who does not allow it', async () => {
    const browser = new Browser(server);
    await browser.signIn('pat');
    const consent = await browser.follow(await browser.get(asked(app, fullAccess)));
    const back = await browser.fill(consent, '/auth/consent', { decision: 'deny' });
    expect(sentBack(back)).toMatchObject({ error: 'access_denied', state: 'state-of-122-bits-or-more' });
    expect(sentBack(back)['code']).toBeUndefined();
  });

  it('asks again when nothing is ticked', async () => {
    const browser = new Browser(server);
    await browser.signIn('pat');
    const consent = await browser.follow(await browser.get(asked(app, fullAccess)));
    const again = await browser.fill(consent, '/auth/consent', { decision: 'allow' });
    expect([again.status, again.body.failure]).toEqual([400, 'nothing']);
  });
});

describe('Confidential Client', () => {
  const secret = 'a secret: with + and %';
  const basic = (id: string, text: string) => {
    const encoded = [id, text].map((part) => new URLSearchParams({ part }).toString().slice(5)).join(':');
    return { authorization: `Basic ${Buffer.from(encoded).toString('base64')}` };
  };

  it('is known by its secret in the header or the form, and by nothing else', async () => {
    const client = await server.addClient({}, secret);
    const browser = new Browser(server);
    await browser.signIn('pat');
    const redeemBy = async (
      headers: Readonly<Record<string, string>>,
      more: Readonly<Record<string, string>> = {},
    ) => {
      const code = await codeFor(browser, client, 'patient/Patient.rs launch/patient');
      const form = {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirect,
        code_verifier: verifier,
      };
      return server.form('/auth/token', { ...form, ...more }, headers);
    };
    expect((await redeemBy(basic(client.id, secret))).status).toBe(200);
    expect((await redeemBy({}, { client_id: client.id, client_secret: secret })).status).toBe(200);
    const wrong = await redeemBy(basic(client.id, 'wrong'));
    expect([wrong.status, wrong.body.error, wrong.headers['www-authenticate']]).toEqual([
      401,
      'invalid_client',
      'Basic realm="jenner"',
    ]);
    expect((await redeemBy({}, { client_id: client.id })).body.error).toBe('invalid_client');
    expect((await redeemBy(basic(app.id, ''))).body.error).toBe('invalid_client');
    expect((await redeemBy(basic(client.id, secret), { client_id: app.id })).body.error).toBe(
      'invalid_client',
    );
    const both = await redeemBy(basic(client.id, secret), { client_id: client.id, client_secret: secret });
    expect(both.body.error).toBe('invalid_request');
  });
});

describe('Practitioner App', () => {
  it('reads what the user may, by user-level scopes and without a patient in context', async () => {
    await server.addUser('doc', { role: 'clinician', practitioner: 'doc', organization: ['a'] });
    const scope = 'openid fhirUser user/Patient.rs user/Practitioner.rs';
    const answer = await launch(server, { client: app, login: 'doc', scope });
    expect(answer.patient).toBeUndefined();
    expect((await server.ask(answer.access_token, '/fhir/Practitioner/doc')).status).toBe(200);
    const found = await server.ask(answer.access_token, '/fhir/Patient?_total=accurate');
    expect(found.body.total).toBeGreaterThan(1);
    expect((await server.ask(answer.access_token, '/fhir/Immunization')).status).toBe(403);
  });
});

describe('OpenID Connect', () => {
  it('ID token payload has required claims and a valid signature', async () => {
    const browser = new Browser(server);
    const user = await server.addUser('pat2', { role: 'individual', patient: 'p' });
    await browser.signIn('pat2');
    const code = await codeFor(browser, app, 'openid fhirUser patient/Patient.rs', { nonce: 'n-0S6_WzA2Mj' });
    const { body } = await redeem(server, app, code);
    const configuration = (await server.get('/.well-known/openid-configuration')).body;
    expect(configuration.issuer).toBe(issuer);
    const jwks = (await server.get(new URL(configuration.jwks_uri).pathname)).body;
    const { payload, protectedHeader } = await jwtVerify(body.id_token, createLocalJWKSet(jwks), {
      issuer,
      audience: app.id,
      currentDate: new Date(server.at.now),
    });
    expect(protectedHeader).toMatchObject({ alg: 'RS256', kid: jwks.keys[0].kid });
    expect(payload).toMatchObject({
      sub: user.subject,
      nonce: 'n-0S6_WzA2Mj',
      fhirUser: `${base}/Patient/p`,
    });
    // FHIR resource representing the current user can be retrieved.
    const [, path = ''] = String(payload['fhirUser']).split(issuer);
    expect((await server.ask(body.access_token, path)).body).toMatchObject({
      resourceType: 'Patient',
      id: 'p',
    });
  });

  it('tells nothing of the user without openid and fhirUser', async () => {
    const answer = await launch(server, { client: app, login: 'pat', scope: 'patient/Patient.rs fhirUser' });
    expect(answer.id_token).toBeUndefined();
  });
});
