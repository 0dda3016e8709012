import type { AuthServer } from '../auth-server.ts';
import type { User } from '../users/user.ts';
import { useCode } from './second-factor.ts';

export type SignInAttempt = {
  readonly login: string;
  readonly password: string;
  readonly code: string;
  /** Where it comes from. */
  readonly address: string;
};

export type SignInVerdict =
  | { readonly kind: 'signed-in'; readonly user: User }
  /** `wait` says nothing of the account: it is the same for logins that nobody has. */
  | {
      readonly kind: 'refused';
      readonly failure: 'wrong' | 'wait' | 'code';
      /** Whose login it is, if it is anybody's: for the audit, and for nobody who signs in. */
      readonly user?: User;
    };

/** A login that nobody has costs the same work, and is answered with the same words, as a wrong password. */
export async function checkPassword(server: AuthServer, attempt: SignInAttempt): Promise<SignInVerdict> {
  const { users, throttle, passwords } = server;
  const { login, password, code, address } = attempt;
  if (!(await throttle.begin(login, address))) return { kind: 'refused', failure: 'wait' };
  const user = await users.read(login);
  const isRight = await passwords.verify(password, user?.passwordHash);
  if (!user || !isRight || user.disabled) return { kind: 'refused', failure: 'wrong', ...(user && { user }) };
  if (user.secondFactor && !(await useCode(server, user.login, code))) {
    return { kind: 'refused', failure: 'code', user };
  }
  await throttle.succeed(login, address);
  return { kind: 'signed-in', user };
}
