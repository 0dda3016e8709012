import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { axeFaults } from './axe.ts';
import { noBrowser } from './open-browser.ts';
import { overflowing, shoot, tooFine, tooSmall, useSite } from './site-browser.ts';

const pages = {
  home: '/app',
  queue: '/app/review',
  reporters: '/app/reporters',
  reporter: '/app/reporters/interface',
  users: '/app/admin/users',
  'new-user': '/app/admin/users/new',
  clients: '/app/admin/clients',
  'new-client': '/app/admin/clients/new',
  jobs: '/app/admin/jobs',
  audit: '/app/admin/audit',
} as const;

const question = '#content tbody th a';

describe.skipIf(noBrowser)(`the pages of staff${noBrowser ? ` (${noBrowser})` : ''}`, () => {
  const site = useSite();

  /** Every page of the administrator, the first question among them. */
  async function eachPage(page: Page, work: (name: string) => Promise<void>, query = ''): Promise<void> {
    for (const [name, path] of Object.entries(pages)) {
      await page.goto(`${path}${query}`);
      await work(name);
    }
    await page.goto(`/app/review${query}`);
    await page.locator(question).first().click();
    await work('question');
  }

  it.each([
    ['light', 1280],
    ['dark', 390],
    ['light', 390],
    ['dark', 1280],
  ] as const)('have nothing that axe finds: %s, %i px', async (colorScheme, width) => {
    const options = { colorScheme, viewport: { width, height: 900 }, bypassCSP: true };
    const look = async (page: Page, name: string) => {
      await shoot(page, `staff-${name}-${colorScheme}-${width}`);
      expect.soft(await axeFaults(page), name).toEqual([]);
      expect.soft(await page.evaluate(tooSmall), name).toEqual([]);
      expect.soft(await page.evaluate(tooFine), name).toEqual([]);
    };
    await site.as('administrator', (page) => eachPage(page, (name) => look(page, name)), options);
    await site.as(
      'clinician',
      async (page) => {
        await page.goto('/app/today');
        await look(page, 'today');
      },
      options,
    );
  });

  it.each(['en', 'es'])('never scroll sideways at 320 px: %s', async (lang) => {
    const options = { viewport: { width: 320, height: 640 } };
    const fits = async (page: Page, name: string) =>
      expect.soft(await page.evaluate(overflowing), name).toEqual([]);
    await site.as(
      'administrator',
      (page) => eachPage(page, (name) => fits(page, name), `?lang=${lang}`),
      options,
    );
    await site.as(
      'clinician',
      async (page) => {
        await page.goto(`/app/today?lang=${lang}`);
        await fits(page, 'today');
      },
      options,
    );
  });

  it('say nothing on the console, and are small', async () => {
    const said = await site.as('administrator', async (page) => {
      await eachPage(page, async (name) => {
        expect.soft(gzipSync(await page.content()).length, name).toBeLessThan(15_000);
        expect.soft(await page.locator('*').count(), name).toBeLessThan(1500);
      });
    });
    expect(said).toEqual([]);
  });

  it('take n for “not same”, and the next page takes it back; keys rest while somebody types, and when turned off', async () => {
    await site.as('administrator', async (page) => {
      await page.goto('/app/review');
      await page.locator(question).first().click();
      const asked = page.url();
      await page.getByLabel('Why (for whoever asks later)').press('n');
      expect(page.url()).toBe(asked);
      await page.getByLabel('Why (for whoever asks later)').fill('they are twins');
      await page.locator('#content').focus();
      await page.keyboard.press('n');
      await page.getByText('Two persons:').or(page.getByText('Both doses count:')).waitFor();
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText('Undone.').waitFor();
      expect(page.url()).toContain('undone=1');
      await page.getByLabel('The keys S, N and L press the three buttons').uncheck();
      await page.locator('#content').focus();
      await page.keyboard.press('s');
      await page.waitForTimeout(300);
      expect(page.url()).toContain('undone=1');
    });
  });

  it('merge and undo without a script, and going back posts nothing twice', async () => {
    const options = { javaScriptEnabled: false };
    await site.as(
      'administrator',
      async (page) => {
        await page.goto('/app/review');
        const last = page.locator(question).last();
        const name = await last.textContent();
        await last.click();
        await page.getByRole('button', { name: 'Same', exact: true }).click();
        await page.getByText('One person now:').or(page.getByText('One dose counts:')).waitFor();
        await page.goBack();
        await page.goForward();
        await page.getByRole('button', { name: 'Undo' }).click();
        await page.getByText('Undone.').waitFor();
        expect(await page.locator('.lines li').count()).toBe(3);
        expect(await page.textContent('#content')).toContain(name ?? '');
      },
      options,
    );
  });

  it('tell what differs and how it stands without any colour', async () => {
    await site.as(
      'administrator',
      async (page) => {
        await page.goto('/app/review');
        await page.locator(question).first().click();
        await shoot(page, 'staff-question-forced');
        expect(await page.locator('.differs').count()).toBeGreaterThan(0);
        expect(await page.locator('.differs .unequal').count()).toBe(await page.locator('.differs').count());
        expect(await page.locator('.differs .out-of-sight').first().textContent()).toBe('(differs)');
      },
      { forcedColors: 'active' },
    );
  });

  it('print the list of whom to see without what is for the screen', async () => {
    await site.as('clinician', async (page) => {
      await page.goto('/app/today');
      await page.emulateMedia({ media: 'print' });
      await shoot(page, 'staff-today-print');
      expect(await page.locator('.bar').isVisible()).toBe(false);
      expect(await page.locator('.pages').isVisible()).toBe(false);
      expect(await page.getByRole('heading', { name: 'Whom to see' }).isVisible()).toBe(true);
    });
  });
});
