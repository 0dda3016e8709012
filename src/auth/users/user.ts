import type { RoleName } from '../../access/role-name.ts';
import type { EpochMs } from '../../values/instant.ts';
import type { MatchingMode } from '../../values/matching-mode.ts';

/** An account. */
export type User = {
  /** As it was given; two logins that differ in case alone are one. */
  readonly login: string;
  /** `sub` of an id_token: never given to anybody else, and tells nothing. */
  readonly subject: string;
  readonly role: RoleName;
  readonly created: EpochMs;
  readonly passwordHash?: string;
  /** Patient/x, Practitioner/x, PractitionerRole/x or RelatedPerson/x. */
  readonly fhirUser?: string;
  /** RelatedPersons that the person is, one for each child; the first is the fhirUser of who is nothing else. */
  readonly related?: readonly string[];
  readonly organizations: readonly string[];
  /** SHA-256 fingerprints of the certificates that a connection of it shows (`parseFingerprint`). */
  readonly certificates?: readonly string[];
  /** What becomes of a Patient whom its messages bring; as JENNER_MATCHING says when absent. */
  readonly matching?: MatchingMode;
  /** Who it is at the provider of JENNER_OIDC_ISSUER. */
  readonly upstream?: string;
  /** Sessions that began before are over: the password was changed. */
  readonly sessionsFrom?: EpochMs;
  /** When somebody last signed in by it. */
  readonly lastSignIn?: EpochMs;
  readonly secondFactor?: SecondFactor;
  readonly disabled?: true;
  /** What apps were allowed before is over: the account was disabled since, or its password reset. */
  readonly grantsFrom?: EpochMs;
};

/** RFC 6238. */
export type SecondFactor = {
  readonly sealed: string;
  /** The last time step whose code was used: no code counts twice. */
  readonly lastStep: number;
  /** Hashes of the recovery codes that are left. */
  readonly recovery: readonly string[];
};

export function foldLogin(login: string): string {
  return login.normalize('NFKC').trim().toLowerCase();
}

/** Letters, digits and what an e-mail address has. */
export function isLogin(text: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,99}$/u.test(text);
}

/** A SHA-256 fingerprint as 64 hexadecimal digits in lower case; openssl writes colons between its bytes. */
export function parseFingerprint(text: string): string | undefined {
  const digits = text
    .replace(/^sha256[ =]+fingerprint=/i, '')
    .replaceAll(':', '')
    .trim()
    .toLowerCase();
  return /^[0-9a-f]{64}$/.test(digits) ? digits : undefined;
}
