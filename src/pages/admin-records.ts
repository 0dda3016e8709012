// What pages of accounts and apps ask of whoever keeps them.

/** Who administers, and from which address. */
export type AdminBy = { readonly login: string; readonly from: string };

/** An account or an app as its form shows it: a list is a line for each. */
export type AdminRow = {
  /** Names it in a URL, and tells nothing of whose it is. */
  readonly id: string;
  /** Another one after any change of what the form shows. */
  readonly version: string;
  readonly values: Readonly<Record<string, string>>;
  readonly isDisabled: boolean;
  /** It can do next to nothing as it is. */
  readonly isIdle: boolean;
  readonly hasSecondFactor?: boolean;
  readonly lastSignIn?: string;
};

/** What a form asks for beside its fields. */
export type AdminExtra = {
  readonly isDisabled: boolean;
  /** Another password or secret, made and shown once. */
  readonly renews: boolean;
  /** Takes the second factor away. */
  readonly resetsCode: boolean;
};

export type AdminOutcome =
  | { readonly kind: 'done'; readonly id: string; readonly secret?: string }
  /** Names of fields, or of rules (`login-taken`). */
  | { readonly kind: 'faults'; readonly faults: readonly string[] }
  | { readonly kind: 'changed' }
  | { readonly kind: 'nothing' };

/** What is there already, and how it was when the form was drawn. */
export type AdminTarget = { readonly id: string; readonly version: string };

export type AdminRecords = {
  readonly list: () => Promise<readonly AdminRow[]>;
  readonly read: (id: string) => Promise<AdminRow | undefined>;
  readonly add: (by: AdminBy, values: AdminRow['values'], extra: AdminExtra) => Promise<AdminOutcome>;
  readonly change: (
    by: AdminBy,
    target: AdminTarget,
    values: AdminRow['values'],
    extra: AdminExtra,
  ) => Promise<AdminOutcome>;
};

export type AdminKind = 'users' | 'clients';
