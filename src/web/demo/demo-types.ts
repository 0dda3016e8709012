import type { Frame, PersonShown } from '../../pages/auth-pages.ts';

/** Somebody who can sign in to the demo. */
export type DemoUserShown = { readonly login: string; readonly password: string; readonly role: string };

export type DemoStart = Frame & {
  readonly users: readonly DemoUserShown[];
  /** Who opens the sample app by one click. */
  readonly openers: readonly string[];
  readonly curl: string;
  /** Logins whose password is no longer the one that stands there. */
  readonly changed: readonly string[];
};

export type DemoEhr = Frame & { readonly people: readonly PersonShown[] };

/** What the sample app is told by its page. */
export type SampleApp = { readonly clientId: string; readonly redirect: string; readonly scope: string };
