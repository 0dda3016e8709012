import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRecords } from '../../../src/auth/records/open-records.ts';
import type { Store } from '../../../src/store/contract/store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';

let store: Store;
beforeEach(async () => {
  store = await openSqliteStore({ path: ':memory:' });
});
afterEach(() => store.close());

/** Records of a store in which `between` happens once between a look at a record and what is done with it. */
function recordsWith(between: () => Promise<unknown>) {
  let isDue = true;
  return openRecords<{ readonly uses: number }>({
    collection: 'grant',
    store: {
      ...store,
      readRecord: async (collection, key) => {
        const record = await store.readRecord(collection, key);
        if (isDue) {
          isDue = false;
          await between();
        }
        return record;
      },
    },
  });
}

it('takes away what another changes at the same moment', async () => {
  const other = openRecords<{ readonly uses: number }>({ store, collection: 'grant' });
  await other.put('a', { uses: 1 });
  const records = recordsWith(() => other.change('a', ({ uses }) => ({ uses: uses + 1 })));
  expect(await records.take('a')).toEqual({ uses: 2 });
  expect(await other.read('a')).toBeUndefined();
});

it('is given to one of two who take it at the same moment', async () => {
  const other = openRecords<{ readonly uses: number }>({ store, collection: 'grant' });
  await other.put('a', { uses: 1 });
  const taken: unknown[] = [];
  const records = recordsWith(async () => taken.push(await other.take('a')));
  expect([await records.take('a'), taken]).toEqual([undefined, [{ uses: 1 }]]);
});
