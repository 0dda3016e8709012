import type { Store } from '../../store/contract/store.ts';
import type { Epoch } from '../epoch.ts';
import { type Kept, openRecords } from '../records/open-records.ts';
import { newPublicId } from '../secrets/random-secret.ts';
import { foldLogin } from '../users/user.ts';
import { type Grant, grantPrefix } from './grant.ts';

/** More of one person are not shown. */
const mostShown = 500;

export type Grants = {
  readonly read: (key: string) => Promise<Grant | undefined>;
  /** Its key. */
  readonly add: (grant: Grant) => Promise<string>;
  readonly ofPatient: (patient: string) => Promise<readonly Kept<Grant>[]>;
  readonly change: (key: string, change: (grant: Grant) => Grant | undefined) => Promise<Grant | undefined>;
  /** Every token of it is worth nothing from now on. False when it was not there. */
  readonly revoke: (key: string) => Promise<boolean>;
};

export function openGrants(store: Store, epoch: Epoch): Grants {
  const records = openRecords<Grant>({ store, collection: 'grant', expiresOf: ({ until }) => until });
  return {
    read: records.read,
    add: async (grant) => {
      const { patient } = grant.context;
      const prefix = grantPrefix(patient === undefined ? { user: foldLogin(grant.user) } : { patient });
      const key = `${prefix}${newPublicId()}`;
      await records.put(key, grant);
      return key;
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
