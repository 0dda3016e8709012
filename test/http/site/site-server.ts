import { clientAdmin } from '../../../src/auth/admin/client-admin.ts';
import { userAdmin } from '../../../src/auth/admin/user-admin.ts';
import { openPageDoor } from '../../../src/auth/page/page-door.ts';
import { jobsOf } from '../../../src/open-jobs.ts';
import { reportersOf } from '../../../src/open-reporters.ts';
import { siteEntrance } from '../../../src/open-site.ts';
import { loadKnowledgeBases } from '../../../src/shipped/knowledge-bases.ts';
import { scheduleSettings } from '../../../src/shipped/schedule-settings.ts';
import { shippedGuide } from '../../../src/shipped/v2-guide.ts';
import { shippedVaccineProducts } from '../../../src/shipped/vaccine-products.ts';
import { shippedVaccines } from '../../../src/shipped/vaccines.ts';
import { type TimeZone, utc } from '../../../src/values/time-zone.ts';
import { authPagesWith } from '../../../src/web/auth-pages.ts';
import type { SitePage } from '../../../src/web/site/site-page.ts';
import { sitePages } from '../../../src/web/site-pages/site-pages.ts';
import { type Answer, Browser, openSmartServer, type SmartServer } from '../smart/smart-server.ts';

const assets = {
  styles: '/app/assets/styles.css',
  icon: '/app/assets/icon.svg',
  review: '/app/assets/review.js',
};

/** A whole server with its pages on the small world; `pages` beside those that it has. */
export async function openSiteServer(
  pages: readonly SitePage[] = [],
  timeZone: TimeZone = utc,
): Promise<SmartServer> {
  const followed = scheduleSettings(loadKnowledgeBases('no-such-folder'), {
    schedule: undefined,
    scheduleStates: new Map(),
  });
  const forecast = { ...followed, fitsCompatible: false };
  const { styles, icon, review } = assets;
  const shown = { styles: { path: styles }, icon: { path: icon }, review: { path: review } };
  const server = await openSmartServer({
    audit: true,
    messages: true,
    pages: authPagesWith(assets, timeZone),
    timeZone,
    entrances: (auth, operations) => {
      const door = openPageDoor(auth);
      const vaccineMeanings = shippedVaccines();
      const shownPages = [...sitePages, ...pages];
      const admin = { users: userAdmin(auth), clients: clientAdmin(auth) };
      const jobs = jobsOf(auth.store, auth.clock);
      const parts = {
        door,
        zone: timeZone,
        forecast,
        operations,
        vaccineMeanings,
        vaccineProducts: shippedVaccineProducts,
        admin,
        jobs,
        reporters: reportersOf(shippedGuide(), admin.users),
        showsParts: true,
        pages: shownPages,
      };
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
