import type { RecordExpectation, Store, StoreRecord } from '../../store/contract/store.ts';
import type { EpochMs } from '../../values/instant.ts';

/** A change that others come in between of is tried again so often. */
const maxAttempts = 50;

export type Kept<Value> = { readonly key: string; readonly value: Value };

/** The records of one collection, as values. What two processes do at once is settled by what is there. */
export type Records<Value> = {
  readonly read: (key: string) => Promise<Value | undefined>;
  /** At most `most`, those whose key begins with `prefix`. */
  readonly list: (prefix?: string, most?: number) => Promise<readonly Kept<Value>[]>;
  /** False when the key is taken. */
  readonly add: (key: string, value: Value) => Promise<boolean>;
  readonly put: (key: string, value: Value) => Promise<void>;
  /**
   * Replaces the value by what `change` makes of it, on nothing but what is there; undefined when there is none, or when
   * `change` leaves it.
   */
  readonly change: (key: string, change: (value: Value) => Value | undefined) => Promise<Value | undefined>;
  /** Removes it; of several takers exactly one gets it. */
  readonly take: (key: string) => Promise<Value | undefined>;
  readonly remove: (key: string) => Promise<void>;
};

export type RecordsOptions<Value> = {
  readonly store: Store;
  readonly collection: string;
  /** When the record is no longer worth anything; absent for what stays. */
  readonly expiresOf?: (value: Value) => EpochMs | undefined;
};

export function openRecords<Value>({ store, collection, expiresOf }: RecordsOptions<Value>): Records<Value> {
  const toRecord = (key: string, value: Value): StoreRecord => {
    const expires = expiresOf?.(value);
    return { collection, key, value: JSON.stringify(value), ...(expires !== undefined && { expires }) };
  };
  const put = async (key: string, value: Value, expected?: RecordExpectation): Promise<boolean> => {
    const record = toRecord(key, value);
    const outcome = await store.writeRecords([{ kind: 'put', record, ...(expected && { expected }) }]);
    return outcome.kind === 'committed';
  };
  const textOf = async (key: string) => (await store.readRecord(collection, key))?.value;
  return {
    read: async (key) => toValue(await textOf(key)),
    list: (prefix = '', most = Number.POSITIVE_INFINITY) => listAll(store, { collection, prefix, most }),
    add: (key, value) => put(key, value, { kind: 'absent' }),
    put: async (key, value) => void (await put(key, value)),
    change: async (key, change) => {
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const text = await textOf(key);
        const next = text === undefined ? undefined : change(JSON.parse(text) as Value);
        if (next === undefined || text === undefined) return undefined;
        if (await put(key, next, { kind: 'value', value: text })) return next;
      }
      throw changedTooOften(collection);
    },
    take: async (key) => {
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const value = await textOf(key);
        if (value === undefined) return undefined;
        const expected = { kind: 'value', value } as const;
        const outcome = await store.writeRecords([{ kind: 'delete', collection, key, expected }]);
        if (outcome.kind === 'committed') return toValue<Value>(value);
        // Another has taken it, or has only changed it: then it is there still.
      }
      throw changedTooOften(collection);
    },
    remove: async (key) => void (await store.writeRecords([{ kind: 'delete', collection, key }])),
  };
}

function changedTooOften(collection: string): Error {
  return new Error(`a record of ${collection} was changed by others ${maxAttempts} times in a row`);
}

function toValue<Value>(text: string | undefined): Value | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Value);
}

type Wanted = { readonly collection: string; readonly prefix: string; readonly most: number };

async function listAll<Value>(
  store: Store,
  { collection, prefix, most }: Wanted,
): Promise<readonly Kept<Value>[]> {
  const found: Kept<Value>[] = [];
  let after: string | undefined;
  do {
    const query = { collection, prefix, count: Math.min(200, most - found.length) };
    const page = await store.listRecords(after === undefined ? query : { ...query, after });
    for (const { key, value } of page.records) found.push({ key, value: JSON.parse(value) as Value });
    after = page.next;
  } while (after !== undefined && found.length < most);
  return found;
}
