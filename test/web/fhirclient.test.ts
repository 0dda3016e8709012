import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../cli/run-demo.ts';
import { noBrowser, openBrowser } from './open-browser.ts';
import { type Registry, runServer } from './run-server.ts';

// An app of another origin, written with the library that most apps are written with.

const library = readFileSync('node_modules/fhirclient/build/fhir-client.pure.min.js', 'utf8');
const scopes =
  'openid fhirUser offline_access patient/Patient.rs patient/Immunization.rs user/Practitioner.rs';

const resources = [
  { resourceType: 'Organization', id: 'o', active: true, name: 'Harborview Pediatrics' },
  { resourceType: 'Practitioner', id: 'd', active: true, name: [{ family: 'Winworth', given: ['Susan'] }] },
  {
    resourceType: 'Patient',
    id: 'p',
    name: [{ family: 'Kowalski', given: ['Miles'] }],
    birthDate: '2024-09-28',
    gender: 'male',
    managingOrganization: { reference: 'Organization/o' },
  },
  {
    resourceType: 'Immunization',
    id: 'i',
    status: 'completed',
    vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '08' }] },
    patient: { reference: 'Patient/p' },
    occurrenceDateTime: '2024-09-28',
  },
];

type Client = { readonly id: string };

function serveApp(registry: () => Client, port: number): FastifyInstance {
  const app = Fastify();
  const page = (script: string) =>
    `<!doctype html><title>App</title><script src="/library.js"></script><p id="said"></p><script>${script}</script>`;
  app.get('/library.js', (_request, reply) => reply.type('text/javascript').send(library));
  app.get('/launch.html', (request, reply) => {
    const isEhr = request.url.includes('launch=');
    const options = {
      clientId: registry().id,
      scope: `${isEhr ? 'launch' : 'launch/patient'} ${scopes}`,
      redirectUri: `http://127.0.0.1:${port}/index.html`,
      pkceMode: 'required',
    };
    return reply.type('text/html').send(page(`FHIR.oauth2.authorize(${JSON.stringify(options)})`));
  });
  app.get('/index.html', (_request, reply) =>
    reply.type('text/html').send(
      page(`FHIR.oauth2.ready().then(
        (client) => { window.client = client; said.textContent = 'ready'; },
        (error) => { said.textContent = String(error); },
      )`),
    ),
  );
  return app;
}

describe.skipIf(noBrowser)(`an app made with fhirclient${noBrowser ? ` (${noBrowser})` : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'jenner-web-'));
  let browser: Browser;
  let registry: Registry;
  let app: FastifyInstance;
  let appUrl = '';
  let client: Client = { id: '' };
  const passwords: Record<string, string> = {};

  async function addUser(login: string, ...options: readonly string[]): Promise<void> {
    const { password = '' } = await registry.jenner('user', 'add', '--login', login, ...options);
    passwords[login] = password;
  }

  beforeAll(async () => {
    const [port, appPort] = [await freePort(), await freePort()];
    browser = await openBrowser();
    registry = await runServer(folder, port, resources);
    appUrl = `http://127.0.0.1:${appPort}`;
    app = serveApp(() => client, appPort);
    await app.listen({ port: appPort, host: '127.0.0.1' });
    const { client_id = '' } = await registry.jenner(
      ...['client', 'add', '--name', 'Growth Buddy', '--kind', 'public', '--scope'],
      `launch launch/patient ${scopes}`,
      ...['--redirect', `${appUrl}/index.html`, '--launch', `${appUrl}/launch.html`],
    );
    client = { id: client_id };
    await addUser('pat', '--role', 'individual', '--patient', 'p');
    await addUser('doc', '--role', 'clinician', '--practitioner', 'd', '--organization', 'o');
  });

  afterAll(async () => {
    await browser?.close();
    await app?.close();
    await registry?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function visit(work: (page: Page) => Promise<void>): Promise<void> {
    const context = await browser.newContext();
    try {
      await work(await context.newPage());
    } finally {
      await context.close();
    }
  }

  async function signIn(page: Page, login: string): Promise<void> {
    await page.getByLabel('User name').fill(login);
    await page.getByLabel('Password').fill(passwords[login] ?? '');
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  async function allow(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Allow', exact: true }).click();
    await page.getByText('ready', { exact: true }).waitFor();
  }

  /** In the page of the app: what its client answers, or `failed` with the status. */
  const ask = (page: Page, what: string) =>
    page.evaluate(`client.${what}.catch((error) => 'failed ' + (error.statusCode ?? error.message))`);

  it('launches by itself, reads the record, and refreshes', async () => {
    await visit(async (page) => {
      await page.goto(`${appUrl}/launch.html?iss=${encodeURIComponent(`${registry.url}/fhir`)}`);
      await signIn(page, 'pat');
      await allow(page);
      expect(await ask(page, 'patient.read()')).toMatchObject({ resourceType: 'Patient', id: 'p' });
      expect(await ask(page, `request('Immunization?patient=p')`)).toMatchObject({
        entry: [{ resource: { id: 'i' } }],
      });
      expect(await page.evaluate('client.user.fhirUser')).toMatch(/Patient\/p$/);
      const before = await page.evaluate('client.state.tokenResponse.access_token');
      expect(await ask(page, 'refresh()')).toMatchObject({ tokenResponse: expect.anything() });
      expect(await page.evaluate('client.state.tokenResponse.access_token')).not.toBe(before);
      expect(await ask(page, 'patient.read()')).toMatchObject({ id: 'p' });
    });
  });

  it('gets less where less was ticked', async () => {
    await visit(async (page) => {
      await page.goto(`${appUrl}/launch.html?iss=${encodeURIComponent(`${registry.url}/fhir`)}`);
      await signIn(page, 'pat');
      await page.locator('input[name=scope][value="patient/Immunization.rs"]').uncheck();
      await allow(page);
      expect(await page.evaluate('client.state.tokenResponse.scope')).not.toContain('Immunization');
      expect(await ask(page, 'patient.read()')).toMatchObject({ id: 'p' });
      expect(await ask(page, `request('Immunization?patient=p')`)).toMatch(/^failed/);
    });
  });

  it('is launched by an EHR, for its patient and its user', async () => {
    const ehr = await registry.jenner(
      ...['client', 'add', '--name', 'EHR', '--kind', 'secret', '--organization', 'o'],
      ...['--scope', 'https://jenner-iis.org/scope/launch'],
    );
    const basic = Buffer.from(`${ehr['client_id']}:${ehr['client_secret']}`).toString('base64');
    const token = await fetch(`${registry.url}/auth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        scope: 'https://jenner-iis.org/scope/launch',
      }),
    });
    const { access_token } = (await token.json()) as Record<string, string>;
    const launch = await fetch(`${registry.url}/auth/launch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ client_id: client.id, user: 'doc', patient: 'p' }),
    });
    expect(launch.status).toBe(201);
    const { url } = (await launch.json()) as Record<string, string>;
    await visit(async (page) => {
      await page.goto(url ?? '');
      expect(await page.getByLabel('User name').inputValue()).toBe('doc');
      await signIn(page, 'doc');
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Miles Kowalski');
      await allow(page);
      expect(await ask(page, 'patient.read()')).toMatchObject({ id: 'p' });
      expect(await page.evaluate('client.user.fhirUser')).toMatch(/Practitioner\/d$/);
      expect(await ask(page, 'user.read()')).toMatchObject({ resourceType: 'Practitioner', id: 'd' });
    });
  });
});
