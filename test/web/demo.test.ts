import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, runDemo } from '../cli/run-demo.ts';
import { axeFaults } from './axe.ts';
import { noBrowser, openBrowser } from './open-browser.ts';
import { overflowing, shoot, tooSmall } from './site-browser.ts';

describe.skipIf(noBrowser)(`the demo in a browser${noBrowser ? ` (${noBrowser})` : ''}`, () => {
  let browser: Browser;
  let demo: Demo;

  beforeAll(async () => {
    [browser, demo] = await Promise.all([openBrowser(), runDemo()]);
  });

  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });

  /** Answers what the console and the policy said. */
  async function visit(
    work: (page: Page, context: BrowserContext) => Promise<void>,
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<readonly string[]> {
    const context = await browser.newContext(options);
    const said: string[] = [];
    try {
      const page = await context.newPage();
      page.on('console', (message) => message.text().startsWith('[DOM]') || said.push(message.text()));
      page.on('pageerror', (error) => void said.push(error.message));
      await work(page, context);
      return said;
    } finally {
      await context.close();
    }
  }

  const allow = (page: Page) => page.getByRole('button', { name: 'Allow', exact: true }).click();
  const shown = (page: Page) => page.getByRole('heading', { name: 'Vaccines so far' }).waitFor();

  async function choose(page: Page, name: string | RegExp): Promise<void> {
    await page.getByLabel(name).first().check();
    await page.getByRole('button', { name: 'Go on' }).click();
  }

  /** Opens the sample app from the start page, up to the page of consent. */
  async function openAs(page: Page, login: string): Promise<void> {
    await page.goto(`${demo.url}/demo`);
    await page.locator(`button[name=user][value=${login}]`).click();
  }

  it('opens the sample app as a patient', async () => {
    const said = await visit(async (page) => {
      await openAs(page, 'patient');
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain(
        'Sample app wants to see',
      );
      await allow(page);
      await shown(page);
      expect(await page.locator('main').textContent()).toMatch(
        /Born \d{4}[\s\S]*What is needed[\s\S]*(due|overdue|from)/,
      );
      expect(await page.locator('.failure').count()).toBe(0);
    });
    expect(said).toEqual([]);
  });

  it('opens it as a parent, who chooses one of two children', async () => {
    const said = await visit(async (page) => {
      await openAs(page, 'parent');
      await page.getByRole('radio').first().waitFor();
      expect(await page.getByRole('radio').count()).toBe(2);
      await choose(page, /^Mya/);
      await allow(page);
      await shown(page);
      expect(await page.locator('h1').textContent()).toMatch(/^Mya/);
      expect(await page.locator('.failure').count()).toBe(0);
    });
    expect(said).toEqual([]);
  });

  it('opens it as a clinician, who looks for a patient; no URL and no log holds the name', async () => {
    const urls: string[] = [];
    let name = '';
    const said = await visit(async (page) => {
      page.on('request', (request) => void urls.push(request.url()));
      await openAs(page, 'clinician');
      await page.getByLabel('Name or number').fill('Pemland');
      await page.getByRole('button', { name: 'Search' }).click();
      await choose(page, /Pemland/);
      await allow(page);
      await shown(page);
      name = (await page.locator('h1').textContent()) ?? '';
    });
    expect(said).toEqual([]);
    expect(name).toContain('Pemland');
    expect(urls.filter((url) => /pemland/i.test(decodeURIComponent(url)))).toEqual([]);
    expect(demo.printed()).not.toContain('Pemland');
  });

  it('is opened by the EHR for the patient whose chart is open', async () => {
    const said = await visit(async (page) => {
      await page.goto(`${demo.url}/demo/ehr`);
      const chart = page.getByRole('heading', { level: 2 }).first();
      const name = await chart.textContent();
      await page.getByRole('button', { name: 'Open the sample app' }).first().click();
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain(name);
      await allow(page);
      await shown(page);
      expect(await page.locator('h1').textContent()).toBe(name);
    });
    expect(said).toEqual([]);
  });

  it('opens Jenner inside an EHR, by keyboard and without script, which reports what the registry lacks', async () => {
    const phone = { width: 390, height: 800 };
    const said = await visit(
      async (page) => {
        await page.goto(`${demo.url}/demo`);
        const open = page.getByRole('button', { name: 'inside the clinic’s system for Miles' });
        await open.focus();
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { level: 1, name: 'Vaccines of Miles' }).waitFor();
        expect(await page.evaluate(overflowing)).toEqual([]);
        expect(await page.evaluate(tooSmall)).toEqual([]);
        expect(await page.getByRole('row', { name: /MMR.*Lantern EHR alone/ }).count()).toBe(1);
        await page.getByLabel(/^Report varicella/).press('Space');
        await page.getByLabel(/^Report MMR/).press('Enter');
        await page.getByText('Reported to the registry: 5').waitFor();
        expect(await page.getByRole('row', { name: /MMR.*both/ }).count()).toBe(1);
        expect(await page.getByRole('row', { name: /varicella.*Lantern EHR alone/ }).count()).toBe(1);
        await shoot(page, 'ehr-phone');
        await page.getByRole('button', { name: 'Write into Lantern EHR' }).press('Enter');
        await page.getByText('Written into Lantern EHR: 3').waitFor();
      },
      { javaScriptEnabled: false, viewport: phone },
    );
    expect(said).toEqual([]);
    const { token, base } = demo.described;
    const found = await fetch(`${base}/Immunization?patient=demo-p-000005&vaccine-code=03`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { entry } = (await found.json()) as { entry: readonly { readonly resource: unknown }[] };
    expect(entry).toHaveLength(1);
    expect(entry[0]?.resource).toMatchObject({
      occurrenceDateTime: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      performer: [{ actor: { display: 'Ngozi Okafor RN' } }, { actor: { display: 'Harborview Pediatrics' } }],
    });
  });

  it('shows it inside an EHR without a fault that axe finds, what must not be given first', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const said = await visit(
        async (page) => {
          await page.goto(`${demo.url}/demo`);
          await page.getByRole('button', { name: 'inside the clinic’s system for Liam' }).click();
          const first = page.getByRole('heading', { level: 2 }).first();
          expect(await first.textContent()).toBe('Must not be given');
          expect(await axeFaults(page)).toEqual([]);
          await page.setViewportSize({ width: 390, height: 800 });
          expect(await axeFaults(page)).toEqual([]);
          await shoot(page, `ehr-${colorScheme}`);
        },
        { colorScheme, bypassCSP: true },
      );
      expect(said).toEqual([]);
    }
  });

  it('gives the app no more than what was left ticked', async () => {
    await visit(async (page) => {
      await openAs(page, 'patient');
      await page.locator('input[name=scope][value="patient/Immunization.rs"]').uncheck();
      await allow(page);
      await shown(page);
      const text = (await page.locator('main').textContent()) ?? '';
      expect(text).toContain('You did not allow this app to see that.');
      expect(text).toMatch(/Born \d{4}/);
      expect(await page.locator('code').last().textContent()).not.toContain('patient/Immunization.rs');
    });
  });

  it('tells the app when it was not allowed anything', async () => {
    await visit(async (page) => {
      await openAs(page, 'patient');
      await page.getByRole('button', { name: 'Do not allow' }).click();
      await page.getByText('You did not allow this app to see the record.').waitFor();
    });
  });

  it('stops an app at once, by the page of its person', async () => {
    await visit(async (page) => {
      await openAs(page, 'patient');
      const answered = page.waitForResponse((response) => response.url().endsWith('/auth/token'));
      await allow(page);
      const { access_token, patient } = (await (await answered).json()) as Record<string, string>;
      await shown(page);
      const read = () =>
        fetch(`${demo.described.base}/Patient/${patient}`, {
          headers: { authorization: `Bearer ${access_token}` },
        });
      expect((await read()).status).toBe(200);
      await page.goto(`${demo.url}/app/record/${patient}/apps`);
      const stops = page.getByRole('button', { name: 'Stop Sample app' });
      for (let left = await stops.count(); left > 0; left--) {
        await stops.first().click();
        await page.waitForFunction(`document.querySelectorAll('[name=stop]').length < ${left}`);
      }
      expect((await read()).status).toBe(401);
      await page.getByText('No app uses this record now.').waitFor();
    });
  });

  it('leads back to a password that was changed, and shows staff the apps that they use', async () => {
    const { password = '' } = demo.described.users.find(({ login }) => login === 'nurse') ?? {};
    await visit(async (page) => {
      await page.goto(`${demo.url}/auth/sign-in`);
      await page.getByLabel('User name').fill('nurse');
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('link', { name: 'Apps' }).click();
      await page.getByText('You have not let any app work for you.').waitFor();
      await page.getByRole('link', { name: 'Account' }).click();
      await page.getByLabel('Password now').fill(password);
      await page.getByLabel('New password', { exact: true }).fill('another password 7');
      await page.getByLabel('New password again').fill('another password 7');
      await page.getByRole('button', { name: 'Change password' }).click();
      await page.getByText('Your password is changed.').waitFor();
      await page.goto(`${demo.url}/demo`);
      expect(await page.getByText(password).count()).toBe(0);
      await page.getByRole('button', { name: 'Set the password of nurse back' }).click();
      await page.getByText(password).waitFor();
    });
  });

  it('works without script up to the code, with what was typed kept', async () => {
    const { password = '' } = demo.described.users.find(({ login }) => login === 'patient') ?? {};
    const app = demo.described.clients.find(({ kind }) => kind === 'public');
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: app?.client_id ?? '',
      redirect_uri: app?.redirect ?? '',
      scope: 'launch/patient patient/Immunization.rs',
      state: 'state-of-this-test',
      aud: demo.described.base,
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    });
    await visit(
      async (page) => {
        await page.goto(`${demo.url}/auth/authorize?${query}`);
        await page.getByLabel('User name').fill('patient');
        await page.getByLabel('Password').fill('not the password');
        await page.getByRole('button', { name: 'Sign in' }).click();
        expect(await page.locator('.notice.bad').textContent()).toContain('That did not work.');
        expect(await page.getByLabel('User name').inputValue()).toBe('patient');
        expect(await page.getByLabel('Password').inputValue()).toBe('');
        await page.getByLabel('Password').fill(password);
        await page.getByLabel('Password').press('Enter');
        await allow(page);
        const { searchParams } = new URL(page.url());
        expect(searchParams.get('code')).toMatch(/^[\w-]{20,}$/);
        expect(searchParams.get('state')).toBe('state-of-this-test');
      },
      { javaScriptEnabled: false },
    );
  });

  it('takes no form without its token, or from another browser, and no session id that was set before', async () => {
    await visit(async (page, context) => {
      await context.addCookies([{ name: 'jenner', value: 'A'.repeat(43), url: demo.url }]);
      await page.goto(`${demo.url}/auth/sign-in`);
      const { password = '' } = demo.described.users.find(({ login }) => login === 'parent') ?? {};
      await page.getByLabel('User name').fill('parent');
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Vaccine records' }).waitFor();
      const cookie = (await context.cookies()).find(({ name }) => name === 'jenner');
      expect(cookie?.value).not.toBe('A'.repeat(43));
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
      const csrf = (await page.locator('input[name=csrf]').first().getAttribute('value')) ?? '';
      const post = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
        fetch(`${demo.url}/auth/sign-out`, {
          method: 'POST',
          redirect: 'manual',
          headers: { cookie: `jenner=${cookie?.value}`, ...headers },
          body: new URLSearchParams(fields),
        });
      expect((await post({})).status).toBe(403);
      expect((await post({ csrf: 'B'.repeat(43) })).status).toBe(403);
      expect((await post({ csrf }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
      expect((await post({ csrf }, { origin: 'https://evil.example' })).status).toBe(403);
      await page.reload();
      await page.getByRole('heading', { name: 'Vaccine records' }).waitFor();
    });
  });

  it('shows its own pages without a fault that axe finds, and within 320 px', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await visit(
        async (page) => {
          for (const path of ['/demo', '/demo/ehr', '/demo?lang=es']) {
            await page.goto(`${demo.url}${path}`);
            expect.soft(await axeFaults(page), path).toEqual([]);
            const wide = await page.evaluate('document.documentElement.scrollWidth');
            expect.soft(wide, path).toBeLessThanOrEqual(320);
          }
        },
        { colorScheme, bypassCSP: true, viewport: { width: 320, height: 640 } },
      );
    }
  });
});
