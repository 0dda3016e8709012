import type { Language } from './translate.ts';

/** What every page needs. */
export type Frame = {
  readonly language: Language;
  /** Of the session, or before sign-in of the pre-session. */
  readonly csrf: string;
  /** The path and query of this page: where the language switch leads back to. */
  readonly here: string;
  readonly user?: { readonly name: string; readonly role: string };
};

export type AppShown = {
  readonly name: string;
  /** Where it sends people back to. */
  readonly host: string;
  readonly verified: boolean;
};

export type PersonShown = {
  readonly id: string;
  readonly name: string;
  /** A FHIR date, as far as it is known. */
  readonly birthDate?: string;
};

/** Fields that a form carries along unseen. */
type Hidden = Readonly<Record<string, string>>;

export type SignIn = Frame & {
  readonly hidden: Hidden;
  /** As it was typed before. */
  readonly login?: string;
  readonly failure?: 'wrong' | 'wait' | 'code' | 'timed-out';
  readonly app?: AppShown;
  readonly providers: readonly { readonly name: string; readonly href: string }[];
};

export type Picker = Frame & {
  readonly hidden: Hidden;
  readonly app: AppShown;
  readonly people: readonly PersonShown[];
  /** Absent: all whom the user may choose are shown. */
  readonly search?: { readonly text: string; readonly tooMany: boolean };
  readonly failure?: 'choose';
};

export type ScopeBox = {
  readonly scope: string;
  readonly checked: boolean;
  /** The scope that this one narrows. */
  readonly within?: string;
};

export type ConsentAsked = Frame & {
  readonly hidden: Hidden;
  readonly app: AppShown;
  readonly person?: PersonShown;
  readonly scopes: readonly ScopeBox[];
  /** The day on which it ends. */
  readonly until?: string;
  readonly failure?: 'nothing';
};

export type GrantShown = {
  readonly id: string;
  readonly app: string;
  readonly since: string;
  readonly lastUsed?: string;
  readonly until?: string;
  readonly scopes: readonly string[];
};

export type Apps = Frame & {
  readonly person: PersonShown;
  readonly grants: readonly GrantShown[];
  /** The record is hidden from clinics and schools. */
  readonly objects: boolean;
  readonly notice?: 'stopped' | 'sharing-changed';
};

export type AccessShown = {
  readonly when: string;
  readonly who: string;
  readonly role?: string;
  readonly organization?: string;
  readonly app?: string;
  /** A code; see the texts `what.…`. */
  readonly what: string;
  /** A code of HL7's PurposeOfUse, or words. */
  readonly why?: string;
  readonly breakGlass: boolean;
};

export type Seen = Frame & {
  readonly person: PersonShown;
  readonly rows: readonly AccessShown[];
  /** The URL of older rows. */
  readonly next?: string;
};

export type Account = Frame & {
  readonly hasCode: boolean;
  readonly setup?: { readonly secret: string; readonly uri: string };
  readonly recovery?: readonly string[];
  readonly failure?: 'wrong' | 'weak' | 'code';
  readonly done?: 'password' | 'code-on' | 'code-off';
};

export type Home = Frame & { readonly people: readonly PersonShown[] };

export type ProblemShown = Frame & {
  readonly status: number;
  readonly code:
    | 'not-found'
    | 'forbidden'
    | 'expired'
    | 'bad-client'
    | 'bad-redirect'
    | 'forged'
    | 'busy'
    | 'failed';
  readonly detail?: string;
  readonly requestId?: string;
};

/** The views that the authorization server answers with; each is a whole document. */
export type AuthPages = {
  signIn(page: SignIn): string;
  picker(page: Picker): string;
  consent(page: ConsentAsked): string;
  apps(page: Apps): string;
  seen(page: Seen): string;
  account(page: Account): string;
  home(page: Home): string;
  signedOut(page: Frame): string;
  problem(page: ProblemShown): string;
};
