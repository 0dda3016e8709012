import type { Caller } from './caller.ts';

/** What sends messages by a door that is not FHIR's: an account, or an app, with the organizations that it sends for. */
export type InterfaceAccount = {
  /** What the audit and the messages that are kept call it: a login or a client_id; `open` on an open server. */
  readonly name: string;
  /** Ids of its Organizations and of all below them, its own first. */
  readonly organizations: readonly string[];
  /** Who it is as one of them; as the first when none is named. */
  readonly callerAs: (organization?: string) => Caller;
};

/** `wait`: the login or the address has failed too often; `other`: it is right, and no interface account. */
export type PasswordVerdict = InterfaceAccount | 'wrong' | 'wait' | 'other';

export type SentPassword = {
  readonly login: string;
  readonly password: string;
  /** Where it comes from. */
  readonly address: string;
};

/** How such doors know who sends; `auth` answers. */
export type InterfaceAccounts = {
  /** Whose token a request brings; undefined where it brings none that is good. */
  readonly byToken: (request: {
    readonly headers: { readonly authorization?: string | undefined };
    readonly url: string;
  }) => Promise<InterfaceAccount | undefined>;
  readonly byPassword: (sent: SentPassword) => Promise<PasswordVerdict>;
  /** Undefined where there is no interface account of the login that is good. */
  readonly byLogin: (login: string) => Promise<InterfaceAccount | undefined>;
  /** By the SHA-256 of a certificate, 64 hexadecimal digits in lower case. */
  readonly byCertificate: (fingerprint: string) => Promise<InterfaceAccount | undefined>;
};
