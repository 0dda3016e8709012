import type { Passwords } from '../auth/secrets/passwords.ts';
import type { Throttle } from '../auth/sign-in/throttle.ts';
import { idlenessOfUser } from '../auth/users/idle-user.ts';
import { changeUser, newUser, passwordFor, type UserInput } from '../auth/users/register-user.ts';
import { foldLogin, parseFingerprint, type User } from '../auth/users/user.ts';
import type { Users } from '../auth/users/user-records.ts';
import type { Clock } from '../values/clock.ts';
import { formatInstant } from '../values/instant.ts';
import { OperatorError } from '../values/operator-error.ts';

export type UserCommand = {
  readonly users: Users;
  readonly throttle: Pick<Throttle, 'forget'>;
  readonly passwords: Passwords;
  readonly clock: Clock;
  readonly json: boolean;
  readonly output: { readonly write: (text: string) => unknown };
  /** Told what an account lacks. */
  readonly warn: (text: string) => void;
  /** The login that it acts as, where it does. */
  readonly as?: string | undefined;
  /** All that is on standard input. */
  readonly readInput: () => Promise<string>;
};

export type UserOptions = UserInput & {
  readonly passwordStdin?: boolean;
  /** A new password, made and shown once. */
  readonly resetPassword?: boolean;
};

/** `jenner user add`: a password that was made is shown here and never again. */
export async function addUser(command: UserCommand, login: string, options: UserOptions): Promise<number> {
  await requireOwnCertificates(command, login, options);
  const user = newUser(login, options, command.clock);
  const { hash, made } = await passwordFor(login, await givenPassword(command, options), command.passwords);
  if (!(await command.users.add({ ...user, passwordHash: hash }))) {
    throw new OperatorError(`the login ${login} is taken`);
  }
  show(command, `added ${user.role} ${login}`, user, made);
  return 0;
}

export async function listUsers({ users, json, output }: UserCommand): Promise<number> {
  const all = await users.list();
  if (json) output.write(`${JSON.stringify(all.map((user) => toShown(user)))}\n`);
  else output.write(`${[...all.map(lineOf), `${all.length} users`].join('\n')}\n`);
  return 0;
}

export async function changeOneUser(
  command: UserCommand,
  login: string,
  options: UserOptions,
): Promise<number> {
  const takes = options.disabled === true || (options.role ?? 'administrator') !== 'administrator';
  if (takes) await requireOtherAdministrator(command, login);
  await requireOwnCertificates(command, login, options);
  const given = await givenPassword(command, options);
  const isNew = given !== undefined || options.resetPassword === true;
  const password = isNew ? await passwordFor(login, given, command.passwords) : undefined;
  const changed = await command.users.change(login, (user) => ({
    ...changeUser(user, options),
    ...(password && { passwordHash: password.hash }),
    ...((password || options.disabled === true) && endedNow(command)),
  }));
  if (!changed) throw noSuch(login);
  // What was tried by what they had before keeps nobody out.
  if (password || options.resetCode === true) await command.throttle.forget(login);
  show(command, `changed ${changed.login}`, changed, password?.made);
  return 0;
}

/** Nobody signs in by it, and no token of it works, until it is changed with --enable. */
export async function disableUser(command: UserCommand, login: string): Promise<number> {
  await requireOtherAdministrator(command, login);
  const changed = await command.users.change(login, (user) => ({
    ...changeUser(user, { disabled: true }),
    ...endedNow(command),
  }));
  if (!changed) throw noSuch(login);
  show(command, `disabled ${changed.login}`, changed);
  return 0;
}

/** Whoever has got hold of a session or a token of the account has it no more, should the account be enabled again. */
function endedNow({ clock }: UserCommand): Pick<User, 'sessionsFrom' | 'grantsFrom'> {
  return { sessionsFrom: clock.now(), grantsFrom: clock.now() };
}

export async function removeUser(command: UserCommand, login: string): Promise<number> {
  const { users, json, output } = command;
  await requireOtherAdministrator(command, login);
  if (!(await users.remove(login))) throw noSuch(login);
  output.write(json ? `${JSON.stringify({ login, removed: true })}\n` : `removed ${login}\n`);
  return 0;
}

/** Who acts as the last administrator does not leave the registry without one; the operator of the machine may. */
async function requireOtherAdministrator({ users, as }: UserCommand, login: string): Promise<void> {
  if (as === undefined || foldLogin(as) !== foldLogin(login)) return;
  const isOther = (user: User) =>
    user.role === 'administrator' && !user.disabled && foldLogin(user.login) !== foldLogin(login);
  if ((await users.list()).some(isOther)) return;
  throw new OperatorError(`${login} is the last administrator: add another one first`);
}

/** A connection is one account's: its certificate cannot be another's too. */
async function requireOwnCertificates(
  { users }: UserCommand,
  login: string,
  { certificate = [] }: UserOptions,
): Promise<void> {
  for (const text of certificate) {
    const fingerprint = parseFingerprint(text);
    const owner = fingerprint === undefined ? undefined : await users.findCertificate(fingerprint);
    if (!owner || foldLogin(owner.login) === foldLogin(login)) continue;
    throw new OperatorError(`--certificate ${text}: it is that of ${owner.login}; take it away there first`);
  }
}

function noSuch(login: string): OperatorError {
  return new OperatorError(`there is no user ${login}: jenner user list shows them`);
}

async function givenPassword(
  { readInput }: UserCommand,
  { passwordStdin }: UserOptions,
): Promise<string | undefined> {
  return passwordStdin === true ? (await readInput()).replace(/\r?\n$/, '') : undefined;
}

function show({ json, output, warn }: UserCommand, line: string, user: User, password?: string): void {
  const idle = user.disabled ? undefined : idlenessOfUser(user);
  if (idle !== undefined) warn(`${user.login} can do next to nothing: ${idle}`);
  if (json) {
    output.write(`${JSON.stringify(toShown(user, password))}\n`);
    return;
  }
  output.write(`${line}\n`);
  if (password !== undefined) output.write(`password, shown this once: ${password}\n`);
}

function toShown(user: User, password?: string): object {
  const { login, role, fhirUser, organizations, certificates, matching, upstream, lastSignIn } = user;
  return {
    login,
    ...(password !== undefined && { password }),
    role,
    ...(fhirUser !== undefined && { fhirUser }),
    organization: organizations,
    ...(certificates && { certificate: certificates }),
    ...(matching && { matching }),
    ...(upstream !== undefined && { subject: upstream }),
    ...(lastSignIn !== undefined && { last_sign_in: formatInstant(lastSignIn) }),
    second_factor: user.secondFactor !== undefined,
    disabled: user.disabled === true,
  };
}

function lineOf({ login, role, fhirUser = '', organizations, lastSignIn, disabled }: User): string {
  const works = organizations.length > 0 ? `  at ${organizations.join(', ')}` : '';
  const seen = lastSignIn === undefined ? 'never signed in' : `signed in ${formatInstant(lastSignIn)}`;
  return `${login}  ${role}  ${fhirUser}${works}  ${seen}${disabled ? '  disabled' : ''}`;
}
