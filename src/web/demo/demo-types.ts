import type { Frame, PersonShown } from '../../pages/auth-pages.ts';

/** Somebody who can sign in to the demo. */
export type DemoUserShown = { readonly login: string; readonly password: string; readonly role: string };

/** A chart of the EHR that opens Jenner's own app, and what is worth seeing of it. */
export type StubChartShown = {
  readonly id: string;
  readonly name: string;
  readonly shows: 'unreported' | 'moved' | 'no-live';
};

export type DemoStart = Frame & {
  readonly users: readonly DemoUserShown[];
  /** Who opens the sample app by one click. */
  readonly openers: readonly string[];
  readonly curl: string;
  /** Of whom Jenner's own app is opened inside an EHR. */
  readonly charts: readonly StubChartShown[];
  /** Logins whose password is no longer the one that stands there. */
  readonly changed: readonly string[];
};

export type DemoEhr = Frame & { readonly people: readonly PersonShown[] };

/** What the sample app is told by its page. */
export type SampleApp = { readonly clientId: string; readonly redirect: string; readonly scope: string };
