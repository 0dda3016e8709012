import { afterEach, expect, it } from 'vitest';
import { Browser, codeFor, openSmartServer, redeem, type SmartServer } from './smart-server.ts';

let server: SmartServer;
let beside: SmartServer | undefined;
afterEach(async () => {
  await beside?.app.close();
  beside = undefined;
  await server.close();
});

const backend = { kind: 'secret', scope: 'system/Patient.rs' } as const;
const basic = (id: string) => ({ authorization: `Basic ${Buffer.from(`${id}:secret`).toString('base64')}` });
const askFor = (on: SmartServer, id: string) =>
  on.form('/auth/token', { grant_type: 'client_credentials', scope: backend.scope }, basic(id));

it('limits an app, at the token endpoint too, and no other app', async () => {
  server = await openSmartServer({ settings: { rates: { client: 1 } } });
  const [one, other] = [await server.addClient(backend, 'secret'), await server.addClient(backend, 'secret')];
  const { body } = await askFor(server, one.id);
  for (let n = 0; n < 9; n++) expect((await server.ask(body.access_token, '/fhir/Patient')).status).toBe(200);
  const refused = await server.ask(body.access_token, '/fhir/Patient');
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1']);
  expect(refused.body.issue[0].code).toBe('throttled');
  const noToken = await askFor(server, one.id);
  expect([noToken.status, noToken.headers['retry-after']]).toEqual([429, '1']);
  const about = { token: body.access_token, client_id: one.id, client_secret: 'secret' };
  expect((await server.form('/auth/introspect', about)).status).toBe(429);
  expect((await askFor(server, other.id)).status).toBe(200);
  server.at.now += 2000;
  expect((await server.ask(body.access_token, '/fhir/Patient')).status).toBe(200);
});

it('counts an app over all servers of the store', async () => {
  const settings = { rates: { client: 1 } };
  server = await openSmartServer({ settings });
  beside = await openSmartServer({ settings, beside: server });
  const { id } = await server.addClient(backend, 'secret');
  const { body } = await askFor(server, id);
  const ask = async (on: SmartServer) => (await on.ask(body.access_token, '/fhir/Patient')).status;
  for (let n = 0; n < 9; n++) expect(await ask(server)).toBe(200);
  expect(await ask(beside)).toBe(200);
  server.at.now += 1000;
  expect(await ask(server)).toBe(200);
  expect(await ask(beside)).toBe(200);
  await server.auth.limits.settled();
  await beside.auth.limits.settled();
  // It was asked twice there, and eleven times elsewhere.
  expect(await ask(beside)).toBe(429);
});

it('lets nobody who only names a public app use up what its people may ask', async () => {
  server = await openSmartServer({ settings: { rates: { client: 1 } } });
  const { id } = await server.addClient();
  for (let n = 0; n < 30; n++) {
    const forged = { grant_type: 'authorization_code', code: 'x', client_id: id, redirect_uri: 'x' };
    expect((await server.form('/auth/token', forged)).status).toBe(400);
  }
  expect(server.auth.limits.take('client', id)).toBe(0);
});

it('limits an account over all its apps, and no other account', async () => {
  server = await openSmartServer({ settings: { rates: { user: 1 } } });
  const apps = [await server.addClient(), await server.addClient()];
  const tokensOf = async (login: string, patient: string) => {
    await server.addUser(login, { role: 'individual', patient });
    const browser = new Browser(server);
    await browser.signIn(login);
    const tokens: string[] = [];
    for (const app of apps) {
      const code = await codeFor(browser, app, 'launch/patient patient/Patient.rs');
      tokens.push((await redeem(server, app, code)).body.access_token);
    }
    return tokens;
  };
  const [first = '', second = ''] = await tokensOf('pat', 'p');
  const [other = ''] = await tokensOf('quinn', 'q');
  const ask = async (token: string) => (await server.ask(token, '/fhir/Patient?_summary=count')).status;
  for (let n = 0; n < 5; n++) expect([await ask(first), await ask(second)]).toEqual([200, 200]);
  expect([await ask(first), await ask(second)]).toEqual([429, 429]);
  expect(await ask(other)).toBe(200);
});

it('limits an address that has no token, at every door', async () => {
  server = await openSmartServer({ settings: { rates: { address: 1 } } });
  for (let n = 0; n < 10; n++) expect((await server.get('/fhir/Patient')).status).toBe(401);
  for (const refused of [await server.get('/fhir/Patient'), await server.form('/auth/token', {})])
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1']);
});
