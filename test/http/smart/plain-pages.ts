import type { AuthPages } from '../../../src/pages/auth-pages.ts';

const show = (view: string) => (page: object) => JSON.stringify({ view, ...page });

/** Pages that say what they were told, for tests of what is behind them. */
export const plainPages: AuthPages = {
  ehrRecord: show('ehrRecord'),
  signIn: show('signIn'),
  picker: show('picker'),
  consent: show('consent'),
  apps: show('apps'),
  ownApps: show('ownApps'),
  seen: show('seen'),
  account: show('account'),
  home: show('home'),
  signedOut: show('signedOut'),
  problem: show('problem'),
};
