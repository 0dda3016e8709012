import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { type Demo, runDemo } from '../cli/run-demo.ts';
import { openBrowser } from './open-browser.ts';

export type VisitOptions = Parameters<Browser['newContext']>[0];

export type Site = {
  /** Somebody of the demo who has signed in; answers what the console and the policy said. */
  readonly as: (
    login: string,
    work: (page: Page, context: BrowserContext) => Promise<void>,
    options?: VisitOptions,
  ) => Promise<readonly string[]>;
};

type State = Awaited<ReturnType<BrowserContext['storageState']>>;

/** A demo and a browser for the tests of one file; they are there once a test runs. */
export function useSite(): { readonly demo: () => Demo; readonly as: Site['as'] } {
  let browser: Browser | undefined;
  let demo: Demo;
  let site: Site;
  beforeAll(async () => {
    [browser, demo] = await Promise.all([openBrowser(), runDemo()]);
    site = siteOf(browser, demo);
  });
  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });
  return { demo: () => demo, as: (...visit) => site.as(...visit) };
}

/** Signs in once for each login: hashing a password takes its time on purpose. */
function siteOf(browser: Browser, demo: Demo): Site {
  const states = new Map<string, State>();
  const stateOf = async (login: string): Promise<State> => {
    const known = states.get(login);
    if (known) return known;
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${demo.url}/auth/sign-in?next=%2Fapp`);
    const user = demo.described.users.find((one) => one.login === login);
    await page.getByLabel('User name').fill(login);
    await page.getByLabel('Password').fill(user?.password ?? '');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    const state = await context.storageState();
    states.set(login, state);
    await context.close();
    return state;
  };
  return {
    as: async (login, work, options = {}) => {
      const context = await browser.newContext({
        ...options,
        baseURL: demo.url,
        storageState: await stateOf(login),
      });
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
    },
  };
}

/** Keeps a picture where somebody wants to look at them (`TEST_SHOTS`); answers it. */
export async function shoot(page: Page, name: string): Promise<Buffer> {
  // biome-ignore lint/style/noProcessEnv: a setting of the tests, none of the server's
  const folder = process.env['TEST_SHOTS'];
  if (folder === undefined) return page.screenshot({ fullPage: true });
  mkdirSync(folder, { recursive: true });
  return page.screenshot({ fullPage: true, path: join(folder, `${name}.png`) });
}

/** What reaches past the right edge, other than in a place of its own that scrolls. */
export const overflowing = `(() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll('body *')]
    .filter((one) => one.getBoundingClientRect().right > width + 1)
    .map((one) => one.outerHTML.slice(0, 120));
})()`;

/** Buttons and fields below 44 px; links, boxes and their labels below 24. */
export const tooSmall = `[...document.querySelectorAll('button, input:not([type=hidden]), select, a, summary, label')]
  .filter((one) => !one.matches('.skip, p a, [role=alert] a') && one.getClientRects().length > 0)
  .filter((one) => {
    const isAction = one.matches('button, .button, .field input, .field select');
    return one.getBoundingClientRect().height < (isAction ? 44 : 24) - 0.5;
  })
  .map((one) => one.outerHTML.slice(0, 120))`;

/** Text below 12 CSS px, also inside drawings, which are scaled. */
export const tooFine = `[...document.querySelectorAll('body *')]
  .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== ''))
  .filter((one) => one.getClientRects().length > 0 && !one.closest('.out-of-sight'))
  .filter((one) => {
    const drawing = one.closest('svg');
    const scale = drawing ? drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width : 1;
    return parseFloat(getComputedStyle(one).fontSize) * scale < 11.95;
  })
  .map((one) => one.outerHTML.slice(0, 120))`;
