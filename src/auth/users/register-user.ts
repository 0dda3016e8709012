import { isRoleName, roleNames } from '../../access/role-name.ts';
import type { Clock } from '../../values/clock.ts';
import type { MatchingMode } from '../../values/matching-mode.ts';
import { OperatorError } from '../../values/operator-error.ts';
import { parseResourceId } from '../../values/resource-id.ts';
import { isGoodPassword, type Passwords } from '../secrets/passwords.ts';
import { newPublicId, newSecret } from '../secrets/random-secret.ts';
import { isLogin, parseFingerprint, type User } from './user.ts';

/** What an operator says of an account; what is absent is left as it is. */
export type UserInput = {
  readonly role?: string;
  readonly patient?: string;
  readonly practitioner?: string;
  readonly practitionerRole?: string;
  /** One for each child. */
  readonly relatedPerson?: readonly string[];
  readonly organization?: readonly string[];
  /** Fingerprints of the certificates that its connections show; none in place of those that were, when empty. */
  readonly certificate?: readonly string[];
  /** What becomes of Patients whom its messages bring. */
  readonly matching?: MatchingMode;
  /** Who it is at the upstream provider. */
  readonly subject?: string;
  readonly disabled?: boolean;
  /** Takes the second factor away. */
  readonly resetCode?: boolean;
};

export function newUser(login: string, input: UserInput, clock: Clock): User {
  if (!isLogin(login)) {
    throw new OperatorError(`--login ${login}: letters, digits and . _ - + @ were expected, 100 at most`);
  }
  if (input.role === undefined) throw new OperatorError('a user has a role');
  const subject = newPublicId();
  const empty = { login, subject, role: 'individual', created: clock.now(), organizations: [] } as const;
  return changeUser(empty, input);
}

/** Throws an OperatorError that names what is wrong. */
export function changeUser(user: User, input: UserInput): User {
  const { role, organization, relatedPerson, certificate, matching, subject, disabled, resetCode } = input;
  const { disabled: was, secondFactor, ...rest } = user;
  const fhirUser = fhirUserOf(input);
  if (role !== undefined && !isRoleName(role))
    throw new OperatorError(`--role ${role} is none of ${roleNames.join(', ')}`);
  const isDisabled = disabled ?? was === true;
  return {
    ...rest,
    ...(role !== undefined && { role }),
    ...(fhirUser !== undefined && { fhirUser }),
    ...(relatedPerson !== undefined && { related: relatedPerson.map(requireId) }),
    ...(organization !== undefined && { organizations: organization.map(requireId) }),
    ...(certificate !== undefined && { certificates: certificate.map(requireFingerprint) }),
    ...(matching !== undefined && { matching }),
    ...(subject !== undefined && { upstream: subject }),
    ...(secondFactor && resetCode !== true && { secondFactor }),
    ...(isDisabled && { disabled: true }),
  };
}

function fhirUserOf(input: UserInput): string | undefined {
  const { patient, practitioner, practitionerRole, relatedPerson } = input;
  const links = Object.entries({
    Patient: patient,
    Practitioner: practitioner,
    PractitionerRole: practitionerRole,
  }).filter(([, id]) => id !== undefined);
  const [link, ...others] = links;
  if (others.length > 0) throw new OperatorError('a user is one person: one of --patient, --practitioner …');
  if (link) return `${link[0]}/${requireId(link[1] ?? '')}`;
  const [first] = relatedPerson ?? [];
  return first === undefined ? undefined : `RelatedPerson/${requireId(first)}`;
}

function requireId(id: string): string {
  if (parseResourceId(id) === undefined) throw new OperatorError(`${id}: the id of a resource was expected`);
  return id;
}

function requireFingerprint(text: string): string {
  const fingerprint = parseFingerprint(text);
  if (fingerprint !== undefined) return fingerprint;
  throw new OperatorError(`--certificate ${text}: a SHA-256 fingerprint was expected, 64 hexadecimal digits`);
}

/** The hash of the given password, or of one that is made; that one is in nobody's hands but the caller's. */
export async function passwordFor(
  login: string,
  given: string | undefined,
  passwords: Passwords,
): Promise<{ readonly hash: string; readonly made?: string }> {
  if (given === undefined) {
    const made = newSecret().slice(0, 20);
    return { hash: await passwords.hash(made), made };
  }
  if (!isGoodPassword(given, login)) {
    throw new OperatorError('the password needs 8 to 256 characters, and must not be the login');
  }
  return { hash: await passwords.hash(given) };
}
