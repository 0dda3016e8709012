import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shownPages } from '../unit/web/shown-pages.ts';
import { axeFaults } from './axe.ts';
import { noBrowser, openBrowser } from './open-browser.ts';
import { type PageServer, servePages } from './serve-pages.ts';

const names = Object.keys(shownPages('en'));

describe.skipIf(noBrowser)(`the pages in a browser${noBrowser ? ` (${noBrowser})` : ''}`, () => {
  let browser: Browser;
  let server: PageServer;

  beforeAll(async () => {
    [browser, server] = await Promise.all([openBrowser(), servePages()]);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  async function withContext(
    options: Parameters<Browser['newContext']>[0],
    work: (page: Page, context: BrowserContext) => Promise<void>,
  ): Promise<void> {
    const context = await browser.newContext(options);
    try {
      await work(await context.newPage(), context);
    } finally {
      await context.close();
    }
  }

  const looks = (['light', 'dark'] as const).flatMap((scheme) =>
    [390, 1280].map((width) => ({ scheme, width })),
  );

  it.each(looks)('have nothing that axe finds: $scheme, $width px', async ({ scheme, width }) => {
    const options = { viewport: { width, height: 800 }, colorScheme: scheme, bypassCSP: true };
    await withContext(options, async (page) => {
      for (const name of names) {
        await page.goto(`${server.url}/en/${name}`);
        expect.soft(await axeFaults(page), name).toEqual([]);
      }
    });
  });

  it.each(['en', 'es'])('fit into 320 px, also with letters twice as large: %s', async (language) => {
    await withContext({ viewport: { width: 320, height: 640 }, bypassCSP: true }, async (page) => {
      for (const name of names) {
        await page.goto(`${server.url}/${language}/${name}`);
        expect.soft(await page.evaluate(overflowing), name).toEqual([]);
      }
    });
    // 200 % at 1280 px is 640 px wide, and letters alone may be twice as large too.
    await withContext({ viewport: { width: 640, height: 640 }, bypassCSP: true }, async (page) => {
      for (const name of names) {
        await page.goto(`${server.url}/${language}/${name}`);
        await page.addStyleTag({ content: 'html { font-size: 200% }' });
        expect.soft(await page.evaluate(overflowing), `${name} at 200 %`).toEqual([]);
      }
    });
  });

  it('have actions that a thumb can hit', async () => {
    await withContext({ viewport: { width: 390, height: 800 } }, async (page) => {
      for (const name of names) {
        await page.goto(`${server.url}/en/${name}`);
        expect.soft(await page.evaluate(tooSmall), name).toEqual([]);
      }
    });
  });

  it('load by one small answer and one style sheet, from this server alone, and say nothing', async () => {
    await withContext({}, async (page) => {
      const asked: string[] = [];
      const said: string[] = [];
      page.on('request', (request) => void asked.push(request.url()));
      // Chromium's advice on password forms is of a level that it does not show.
      page.on('console', (message) => message.text().startsWith('[DOM]') || said.push(message.text()));
      page.on('pageerror', (error) => void said.push(error.message));
      for (const name of names) {
        const html = await (await page.goto(`${server.url}/en/${name}`))?.text();
        expect.soft(gzipSync(html ?? '').length, name).toBeLessThan(15_000);
      }
      expect(asked.filter((url) => !url.startsWith(server.url))).toEqual([]);
      expect(asked.filter((url) => url.endsWith('.js'))).toEqual([]);
      expect(said).toEqual([]);
      const styles = asked.find((url) => url.endsWith('.css')) ?? '';
      const { headers, ok } = await fetch(styles, { headers: { 'accept-encoding': 'gzip' } });
      expect(ok).toBe(true);
      expect(Number(headers.get('content-length'))).toBeLessThan(10_000);
      expect(headers.get('cache-control')).toContain('immutable');
    });
  });

  it('focus what is wrong first, and lead from it to the field', async () => {
    await withContext({}, async (page) => {
      await page.goto(`${server.url}/en/sign-in-code`);
      expect(await page.evaluate('document.activeElement.className')).toBe('notice bad');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      expect(page.url()).toMatch(/#code$/);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Shift+Tab');
    });
  });

  it('allow by Enter on a box: the first button is the one that goes on', async () => {
    await withContext({ javaScriptEnabled: false }, async (page) => {
      await page.goto(`${server.url}/en/consent`);
      const sent = page.waitForRequest((request) => request.method() === 'POST');
      await page.locator('#scope-5').press('Enter');
      const fields = new URLSearchParams((await sent).postData() ?? '');
      expect(fields.get('decision')).toBe('allow');
      expect(fields.getAll('scope')).toContain('patient/Immunization.rs');
    });
  });

  it('show where the focus is, on everything that can have it', async () => {
    await withContext({}, async (page) => {
      await page.goto(`${server.url}/en/consent`);
      const seen = new Set<string>();
      for (let presses = 0; presses < 40; presses++) {
        await page.keyboard.press('Tab');
        const [what, outline] = (await page.evaluate(focused)) as [string, string];
        if (what === 'BODY') break;
        seen.add(what);
        expect.soft(outline, what).toBe('3px solid');
      }
      expect(seen.size).toBeGreaterThan(12);
    });
  });
});

/** What reaches past the right edge, other than in a place of its own that scrolls. */
const overflowing = `(() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll('body *')]
    .filter((one) => one.getBoundingClientRect().right > width + 1)
    .map((one) => one.outerHTML.slice(0, 120));
})()`;

/** Buttons and fields below 44 px; links, boxes and their labels below 24. */
const tooSmall = `[...document.querySelectorAll('button, input:not([type=hidden]), a, label')]
  .filter((one) => !one.matches('.skip, p a'))
  .filter((one) => {
    const isAction = one.matches('button, .button, .field input');
    return one.getBoundingClientRect().height < (isAction ? 44 : 24) - 0.5;
  })
  .map((one) => one.outerHTML.slice(0, 120))`;

const focused = `(() => {
  const one = document.activeElement;
  const { outlineWidth, outlineStyle } = getComputedStyle(one);
  const name = one === document.body ? 'BODY' : one.tagName + one.id + one.textContent.slice(0, 20);
  return [name, outlineWidth + ' ' + outlineStyle];
})()`;
