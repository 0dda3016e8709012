import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Filter } from '../../../src/search/filter.ts';
import { InvalidCursorError } from '../../../src/store/contract/store.ts';
import { openCommitter } from '../../../src/store/sqlite/commit.ts';
import { openForWriting } from '../../../src/store/sqlite/open-connections.ts';
import { readAtOnce } from '../../../src/store/sqlite/read-op.ts';
import { openReader } from '../../../src/store/sqlite/reader.ts';
import { searchPage } from '../../../src/store/sqlite/search.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { at, change, ids, token, write } from '../../contract/fixtures.ts';

const everything: Filter = { kind: 'and', of: [] };
const withCode = (code: string): Filter => ({
  kind: 'value',
  param: 'code',
  test: { kind: 'token', anyOf: [{ code }] },
});
const anyText: Filter = { kind: 'not', of: withCode('a') };
const byCode = { param: 'code', by: 'string', descending: false } as const;
const page = { types: ['Patient'], count: 10, sort: [] } as const;

it('reads long texts one by one, and leaves many of them to a thread', () => {
  const db = openForWriting(':memory:');
  const { commit } = openCommitter(db);
  const long = (n: number) => `{"resourceType":"Patient","language":"${'x'.repeat(100_000 + n)}"}`;
  const changes = Array.from({ length: 12 }, (_, n) =>
    change({ id: `p${10 + n}`, text: long(n), index: { code: [token('few')] } }),
  );
  commit([{ kind: 'unit', unit: { changes, guards: [] }, now: at(0) }]);
  const whole = openReader(db);
  const query = (more: object) => ({ ...page, filter: everything, count: 100, ...more });
  const search = (reader: typeof whole, more: object) =>
    readAtOnce(reader, { kind: 'search', query: query(more) })?.matches.map(({ text }) => text.length);
  const history = (reader: typeof whole) =>
    readAtOnce(reader, { kind: 'history', query: { count: 100 } })?.versions.length;
  const lengths = changes.map(({ text = '' }) => text.length);
  for (const filter of [everything, withCode('few')]) {
    expect(search(whole, { filter })).toEqual(lengths);
    expect(search({ ...whole, longest: 2_000_000 }, { filter })).toEqual(lengths);
    expect(search({ ...whole, longest: 1_000_000 }, { filter })).toBeUndefined();
    expect(search({ ...whole, longest: 1_000_000 }, { filter, room: 900_000 })).toEqual(lengths.slice(0, 8));
  }
  expect([history(whole), history({ ...whole, longest: 1_000_000 })]).toEqual([12, undefined]);
  let texts = 0;
  const counting = {
    ...db,
    get: (sql: string, args: Parameters<typeof db.get>[1]) => {
      if (sql.startsWith('SELECT text')) texts++;
      return db.get(sql, args);
    },
  };
  expect(search({ ...whole, db: counting, longest: 1_000_000 }, {})).toBeUndefined();
  expect(texts).toBe(0);
});

it('reads in the calling thread only what looks at a page or at few resources', () => {
  const db = openForWriting(':memory:');
  const { commit } = openCommitter(db);
  const changes = Array.from({ length: 1001 }, (_, n) => {
    const code = n === 0 ? 'rare' : n < 500 ? 'a' : 'b';
    return change({ id: `p${n}`, index: { code: [token(code), token('all')] } });
  });
  commit([{ kind: 'unit', unit: { changes, guards: [] }, now: at(0) }]);
  const reader = openReader(db);
  const isAtOnce = (filter: Filter, more: object = {}) =>
    readAtOnce(reader, { kind: 'search', query: { ...page, ...more, filter } }) !== undefined;
  expect(isAtOnce(everything)).toBe(true);
  expect(isAtOnce({ kind: 'and', of: [everything] })).toBe(true);
  expect(isAtOnce(everything, { sort: [byCode] })).toBe(false);
  expect(isAtOnce(anyText)).toBe(false);
  expect(isAtOnce(withCode('rare'))).toBe(true);
  // More than few, which have to be gathered and sorted, but not many.
  expect(isAtOnce(withCode('a'), { sort: [byCode] })).toBe(true);
  expect(isAtOnce(withCode('all'), { sort: [byCode] })).toBe(false);
  // So many match that the next few resources fill a page, but not one that asks for all of them.
  expect(isAtOnce(withCode('all'))).toBe(true);
  expect(isAtOnce(withCode('all'), { count: 1000 })).toBe(false);
  // To test one of them may be to look through all that refer to it, or to look up many values.
  const referred = { kind: 'has', type: 'Group', param: 'member', of: withCode('a') } as const;
  const chained = { kind: 'chain', type: 'Group', param: 'link', of: withCode('a') } as const;
  for (const inner of [referred, chained]) {
    expect(isAtOnce({ kind: 'or', of: [withCode('all'), inner] })).toBe(false);
  }
  const either = (count: number): Filter => ({ kind: 'or', of: Array(count).fill(withCode('all')) });
  expect([isAtOnce(either(4)), isAtOnce(either(5))]).toEqual([true, false]);
  const counted = (filter: Filter) =>
    readAtOnce(reader, { kind: 'count', types: ['Patient'], filter } as const);
  expect([counted(everything), counted(withCode('a')), counted(withCode('all'))]).toEqual([
    undefined,
    499,
    undefined,
  ]);
  const history = (query: object) =>
    readAtOnce(reader, { kind: 'history', query: { count: 10, ...query } }) !== undefined;
  expect([history({}), history({ type: 'Patient', id: 'a' }), history({ since: 0 })]).toEqual([
    true,
    true,
    false,
  ]);
  db.close();
});

it('fills the pages of what most match in the calling thread, and leaves the last to a reader thread', () => {
  const db = openForWriting(':memory:');
  const { commit } = openCommitter(db);
  const changes = Array.from({ length: 3000 }, (_, n) =>
    change({ id: `p${n}`, index: { code: [token(n % 3 === 0 ? 'other' : 'most')] } }),
  );
  commit([{ kind: 'unit', unit: { changes, guards: [] }, now: at(0) }]);
  const reader = openReader(db, 100);
  const found: string[] = [];
  const ways: boolean[] = [];
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    const query = { ...page, filter: withCode('most'), count: 100, ...(after && { after }) };
    const atOnce = readAtOnce(reader, { kind: 'search', query } as const);
    const { matches, next } = atOnce ?? searchPage(reader, query);
    ways.push(atOnce !== undefined);
    found.push(...ids(matches));
    after = next;
  }
  const expected = changes.filter((_, n) => n % 3 !== 0).map(({ id }) => id);
  expect(found).toEqual(expected.sort());
  // The last page has nothing behind it that would fill it.
  expect([ways.length, ways[0], ways.at(-1)]).toEqual([20, true, false]);
  db.close();
});

it('answers from its threads what was acknowledged, and knows a cursor that it did not make', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jenner-threads-'));
  const store = await openSqliteStore({ path: join(folder, 's.sqlite') });
  for (const id of ['a', 'b', 'c']) {
    await write(store, change({ id, index: { code: [token(id)] } }));
    expect(await store.count(['Patient'], everything)).toBe(id.charCodeAt(0) - 96);
  }
  const found = await Promise.all(
    Array.from({ length: 20 }, () => store.search({ ...page, filter: anyText, sort: [byCode] })),
  );
  for (const { matches } of found) expect(ids(matches)).toEqual(['b', 'c']);
  const wrong = store.search({ ...page, filter: anyText, sort: [byCode], after: 'none' });
  await expect(wrong).rejects.toThrow(InvalidCursorError);
  await store.close();
  await expect(store.count(['Patient'], everything)).rejects.toThrow('The store is closed.');
  rmSync(folder, { recursive: true });
});
