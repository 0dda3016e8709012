import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseScope } from '../../../src/access/scope.ts';
import { issuer, openSmartServer, redirect, type SmartServer } from './smart-server.ts';

let server: SmartServer;
beforeAll(async () => {
  server = await openSmartServer();
  await server.addClient();
}, 60_000);
afterAll(() => server.close());

const smart = '/fhir/.well-known/smart-configuration';

it('FHIR server makes SMART configuration available from well-known endpoint', async () => {
  const answer = await server.get(smart, { accept: 'application/fhir+xml' });
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
});

it('Well-known configuration contains required fields', async () => {
  const { body } = await server.get(smart);
  expect(body).toMatchObject({
    issuer,
    authorization_endpoint: `${issuer}/auth/authorize`,
    token_endpoint: `${issuer}/auth/token`,
    jwks_uri: `${issuer}/auth/jwks`,
    introspection_endpoint: `${issuer}/auth/introspect`,
    revocation_endpoint: `${issuer}/auth/revoke`,
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
  });
  expect(body.code_challenge_methods_supported).toEqual(['S256']);
  expect(body.grant_types_supported).toEqual(
    expect.arrayContaining(['authorization_code', 'refresh_token', 'client_credentials']),
  );
  expect(body.token_endpoint_auth_methods_supported).toEqual(
    expect.arrayContaining(['client_secret_basic', 'client_secret_post', 'private_key_jwt']),
  );
  for (const scope of body.scopes_supported) expect(parseScope(scope)?.text).toBe(scope);
});

const g10 = [
  'launch-standalone client-public client-confidential-symmetric client-confidential-asymmetric',
  'sso-openid-connect context-standalone-patient permission-offline permission-patient authorize-post',
  'permission-v1 permission-v2 launch-ehr context-banner context-style context-ehr-patient',
  'context-ehr-encounter permission-user',
].flatMap((line) => line.split(' '));

it('has the capabilities that g10 asks for', async () => {
  expect((await server.get(smart)).body.capabilities).toEqual(expect.arrayContaining(g10));
});

it('OpenID Connect well-known configuration contains all required fields', async () => {
  const { status, body } = await server.get('/.well-known/openid-configuration');
  expect(status).toBe(200);
  for (const field of ['authorization_endpoint', 'token_endpoint', 'jwks_uri']) {
    expect(body[field]).toMatch(/^http/);
  }
  expect(body).toMatchObject({
    issuer,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  });
});

it('JWKS can be retrieved', async () => {
  const { keys } = (await server.get('/auth/jwks')).body;
  expect(keys).toEqual([expect.objectContaining({ kty: 'RSA', alg: 'RS256', use: 'sig' })]);
  expect(keys[0].d).toBeUndefined();
});

it.each([smart, '/.well-known/openid-configuration', '/auth/jwks', '/fhir/metadata'])(
  'SMART %s Endpoint Enables CORS',
  async (url) => {
    const answer = await server.get(url, { origin: 'https://anybody.example' });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([
      200,
      expect.stringMatching(/^(?:\*|https:\/\/anybody\.example)$/),
    ]);
  },
);

const { origin } = new URL(redirect);

it.each([
  ['OPTIONS', '/auth/token'],
  ['POST', '/auth/token'],
  ['OPTIONS', '/fhir/Patient'],
  ['GET', '/fhir/Patient'],
] as const)('lets pages of a registered app ask, and no others: %s %s', async (method, url) => {
  const ask = (from: string) => server.inject({ method, url, headers: { origin: from } });
  const allowed = await ask(origin);
  expect(allowed.headers).toMatchObject({
    'access-control-allow-origin': origin,
    vary: expect.stringContaining('Origin'),
    'access-control-allow-headers': expect.stringContaining('authorization'),
  });
  expect((await ask('https://evil.example')).headers['access-control-allow-origin']).toBeUndefined();
  expect((await ask('null')).headers['access-control-allow-origin']).toBeUndefined();
});

it('says of what is long and open to all pages that it depends on who asks', async () => {
  const { headers } = await server.inject({
    method: 'GET',
    url: '/fhir/metadata',
    headers: { origin, 'accept-encoding': 'gzip' },
  });
  expect(headers).toMatchObject({
    'access-control-allow-origin': origin,
    'content-encoding': 'gzip',
    vary: 'Origin, accept, accept-encoding',
  });
});
