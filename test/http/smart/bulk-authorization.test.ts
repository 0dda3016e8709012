import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../../src/auth/clients/client.ts';
import { issuer, openSmartServer, type SmartServer } from './smart-server.ts';

// After the names of the Bulk Data test suite (smart-on-fhir/bdt), group "Authorization"; what is tried of assertions and
// their keys stands in backend.test.ts.

type Key = Awaited<ReturnType<typeof generateKeyPair>>;
type Form = Readonly<Record<string, string>>;

let server: SmartServer;
let key: Key;
let all: Client;
let one: Client;
beforeAll(async () => {
  key = await generateKeyPair('ES384');
  server = await openSmartServer();
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(key.publicKey)), kid: 'k' }] });
  const common = { kind: 'key', redirect: [], jwks } as const;
  all = await server.addClient({ ...common, scope: 'system/*.read system/*.rs' });
  one = await server.addClient({ ...common, scope: 'system/Patient.read system/Immunization.rs' });
}, 60_000);
afterAll(() => server.close());

async function formOf(client: Client, scope: string): Promise<Form> {
  const now = Math.floor(server.at.now / 1000);
  const claims = { iss: client.id, sub: client.id, aud: `${issuer}/auth/token`, exp: now + 60 };
  const signed = await new SignJWT({ ...claims, jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: 'ES384', kid: 'k', typ: 'JWT' })
    .sign(key.privateKey);
  return {
    grant_type: 'client_credentials',
    scope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: signed,
  };
}
const send = (form: Form) => server.form('/auth/token', form);
const ask = async (scope: string, client = all) => {
  const { status, body } = await send(await formOf(client, scope));
  return [status, body.scope ?? body.error];
};

describe('Token endpoint', () => {
  it('Clients can authorize', async () => {
    expect(await ask('system/*.read')).toEqual([200, 'system/*.read']);
  });

  it.each(['grant_type', 'client_assertion_type', 'client_assertion', 'scope'])(
    'The "%s" parameter must be present and valid',
    async (name) => {
      const { [name]: _, ...without } = await formOf(all, 'system/*.read');
      for (const form of [without, { ...(await formOf(all, 'system/*.read')), [name]: 'bad' }]) {
        const { status, body } = await send(form as Form);
        expect([400, 401]).toContain(status);
        expect(body.access_token).toBeUndefined();
        expect(body.error).toEqual(expect.any(String));
      }
    },
  );

  it('Rejects empty scope', async () => {
    for (const scope of ['', ' ']) expect((await ask(scope))[0]).toBe(400);
  });

  it.each([
    ['V1', 'system/Patient.read'],
    ['V2', 'system/Immunization.rs'],
    ['wildcard V1', 'system/*.read'],
    ['wildcard V2', 'system/*.rs'],
    ['mixed V1 and V2', 'system/Patient.read system/Immunization.rs'],
  ])('Handles %s scopes correctly', async (_, scope) => {
    expect(await ask(scope)).toEqual([200, scope]);
  });

  it.each([
    ['unknown action (V1)', 'system/Patient.unknown'],
    ['unknown action (V2)', 'system/Patient.xyz'],
    ['unknown resource (V1)', 'system/UnknownResource.read'],
    ['unknown resource (V2)', 'system/UnknownResource.rs'],
    ['explicit mutation scopes (V1)', 'system/Patient.write'],
    ['explicit mutation scopes (V2)', 'system/Patient.u'],
    ['a wildcard action that may write', 'system/Patient.*'],
  ])('Rejects %s', async (_, scope) => {
    expect(await ask(scope)).toEqual([400, 'invalid_scope']);
  });

  it('Grants no more than is registered', async () => {
    expect(await ask('system/*.read', one)).toEqual([400, 'invalid_scope']);
    expect(await ask('system/Patient.read system/Group.read', one)).toEqual([200, 'system/Patient.read']);
  });

  it('Only accepts registered client IDs', async () => {
    expect(await ask('system/*.read', { ...all, id: 'nobody' })).toEqual([401, 'invalid_client']);
  });

  it('Duplicate jti is rejected', async () => {
    const form = await formOf(all, 'system/*.read');
    expect((await send(form)).status).toBe(200);
    expect((await send(form)).body.error).toBe('invalid_client');
  });
});
