import type { Store } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import type { EpochMs } from '../../values/instant.ts';
import { networkOf } from '../../values/network-of.ts';
import { openRecords } from '../records/open-records.ts';
import { hashSecret } from '../secrets/random-secret.ts';
import { foldLogin } from '../users/user.ts';

/** Attempts that have not succeeded since. */
type Attempts = { readonly count: number; readonly blockedUntil: EpochMs; readonly until: EpochMs };

/** Who tries, and from where. */
export type Attempt = {
  readonly login: string;
  readonly address: string;
  /** What the browser has, where it has signed in by this login before: it is counted by itself. */
  readonly device?: string | undefined;
};

export type Throttle = {
  /**
   * Counts an attempt before it is judged, so that many at once are counted too. False: it is not to be judged. It is the
   * same for logins that nobody has.
   */
  readonly begin: (attempt: Attempt) => Promise<boolean>;
  /** The login is who they say. */
  readonly succeed: (attempt: Attempt) => Promise<void>;
  /** Whatever was tried by the login is forgotten. */
  readonly forget: (login: string) => Promise<void>;
};

const minute = 60_000;
const day = 24 * 60 * minute;

/**
 * So many wrong attempts are free; each further one makes the next wait twice as long, up to `longest`. An account is
 * counted by the network that the attempts come from, so that nobody keeps its owner out from elsewhere; and from
 * everywhere together (NIST SP 800-63B, 5.2.2: a hundred), which a browser that its owner has used does not feel.
 */
const rules = {
  account: { free: 5, first: minute / 2, longest: 30 * minute, remembered: day },
  device: { free: 5, first: minute / 2, longest: 30 * minute, remembered: day },
  everywhere: { free: 100, first: minute / 2, longest: 30 * minute, remembered: day },
  // Many people sit behind one address.
  address: { free: 50, first: minute / 2, longest: 10 * minute, remembered: 60 * minute },
} as const;

type Kind = keyof typeof rules;

export function openThrottle(store: Store, clock: Clock): Throttle {
  const records = openRecords<Attempts>({ store, collection: 'throttle', expiresOf: ({ until }) => until });
  const count = async (kind: Kind, key: string): Promise<boolean> => {
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
    return (await records.add(key, after(0))) || count(kind, key);
  };
  return {
    begin: async ({ login, address, device }) => {
      const { account, everywhere, network, own } = keysOf(login, address, device);
      if (own !== undefined) return count('device', own);
      if (!(await count('address', network))) return false;
      return (await count('account', account)) && (await count('everywhere', everywhere));
    },
    succeed: async ({ login, address, device }) => {
      const { account, everywhere, network, own } = keysOf(login, address, device);
      // Who tries from elsewhere does not begin anew whenever its owner signs in by a browser that is known.
      if (own !== undefined) return records.remove(own);
      await records.remove(account);
      await records.remove(everywhere);
      await records.change(network, (there) => ({ ...there, count: there.count - 1 }));
    },
    forget: async (login) => {
      const { everywhere } = keysOf(login, '', undefined);
      await records.remove(everywhere);
      for (const kind of ['account', 'device'] as const) {
        for (const { key } of await records.list(prefixOf(kind, login))) await records.remove(key);
      }
    },
  };
}

function keysOf(login: string, address: string, device: string | undefined) {
  const network = networkOf(address);
  return {
    account: `${prefixOf('account', login)}${hashSecret(network)}`,
    everywhere: `everywhere:${hashSecret(foldLogin(login))}`,
    network: `address:${hashSecret(network)}`,
    own: device === undefined ? undefined : `${prefixOf('device', login)}${hashSecret(device)}`,
  };
}

/** Logins may be anything that somebody typed. */
function prefixOf(kind: Kind, login: string): string {
  return `${kind}:${hashSecret(foldLogin(login))}:`;
}
