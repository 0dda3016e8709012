import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { encryptFile } from '../../src/registry/health-links/encrypt-file.ts';
import { loadWebAssets } from '../../src/shipped/web-assets.ts';
import { utc } from '../../src/values/time-zone.ts';
import { assetsPlugin } from '../../src/web/assets-plugin.ts';
import { linkViewer } from '../../src/web/link-viewer.ts';
import { noBrowser, openBrowser } from './open-browser.ts';

let app: FastifyInstance;
let browser: Browser;
let url: string;
let sent: string[];
const key = randomBytes(32);
const secret = 'A'.repeat(43);

let shared: object;
const record = {
  resourceType: 'Bundle',
  type: 'collection',
  entry: [
    {
      resource: {
        resourceType: 'Patient',
        name: [{ given: ['Miles'], family: 'Kowalski' }],
        birthDate: '2024-09-28',
      },
    },
    {
      resource: {
        resourceType: 'Immunization',
        vaccineCode: { coding: [{ code: '03', display: '<b>MMR</b>' }] },
        occurrenceDateTime: '2025-10-01',
        lotNumber: 'A1',
        performer: [{ actor: { reference: 'Organization/o' } }, { actor: { display: 'Oak Clinic' } }],
      },
    },
  ],
};

beforeAll(async () => {
  app = Fastify();
  const assets = loadWebAssets();
  await app.register(assetsPlugin, { assets: Object.values(assets) });
  const { styles, icon, link } = assets;
  await app.register(linkViewer, {
    zone: utc,
    vaccines: () => [
      { cvx: '08', name: 'Hep B, adolescent or pediatric' },
      { cvx: '165', name: 'HPV9' },
      { cvx: '999', name: 'Wonder' },
    ],
    assets: { styles: styles.path, icon: icon.path, link: link.path },
  });
  app.addHook('onRequest', async (request) => void sent.push(request.url));
  app.post('/health-links/:secret', async (request, reply) => {
    const body = request.body as { readonly passcode?: string };
    sent.push(JSON.stringify(body));
    if (body.passcode !== undefined && body.passcode !== '2468')
      return reply.status(401).send({ remainingAttempts: 9 });
    const embedded = encryptFile(key, 'application/fhir+json', JSON.stringify(shared));
    return { files: [{ contentType: 'application/fhir+json', embedded }] };
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  if (noBrowser === undefined) browser = await openBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await app.close();
});
beforeEach(() => {
  sent = [];
  shared = record;
});

const linkOf = (more: object = {}) => {
  const payload = {
    url: `${url}/health-links/${secret}`,
    key: key.toString('base64url'),
    flag: 'LP',
    v: 1,
    ...more,
  };
  return `${url}/app/link#shlink:/${Buffer.from(JSON.stringify(payload)).toString('base64url')}`;
};

it.skipIf(noBrowser)(
  'decrypts the record in the browser, and sends the key to nobody',
  async () => {
    const page = await browser.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    await page.goto(linkOf());
    await page.getByLabel('Who are you?').fill('Elm School');
    await page.getByLabel('Passcode').fill('1111');
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByText('The passcode is wrong').waitFor();
    await page.getByLabel('Passcode').fill('2468');
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByText('Miles Kowalski').waitFor();
    expect(await page.locator('tbody td').allTextContents()).toEqual([
      'Oct 1, 2025',
      '<b>MMR</b>',
      'A1',
      'Oak Clinic',
    ]);
    expect(sent.join()).toContain('Elm School');
    expect(sent.join()).not.toContain(key.toString('base64url'));
    // The browser itself tells of the 401.
    expect(said.filter((text) => !text.includes('401'))).toEqual([]);
    await page.close();
  },
  60_000,
);

it.skipIf(noBrowser)(
  'names vaccines in Spanish, and those that a card tells by code alone',
  async () => {
    const page = await browser.newPage();
    await page.goto(linkOf({ flag: 'L' }).replace('/app/link', '/app/link?lang=es'));
    await page.getByLabel('¿Quién es usted?').fill('Escuela');
    shared = {
      resourceType: 'Bundle',
      entry: [
        { coding: [{ code: '08' }] },
        { coding: [{ code: '165' }], text: 'HPV9 (Gardasil 9)' },
        { coding: [{ code: '999' }] },
        { coding: [{ code: '19' }] },
      ].map((vaccineCode) => ({ resource: { resourceType: 'Immunization', vaccineCode } })),
    };
    await page.getByRole('button', { name: 'Abrir' }).click();
    const cells = page.locator('tbody td:nth-child(2)');
    await cells.first().waitFor();
    expect(await cells.allTextContents()).toEqual([
      'Hepatitis B, pediátrica o de adolescentes',
      'VPH 9 (Gardasil 9)',
      'Wonder',
      'CVX 19',
    ]);
    expect(await cells.evaluateAll((all) => all.map((cell) => cell.getAttribute('lang') ?? ''))).toEqual([
      '',
      '',
      'en',
      '',
    ]);
    await page.close();
  },
  60_000,
);

it.skipIf(noBrowser).each([
  ['of another registry', { url: 'https://elsewhere.example/health-links/x' }],
  ['without a key', { key: undefined }],
])(
  'opens no link %s',
  async (_, more) => {
    const page = await browser.newPage();
    await page.goto(linkOf(more));
    await page.getByText('This is no link of this registry').waitFor();
    expect(await page.getByRole('button', { name: 'Open' }).isVisible()).toBe(false);
    await page.close();
  },
  60_000,
);
