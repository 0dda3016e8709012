import type { Store } from '../../store/contract/store.ts';
import type { Epoch } from '../epoch.ts';
import { openRecords } from '../records/open-records.ts';
import { hashSecret } from '../secrets/random-secret.ts';
import { foldLogin, isLogin, type User } from './user.ts';

/** The accounts. Whatever takes rights from one is effective at once here, and within a second elsewhere. */
export type Users = {
  readonly read: (login: string) => Promise<User | undefined>;
  readonly list: () => Promise<readonly User[]>;
  /** False when the login is taken. */
  readonly add: (user: User) => Promise<boolean>;
  /** Undefined when there is none, or when `change` leaves it. */
  readonly change: (login: string, change: (user: User) => User | undefined) => Promise<User | undefined>;
  /** The same for what takes no rights from anybody. */
  readonly spend: (login: string, change: (user: User) => User | undefined) => Promise<User | undefined>;
  readonly remove: (login: string) => Promise<boolean>;
  /** Whose connections show the certificate of this fingerprint. */
  readonly findCertificate: (fingerprint: string) => Promise<User | undefined>;
  /** Who is known to the upstream provider by this subject. */
  readonly findUpstream: (subject: string) => Promise<User | undefined>;
};

export function openUsers(store: Store, epoch: Epoch): Users {
  const records = openRecords<User>({ store, collection: 'user' });
  /** Logins by the hash of their subject; what it says of one is held against the account. */
  const subjects = openRecords<string>({ store, collection: 'user-subject' });
  /** Logins by the fingerprints of their certificates; likewise. */
  const certificates = openRecords<string>({ store, collection: 'user-certificate' });
  const noteOrigins = async ({ login, upstream, certificates: shown = [] }: User) => {
    if (upstream !== undefined) await subjects.put(hashSecret(upstream), foldLogin(login));
    for (const fingerprint of shown) await certificates.put(fingerprint, foldLogin(login));
  };
  const read = async (login: string) => {
    const key = foldLogin(login);
    return isLogin(key) ? records.read(key) : undefined;
  };
  return {
    read,
    list: async () => (await records.list()).map(({ value }) => value),
    add: async (user) => {
      const isNew = await records.add(foldLogin(user.login), user);
      if (isNew) await noteOrigins(user);
      return isNew;
    },
    change: async (login, change) => {
      const changed = await records.change(foldLogin(login), change);
      if (!changed) return undefined;
      await noteOrigins(changed);
      await epoch.advance();
      return changed;
    },
    spend: (login, change) => records.change(foldLogin(login), change),
    remove: async (login) => {
      const was = await records.take(foldLogin(login));
      if (was) await epoch.advance();
      return was !== undefined;
    },
    findCertificate: async (fingerprint) => {
      const login = await certificates.read(fingerprint);
      const user = login === undefined ? undefined : await read(login);
      return user?.certificates?.includes(fingerprint) ? user : undefined;
    },
    findUpstream: async (subject) => {
      const login = await subjects.read(hashSecret(subject));
      const user = login === undefined ? undefined : await read(login);
      return user?.upstream === subject ? user : undefined;
    },
  };
}
