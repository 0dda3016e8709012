import type { Caller, Opened } from '../access/caller.ts';
import type { Store } from '../store/contract/store.ts';

/** What opened a record: it was looked up, or its owner's objection was passed over for a reason. */
export type OpeningKind = 'looked-up' | 'broken-glass';

/** Which records are open for whom. They are kept in the store, so every process knows them. */
export type Openings = {
  /** The caller with what is open for it, as it was at most a second ago; at once where it need not be asked for. */
  readonly of: (caller: Caller) => Caller | Promise<Caller>;
  /** To be called when something was opened for the login in this process. */
  readonly changed: (login: string) => void;
};

/** The collection of what is open: the login, how and the Patient are the key, and who looks at writes can see them. */
export const openingCollection = 'opened';

/** Another process learns within so many milliseconds that something was opened. */
const askedEveryMs = 1000;
/** So many records are open for one login. */
const mostOpen = 500;
const mostLogins = 10_000;

/** With what the keys of a login begin: whatever a login is made of, none begins with another. */
export function openingPrefix(login: string): string {
  return `${encodeURIComponent(login)}|`;
}

const noneOpen: Opened = { lookedUp: [], brokenGlass: [] };

type Known = { at: number; opened?: Opened; asking?: Promise<Opened> };

/** `now` answers milliseconds from any fixed moment, and never goes back. */
export function openOpenings(
  store: Pick<Store, 'listRecords'>,
  now: () => number = () => performance.now(),
): Openings {
  const logins = new Map<string, Known>();
  const extended = new WeakMap<Caller, { readonly opened: Opened; readonly caller: Caller }>();
  const extend = (caller: Extract<Caller, { kind: 'token' }>, opened: Opened): Caller => {
    if (!caller.opener || opened === noneOpen) return caller;
    const known = extended.get(caller);
    if (known?.opened === opened) return known.caller;
    const made = { ...caller.opener.withOpened(opened), unopened: caller };
    extended.set(caller, { opened, caller: made });
    return made;
  };
  const ask = async (login: string, known: Known, before: Opened | undefined): Promise<Opened> => {
    const opened = await readOpened(store, login, before);
    known.opened = opened;
    known.at = now();
    return opened;
  };
  const knownOf = (login: string): Known => {
    const known = logins.get(login);
    if (known && (!known.opened || now() - known.at < askedEveryMs)) return known;
    const fresh: Known = { at: now() };
    fresh.asking = ask(login, fresh, known?.opened);
    fresh.asking.catch(() => logins.delete(login));
    logins.delete(login);
    logins.set(login, fresh);
    if (logins.size > mostLogins) logins.delete(logins.keys().next().value ?? '');
    return fresh;
  };
  return {
    of: (caller) => {
      if (caller.kind !== 'token' || !caller.opener) return caller;
      const { opened, asking } = knownOf(caller.opener.login);
      if (opened) return extend(caller, opened);
      return (asking ?? Promise.resolve(noneOpen)).then((found) => extend(caller, found));
    },
    changed: (login) => logins.delete(login),
  };
}

/** The same object as before when it is the same, so that what was made of it stays. */
async function readOpened(
  store: Pick<Store, 'listRecords'>,
  login: string,
  before: Opened | undefined,
): Promise<Opened> {
  const prefix = openingPrefix(login);
  const { records } = await store.listRecords({ collection: openingCollection, prefix, count: mostOpen });
  if (records.length === 0) return noneOpen;
  const ids = (kind: OpeningKind) =>
    records.flatMap(({ key }) =>
      key.startsWith(`${prefix}${kind}|`) ? [key.slice(key.lastIndexOf('|') + 1)] : [],
    );
  const opened: Opened = { lookedUp: ids('looked-up'), brokenGlass: ids('broken-glass') };
  return JSON.stringify(opened) === JSON.stringify(before) ? (before ?? opened) : opened;
}
