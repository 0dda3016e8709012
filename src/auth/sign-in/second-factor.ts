import type { Clock } from '../../values/clock.ts';
import { hashSecret } from '../secrets/random-secret.ts';
import type { Seal } from '../secrets/seal.ts';
import type { SecondFactor, User } from '../users/user.ts';
import type { Users } from '../users/user-records.ts';
import { foldRecoveryCode, newRecoveryCode, stepOfCode } from './totp.ts';

type Port = { readonly users: Users; readonly seal: Seal; readonly clock: Clock };

const purpose = 'totp';
const recoveryCodes = 10;

/** The factor by a secret that was confirmed with a code of `step`, and the recovery codes, which are told once. */
export function newSecondFactor(
  { seal }: Port,
  secret: string,
  step: number,
): { readonly factor: SecondFactor; readonly codes: readonly string[] } {
  const codes = Array.from({ length: recoveryCodes }, newRecoveryCode);
  const recovery = codes.map((code) => hashSecret(foldRecoveryCode(code)));
  return { factor: { sealed: seal.close(purpose, secret), lastStep: step, recovery }, codes };
}

/** Is it a code of the user's app that was not used before, or one of the recovery codes? It is used up by that. */
export async function useCode({ users, seal, clock }: Port, login: string, code: string): Promise<boolean> {
  const spent = await users.spend(login, (user) => spendCode(user, code, { seal, clock }));
  return spent !== undefined;
}

function spendCode(user: User, code: string, { seal, clock }: Omit<Port, 'users'>): User | undefined {
  const { secondFactor } = user;
  if (!secondFactor) return undefined;
  const { sealed, lastStep, recovery } = secondFactor;
  const step = stepOfCode(seal.open(purpose, sealed), code, { now: clock.now(), lastStep });
  if (step !== undefined) return { ...user, secondFactor: { ...secondFactor, lastStep: step } };
  const hash = hashSecret(foldRecoveryCode(code));
  if (!recovery.includes(hash)) return undefined;
  const left = recovery.filter((each) => each !== hash);
  return { ...user, secondFactor: { ...secondFactor, recovery: left } };
}
