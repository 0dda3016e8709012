import type { Store } from '../../store/contract/store.ts';
import type { Epoch } from '../epoch.ts';
import { openRecords } from '../records/open-records.ts';
import type { Client } from './client.ts';

/** The registered apps. Whatever changes one is effective at once here, and within a second in every other process. */
export type Clients = {
  readonly read: (id: string) => Promise<Client | undefined>;
  readonly list: () => Promise<readonly Client[]>;
  readonly add: (client: Client) => Promise<void>;
  readonly change: (id: string, change: (client: Client) => Client) => Promise<Client | undefined>;
  /** False when there was none. */
  readonly remove: (id: string) => Promise<boolean>;
};

export function openClients(store: Store, epoch: Epoch): Clients {
  const records = openRecords<Client>({ store, collection: 'client' });
  return {
    read: (id) => (isClientId(id) ? records.read(id) : Promise.resolve(undefined)),
    list: async () => (await records.list()).map(({ value }) => value),
    add: async (client) => {
      if (!(await records.add(client.id, client))) throw new Error(`client ${client.id} is there already`);
      await epoch.advance();
    },
    change: async (id, change) => {
      const changed = await records.change(id, change);
      if (changed) await epoch.advance();
      return changed;
    },
    remove: async (id) => {
      const was = await records.take(id);
      if (was) await epoch.advance();
      return was !== undefined;
    },
  };
}

/** What is none is not looked for: a key of the store has bounds. */
function isClientId(text: string): boolean {
  return /^[\w.:-]{1,128}$/.test(text);
}
