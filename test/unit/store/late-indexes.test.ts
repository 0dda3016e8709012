import { afterEach, expect, it } from 'vitest';
import type { Filter } from '../../../src/search/filter.ts';
import type { Store } from '../../../src/store/contract/store.ts';
import { openForReading } from '../../../src/store/sqlite/open-connections.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { at, change, day, findAll, token, withCode, words, write } from '../../contract/fixtures.ts';
import { useFolder } from '../../use-folder.ts';

const folder = useFolder();
const opened: Store[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});

async function open(name: string, loads: boolean): Promise<Store> {
  const store = await openSqliteStore({ path: folder.at(name), loads });
  opened.push(store);
  return store;
}

/** Each with what makes it. */
function indexesOf(name: string): ReadonlyMap<string, string> {
  const db = openForReading(folder.at(name));
  const rows = db.all("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql NOT NULL", []);
  db.close();
  return new Map(rows.map((row) => [String(row['name']), String(row['sql']).replaceAll(/\s+/g, ' ')]));
}

async function usualIndexes(): Promise<ReadonlyMap<string, string>> {
  const usual = await openSqliteStore({ path: folder.at('usual.sqlite') });
  await usual.close();
  return indexesOf('usual.sqlite');
}

/** Twenty people: with a code, a name and a birthday. */
async function fill(store: Store): Promise<void> {
  const people = Array.from({ length: 20 }, (_, n) =>
    change({
      id: `p${n}`,
      index: { code: [token(`c${n % 4}`)], name: [words(`Name ${n}`)], birthdate: [day(n)] },
    }),
  );
  await write(store, ...people);
}

const byName = { param: 'name', by: 'string', descending: true } as const;
const inOrder = (filter: Filter) => ({ types: ['Patient'] as const, filter, sort: [byName], count: 30 });
const plain = (filter: Filter) => ({ types: ['Patient'] as const, filter, sort: [], count: 30 });
const c1 = ['p1', 'p13', 'p17', 'p5', 'p9'].map((id) => `Patient/${id}`);

it('leaves indexes out while an empty store is loaded, and builds them as they are elsewhere', async () => {
  const usual = await usualIndexes();
  const store = await open('s.sqlite', true);
  await fill(store);
  const left = indexesOf('s.sqlite');
  const missing = [...usual.keys()].filter((name) => !left.has(name));
  expect(missing).toEqual(expect.arrayContaining(['token_by_code', 'string_by_text', 'date_by_first']));
  expect(missing).not.toContain('resource_by_id');
  const told: string[] = [];
  await store.buildIndexes((done, all) => told.push(`${done} of ${all}`));
  expect(told).toEqual(missing.map((_, done) => `${done} of ${missing.length}`));
  expect(indexesOf('s.sqlite')).toEqual(usual);
  expect([...(await findAll(store, plain(withCode('c1'))))].sort()).toEqual(c1);
  await store.buildIndexes(() => expect.unreachable('all of them stand'));
});

it('leaves none out of a store that has something, or that serves', async () => {
  const usual = await usualIndexes();
  const serving = await open('s.sqlite', false);
  expect(indexesOf('s.sqlite')).toEqual(usual);
  await fill(serving);
  await open('s.sqlite', true);
  expect(indexesOf('s.sqlite')).toEqual(usual);
});

it('goes on without them where a load was broken off', async () => {
  const broken = await open('s.sqlite', true);
  await fill(broken);
  await opened.pop()?.close();
  const again = await open('s.sqlite', true);
  expect(indexesOf('s.sqlite').has('token_by_code')).toBe(false);
  await again.buildIndexes();
  expect(indexesOf('s.sqlite')).toEqual(await usualIndexes());
});

it.each([
  ['a search', async (store: Store) => findAll(store, plain(withCode('c1')))],
  ['a search in order, in a thread', async (store: Store) => findAll(store, inOrder(withCode('c1')))],
  [
    'a count',
    async (store: Store) => {
      expect(await store.count(['Patient'], withCode('c1'))).toBe(c1.length);
      return c1;
    },
  ],
])('builds them for %s, of the process that loads and of another one', async (_, ask) => {
  const usual = await usualIndexes();
  for (const asks of ['loads', 'beside'] as const) {
    const name = `${asks}.sqlite`;
    const loading = await open(name, true);
    const beside = await open(name, false);
    await fill(loading);
    expect(indexesOf(name).has('token_by_code')).toBe(false);
    const found = await ask(asks === 'loads' ? loading : beside);
    expect([...found].sort()).toEqual(c1);
    expect(indexesOf(name)).toEqual(usual);
  }
});

it('builds them for a write that must look into one, and keeps what is written beside it once', async () => {
  const store = await open('s.sqlite', true);
  await fill(store);
  const index = { code: [token('new')] };
  const guarded = (id: string) =>
    store.write({
      changes: [change({ id, index, lastUpdated: at(5) })],
      guards: [{ type: 'Patient', noneMatch: withCode('new') }],
    });
  const outcomes = await Promise.all([
    write(store, change({ id: 'before' })),
    guarded('a'),
    guarded('b'),
    write(store, change({ id: 'after' })),
  ]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(['committed', 'committed', 'guarded', 'committed']);
  expect(indexesOf('s.sqlite')).toEqual(await usualIndexes());
  expect(await findAll(store, plain(withCode('new')))).toEqual(['Patient/a']);
});
