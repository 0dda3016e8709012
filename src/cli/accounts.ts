import { openClients } from '../auth/clients/client-records.ts';
import { openEpoch } from '../auth/epoch.ts';
import { openPasswords } from '../auth/secrets/passwords.ts';
import type { Seal } from '../auth/secrets/seal.ts';
import { openSigningKeys } from '../auth/secrets/signing-keys.ts';
import { requireAccount } from '../auth/users/require-account.ts';
import { openUsers, type Users } from '../auth/users/user-records.ts';
import type { Store } from '../store/contract/store.ts';
import { systemClock } from '../values/clock.ts';
import { OperatorError } from '../values/operator-error.ts';
import type { AccountCommands } from './account-program.ts';
import {
  addClient,
  type ClientCommand,
  changeOneClient,
  listClients,
  removeClient,
} from './client-command.ts';
import { linksOfClient, linksOfUser, type NamedLink, requireThere } from './require-there.ts';
import {
  addUser,
  changeOneUser,
  disableUser,
  listUsers,
  removeUser,
  type UserCommand,
} from './user-command.ts';

type Work = (store: Store, openSeal: () => Seal) => Promise<number>;

export type AccountsPort = {
  /** Runs the work on the store of the settings, and closes it. */
  readonly withStore: (work: Work) => Promise<number>;
  readonly output: { readonly write: (text: string) => unknown };
  readonly warn: (text: string) => void;
  readonly readInput: () => Promise<string>;
};

/** The commands that say who may ask the server, on the store of the settings. */
export function accountCommands({ withStore, output, warn, readInput }: AccountsPort): AccountCommands {
  const clock = systemClock;
  const withClients = ({ json, as }: Asked, links: readonly NamedLink[], work: On<ClientCommand>) =>
    withStore(async (store) => {
      const epoch = openEpoch(store);
      if (as !== undefined) await requireAdministrator(openUsers(store, epoch), as);
      await requireThere(store, links);
      return work({ clients: openClients(store, epoch), clock, json, output, warn });
    });
  const withUsers = ({ json, as }: Asked, links: readonly NamedLink[], work: On<UserCommand>) =>
    withStore(async (store) => {
      const users = openUsers(store, openEpoch(store));
      if (as !== undefined) await requireAdministrator(users, as);
      await requireThere(store, links);
      const passwords = openPasswords();
      try {
        return await work({ users, passwords, clock, json, output, warn, readInput });
      } finally {
        await passwords.close();
      }
    });
  return {
    clientAdd: ({ json, as, ...options }) =>
      withClients({ json, as }, linksOfClient(options), (on) => addClient(on, options)),
    clientList: (asked) => withClients(asked, [], listClients),
    clientChange: (id, { json, as, ...options }) =>
      withClients({ json, as }, linksOfClient(options), (on) => changeOneClient(on, id, options)),
    clientRemove: (id, asked) => withClients(asked, [], (on) => removeClient(on, id)),
    userAdd: (login, { json, as, ...options }) =>
      withUsers({ json, as }, linksOfUser(options), (on) => addUser(on, login, options)),
    userList: (asked) => withUsers(asked, [], listUsers),
    userChange: (login, { json, as, ...options }) =>
      withUsers({ json, as }, linksOfUser(options), (on) => changeOneUser(on, login, options)),
    userDisable: (login, asked) => withUsers(asked, [], (on) => disableUser(on, login)),
    userRemove: (login, asked) => withUsers(asked, [], (on) => removeUser(on, login)),
    keysRotate: ({ json, as }) =>
      withStore(async (store, openSeal) => {
        if (as !== undefined) await requireAdministrator(openUsers(store, openEpoch(store)), as);
        const kid = await openSigningKeys({ store, seal: openSeal(), clock }).rotate();
        output.write(json ? `${JSON.stringify({ kid })}\n` : `signing with key ${kid} from now on\n`);
        return 0;
      }),
  };
}

type Asked = { readonly json: boolean; readonly as?: string | undefined };
type On<Command> = (command: Command) => Promise<number>;

/** Whoever acts as an account has what the account has: only an administrator says who may ask. */
async function requireAdministrator(users: Users, login: string): Promise<void> {
  const { role } = await requireAccount(users, login);
  if (role !== 'administrator') {
    throw new OperatorError(`--as ${login}: its role is ${role}, and only an administrator may do this`);
  }
}
