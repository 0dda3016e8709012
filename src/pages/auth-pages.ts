/** What every page is told. */
export type Frame = {
  readonly language: Language;
  /** For the hidden field `csrf` of every form: of the session, or before sign-in of the pre-session. */
  readonly csrf: string;
  /** The path and query of this page: where the language switch leads back to. */
  readonly here: string;
  readonly user?: { readonly name: string; readonly role: string; readonly place?: string };
  /** Chosen by the visitor; absent: as the system has it. */
  readonly theme?: Theme;
  /** Whether it can be shown who has looked at a record; links to it lead nowhere else. */
  readonly showsSeen?: boolean;
};

export type Language = 'en' | 'es';

export type Theme = 'light' | 'dark';

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
export type Hidden = Readonly<Record<string, string>>;

export type ScopeShown = {
  readonly scope: string;
  readonly checked: boolean;
  /** The scope that this one narrows. */
  readonly within?: string;
};

export type GrantShown = {
  readonly id: string;
  readonly app: string;
  readonly since: string;
  readonly lastUsed?: string;
  readonly until?: string;
  readonly scopes: readonly string[];
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
  /** They tried, and got nothing. */
  readonly refused: boolean;
  readonly breakGlass: boolean;
};

export type SignInPage = Frame & {
  readonly hidden: Hidden;
  /** As it was typed before. */
  readonly login?: string;
  readonly failure?: 'wrong' | 'wait' | 'code' | 'wrong-code' | 'timed-out';
  /** The login that an EHR has opened the app for: nobody else can go on. */
  readonly onlyAs?: string;
  readonly app?: AppShown;
  readonly providers: readonly { readonly name: string; readonly href: string }[];
};

export type PickerPage = Frame & {
  readonly hidden: Hidden;
  readonly app: AppShown;
  readonly people: readonly PersonShown[];
  /** Absent: all whom the user may choose are shown. */
  readonly search?: { readonly text: string; readonly tooMany: boolean };
  readonly failure?: 'choose';
};

export type ConsentPage = Frame & {
  readonly hidden: Hidden;
  readonly app: AppShown;
  readonly person?: PersonShown;
  readonly scopes: readonly ScopeShown[];
  /** The day on which it ends. */
  readonly until?: string;
  /** Whether it can be chosen not to be asked again. */
  readonly canRemember?: true;
  readonly failure?: 'nothing';
};

export type AppsPage = Frame & {
  readonly person: PersonShown;
  readonly grants: readonly GrantShown[];
  /** Whether the person has objected to sharing: the record is hidden from clinics and schools. */
  readonly objects: boolean;
  readonly notice?: 'stopped' | 'sharing-changed';
};

/** What somebody let work for them, whoever's record it is about. */
export type OwnAppsPage = Frame & { readonly grants: readonly GrantShown[]; readonly notice?: 'stopped' };

export type SeenPage = Frame & {
  readonly person: PersonShown;
  readonly rows: readonly AccessShown[];
  /** The URL of older rows. */
  readonly next?: string;
};

export type AccountPage = Frame & {
  /** Whose password it is, for what fills passwords in. */
  readonly login: string;
  readonly hasCode: boolean;
  readonly setup?: { readonly secret: string; readonly uri: string };
  readonly recovery?: readonly string[];
  readonly failure?: 'wrong' | 'wait' | 'weak' | 'differs' | 'code';
  readonly done?: 'password' | 'code-on' | 'code-off';
};

export type HomePage = Frame & { readonly people: readonly PersonShown[] };

export type ProblemCode =
  | 'not-found'
  | 'forbidden'
  | 'expired'
  | 'bad-client'
  | 'unknown-ehr'
  | 'ehr-expired'
  | 'ehr-refused'
  | 'ehr-silent'
  | 'bad-redirect'
  | 'forged'
  | 'busy'
  | 'changed'
  | 'unreadable'
  | 'failed';

export type ProblemPage = Frame & {
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail?: string;
  readonly requestId?: string;
  /** Where to try once more. */
  readonly onward?: string;
};

export type EhrDoseNamed = {
  /** As far as it is known. */
  readonly date?: string;
  readonly vaccine: string;
};

/** A dose of a person whom an EHR has opened. */
export type EhrDoseShown = EhrDoseNamed & {
  readonly in: 'both' | 'registry' | 'ehr';
  /** Of a refusal. */
  readonly notGiven: boolean;
  /** Of a dose that counts for nothing: why, in the words of the guide; there may be none. */
  readonly notCounted?: readonly string[];
  /** For the field `report`, where it may be reported to the registry. */
  readonly report?: string;
  /** For the field `write`, where it may be written into the EHR. */
  readonly write?: string;
};

/** What became of the doses that were chosen a moment ago. */
export type EhrOutcomeShown = {
  readonly kind: 'reported' | 'written';
  readonly count: number;
  readonly failed: readonly (EhrDoseNamed & {
    /** `before`: it was sent shortly before; `unclear`: nobody knows whether it is there. */
    readonly outcome: 'refused' | 'unclear' | 'before';
    readonly why?: string;
  })[];
};

/** What must not be given; without `vaccines` nothing of the group. */
export type EhrForbiddenShown = {
  readonly group: string;
  readonly vaccines: readonly string[];
  /** `code`: of CDC's observations. */
  readonly because: readonly { readonly title: string; readonly code?: string }[];
};

export type EhrDueShown = {
  readonly group: string;
  readonly urgency: 'overdue' | 'due';
  readonly since?: string;
  readonly doseNumber?: number;
};

export type EhrRecordPage = Frame & {
  readonly ehr: string;
  readonly person: Omit<PersonShown, 'id'>;
  /** Whether the registry was looked into, and knows the person. */
  readonly registry: 'known' | 'unknown' | 'not-asked';
  readonly forbidden: readonly EhrForbiddenShown[];
  readonly due: readonly EhrDueShown[];
  readonly doses: readonly EhrDoseShown[];
  /** Whether doses may be written into the EHR. */
  readonly canWrite: boolean;
  /** Of which visit a form of the page is, for its field `visit`. */
  readonly visit: string;
  /** What the EHR did not tell, by types of resources. */
  readonly missing: readonly string[];
  /** `other-visit`: a form of another patient was sent, and nothing was done. */
  readonly notice?: EhrOutcomeShown | 'other-visit' | 'nothing-chosen';
};

/** How what the authorization server has to say is shown; each answers a whole HTML document. */
export type AuthPages = {
  /** POST /app/launch/record: visit, do = report or write, report (each), write (each). */
  readonly ehrRecord: (page: EhrRecordPage) => string;
  /** POST /auth/sign-in: login, password, code. */
  readonly signIn: (page: SignInPage) => string;
  /** POST /auth/pick: patient. */
  readonly picker: (page: PickerPage) => string;
  /** POST /auth/consent: scope (each), remember = yes where that can be, decision = allow or deny. */
  readonly consent: (page: ConsentPage) => string;
  /** POST /app/record/{id}/apps: stop = id of a grant; sharing = object or share. */
  readonly apps: (page: AppsPage) => string;
  /** POST /app/apps: stop = id of a grant. */
  readonly ownApps: (page: OwnAppsPage) => string;
  readonly seen: (page: SeenPage) => string;
  /** POST /app/account. */
  readonly account: (page: AccountPage) => string;
  /** Where a session begins; absent where another entrance has that page. */
  readonly home?: (page: HomePage) => string;
  readonly signedOut: (page: Frame) => string;
  readonly problem: (page: ProblemPage) => string;
};
