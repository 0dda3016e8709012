import { compactVerify, importJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, openSmartServer, type SmartServer } from './smart-server.ts';

let server: SmartServer;
beforeAll(async () => {
  server = await openSmartServer({ audit: true });
  await server.addUser('ann', { role: 'individual', patient: 'p' });
  await server.addUser('doc', { role: 'administrator' });
}, 60_000);
afterAll(() => server.close());

async function tokenOf(login: string, scope: string): Promise<string> {
  const client = await server.addClient();
  server.at.now += 1000;
  return (await launch(server, { client, login, scope })).access_token;
}

const issueUrl = (id: string) => `/fhir/Patient/${id}/$health-cards-issue?credentialType=Immunization`;
const revoke = (token: string, id: string) =>
  server.inject({
    method: 'POST',
    url: `/fhir/Patient/${id}/$health-cards-revoke`,
    headers: { authorization: `Bearer ${token}` },
  });

const wallet = 'launch/patient patient/Patient.r patient/Immunization.rs';

it('says in its SMART configuration that it issues health cards', async () => {
  const { body } = await server.get('/fhir/.well-known/smart-configuration');
  expect(body.capabilities).toContain('health-cards');
});

describe('$health-cards-issue', () => {
  it('gives a wallet the card of the person who signed in, signed by a key that no token is signed with', async () => {
    const { status, body } = await server.ask(await tokenOf('ann', wallet), issueUrl('p'));
    expect([status, body.parameter[0].name]).toEqual([200, 'verifiableCredential']);
    const { keys } = (await server.get('/cards/.well-known/jwks.json')).body;
    // Nothing is revoked yet, so there is no list to ask for.
    expect(keys[0]).not.toHaveProperty('crlVersion');
    const card = body.parameter[0].valueString;
    expect((await compactVerify(card, await importJWK(keys[0], 'ES256'))).protectedHeader).toEqual({
      alg: 'ES256',
      zip: 'DEF',
      kid: keys[0].kid,
    });
    const ofTokens = (await server.get('/auth/jwks')).body.keys.map(({ kid }: { kid: string }) => kid);
    expect(ofTokens).not.toContain(keys[0].kid);
    expect((await server.ask(card, '/fhir/Patient/p')).status).toBe(401);
  });

  it('is told in the audit, with whose card it was', async () => {
    const token = await tokenOf('ann', wallet);
    await server.ask(token, issueUrl('p'));
    const [row] = await server.auditRows();
    expect(row).toMatchObject({ interaction: 'operation $health-cards-issue', patients: ['p'], outcome: 0 });
  });

  it('knows nobody of whom the caller may not see', async () => {
    const token = await tokenOf('ann', wallet);
    const [others, nobody] = [
      await server.ask(token, issueUrl('q')),
      await server.ask(token, issueUrl('never')),
    ];
    expect([others.status, nobody.status]).toEqual([404, 404]);
    expect(others.text.replaceAll('/q', '/never')).toBe(nobody.text);
  });

  it.each(['launch/patient patient/Patient.r', 'launch/patient patient/Immunization.rs'])(
    'is 403 within "%s"',
    async (scope) => {
      expect((await server.ask(await tokenOf('ann', scope), issueUrl('p'))).status).toBe(403);
    },
  );

  it('is 401 without a token', async () => {
    expect((await server.get(issueUrl('p'))).status).toBe(401);
  });
});

describe('$health-cards-file', () => {
  it('is of the person who signed in, and of nobody else; it is told in the audit', async () => {
    const token = await tokenOf('ann', wallet);
    expect((await server.ask(token, '/fhir/Patient/q/$health-cards-file')).status).toBe(404);
    expect((await server.get('/fhir/Patient/p/$health-cards-file')).status).toBe(401);
    expect((await server.ask(token, '/fhir/Patient/p/$health-cards-file')).status).toBe(200);
    const [row] = await server.auditRows();
    expect(row).toMatchObject({ interaction: 'operation $health-cards-file', patients: ['p'], outcome: 0 });
  });
});

describe('$health-cards-revoke', () => {
  it('takes the word of the person, and of who may write the Patient; it is told in the audit', async () => {
    for (const [login, scope] of [
      ['ann', `${wallet} patient/Consent.c`],
      ['doc', 'user/Patient.ru'],
    ] as const) {
      const { status, body } = await revoke(await tokenOf(login, scope), 'p');
      expect([status, body.parameter?.[0]?.name]).toEqual([200, 'before']);
      const [row] = await server.auditRows();
      expect(row).toMatchObject({
        interaction: 'operation $health-cards-revoke',
        patients: ['p'],
        outcome: 0,
        agent: { user: login },
      });
    }
  });

  it('does not take the word of an app that only reads, or of somebody else', async () => {
    const { ctr } = await listed();
    expect((await revoke(await tokenOf('ann', wallet), 'p')).status).toBe(403);
    expect((await revoke(await tokenOf('doc', 'user/Patient.r'), 'p')).status).toBe(403);
    expect((await revoke(await tokenOf('ann', `${wallet} patient/Consent.c`), 'q')).status).toBe(404);
    expect((await listed()).ctr).toBe(ctr);
  });

  it('does not take the word of who may write other Patients', async () => {
    const { ctr } = await listed();
    const token = await tokenOf('doc', 'user/Patient.r user/Patient.u?_id=q');
    expect((await revoke(token, 'p')).status).toBe(403);
    expect((await listed()).ctr).toBe(ctr);
    expect((await revoke(token, 'q')).status).toBe(200);
  });
});

async function listed(): Promise<{ readonly ctr: number }> {
  const { kid } = (await server.get('/cards/.well-known/jwks.json')).body.keys[0];
  return (await server.get(`/cards/.well-known/crl/${kid}.json`)).body;
}
