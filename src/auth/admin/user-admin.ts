import type {
  AdminBy,
  AdminExtra,
  AdminOutcome,
  AdminRecords,
  AdminRow,
  AdminTarget,
} from '../../pages/admin-records.ts';
import { formatInstant } from '../../values/instant.ts';
import { type MatchingMode, matchingModes } from '../../values/matching-mode.ts';
import { OperatorError } from '../../values/operator-error.ts';
import type { AuthServer } from '../auth-server.ts';
import { idlenessOfUser } from '../users/idle-user.ts';
import { changeUser, newUser, passwordFor, type UserInput } from '../users/register-user.ts';
import { foldLogin, isLogin, parseFingerprint, type User } from '../users/user.ts';
import {
  faultsIn,
  linesOf,
  requireAdministrator,
  tellAdministration,
  typed,
  versionOf,
} from './administration.ts';

/** The accounts, as `jenner user` keeps them. */
export function userAdmin(server: AuthServer): AdminRecords {
  const { users } = server;
  const find = async (id: string) => (await users.list()).find(({ subject }) => subject === id);
  return {
    list: async () => (await users.list()).map(toRow),
    read: async (id) => {
      const user = await find(id);
      return user && toRow(user);
    },
    add: (by, values, extra) => addUser(server, by, values, extra),
    change: async (by, target, values, extra) => {
      const user = await find(target.id);
      return user ? changeOne({ server, by, user, target }, values, extra) : { kind: 'nothing' };
    },
  };
}

function toRow(user: User): AdminRow {
  const { login, subject, role, fhirUser = '', related = [], organizations, lastSignIn } = user;
  const values = {
    login,
    role,
    person: fhirUser.startsWith('RelatedPerson/') ? '' : fhirUser,
    related: related.join('\n'),
    organization: organizations.join('\n'),
    certificate: (user.certificates ?? []).join('\n'),
    matching: user.matching ?? '',
    subject: user.upstream ?? '',
  };
  const isDisabled = user.disabled === true;
  return {
    id: subject,
    version: versionOf(values, isDisabled),
    values,
    isDisabled,
    isIdle: idlenessOfUser(user) !== undefined,
    hasSecondFactor: user.secondFactor !== undefined,
    ...(lastSignIn !== undefined && { lastSignIn: formatInstant(lastSignIn) }),
  };
}

const personFields: Readonly<Record<string, 'patient' | 'practitioner' | 'practitionerRole'>> = {
  Patient: 'patient',
  Practitioner: 'practitioner',
  PractitionerRole: 'practitionerRole',
};

/** Throws an OperatorError where the person is of no such type. */
function personOf(text: string | undefined): UserInput {
  const [, type = '', id = ''] = /^(\w+)\/(.+)$/.exec(text ?? '') ?? [];
  const field = personFields[type];
  if (text === undefined) return {};
  if (field === undefined) throw new OperatorError(`${text}: Patient/x, Practitioner/x … was expected`);
  return { [field]: id };
}

/** A part of the account for each field of the form. */
function partsOf(values: AdminRow['values']): Readonly<Record<string, () => UserInput>> {
  const [role, subject] = [typed(values['role']), typed(values['subject'])];
  const mode = typed(values['matching']);
  const [related, certificate] = [linesOf(values['related']), linesOf(values['certificate'])];
  return {
    role: () => ({ role: role ?? '' }),
    person: () => personOf(typed(values['person'])),
    related: () => (related.length > 0 ? { relatedPerson: related } : {}),
    organization: () => ({ organization: linesOf(values['organization']) }),
    certificate: () => (certificate.length > 0 ? { certificate } : {}),
    matching: () => (mode === undefined ? {} : { matching: requireMode(mode) }),
    subject: () => (subject === undefined ? {} : { subject }),
  };
}

function requireMode(text: string): MatchingMode {
  const mode = matchingModes.find((one) => one === text);
  if (mode === undefined) throw new OperatorError(`${text}: there is no such mode`);
  return mode;
}

function inputOf(values: AdminRow['values']): UserInput {
  return Object.assign({}, ...Object.values(partsOf(values)).map((part) => part())) as UserInput;
}

/** An account without what the form has: what is left empty there is gone. */
function bare(user: User): User {
  const { fhirUser: _, related: __, certificates: ___, matching: ____, upstream: _____, ...kept } = user;
  return { ...kept, organizations: [] };
}

async function faultsOf({ users, clock }: AuthServer, login: string, values: AdminRow['values']) {
  const blank = newUser('somebody', { role: 'individual' }, clock);
  const parts = partsOf(values);
  const tries = Object.entries(parts).map(([name, part]) => [name, () => changeUser(blank, part())] as const);
  const faults = [...faultsIn(Object.fromEntries(tries))];
  for (const text of linesOf(values['certificate'])) {
    const fingerprint = parseFingerprint(text);
    const owner = fingerprint === undefined ? undefined : await users.findCertificate(fingerprint);
    if (owner && foldLogin(owner.login) !== foldLogin(login)) faults.push('certificate-taken');
  }
  return faults;
}

const toldFields = (values: AdminRow['values'], { isDisabled, renews, resetsCode }: AdminExtra) => ({
  role: values['role'],
  person: values['person'],
  related: values['related'],
  organization: values['organization'],
  ...(isDisabled && { disabled: 'yes' }),
  ...(renews && { password: 'new' }),
  ...(resetsCode && { code: 'reset' }),
});

async function addUser(
  server: AuthServer,
  by: AdminBy,
  values: AdminRow['values'],
  extra: AdminExtra,
): Promise<AdminOutcome> {
  const administrator = await requireAdministrator(server, by);
  const login = values['login']?.trim() ?? '';
  const faults = [...(isLogin(login) ? [] : ['login']), ...(await faultsOf(server, login, values))];
  if (faults.length > 0) return { kind: 'faults', faults };
  const { hash, made } = await passwordFor(login, undefined, server.passwords);
  const account = newUser(login, { ...inputOf(values), disabled: extra.isDisabled }, server.clock);
  const who = { user: administrator, from: by.from };
  const words = `user add ${login}`;
  await tellAdministration(server, who, { words, told: toldFields(values, extra), outcome: 0 });
  if (await server.users.add({ ...account, passwordHash: hash })) {
    return { kind: 'done', id: account.subject, ...(made !== undefined && { secret: made }) };
  }
  await tellAdministration(server, who, { words, told: {}, outcome: 4 });
  return { kind: 'faults', faults: ['login-taken'] };
}

type Changing = {
  readonly server: AuthServer;
  readonly by: AdminBy;
  readonly user: User;
  readonly target: AdminTarget;
};

async function changeOne(
  { server, by, user, target }: Changing,
  values: AdminRow['values'],
  extra: AdminExtra,
): Promise<AdminOutcome> {
  const administrator = await requireAdministrator(server, by);
  const { login } = user;
  const faults = await faultsOf(server, login, values);
  if (await leavesNobody(server, by, login, values, extra)) faults.push('last-administrator');
  if (faults.length > 0) return { kind: 'faults', faults };
  const password = extra.renews ? await passwordFor(login, undefined, server.passwords) : undefined;
  const who = { user: administrator, from: by.from };
  const words = `user change ${login}`;
  await tellAdministration(server, who, { words, told: toldFields(values, extra), outcome: 0 });
  const now = server.clock.now();
  const changed = await server.users.change(login, (present) => {
    if (toRow(present).version !== target.version) return undefined;
    const ends = password !== undefined || (extra.isDisabled && !present.disabled);
    return {
      ...changeUser(bare(present), {
        ...inputOf(values),
        disabled: extra.isDisabled,
        resetCode: extra.resetsCode,
      }),
      ...(password && { passwordHash: password.hash }),
      // Whoever has got hold of a session or a token of it has it no more, should it be enabled again.
      ...(ends && { sessionsFrom: now, grantsFrom: now }),
    };
  });
  if (changed) {
    // What was tried by what they had before keeps nobody out.
    if (password || extra.resetsCode) await server.throttle.forget(login);
    return {
      kind: 'done',
      id: changed.subject,
      ...(password?.made !== undefined && { secret: password.made }),
    };
  }
  await tellAdministration(server, who, { words, told: {}, outcome: 4 });
  return { kind: 'changed' };
}

/** Nobody takes the role from the last administrator by the account of the last administrator. */
async function leavesNobody(
  { users }: AuthServer,
  by: AdminBy,
  login: string,
  values: AdminRow['values'],
  { isDisabled }: AdminExtra,
): Promise<boolean> {
  if (foldLogin(by.login) !== foldLogin(login)) return false;
  if (!isDisabled && values['role'] === 'administrator') return false;
  const isOther = (one: User) =>
    one.role === 'administrator' && !one.disabled && foldLogin(one.login) !== foldLogin(login);
  return !(await users.list()).some(isOther);
}
