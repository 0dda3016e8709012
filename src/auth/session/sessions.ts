import type { Store } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import type { EpochMs } from '../../values/instant.ts';
import { openRecords } from '../records/open-records.ts';
import { hashSecret, newSecret } from '../secrets/random-secret.ts';
import type { User } from '../users/user.ts';

/** Somebody who has signed in with a browser; the cookie's hash is its key. */
export type Session = {
  readonly login: string;
  readonly subject: string;
  readonly since: EpochMs;
  readonly lastSeen: EpochMs;
  readonly until: EpochMs;
  /** Milliseconds without a request that end it. */
  readonly idle: number;
};

export type Sessions = {
  /** The value of the cookie. */
  readonly begin: (user: User) => Promise<string>;
  /** Undefined when it has ended; otherwise it goes on. */
  readonly touch: (key: string) => Promise<Session | undefined>;
  /** Without making it go on. */
  readonly isThere: (key: string) => Promise<boolean>;
  readonly end: (key: string) => Promise<void>;
  /** Who had signed in, also when that is over; undefined once nothing is known of it. */
  readonly lastLogin: (key: string) => Promise<string | undefined>;
};

const minute = 60_000;

/** A public computer is left by a patient, and a shared one by a nurse. */
function idleOf({ role }: User): number {
  return (role === 'individual' ? 30 : 15) * minute;
}

/** Nobody works longer at a stretch. */
const longest = 12 * 60 * minute;

/** So long it is known whose session has ended, for who comes back to a form. */
const rememberedFor = 60 * minute;

/** Not every request is a write. */
const notedEvery = minute;

export function sessionKey(cookie: string): string {
  return hashSecret(cookie);
}

export function openSessions(store: Store, clock: Clock): Sessions {
  const records = openRecords<Session>({
    store,
    collection: 'session',
    expiresOf: ({ until }) => (until + rememberedFor) as EpochMs,
  });
  return {
    begin: async (user) => {
      const cookie = newSecret();
      const now = clock.now();
      const idle = idleOf(user);
      const until = (now + idle) as EpochMs;
      const { login, subject } = user;
      await records.put(sessionKey(cookie), { login, subject, since: now, lastSeen: now, until, idle });
      return cookie;
    },
    touch: async (key) => {
      const now = clock.now();
      const session = await records.read(key);
      if (!session || session.until <= now) return undefined;
      if (now - session.lastSeen < notedEvery) return session;
      const until = Math.min(now + session.idle, session.since + longest) as EpochMs;
      return (await records.change(key, (there) => ({ ...there, lastSeen: now, until }))) ?? undefined;
    },
    isThere: async (key) => ((await records.read(key))?.until ?? 0) > clock.now(),
    end: (key) => records.remove(key),
    lastLogin: async (key) => (await records.read(key))?.login,
  };
}
