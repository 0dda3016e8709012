import { OperatorError } from '../../values/operator-error.ts';
import type { User } from './user.ts';
import type { Users } from './user-records.ts';

/** The account that a command of the command line acts as (`--as`); throws an OperatorError where it may not. */
export async function requireAccount(users: Users, login: string): Promise<User> {
  const user = await users.read(login);
  if (!user) throw new OperatorError(`--as ${login}: there is no such user; jenner user list shows them`);
  if (user.disabled) throw new OperatorError(`--as ${login}: the account is disabled`);
  return user;
}
