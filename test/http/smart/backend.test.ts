import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../../../src/auth/clients/client.ts';
import { FetchError } from '../../../src/auth/clients/fetch-json.ts';
import {
  Browser,
  codeFor,
  issuer,
  openSmartServer,
  redirect,
  type SmartServer,
  verifier,
} from './smart-server.ts';

// The client is made of jose and the specification alone.

type Key = Awaited<ReturnType<typeof generateKeyPair>>;

let server: SmartServer;
let rsa: Key;
let ec: Key;
let inline: Client;
let byUrl: Client;
let served: unknown;
let fetches: number;
const jwksUrl = 'https://backend.example/jwks';
const scope = 'system/Immunization.rs system/Patient.rs';

const publicJwk = async (key: Key, kid: string) => ({ ...(await exportJWK(key.publicKey)), kid });

beforeAll(async () => {
  rsa = await generateKeyPair('RS384', { modulusLength: 2048 });
  ec = await generateKeyPair('ES384');
  server = await openSmartServer({
    fetchKeys: async (url) => {
      fetches++;
      if (url !== jwksUrl || served === undefined) throw new FetchError('no answer');
      return { json: served, maxAge: undefined };
    },
  });
  const keys = [await publicJwk(rsa, 'rsa'), await publicJwk(ec, 'ec')];
  const common = { kind: 'key', redirect: [], scope } as const;
  inline = await server.addClient({ ...common, jwks: JSON.stringify({ keys }) });
  byUrl = await server.addClient({ ...common, jwksUrl });
}, 60_000);
afterAll(() => server.close());
beforeEach(async () => {
  served = { keys: [await publicJwk(ec, 'ec')] };
  fetches = 0;
});

type Assertion = {
  readonly key?: Key;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: JWTPayload;
  readonly client?: Client;
};

function assertion({
  key = rsa,
  header = {},
  claims = {},
  client = inline,
}: Assertion = {}): Promise<string> {
  const now = Math.floor(server.at.now / 1000);
  const alg = key === ec ? 'ES384' : 'RS384';
  return new SignJWT({
    iss: client.id,
    sub: client.id,
    aud: `${issuer}/auth/token`,
    iat: now,
    exp: now + 300,
    jti: crypto.randomUUID(),
    ...claims,
  })
    .setProtectedHeader({ alg, kid: key === ec ? 'ec' : 'rsa', typ: 'JWT', ...header })
    .sign(key.privateKey, { crit: { x: true } });
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const send = (text: string, more: Readonly<Record<string, string>> = {}, to = server) =>
  to.form('/auth/token', {
    grant_type: 'client_credentials',
    scope,
    client_assertion_type: assertionType,
    client_assertion: text,
    ...more,
  });

const refused = [401, 'invalid_client'];
const verdict = ({ status, body }: Awaited<ReturnType<typeof send>>) => [status, body.error];

describe('Backend Services', () => {
  it.each(['RS384', 'ES384'])(
    'Authorization request succeeds when supplied correct information (%s)',
    async (alg) => {
      const answer = await send(await assertion({ key: alg === 'ES384' ? ec : rsa }));
      expect(answer.status).toBe(200);
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
      expect(answer.body).toEqual({
        access_token: expect.any(String),
        token_type: 'bearer',
        expires_in: 300,
        scope,
      });
      expect((await server.ask(answer.body.access_token, '/fhir/Patient/q')).status).toBe(200);
      expect((await server.ask(answer.body.access_token, '/fhir/Consent')).status).toBe(403);
      server.at.now += 300_000;
      expect((await server.ask(answer.body.access_token, '/fhir/Patient/q')).status).toBe(401);
    },
  );

  it('Authorization request fails when client supplies invalid grant_type', async () => {
    const answer = await send(await assertion(), { grant_type: 'not_a_grant_type' });
    expect(verdict(answer)).toEqual([400, 'unsupported_grant_type']);
  });

  it('Authorization request fails when client supplies invalid client_assertion_type', async () => {
    expect(verdict(await send(await assertion(), { client_assertion_type: 'not_a_type' }))).toEqual(refused);
    expect(verdict(await send(await assertion(), { client_assertion_type: '' }))).toEqual(refused);
  });

  it('gives no more than is registered, and nothing of a person', async () => {
    const ask = async (wanted: string) => (await send(await assertion(), { scope: wanted })).body;
    expect((await ask('system/Patient.rs system/Consent.rs')).scope).toBe('system/Patient.rs');
    for (const none of [
      'system/*.rs',
      'patient/*.rs',
      'openid offline_access',
      'system/Patient.cruds',
      ' ',
    ]) {
      expect((await ask(none)).error).toBe('invalid_scope');
    }
    const registered = `the client is registered for ${scope}`;
    expect((await ask(' ')).error_description).toBe(`scope is missing: ${registered}`);
    expect((await ask('system/Patient.sr')).error_description).toBe(
      `None of the scopes that are asked for may be granted: ${registered}`,
    );
  });
});

describe('Asymmetric Client Standalone Launch', () => {
  it('redeems a code and refreshes by assertion, and by nothing else', async () => {
    await server.addUser('pat', { role: 'individual', patient: 'p' });
    const keys = [await publicJwk(ec, 'ec')];
    const app = await server.addClient({ kind: 'key', jwks: JSON.stringify({ keys }) });
    const browser = new Browser(server);
    await browser.signIn('pat');
    const code = await codeFor(browser, app, 'launch/patient patient/Patient.rs offline_access');
    const form = { grant_type: 'authorization_code', code, redirect_uri: redirect, code_verifier: verifier };
    const proof = async () => ({
      client_assertion_type: assertionType,
      client_assertion: await assertion({ key: ec, client: app }),
    });
    expect((await server.form('/auth/token', { ...form, client_id: app.id })).body.error).toBe(
      'invalid_client',
    );
    const { body } = await server.form('/auth/token', { ...form, ...(await proof()) });
    expect(body).toMatchObject({ patient: 'p', refresh_token: expect.any(String) });
    const refresh = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
    const stolen = await server.form('/auth/token', { ...refresh, client_id: app.id });
    expect(stolen.body.error).toBe('invalid_client');
    expect((await server.form('/auth/token', refresh)).body.error).toBe('invalid_client');
    expect((await server.form('/auth/token', { ...refresh, ...(await proof()) })).status).toBe(200);
  });
});

const other = { kind: 'key', redirect: [], scope } as const;

describe('an assertion', () => {
  it.each([
    ['of another audience', { claims: { aud: 'https://other.example/token' } }],
    ['of nobody', { claims: { iss: 'nobody', sub: 'nobody' } }],
    ['about somebody else', { claims: { sub: 'somebody' } }],
    ['that lasts too long', { claims: { exp: Math.floor(Date.UTC(2027, 0) / 1000) } }],
    ['that has expired', { claims: { exp: Math.floor(Date.UTC(2026, 0) / 1000) } }],
    ['that is to come', { claims: { nbf: Math.floor(Date.UTC(2027, 0) / 1000) } }],
    ['that was signed in an hour', { claims: { iat: Math.floor(Date.UTC(2027, 0) / 1000) } }],
    ['that says in words when it was signed', { claims: { iat: 'now' as unknown as number } }],
    ['without jti', { claims: { jti: undefined } }],
    ['with a long jti', { claims: { jti: 'x'.repeat(257) } }],
    ['without exp', { claims: { exp: undefined } }],
    ['with an unknown kid', { header: { kid: 'other' } }],
    ['with a kid of SQL', { header: { kid: "' OR 1=1 --" } }],
    ['with a kid of a path', { header: { kid: '../../etc/passwd' } }],
    ['with a key of its own', { header: { jwk: { kty: 'oct', k: 'x' } }, claims: { jti: undefined } }],
    ['with a foreign jku', { header: { jku: 'https://evil.example/jwks' } }],
  ] as readonly (readonly [string, Assertion])[])('is refused %s', async (_, wrong) => {
    expect(verdict(await send(await assertion(wrong)))).toEqual(refused);
    expect(fetches).toBe(0);
  });

  it.each([
    ['aud must be http://localhost:8400/auth/token', { claims: { aud: 'https://other.example/token' } }],
    ['sub must be the client_id, as iss is', { claims: { sub: 'somebody' } }],
    ['exp must lie ahead by 300 seconds at most', { claims: { exp: Math.floor(Date.UTC(2027, 0) / 1000) } }],
    ['exp must lie ahead by 300 seconds at most', { claims: { exp: Math.floor(Date.UTC(2026, 0) / 1000) } }],
    ['exp must lie ahead by 300 seconds at most', { claims: { exp: undefined } }],
    ['nbf must not lie ahead', { claims: { nbf: Math.floor(Date.UTC(2027, 0) / 1000) } }],
    ['iat must not lie ahead', { claims: { iat: Math.floor(Date.UTC(2027, 0) / 1000) } }],
    ['jti must be a text', { claims: { jti: undefined } }],
  ] as readonly (readonly [string, Assertion])[])('tells who has signed it: %s', async (text, wrong) => {
    const { body } = await send(await assertion(wrong));
    expect(body.error_description).toContain(`client_assertion: ${text}`);
    // Whoever has not the key of the client learns nothing.
    const stranger = await generateKeyPair('RS384', { modulusLength: 2048 });
    const forged = await send(await assertion({ ...wrong, key: stranger }));
    expect(forged.body.error_description).toBe('The client could not be authenticated');
  });

  it('tells of what was used before, and of a form that says nobody', async () => {
    const once = await assertion();
    await send(once);
    expect((await send(once)).body.error_description).toContain('jti was used before');
    const told = async (form: Readonly<Record<string, string>>) => {
      const answer = await server.form('/auth/token', { grant_type: 'client_credentials', scope, ...form });
      expect(verdict(answer)).toEqual(refused);
      return answer.body.error_description;
    };
    expect(await told({})).toContain('must say who asks');
    expect(await told({ client_assertion_type: assertionType })).toBe('client_assertion is missing');
    expect(await told({ client_assertion: once })).toBe(`client_assertion_type must be ${assertionType}`);
  });

  it('is refused when its key is its own, embedded', async () => {
    const mine = await generateKeyPair('RS384', { modulusLength: 2048 });
    const jwk = await exportJWK(mine.publicKey);
    const forged = await assertion({ key: mine, header: { jwk } });
    expect(verdict(await send(forged))).toEqual(refused);
  });

  it.each(['{', 'null', '"text"', '[]', ''])('is refused when it holds %j', async (payload) => {
    for (const alg of ['ES384', 'RS384']) {
      const part = (text: string) => Buffer.from(text).toString('base64url');
      const text = `${part(JSON.stringify({ alg, kid: 'rsa', typ: 'JWT' }))}.${part(payload)}.AAAA`;
      expect(verdict(await send(text))).toEqual(refused);
    }
  });

  it('is refused when its signature is of no length that there is', async () => {
    for (const signature of ['', 'AAAA', 'A'.repeat(127), '!'])
      expect(
        verdict(await send(`${(await assertion()).split('.').slice(0, 2).join('.')}.${signature}`)),
      ).toEqual(refused);
    const app = await server.addClient({
      ...other,
      jwks: JSON.stringify({ keys: [{ ...(await exportJWK(ec.publicKey)), kid: 'ec', alg: 'ES384' }] }),
    });
    const [head, body] = (
      await assertion({ key: ec, client: app, header: { kid: 'ec', alg: 'ES384' } } as never)
    ).split('.');
    expect(verdict(await send(`${head}.${body}.AAAA`))).toEqual(refused);
  });

  it('is refused without a signature (alg none)', async () => {
    const now = Math.floor(server.at.now / 1000);
    const claims = { iss: inline.id, sub: inline.id, aud: `${issuer}/auth/token`, exp: now + 60, jti: 'a' };
    const bare = new UnsecuredJWT(claims).encode();
    for (const text of [bare, bare.replace(/\.$/, '.AAAA')])
      expect(verdict(await send(text))).toEqual(refused);
  });

  it('is refused when it is signed by the public key as a secret (HS/RS confusion)', async () => {
    const { createHmac, createPublicKey } = await import('node:crypto');
    const pem = createPublicKey({ key: (await exportJWK(rsa.publicKey)) as never, format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    });
    const [, payload = ''] = (await assertion()).split('.');
    for (const alg of ['HS256', 'HS384', 'RS384']) {
      const header = Buffer.from(JSON.stringify({ alg, kid: 'rsa', typ: 'JWT' })).toString('base64url');
      const signature = createHmac('sha384', pem).update(`${header}.${payload}`).digest('base64url');
      expect(verdict(await send(`${header}.${payload}.${signature}`))).toEqual(refused);
    }
  });

  it('is refused with an algorithm that is not the key’s, or with what is critical', async () => {
    const rs256 = await new SignJWT({ iss: inline.id, sub: inline.id, jti: 'b', aud: `${issuer}/auth/token` })
      .setProtectedHeader({ alg: 'PS384', kid: 'rsa' })
      .setExpirationTime(Math.floor(server.at.now / 1000) + 60)
      .sign(rsa.privateKey)
      .catch(() => 'not.made.here');
    expect(verdict(await send(rs256))).toEqual(refused);
    const critical = await assertion({ header: { crit: ['x'], x: true } });
    expect(verdict(await send(critical))).toEqual(refused);
  });

  it('is good once, also after a restart and on another server', async () => {
    const text = await assertion();
    expect((await send(text)).status).toBe(200);
    expect(verdict(await send(text))).toEqual(refused);
    const restarted = await openSmartServer({ beside: server });
    expect(verdict(await send(text, {}, restarted))).toEqual(refused);
    await restarted.app.close();
    // Of two at once one is taken.
    const twice = await assertion();
    const statuses = await Promise.all([send(twice), send(twice), send(twice)]);
    expect(statuses.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('may carry a jti that another client has used', async () => {
    const key = await publicJwk(rsa, 'rsa');
    const second = await server.addClient({ ...other, jwks: JSON.stringify({ keys: [key] }) });
    expect((await send(await assertion({ claims: { jti: 'same' } }))).status).toBe(200);
    expect((await send(await assertion({ claims: { jti: 'same' }, client: second }))).status).toBe(200);
  });

  it('is refused beside another way to authenticate, and in another’s name', async () => {
    const both = await send(await assertion(), { client_secret: 'x' });
    expect(verdict(both)).toEqual([400, 'invalid_request']);
    expect(verdict(await send(await assertion(), { client_id: byUrl.id }))).toEqual(refused);
    expect((await send(await assertion(), { client_id: inline.id })).status).toBe(200);
  });

  it('is needed: a client with a key is not known by its name', async () => {
    const answer = await server.form('/auth/token', {
      grant_type: 'client_credentials',
      client_id: inline.id,
      scope,
    });
    expect(verdict(answer)).toEqual(refused);
  });
});

describe('the keys at a URL', () => {
  const ask = async (key: Key = ec, header: Readonly<Record<string, unknown>> = {}) =>
    (await send(await assertion({ key, header, client: byUrl }))).status;

  it('are fetched once for many, and again for a kid that is not known, but no more than twice a minute', async () => {
    server.at.now += 3600_000;
    expect(await ask()).toBe(200);
    expect(await ask(ec, { jku: jwksUrl })).toBe(200);
    expect(fetches).toBe(1);
    served = { keys: [await publicJwk(ec, 'ec'), await publicJwk(rsa, 'rsa')] };
    expect(await ask(rsa)).toBe(401);
    expect(fetches).toBe(1);
    server.at.now += 31_000;
    expect(await ask(rsa)).toBe(200);
    expect(fetches).toBe(2);
    for (let i = 0; i < 5; i++) await ask(rsa, { kid: `made-up-${i}` });
    expect(fetches).toBe(2);
  });

  it('are no keys any more when they cannot be had again', async () => {
    server.at.now += 3600_000;
    served = undefined;
    expect(await ask()).toBe(401);
    served = { keys: [await publicJwk(ec, 'ec')] };
    // A failure is not repeated for half a minute.
    expect(await ask()).toBe(401);
    server.at.now += 31_000;
    expect(await ask()).toBe(200);
  });

  it('are refused when the set holds a private key', async () => {
    server.at.now += 3600_000;
    const key = await generateKeyPair('RS384', { extractable: true, modulusLength: 2048 });
    served = { keys: [{ ...(await exportJWK(key.privateKey)), kid: 'rsa' }] };
    expect(await ask(key)).toBe(401);
  });
});
