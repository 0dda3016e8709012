import type { AuthServer } from '../auth-server.ts';
import type { User } from '../users/user.ts';
import { useCode } from './second-factor.ts';

export type SignInAttempt = {
  readonly login: string;
  readonly password: string;
  readonly code: string;
  /** Where it comes from. */
  readonly address: string;
  /** What the browser has kept of an earlier time. */
  readonly device?: string | undefined;
};

export type SignInVerdict =
  | { readonly kind: 'signed-in'; readonly user: User }
  /** `wait` says nothing of the account: it is the same for logins that nobody has. */
  | {
      readonly kind: 'refused';
      readonly failure: 'wrong' | 'wait' | 'code' | 'wrong-code';
      /** Whose login it is, if it is anybody's: for the audit, and for nobody who signs in. */
      readonly user?: User;
    };

/** A login that nobody has costs the same work, and is answered with the same words, as a wrong password. */
export async function checkPassword(server: AuthServer, attempt: SignInAttempt): Promise<SignInVerdict> {
  const { users, throttle, passwords } = server;
  const { login, password, code, address } = attempt;
  const user = await users.read(login);
  const counted = { login, address, device: await knownDevice(server, attempt, user) };
  if (!(await throttle.begin(counted))) return { kind: 'refused', failure: 'wait' };
  const isRight = await passwords.verify(password, user?.passwordHash);
  if (!user || !isRight || user.disabled) return { kind: 'refused', failure: 'wrong', ...(user && { user }) };
  if (user.secondFactor && !(await useCode(server, user.login, code))) {
    return { kind: 'refused', failure: code.trim() === '' ? 'code' : 'wrong-code', user };
  }
  await throttle.succeed(counted);
  return { kind: 'signed-in', user };
}

/** The browser, where it is one that the owner of the account has signed in by. */
async function knownDevice(
  { devices }: AuthServer,
  { device, login }: SignInAttempt,
  user: User | undefined,
): Promise<string | undefined> {
  if (device === undefined) return undefined;
  return (await devices.isKnown(device, login, user)) ? device : undefined;
}
