import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { axeFaults } from './axe.ts';
import { noBrowser } from './open-browser.ts';
import { overflowing, shoot, tooFine, tooSmall, useSite } from './site-browser.ts';

const path = '/app/_parts';

describe.skipIf(noBrowser)(`the parts of the pages${noBrowser ? ` (${noBrowser})` : ''}`, () => {
  const site = useSite();

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
    ['dark', 390],
  ] as const)('have nothing that axe finds: %s, %i px', async (colorScheme, width) => {
    const options = { colorScheme, viewport: { width, height: 900 }, bypassCSP: true };
    await site.as(
      'clinician',
      async (page) => {
        await page.goto(path);
        expect((await shoot(page, `parts-${colorScheme}-${width}`)).length).toBeGreaterThan(10_000);
        expect(await axeFaults(page)).toEqual([]);
        expect(await page.evaluate(tooSmall)).toEqual([]);
        expect(await page.evaluate(tooFine)).toEqual([]);
      },
      options,
    );
  });

  it.each(['en', 'es'])(
    'never scroll sideways at 320 px, nor with letters twice as large: %s',
    async (lang) => {
      await site.as(
        'clinician',
        async (page) => {
          await page.goto(`${path}?lang=${lang}`);
          expect(await page.evaluate(overflowing)).toEqual([]);
          await page.setViewportSize({ width: 640, height: 800 });
          await page.addStyleTag({ content: 'html { font-size: 200% }' });
          expect(await page.evaluate(overflowing)).toEqual([]);
        },
        { viewport: { width: 320, height: 640 }, bypassCSP: true },
      );
    },
  );

  it('tell statuses and marks apart by shape, without any colour', async () => {
    await site.as(
      'clinician',
      async (page) => {
        await page.goto(path);
        await page.addStyleTag({ content: 'html { filter: grayscale(1) }' });
        await shoot(page, 'parts-grey');
        const signs = await page.locator('#chips .chip svg').all();
        const shapes = await Promise.all(signs.map((sign) => sign.innerHTML()));
        // Past the age and not needed ask for nothing, and have the same shape.
        expect(new Set(shapes).size).toBe(shapes.length - 1);
        const marks = await page.locator('#grid .legend svg').all();
        const drawn = await Promise.all(
          marks.map(async (mark) => (await mark.screenshot()).toString('base64')),
        );
        expect(new Set(drawn).size).toBe(6);
      },
      { bypassCSP: true },
    );
  });

  it('keep their shapes in forced colours', async () => {
    await site.as(
      'clinician',
      async (page) => {
        await page.goto(path);
        await shoot(page, 'parts-forced');
        const marks = await page.locator('#grid .legend svg').all();
        const drawn = await Promise.all(
          marks.map(async (mark) => (await mark.screenshot()).toString('base64')),
        );
        expect(new Set(drawn).size).toBe(6);
      },
      { forcedColors: 'active' },
    );
  });

  it('print in light colours, without what is there for screens', async () => {
    await site.as(
      'clinician',
      async (page) => {
        await page.goto(path);
        await page.emulateMedia({ media: 'print' });
        await shoot(page, 'parts-print');
        expect(await page.locator('.bar nav').isVisible()).toBe(false);
        expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(
          'rgb(255, 255, 255)',
        );
        expect(await page.locator('#grid .status').first().isVisible()).toBe(false);
        expect(await page.locator('.print-foot').isVisible()).toBe(true);
        expect((await page.pdf({ format: 'Letter' })).length).toBeGreaterThan(10_000);
      },
      { colorScheme: 'dark' },
    );
  });

  it('are small, come from this server alone, and say nothing', async () => {
    const asked: string[] = [];
    const said = await site.as('clinician', async (page) => {
      page.on('request', (request) => void asked.push(request.url()));
      const html = await (await page.goto(path))?.text();
      expect(gzipSync(html ?? '').length).toBeLessThan(15_000);
      expect(await page.evaluate('document.querySelectorAll("*").length')).toBeLessThanOrEqual(1500);
    });
    expect(said).toEqual([]);
    expect(asked.filter((url) => !url.startsWith(site.demo().url) || url.endsWith('.js'))).toEqual([]);
  });

  it('sort a list by its heads, by keyboard', async () => {
    await site.as('clinician', async (page) => {
      await page.goto(path);
      await page.getByRole('link', { name: 'Of sort' }).press('Enter');
      expect(await page.locator('#list tbody th').allTextContents()).toEqual([
        'Pentacel',
        'M-M-R II',
        'Varivax',
      ]);
      await page.getByRole('link', { name: 'Of sort' }).press('Enter');
      expect(await page.locator('#list th[aria-sort]').getAttribute('aria-sort')).toBe('descending');
      await page.locator('#of').fill('pent');
      await page.locator('#of').press('Enter');
      expect(page.url()).toContain('sort=-count');
      expect(await page.locator('#list tbody th').allTextContents()).toEqual(['Pentacel']);
    });
  });
});
