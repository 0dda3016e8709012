import { openPageDoor } from '../../../src/auth/page/page-door.ts';
import { siteEntrance } from '../../../src/open-site.ts';
import { loadKnowledgeBases } from '../../../src/shipped/knowledge-bases.ts';
import { loadOperations } from '../../../src/shipped/operations.ts';
import { scheduleSettings } from '../../../src/shipped/schedule-settings.ts';
import { authPagesWith } from '../../../src/web/auth-pages.ts';
import type { SitePage } from '../../../src/web/site/site-page.ts';
import { sitePages } from '../../../src/web/site-pages/site-pages.ts';
import { type Answer, Browser, openSmartServer, type SmartServer } from '../smart/smart-server.ts';

const assets = { styles: '/app/assets/styles.css', icon: '/app/assets/icon.svg' };

/** A whole server with its pages on the small world; `pages` beside those that it has. */
export async function openSiteServer(pages: readonly SitePage[] = []): Promise<SmartServer> {
  const followed = scheduleSettings(loadKnowledgeBases('no-such-folder'), {
    schedule: undefined,
    scheduleStates: new Map(),
  });
  const forecast = { ...followed, fitsCompatible: false };
  const { styles, icon } = assets;
  const shown = { styles: { path: styles }, icon: { path: icon } };
  const server = await openSmartServer({
    audit: true,
    pages: authPagesWith(assets),
    entrances: (auth) => {
      const door = openPageDoor(auth);
      const operations = loadOperations(forecast);
      const parts = { door, forecast, operations, showsParts: true, pages: [...sitePages, ...pages] };
      return [siteEntrance(parts, shown)];
    },
  });
  return server;
}

/** Somebody who has signed in, by the pages as they are. */
export async function signedInBrowser(server: SmartServer, login: string): Promise<Browser> {
  const browser = new Browser(server);
  await signIn(browser, login);
  return browser;
}

export async function signIn(browser: Browser, login: string, next = '/app'): Promise<Answer> {
  const page = await browser.get(`/auth/sign-in?next=${encodeURIComponent(next)}`);
  return browser.post('/auth/sign-in', {
    csrf: csrfIn(page),
    next,
    login,
    password: `password of ${login}`,
    code: '',
  });
}

/** The token of the forms of a page. */
export function csrfIn({ text }: Answer): string {
  return /name="csrf" value="([^"]*)"/.exec(text)?.[1] ?? '';
}
