import { createHmac, randomBytes } from 'node:crypto';
import type { Entitlement } from '../../access/entitlement.ts';
import type { InterfaceAccount, InterfaceAccounts, SentPassword } from '../../access/interface-account.ts';
import { endOfToday } from '../../values/clock.ts';
import type { MatchingMode } from '../../values/matching-mode.ts';
import type { AuthServer } from '../auth-server.ts';
import { checkPassword } from '../sign-in/check-password.ts';
import { foldLogin, type User } from '../users/user.ts';
import { toInterfaceAccount } from './to-interface-account.ts';

type Remembered<Value> = { readonly value: Value; readonly epoch: string; readonly until: number };

/** As long as for a token: relations between organizations count anew after so many milliseconds. */
const madeAnewAfter = 60_000;
const mostRemembered = 10_000;

/**
 * The accounts that doors other than FHIR's are used by. What was found is remembered until an account, an app or a relation
 * changes, a minute at most.
 */
export function openInterfaceAccounts(server: AuthServer, matching: MatchingMode): InterfaceAccounts {
  const remember = openMemory(server);
  const passwords = openPasswordMemory(server);
  const toAccount = rememberAccounts(server);
  const userOf = (login: string) => remember(`login ${foldLogin(login)}`, () => server.users.read(login));
  const ofUser = (user: User | undefined): Promise<InterfaceAccount> | undefined => {
    if (!user || user.disabled || user.role !== 'interface') return undefined;
    return remember(`user ${foldLogin(user.login)}`, async () =>
      toAccount(await entitle(server, user, matching)),
    );
  };
  return {
    byToken: async (request) => {
      const entitlement = await server.bearer.entitlementOf(request);
      return entitlement && toAccount(entitlement);
    },
    byPassword: async (sent) => {
      const verdict = await passwords.check(sent, await userOf(sent.login));
      if (verdict === 'wrong' || verdict === 'wait') return verdict;
      return (await ofUser(verdict)) ?? 'other';
    },
    byLogin: async (login) => ofUser(await userOf(login)),
    byCertificate: async (fingerprint) =>
      ofUser(await remember(`certificate ${fingerprint}`, () => server.users.findCertificate(fingerprint))),
  };
}

/**
 * Which passwords were found right, for as long as the account has that password: a clinic sends thousands of messages by
 * one, which takes a tenth of a second to check, and who guesses at it from elsewhere does not keep the clinic out.
 */
function openPasswordMemory(server: AuthServer) {
  // A password stands nowhere: what is remembered is worth nothing outside this process.
  const salt = randomBytes(32);
  const right = new Map<string, string>();
  const isRight = (key: string, user: User | undefined): user is User =>
    user?.passwordHash !== undefined && right.get(key) === user.passwordHash && isGood(user);
  const note = (key: string, { passwordHash }: User) => {
    if (right.size >= mostRemembered) right.delete(right.keys().next().value ?? key);
    if (passwordHash !== undefined) right.set(key, passwordHash);
  };
  const check = async (sent: SentPassword, user: User | undefined): Promise<User | 'wrong' | 'wait'> => {
    const { login, password, address } = sent;
    const key = createHmac('sha256', salt)
      .update(JSON.stringify([login, password]))
      .digest('hex');
    if (isRight(key, user)) return user;
    right.delete(key);
    const verdict = await checkPassword(server, { login, password, code: '', address });
    if (verdict.kind !== 'signed-in') return verdict.failure === 'wait' ? 'wait' : 'wrong';
    note(key, verdict.user);
    return verdict.user;
  };
  return { check };
}

const isGood = ({ disabled, secondFactor }: User): boolean => !disabled && !secondFactor;

/** What `find` finds is asked for once while it is good. */
function openMemory({ epoch, clock }: AuthServer) {
  const known = new Map<string, Remembered<unknown>>();
  return async <Value>(key: string, find: () => Promise<Value>): Promise<Value> => {
    const present = await epoch.present();
    const there = known.get(key);
    if (there?.epoch === present && clock.now() < there.until) return there.value as Value;
    known.delete(key);
    const until = Math.min(clock.now() + madeAnewAfter, endOfToday(clock));
    const value = await find();
    if (value === undefined) return value;
    if (known.size >= mostRemembered) known.delete(known.keys().next().value ?? key);
    known.set(key, { value, epoch: present, until });
    return value;
  };
}

/** All that the role of an interface may, as who sends by no app. */
function entitle(server: AuthServer, user: User, matching: MatchingMode): Promise<Entitlement> {
  const scope = 'user/*.cruds';
  const client = {
    id: 'hl7v2',
    name: 'HL7 v2',
    kind: 'public',
    created: user.created,
    redirects: [],
    scope,
    groups: [],
    matching: user.matching ?? matching,
  } as const;
  return server.entitle({ client, user, scopes: [scope] });
}

function rememberAccounts({ toCaller }: AuthServer) {
  const made = new WeakMap<Entitlement, InterfaceAccount>();
  return (entitlement: Entitlement): InterfaceAccount => {
    const account = made.get(entitlement) ?? toInterfaceAccount(entitlement, toCaller);
    made.set(entitlement, account);
    return account;
  };
}
