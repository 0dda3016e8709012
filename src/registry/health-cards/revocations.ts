import type { RecordChange, Store } from '../../store/contract/store.ts';

/** The collection of what is revoked; it stays true in another store. */
export const revocationCollection = 'card-revocation';

/** The list of a key, as everybody may read it (SMART Health Cards, "Revocation"). */
export type RevocationList = {
  readonly kid: string;
  readonly method: 'rid';
  readonly ctr: number;
  readonly rids: readonly string[];
};

/** Cards of a `rid` that are older than `before` (seconds since 1970) are worth nothing. */
export type Revoked = { readonly kid: string; readonly rid: string; readonly before: number };

export type Revocations = {
  /** How often the list of a key was changed; 0 where nothing is revoked. */
  readonly counter: (kid: string) => Promise<number>;
  readonly list: (kid: string) => Promise<RevocationList>;
  /** Cards that are older than that are revoked; 0 where none is. */
  readonly before: (kid: string, rid: string) => Promise<number>;
  /** What is to be written, on nothing but what is there now. */
  readonly changes: (revoked: readonly Revoked[]) => Promise<readonly RecordChange[]>;
};

type Held = { readonly before: number };

const pageSize = 200;

export function openRevocations(store: Pick<Store, 'readRecord' | 'listRecords'>): Revocations {
  const lists = new Map<string, RevocationList>();
  const textOf = async (key: string) => (await store.readRecord(revocationCollection, key))?.value;
  const counter = async (kid: string) => Number((await textOf(counterKey(kid))) ?? 0);
  const beforeOf = async (kid: string, rid: string) => heldIn(await textOf(ridKey(kid, rid)))?.before ?? 0;
  return {
    counter,
    list: async (kid) => {
      const ctr = await counter(kid);
      const known = lists.get(kid);
      if (known?.ctr === ctr) return known;
      const list = { kid, method: 'rid', ctr, rids: await ridsOf(store, kid) } as const;
      lists.set(kid, list);
      return list;
    },
    before: beforeOf,
    changes: async (revoked) => {
      const counted = [...new Set(revoked.map(({ kid }) => kid))].map(async (kid) => {
        const key = counterKey(kid);
        const before = await textOf(key);
        return toChange(key, String(Number(before ?? 0) + 1), before);
      });
      const held = revoked.map(async ({ kid, rid, before }) =>
        // By a clock that is behind no card becomes good again.
        toPut(ridKey(kid, rid), JSON.stringify({ before: Math.max(before, await beforeOf(kid, rid)) })),
      );
      return Promise.all([...held, ...counted]);
    },
  };
}

function counterKey(kid: string): string {
  return `ctr|${kid}`;
}

function ridKey(kid: string, rid: string): string {
  return `rid|${kid}|${rid}`;
}

function toPut(key: string, value: string) {
  return { kind: 'put', record: { collection: revocationCollection, key, value } } as const;
}

/** Of two who revoke at once the second counts on. */
function toChange(key: string, value: string, before: string | undefined): RecordChange {
  const expected =
    before === undefined ? { kind: 'absent' as const } : { kind: 'value' as const, value: before };
  return { ...toPut(key, value), expected };
}

function heldIn(text: string | undefined): Held | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Held);
}

async function ridsOf(store: Pick<Store, 'listRecords'>, kid: string): Promise<readonly string[]> {
  const prefix = ridKey(kid, '');
  const rids: string[] = [];
  let after: string | undefined;
  do {
    const query = { collection: revocationCollection, prefix, count: pageSize };
    const page = await store.listRecords(after === undefined ? query : { ...query, after });
    for (const { key, value } of page.records) {
      rids.push(`${key.slice(prefix.length)}.${heldIn(value)?.before ?? 0}`);
    }
    after = page.next;
  } while (after !== undefined);
  return rids;
}
