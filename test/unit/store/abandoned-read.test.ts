import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Filter } from '../../../src/search/filter.ts';
import { type Store, StoreBusyError } from '../../../src/store/contract/store.ts';
import { openForReading } from '../../../src/store/sqlite/open-connections.ts';
import { type ReadOp, runReadOp } from '../../../src/store/sqlite/read-op.ts';
import { abandon, abandonedText, openAbandonFlag, watchReads } from '../../../src/store/sqlite/read-watch.ts';
import { openReader } from '../../../src/store/sqlite/reader.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { AbandonedError } from '../../../src/values/turns.ts';
import { change, token, write } from '../../contract/fixtures.ts';
import { useFolder } from '../../use-folder.ts';

const folder = useFolder('all');
const path = () => folder.at('s.sqlite');
let store: Store;
beforeAll(async () => {
  store = await openSqliteStore({ path: path() });
  const changes = Array.from({ length: 3000 }, (_, n) =>
    change({ id: `p${n}`, index: { code: [token(n % 2 ? 'odd' : 'even')] } }),
  );
  await write(store, ...changes);
});
afterAll(async () => {
  await store.close();
});

const withCode = (code: string): Filter => ({
  kind: 'value',
  param: 'code',
  test: { kind: 'token', anyOf: [{ code }] },
});
const notEven: Filter = { kind: 'not', of: withCode('even') };
const byCode = { param: 'code', by: 'string', descending: false } as const;
const byTime = { param: '_lastUpdated', by: 'lastUpdated', descending: true } as const;
const page = { types: ['Patient'], count: 2000 } as const;

const reads: Readonly<Record<string, ReadOp>> = {
  'a walk along a type': { kind: 'search', query: { ...page, sort: [], filter: notEven } },
  'a sort by value': { kind: 'search', query: { ...page, sort: [byCode], filter: notEven } },
  'a sort by time': { kind: 'search', query: { ...page, sort: [byTime], filter: notEven } },
  'a set that is gathered': { kind: 'search', query: { ...page, sort: [byTime], filter: withCode('odd') } },
  'a count': { kind: 'count', types: ['Patient'], filter: notEven },
  'a history': { kind: 'history', query: { count: 2000, type: 'Patient' } },
  'a count of a history': { kind: 'count-history', query: { count: 1, type: 'Patient' } },
};

describe.each(Object.entries(reads))('%s', (_, op) => {
  it('ends within the statement when nobody waits for it, and for no other', () => {
    const db = openForReading(path());
    const flag = openAbandonFlag();
    let readNow = 1;
    const reader = { ...openReader(db), watch: watchReads(db, flag, () => readNow) };
    const whole = runReadOp(reader, op);
    abandon(flag, 1);
    expect(() => runReadOp(reader, op)).toThrow(abandonedText);
    readNow = 2;
    expect(runReadOp(reader, op)).toEqual(whole);
    expect(runReadOp(openReader(db), op)).toEqual(whole);
    db.close();
  });
});

it('ends the reads of those who have gone, those that wait among them, and reads on for others', async () => {
  const query = { ...page, sort: [byCode], filter: notEven };
  const asked = Array.from({ length: 300 }, () => store.search({ ...query, hasGone: () => true }));
  const answers = await Promise.allSettled(asked);
  const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
  expect(reasons.length).toBeGreaterThan(0);
  for (const reason of reasons) expect(reason).toBeInstanceOf(AbandonedError);
  expect((await store.search({ ...query, hasGone: () => false })).matches).toHaveLength(1500);
  expect(await store.count(['Patient'], notEven, () => false)).toBe(1500);
});

it('lets 2,000 reads wait for its two threads, and refuses one more', async () => {
  const asked = Array.from({ length: 2003 }, () => store.count(['Patient'], notEven));
  const answers = await Promise.allSettled(asked);
  const refused = answers.flatMap((answer, place) =>
    answer.status === 'rejected' ? [[place, answer.reason]] : [],
  );
  expect(refused).toEqual([[2002, expect.any(StoreBusyError)]]);
});
