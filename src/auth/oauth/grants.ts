import type { Store } from '../../store/contract/store.ts';
import type { Epoch } from '../epoch.ts';
import { type Kept, openRecords } from '../records/open-records.ts';
import { hashSecret, newPublicId } from '../secrets/random-secret.ts';
import { foldLogin } from '../users/user.ts';
import { type Grant, grantPrefix } from './grant.ts';

/** More of one person are not shown. */
const mostShown = 500;

export type Grants = {
  readonly read: (key: string) => Promise<Grant | undefined>;
  /** Its key. */
  readonly add: (grant: Grant) => Promise<string>;
  readonly ofPatient: (patient: string) => Promise<readonly Kept<Grant>[]>;
  /** What somebody has allowed, whoever's record it is about. */
  readonly ofUser: (login: string, subject: string) => Promise<readonly Kept<Grant>[]>;
  readonly change: (key: string, change: (grant: Grant) => Grant | undefined) => Promise<Grant | undefined>;
  /** Every token of it is worth nothing from now on. False when it was not there. */
  readonly revoke: (key: string) => Promise<boolean>;
};

export function openGrants(store: Store, epoch: Epoch): Grants {
  const records = openRecords<Grant>({ store, collection: 'grant', expiresOf: ({ until }) => until });
  /** Keys of grants by who allowed them; what a grant itself says counts. */
  const byUser = openRecords<Allowed>({ store, collection: 'user-grant', expiresOf: ({ until }) => until });
  return {
    read: records.read,
    add: async (grant) => {
      const { patient } = grant.context;
      const prefix = grantPrefix(patient === undefined ? { user: foldLogin(grant.user) } : { patient });
      const key = `${prefix}${newPublicId()}`;
      // Without the grant it leads nowhere.
      await byUser.put(`${userPrefix(grant.user)}${hashSecret(key)}`, { key, until: grant.until });
      await records.put(key, grant);
      return key;
    },
    ofUser: async (login, subject) => {
      const found: Kept<Grant>[] = [];
      for (const { value } of await byUser.list(userPrefix(login), mostShown)) {
        const grant = await records.read(value.key);
        if (grant?.subject === subject) found.push({ key: value.key, value: grant });
      }
      return found;
    },
    ofPatient: (patient) => records.list(grantPrefix({ patient }), mostShown),
    change: records.change,
    revoke: async (key) => {
      const was = await records.take(key);
      if (was) await epoch.advance();
      return was !== undefined;
    },
  };
}

type Allowed = { readonly key: string; readonly until: Grant['until'] };

/** No login has a colon. */
function userPrefix(login: string): string {
  return `${foldLogin(login)}:`;
}
