/** What pages of accounts and apps ask of whoever keeps them; structurally what `src/auth/admin` has. */

export type AdminBy = { readonly login: string; readonly from: string };

export type AdminRow = {
  readonly id: string;
  readonly version: string;
  readonly values: Readonly<Record<string, string>>;
  readonly isDisabled: boolean;
  readonly isIdle: boolean;
  readonly hasSecondFactor?: boolean;
  readonly lastSignIn?: string;
};

export type AdminExtra = {
  readonly isDisabled: boolean;
  readonly renews: boolean;
  readonly resetsCode: boolean;
};

export type AdminOutcome =
  | { readonly kind: 'done'; readonly id: string; readonly secret?: string }
  | { readonly kind: 'faults'; readonly faults: readonly string[] }
  | { readonly kind: 'changed' }
  | { readonly kind: 'nothing' };

export type AdminRecords = {
  readonly list: () => Promise<readonly AdminRow[]>;
  readonly read: (id: string) => Promise<AdminRow | undefined>;
  readonly add: (by: AdminBy, values: AdminRow['values'], extra: AdminExtra) => Promise<AdminOutcome>;
  readonly change: (
    by: AdminBy,
    target: { readonly id: string; readonly version: string },
    values: AdminRow['values'],
    extra: AdminExtra,
  ) => Promise<AdminOutcome>;
};

export type AdminKind = 'users' | 'clients';

/** Long work as its pages show it. */
export type JobShown = {
  readonly id: string;
  readonly kind: string;
  readonly state: 'queued' | 'running' | 'lapsed' | 'finished' | 'failed' | 'cancelled';
  readonly isCancelAsked: boolean;
  readonly created: string;
  readonly updated: string;
  readonly done: number;
  readonly total?: number;
  readonly note?: string;
  readonly reason?: string;
};

export type JobsPort = {
  readonly list: () => Promise<readonly JobShown[]>;
  readonly read: (id: string) => Promise<JobShown | undefined>;
  /** False where it has ended. */
  readonly cancel: (id: string) => Promise<boolean>;
};
