import { openClients } from '../auth/clients/client-records.ts';
import { openEhrs } from '../auth/ehr/ehr-records.ts';
import { openEpoch } from '../auth/epoch.ts';
import { openCardKeys } from '../auth/secrets/card-keys.ts';
import { openPasswords } from '../auth/secrets/passwords.ts';
import type { Seal } from '../auth/secrets/seal.ts';
import { openSigningKeys } from '../auth/secrets/signing-keys.ts';
import { openThrottle } from '../auth/sign-in/throttle.ts';
import { requireAccount } from '../auth/users/require-account.ts';
import { openUsers, type Users } from '../auth/users/user-records.ts';
import type { Store } from '../store/contract/store.ts';
import { systemClock } from '../values/clock.ts';
import { OperatorError } from '../values/operator-error.ts';
import type { AccountCommands, RotateOptions } from './account-program.ts';
import {
  addClient,
  type ClientCommand,
  type ClientOptions,
  changeOneClient,
  listClients,
  removeClient,
} from './client-command.ts';
import { addEhr, type EhrCommand, listEhrs, removeEhr } from './ehr-command.ts';
import { toldOptions } from './told-options.ts';
import {
  addUser,
  changeOneUser,
  disableUser,
  listUsers,
  removeUser,
  type UserCommand,
} from './user-command.ts';
import { linksOfClient, linksOfUser, type NamedLink, warnOfAbsent } from './warn-of-absent.ts';
import { type FetchKeys, warnOfKeys } from './warn-of-keys.ts';

type Work = (store: Store, openSeal: () => Seal) => Promise<number>;

export type AccountsPort = {
  /** Runs the work of the command on the store of the settings, and closes it. */
  readonly withStore: (command: string, work: Work) => Promise<number>;
  readonly output: { readonly write: (text: string) => unknown };
  readonly warn: (text: string) => void;
  readonly readInput: () => Promise<string>;
  /** What lies at the URL of an app's keys. */
  readonly fetchKeys: FetchKeys;
};

/** The commands that say who may ask the server, on the store of the settings. */
export function accountCommands({
  withStore,
  output,
  warn,
  readInput,
  fetchKeys,
}: AccountsPort): AccountCommands {
  const clock = systemClock;
  const withClients = ({ words, json, as }: Named, options: ClientOptions, work: On<ClientCommand>) =>
    withStore(toldAs(words, as), async (store) => {
      const epoch = openEpoch(store);
      if (as !== undefined) await requireAdministrator(openUsers(store, epoch), as);
      await warnOfAbsent(store, linksOfClient(options), warn);
      await warnOfKeys(options.jwksUrl, fetchKeys, warn);
      return work({ clients: openClients(store, epoch), clock, json, output, warn });
    });
  const withUsers = ({ words, json, as }: Named, links: readonly NamedLink[], work: On<UserCommand>) =>
    withStore(toldAs(words, as), async (store) => {
      const users = openUsers(store, openEpoch(store));
      if (as !== undefined) await requireAdministrator(users, as);
      await warnOfAbsent(store, links, warn);
      const passwords = openPasswords();
      const throttle = openThrottle(store, clock);
      try {
        return await work({ users, throttle, passwords, clock, json, output, warn, readInput, as });
      } finally {
        await passwords.close();
      }
    });
  return {
    clientAdd: ({ json, as, ...options }) =>
      withClients({ words: toldOptions('client add', options), json, as }, options, (on) =>
        addClient(on, options),
      ),
    clientList: (asked) => withClients({ ...asked, words: 'client list' }, {}, listClients),
    clientChange: (id, { json, as, ...options }) =>
      withClients({ words: toldOptions(`client change ${id}`, options), json, as }, options, (on) =>
        changeOneClient(on, id, options),
      ),
    clientRemove: (id, asked) =>
      withClients({ ...asked, words: `client remove ${id}` }, {}, (on) => removeClient(on, id)),
    userAdd: (login, { json, as, ...options }) =>
      withUsers({ words: toldOptions(`user add ${login}`, options), json, as }, linksOfUser(options), (on) =>
        addUser(on, login, options),
      ),
    userList: (asked) => withUsers({ ...asked, words: 'user list' }, [], listUsers),
    userChange: (login, { json, as, ...options }) =>
      withUsers(
        { words: toldOptions(`user change ${login}`, options), json, as },
        linksOfUser(options),
        (on) => changeOneUser(on, login, options),
      ),
    userDisable: (login, asked) =>
      withUsers({ ...asked, words: `user disable ${login}` }, [], (on) => disableUser(on, login)),
    userRemove: (login, asked) =>
      withUsers({ ...asked, words: `user remove ${login}` }, [], (on) => removeUser(on, login)),
    ...ehrCommandsOf({ withStore, output, warn }),
    keysRotate: ({ json, as, ...options }) =>
      withStore(toldAs(toldOptions('keys rotate', options), as), async (store, openSeal) => {
        if (as !== undefined) await requireAdministrator(openUsers(store, openEpoch(store)), as);
        output.write(toldRotated(await rotate(options, { store, openSeal }), options, json));
        return 0;
      }),
  };
}

function ehrCommandsOf({
  withStore,
  output,
  warn,
}: Pick<AccountsPort, 'withStore' | 'output' | 'warn'>): Pick<
  AccountCommands,
  'ehrAdd' | 'ehrList' | 'ehrRemove'
> {
  const clock = systemClock;
  const withEhrs = ({ words, json, as }: Named, work: (on: EhrCommand, store: Store) => Promise<number>) =>
    withStore(toldAs(words, as), async (store) => {
      if (as !== undefined) await requireAdministrator(openUsers(store, openEpoch(store)), as);
      return work({ ehrs: openEhrs(store), clock, json, output }, store);
    });
  return {
    ehrAdd: ({ json, as, ...options }) =>
      withEhrs({ words: toldOptions('ehr add', options), json, as }, async (on, store) => {
        await warnOfAbsent(store, linksOfClient(options), warn);
        return addEhr(on, options);
      }),
    ehrList: (asked) => withEhrs({ ...asked, words: 'ehr list' }, listEhrs),
    ehrRemove: (id, asked) => withEhrs({ ...asked, words: `ehr remove ${id}` }, (on) => removeEhr(on, id)),
  };
}

function rotate(
  { cards, stolen = false }: RotateOptions,
  { store, openSeal }: { readonly store: Store; readonly openSeal: () => Seal },
): Promise<string> {
  const clock = systemClock;
  if (stolen && !cards) throw new OperatorError('--stolen is of the keys of health cards: --cards --stolen');
  if (!cards) return openSigningKeys({ store, seal: openSeal(), clock }).rotate();
  const keys = openCardKeys({ store, seal: openSeal, clock });
  return stolen ? keys.replace() : keys.rotate();
}

function toldRotated(kid: string, { cards, stolen }: RotateOptions, json: boolean): string {
  if (json) return `${JSON.stringify({ kid })}\n`;
  const line = `signing ${cards ? 'health cards ' : ''}with key ${kid} from now on`;
  return stolen ? `${line}; every card that is out is worth nothing\n` : `${line}\n`;
}

type Asked = { readonly json: boolean; readonly as?: string | undefined };
/** With what the audit tells of the command. */
type Named = Asked & { readonly words: string };
type On<Command> = (command: Command) => Promise<number>;

function toldAs(words: string, as: string | undefined): string {
  return as === undefined ? words : `${words} --as ${as}`;
}

/** Whoever acts as an account has what the account has: only an administrator says who may ask. */
async function requireAdministrator(users: Users, login: string): Promise<void> {
  const { role } = await requireAccount(users, login);
  if (role !== 'administrator') {
    throw new OperatorError(`--as ${login}: its role is ${role}, and only an administrator may do this`);
  }
}
