import type { Caller, Opened } from '../access/caller.ts';
import type { RecordChange, Store, StoreRecord } from '../store/contract/store.ts';
import type { EpochMs } from '../values/instant.ts';
import { commit } from './commit.ts';
import type { InteractionContext } from './context.ts';

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

/** So long a record stays open. */
const openMs = 60 * 60 * 1000;
/** Another process learns within so many milliseconds that something was opened. */
const askedEveryMs = 1000;
/** So many records are open for one login. */
const mostOpen = 500;
const mostLogins = 10_000;

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
    const made = caller.opener.withOpened(opened);
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
  const prefix = `${encodeURIComponent(login)}|`;
  const { records } = await store.listRecords({ collection: openingCollection, prefix, count: mostOpen });
  if (records.length === 0) return noneOpen;
  const ids = (kind: OpeningKind) =>
    records.flatMap(({ key }) =>
      key.startsWith(`${prefix}${kind}|`) ? [key.slice(key.lastIndexOf('|') + 1)] : [],
    );
  const opened: Opened = { lookedUp: ids('looked-up'), brokenGlass: ids('broken-glass') };
  return JSON.stringify(opened) === JSON.stringify(before) ? (before ?? opened) : opened;
}

export type Opening = {
  readonly kind: OpeningKind;
  readonly patients: readonly string[];
  readonly reason?: string;
};

/**
 * Opens the records for the bearer of the token, and answers until when. It is a commit, so that whoever keeps trails of
 * writes (audit) sees it among its records.
 */
export async function openPatients(ctx: InteractionContext, opening: Opening): Promise<EpochMs> {
  const { caller } = ctx;
  const until = (ctx.clock.now() + openMs) as EpochMs;
  if (caller.kind !== 'token' || !caller.opener) throw new Error('nobody opens a record without a login');
  const { login } = caller.opener;
  const records = opening.patients.map(
    (patient): RecordChange => ({ kind: 'put', record: toRecord(login, patient, opening, until) }),
  );
  await commit(ctx, async () => ({ steps: [], guards: [], added: [], records }));
  ctx.openings?.changed(login);
  return until;
}

function toRecord(login: string, patient: string, { kind, reason }: Opening, expires: EpochMs): StoreRecord {
  const key = `${encodeURIComponent(login)}|${kind}|${patient}`;
  return { collection: openingCollection, key, value: JSON.stringify({ kind, patient, reason }), expires };
}
