import type { AuthPages } from '../pages/auth-pages.ts';
import type { TimeZone } from '../values/time-zone.ts';
import { accountPage } from './pages/account-page.tsx';
import { appsPage } from './pages/apps-page.tsx';
import { consentPage } from './pages/consent-page.tsx';
import { ehrRecordPage } from './pages/ehr-record-page.tsx';
import { ownAppsPage } from './pages/own-apps-page.tsx';
import { pickerPage } from './pages/picker-page.tsx';
import { problemPage } from './pages/problem-page.tsx';
import { seenPage } from './pages/seen-page.tsx';
import { signInPage } from './pages/sign-in-page.tsx';
import { signedOutPage } from './pages/signed-out-page.tsx';
import { renderPage } from './render-page.ts';
import type { PageAssets } from './shell.tsx';

/** The pages of sign-in, consent and account as whole HTML documents; they need these files of the assets. */
export function authPagesWith(assets: PageAssets, zone: TimeZone): AuthPages {
  const render = renderPage(assets, zone);
  return {
    ehrRecord: render(ehrRecordPage),
    signIn: render(signInPage),
    picker: render(pickerPage),
    consent: render(consentPage),
    apps: render(appsPage),
    ownApps: render(ownAppsPage),
    seen: render(seenPage),
    account: render(accountPage),
    signedOut: render(signedOutPage),
    problem: render(problemPage),
  };
}
