import { openClients } from '../auth/clients/client-records.ts';
import { openEpoch } from '../auth/epoch.ts';
import { openPasswords } from '../auth/secrets/passwords.ts';
import type { Seal } from '../auth/secrets/seal.ts';
import { openSigningKeys } from '../auth/secrets/signing-keys.ts';
import { openUsers } from '../auth/users/user-records.ts';
import type { Store } from '../store/contract/store.ts';
import { systemClock } from '../values/clock.ts';
import type { AccountCommands } from './account-program.ts';
import { addClient, changeOneClient, listClients, removeClient } from './client-command.ts';
import { addUser, changeOneUser, disableUser, listUsers, removeUser } from './user-command.ts';

type Work = (store: Store, openSeal: () => Seal) => Promise<number>;

export type AccountsPort = {
  /** Runs the work of the command on the store of the settings, and closes it. */
  readonly withStore: (command: string, work: Work) => Promise<number>;
  readonly output: { readonly write: (text: string) => unknown };
  readonly readInput: () => Promise<string>;
};

/** The commands that say who may ask the server, on the store of the settings. */
export function accountCommands({ withStore, output, readInput }: AccountsPort): AccountCommands {
  const clock = systemClock;
  const onClients = (store: Store, { json }: { readonly json: boolean }) => ({
    clients: openClients(store, openEpoch(store)),
    clock,
    json,
    output,
  });
  const withUsers = (
    words: string,
    json: boolean,
    work: (command: Parameters<typeof listUsers>[0]) => Promise<number>,
  ): Promise<number> =>
    withStore(words, async (store) => {
      const passwords = openPasswords();
      try {
        const users = openUsers(store, openEpoch(store));
        return await work({ users, passwords, clock, json, output, readInput });
      } finally {
        await passwords.close();
      }
    });
  return {
    clientAdd: ({ json, ...options }) =>
      withStore('client add', (store) => addClient(onClients(store, { json }), options)),
    clientList: (options) => withStore('client list', (store) => listClients(onClients(store, options))),
    clientChange: (id, { json, ...options }) =>
      withStore(`client change ${id}`, (store) => changeOneClient(onClients(store, { json }), id, options)),
    clientRemove: (id, options) =>
      withStore(`client remove ${id}`, (store) => removeClient(onClients(store, options), id)),
    userAdd: (login, { json, ...options }) =>
      withUsers(`user add ${login}`, json, (command) => addUser(command, login, options)),
    userList: ({ json }) => withUsers('user list', json, listUsers),
    userChange: (login, { json, ...options }) =>
      withUsers(`user change ${login}`, json, (command) => changeOneUser(command, login, options)),
    userDisable: (login, { json }) =>
      withUsers(`user disable ${login}`, json, (command) => disableUser(command, login)),
    userRemove: (login, { json }) =>
      withUsers(`user remove ${login}`, json, (command) => removeUser(command, login)),
    keysRotate: ({ json }) =>
      withStore('keys rotate', async (store, openSeal) => {
        const kid = await openSigningKeys({ store, seal: openSeal(), clock }).rotate();
        output.write(json ? `${JSON.stringify({ kid })}\n` : `signing with key ${kid} from now on\n`);
        return 0;
      }),
  };
}
