import type { Store } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import type { EpochMs } from '../../values/instant.ts';
import { openRecords } from '../records/open-records.ts';
import { hashSecret } from '../secrets/random-secret.ts';
import { foldLogin, type User } from '../users/user.ts';

/** A browser by which somebody has signed in by a password. */
type Device = { readonly subject: string; readonly since: EpochMs; readonly until: EpochMs };

/** Browsers that are known, by what their cookie holds: wrong passwords of others do not keep their owners out. */
export type Devices = {
  /**
   * Whether the user has signed in by it, and the password has not changed since. A login that nobody has takes the same
   * look.
   */
  readonly isKnown: (cookie: string, login: string, user: User | undefined) => Promise<boolean>;
  readonly remember: (cookie: string, user: User) => Promise<void>;
};

/** So long nobody need sign in by it. */
export const deviceLifeMs = 180 * 24 * 3600 * 1000;

export function openDevices(store: Store, clock: Clock): Devices {
  const records = openRecords<Device>({ store, collection: 'device', expiresOf: ({ until }) => until });
  return {
    isKnown: async (cookie, login, user) => {
      const device = await records.read(keyOf(cookie, login));
      if (!user || device?.subject !== user.subject || device.until <= clock.now()) return false;
      return device.since >= (user.sessionsFrom ?? 0);
    },
    remember: async (cookie, user) => {
      const since = clock.now();
      const until = (since + deviceLifeMs) as EpochMs;
      await records.put(keyOf(cookie, user.login), { subject: user.subject, since, until });
    },
  };
}

function keyOf(cookie: string, login: string): string {
  return hashSecret(`${cookie} ${foldLogin(login)}`);
}
