import type { Store } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import type { EpochMs } from '../../values/instant.ts';
import { networkOf } from '../../values/network-of.ts';
import { openRecords } from '../records/open-records.ts';
import { hashSecret } from '../secrets/random-secret.ts';
import { foldLogin } from '../users/user.ts';

/** Attempts that have not succeeded since. */
type Attempts = { readonly count: number; readonly blockedUntil: EpochMs; readonly until: EpochMs };

export type Throttle = {
  /**
   * Counts an attempt before it is judged, so that many at once are counted too. False: it is not to be judged. It is the
   * same for logins that nobody has.
   */
  readonly begin: (login: string, address: string) => Promise<boolean>;
  /** The login is who they say. */
  readonly succeed: (login: string, address: string) => Promise<void>;
};

const minute = 60_000;

/** So many wrong attempts are free; each further one makes the next wait twice as long, up to `longest`. */
const rules = {
  account: { free: 5, first: minute / 2, longest: 30 * minute, remembered: 24 * 60 * minute },
  // Many people sit behind one address.
  address: { free: 50, first: minute / 2, longest: 10 * minute, remembered: 60 * minute },
} as const;

export function openThrottle(store: Store, clock: Clock): Throttle {
  const records = openRecords<Attempts>({ store, collection: 'throttle', expiresOf: ({ until }) => until });
  const count = async (kind: keyof typeof rules, name: string): Promise<boolean> => {
    const key = keyOf(kind, name);
    const { free, first, longest, remembered } = rules[kind];
    const now = clock.now();
    const after = (before: number): Attempts => {
      const extra = before + 1 - free;
      const wait = extra < 0 ? 0 : Math.min(first * 2 ** extra, longest);
      return {
        count: before + 1,
        blockedUntil: (now + wait) as EpochMs,
        until: (now + remembered) as EpochMs,
      };
    };
    const next = await records.change(key, (there) =>
      there.blockedUntil > now ? undefined : after(there.count),
    );
    if (next) return true;
    // Blocked, or the first; of several that come first at once, each counts.
    if ((await records.read(key)) !== undefined) return false;
    return (await records.add(key, after(0))) || count(kind, name);
  };
  return {
    begin: async (login, address) => {
      const mayAddress = await count('address', networkOf(address));
      return mayAddress && (await count('account', foldLogin(login)));
    },
    succeed: async (login, address) => {
      await records.remove(keyOf('account', foldLogin(login)));
      await records.change(keyOf('address', networkOf(address)), (there) => ({
        ...there,
        count: there.count - 1,
      }));
    },
  };
}

/** Logins may be anything that somebody typed. */
function keyOf(kind: keyof typeof rules, name: string): string {
  return `${kind}:${hashSecret(name)}`;
}
