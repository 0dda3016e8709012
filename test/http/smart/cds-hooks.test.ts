import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, type SignOptions, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../../src/auth/clients/client.ts';
import { FetchError } from '../../../src/auth/clients/fetch-json.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { openContext } from '../../../src/interaction/context.ts';
import { updateResource } from '../../../src/interaction/update-resource.ts';
import type { ResourceId } from '../../../src/values/resource-id.ts';
import { issuer, openSmartServer, type SmartServer } from './smart-server.ts';

// The EHR is made of jose and the specification alone (CDS Hooks 2.0, Trusting CDS Clients).

type Key = Awaited<ReturnType<typeof generateKeyPair>>;

const ehr = 'https://ehr.example';
const jwksUrl = `${ehr}/jwks`;
const service = `${issuer}/cds-services/immunizations-due`;
const scope = 'system/*.rs';

let server: SmartServer;
let key: Key;
let rsa: Key;
let own: Client;
let fetches: string[];
beforeAll(async () => {
  key = await generateKeyPair('ES384');
  fetches = [];
  rsa = await generateKeyPair('RS256');
  const keys = [
    { ...(await exportJWK(key.publicKey)), kid: 'k1' },
    { ...(await exportJWK(rsa.publicKey)), kid: 'k2' },
  ];
  server = await openSmartServer({
    audit: true,
    fetchKeys: async (url) => {
      fetches.push(url);
      if (url !== jwksUrl) throw new FetchError('no answer');
      return { json: { keys }, maxAge: undefined };
    },
  });
  const common = { kind: 'key', redirect: [], scope } as const;
  own = await server.addClient({ ...common, name: 'Harbor EHR', jwksUrl, organization: 'a', cdsIssuer: ehr });
  const other = 'https://second.example';
  await server.addClient({ ...common, jwks: JSON.stringify({ keys }), cdsIssuer: other });
  const ctx = openContext({ ...server.context, writeRules: [] }, server.store, { kind: 'open' });
  for (const [id, resource, organization] of [
    ['sure', known('Kowalska', '529-11-7788'), 'a'],
    ['elsewhere', known('Steinhauer', '529-11-7799'), 'school'],
  ] as const) {
    const managingOrganization = { reference: `Organization/${organization}` };
    const key = { type: 'Patient', id: id as ResourceId } as const;
    const body = { ...resource, id, managingOrganization } as unknown as Resource;
    await updateResource(ctx, key, { resource: body, exactNumbers: false });
  }
}, 60_000);
afterAll(() => server.close());

let jtis = 0;
type Token = {
  readonly signing?: Key;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: JWTPayload;
  readonly knowing?: SignOptions;
};
function jwt({ signing = key, header = {}, claims = {}, knowing }: Token = {}): Promise<string> {
  const now = Math.floor(server.at.now / 1000);
  const all = { iss: ehr, aud: service, iat: now, exp: now + 300, jti: `jti-${++jtis}`, ...claims };
  return new SignJWT(all)
    .setProtectedHeader({ alg: 'ES384', kid: 'k1', typ: 'JWT', ...header })
    .sign(signing.privateKey, knowing);
}

const cvx = 'http://hl7.org/fhir/sid/cvx';
/** Of whom a match is certain. */
const known = (family: string, ssn: string) => ({
  resourceType: 'Patient',
  identifier: [{ system: 'http://hl7.org/fhir/sid/us-ssn', value: ssn }],
  name: [{ family, given: ['Miriam', 'Liv'] }],
  birthDate: '2020-01-01',
  gender: 'female',
  telecom: [{ system: 'phone', value: '617-555-0112' }],
  address: [{ line: ['12 Elm Street'], city: 'Salem', state: 'MA', postalCode: '01970' }],
});
const ann = { ...known('Kowalska', '529-11-7788'), id: 'e1' };
const stone = { ...known('Steinhauer', '529-11-7799'), id: 'e1' };

const call = (patient: object = ann) => ({
  hook: 'patient-view',
  hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
  context: { userId: 'Practitioner/p7', patientId: 'e1' },
  prefetch: {
    patient,
    immunizations: {
      resourceType: 'Bundle',
      type: 'searchset',
      entry: [
        {
          resource: {
            resourceType: 'Immunization',
            status: 'completed',
            vaccineCode: { coding: [{ system: cvx, code: '08' }] },
            patient: { reference: 'Patient/e1' },
            occurrenceDateTime: '2020-01-02',
          },
        },
      ],
    },
  },
});
const post = (token: string | undefined, body: object = call(), url = '/cds-services/immunizations-due') =>
  server.inject({
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    payload: JSON.stringify(body),
  });

describe('an EHR that asks by CDS Hooks', () => {
  it('is known by its JWT, and answered with cards', async () => {
    const { status, body, headers } = await post(await jwt());
    expect([status, headers['access-control-allow-origin']]).toEqual([200, '*']);
    expect(body.cards.length).toBeGreaterThan(0);
    expect(fetches).toEqual([jwksUrl]);
  });

  it('uses a JWT once', async () => {
    const token = await jwt();
    expect((await post(token)).status).toBe(200);
    expect((await post(token)).status).toBe(401);
  });

  it('may use the name that another EHR has used', async () => {
    const claims = { jti: 'of-both' };
    expect((await post(await jwt({ claims }))).status).toBe(200);
    expect((await post(await jwt({ claims: { ...claims, iss: 'https://second.example' } }))).status).toBe(
      200,
    );
  });

  it('may ask with a query or a slash at the end, for the same audience', async () => {
    const url = '/cds-services/immunizations-due';
    for (const end of ['?x=1', '/']) expect((await post(await jwt(), call(), url + end)).status).toBe(200);
  });

  it('may name several audiences, and the place of its keys as it is registered', async () => {
    expect((await post(await jwt({ claims: { aud: ['https://other.example', service] } }))).status).toBe(200);
    expect((await post(await jwt({ header: { jku: jwksUrl } }))).status).toBe(200);
  });

  it.each<readonly [string, () => Promise<string | undefined>]>([
    ['nothing', async () => undefined],
    ['what is no JWT', async () => 'abc'],
    [
      'a JWT for another service',
      () => jwt({ claims: { aud: `${issuer}/cds-services/immunization-order` } }),
    ],
    ['a JWT for the token endpoint', () => jwt({ claims: { aud: `${issuer}/auth/token` } })],
    ['a JWT of somebody else', () => jwt({ claims: { iss: 'https://other.example' } })],
    ['a JWT of an app that is not registered for it', () => jwt({ claims: { iss: own.id } })],
    ['one that is over', () => jwt({ claims: { exp: Math.floor(server.at.now / 1000) - 60 } })],
    ['one that is good for long', () => jwt({ claims: { exp: Math.floor(server.at.now / 1000) + 3600 } })],
    ['one without an end', () => jwt({ claims: { exp: undefined } as unknown as JWTPayload })],
    ['one without a name', () => jwt({ claims: { jti: undefined } as unknown as JWTPayload })],
    ['another key', async () => jwt({ signing: await generateKeyPair('ES384') })],
    ['keys of its own choice', () => jwt({ header: { jku: 'https://evil.example/jwks' } })],
    ['no signature', async () => new UnsecuredJWT({ iss: ehr, aud: service, jti: 'x' }).encode()],
    ['a name of nothing', () => jwt({ claims: { jti: '' } })],
    ['a name that is too long', () => jwt({ claims: { jti: 'x'.repeat(257) } })],
    [
      'a header that is critical',
      () => jwt({ header: { crit: ['x'], x: 1 }, knowing: { crit: { x: true } } }),
    ],
    ['a weaker algorithm', () => jwt({ signing: rsa, header: { alg: 'RS256', kid: 'k2' } })],
  ])('is answered 401 with %s', async (_, token) => {
    const answer = await post(await token());
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer realm="Jenner"']);
    expect(fetches).toEqual([jwksUrl]);
  });

  it('is answered by the record of whom its organization cares for, and of nobody else', async () => {
    const [card] = (await post(await jwt())).body.cards;
    expect(card.detail).toContain('that of the registry');
    const [other] = (await post(await jwt(), call(stone))).body.cards;
    expect(other.detail).toContain('what the EHR sent alone');
  });

  it('is answered by what it sends where it may not see the whole record', async () => {
    await server.auth.clients.change(own.id, (client) => ({
      ...client,
      scope: 'system/Patient.rs system/Immunization.rs',
    }));
    server.at.now += 2000;
    const [card] = (await post(await jwt())).body.cards;
    expect(card.detail).toContain('what the EHR sent alone');
    // What it may where somebody has signed in, it may not by itself.
    await server.auth.clients.change(own.id, (client) => ({ ...client, scope: 'user/*.rs' }));
    server.at.now += 2000;
    const [other] = (await post(await jwt())).body.cards;
    expect(other.detail).toContain('what the EHR sent alone');
    await server.auth.clients.change(own.id, (client) => ({ ...client, scope }));
    server.at.now += 2000;
  });

  it('may name no FHIR server but the one that it is registered with, where it is with one', async () => {
    const named = (fhirServer: string) => ({ ...call(), fhirServer });
    expect((await post(await jwt(), named('https://other.example/fhir'))).status).toBe(200);
    await server.auth.clients.change(own.id, (client) => ({ ...client, cdsServer: `${ehr}/fhir/` }));
    server.at.now += 2000;
    expect((await post(await jwt(), named(`${ehr}/fhir`))).status).toBe(200);
    const other = await post(await jwt(), named('https://other.example/fhir'));
    expect([other.status, other.text]).toEqual([400, expect.stringContaining('https://other.example/fhir')]);
    expect((await post(await jwt())).status).toBe(200);
    await server.auth.clients.change(own.id, ({ cdsServer: _, ...client }) => client);
    server.at.now += 2000;
  });

  it('is refused when it is disabled', async () => {
    await server.auth.clients.change(own.id, (client) => ({ ...client, disabled: true }));
    server.at.now += 2000;
    expect((await post(await jwt())).status).toBe(401);
    await server.auth.clients.change(own.id, ({ disabled: _, ...client }) => client);
    server.at.now += 2000;
    expect((await post(await jwt())).status).toBe(200);
  });

  it('gets no token for FHIR by it, and no cards by a token', async () => {
    expect((await server.ask(await jwt(), '/fhir/Patient/p')).status).toBe(401);
  });

  it('may call from a browser', async () => {
    const answer = await server.inject({
      method: 'OPTIONS',
      url: '/cds-services/immunizations-due',
      headers: { origin: 'https://ehr.example', 'access-control-request-method': 'POST' },
    });
    expect([answer.status, answer.headers['access-control-allow-headers']]).toEqual([
      204,
      'authorization, content-type, accept',
    ]);
  });

  it('says what became of a card, each for its own service', async () => {
    const feedback = [{ card: 'c9', outcome: 'overridden', outcomeTimestamp: '2026-06-01T10:00:00Z' }];
    const url = '/cds-services/immunizations-due/feedback';
    expect((await post(await jwt({ claims: { aud: service } }), { feedback }, url)).status).toBe(401);
    expect(
      (await post(await jwt({ claims: { aud: `${service}/feedback` } }), { feedback }, url)).status,
    ).toBe(200);
    const { records } = await server.store.listRecords({ collection: 'cds-feedback', prefix: '', count: 9 });
    expect(records.map((one) => one.key)).toEqual([`${own.id}|c9`]);
  });

  it('is told in the audit, with whose record was shown and who looked', async () => {
    const rows = await server.auditRows();
    const view = rows.find(
      ({ interaction, patients }) => interaction === 'CDS Hooks patient-view' && patients.length > 0,
    );
    expect(view).toMatchObject({
      patients: ['sure'],
      outcome: 0,
      query: 'hookInstance d1577c69-dfbe-44ad-ba6d-3e05e953b2ea user Practitioner/p7',
    });
    expect(view?.agent).toMatchObject({ client: own.id });
    expect(
      rows.some(
        ({ interaction, query }) => interaction === 'CDS Hooks feedback' && query === 'c9 overridden',
      ),
    ).toBe(true);
  });
});
