import { describe, expect, it } from 'vitest';
import {
  InvalidCursorError,
  type RecordChange,
  type RecordExpectation,
  type RecordQuery,
  type Store,
  type StoreRecord,
  TransactionUnsupportedError,
} from '../../src/store/contract/store.ts';
import { at, change, key, token, withCode } from './fixtures.ts';

export type MovingClock = { readonly now: () => number; readonly set: (ms: number) => void };

const record = (wanted: Partial<StoreRecord> = {}): StoreRecord => ({
  collection: 'job',
  key: 'k',
  value: '{"a":1}',
  ...wanted,
});
const absent: RecordExpectation = { kind: 'absent' };
const valued = (value: string): RecordExpectation => ({ kind: 'value', value });
const putting = (wanted: Partial<StoreRecord> = {}, expected?: RecordExpectation): RecordChange => ({
  kind: 'put',
  record: record(wanted),
  ...(expected && { expected }),
});
const removing = (recordKey = 'k', expected?: RecordExpectation): RecordChange => ({
  kind: 'delete',
  collection: 'job',
  key: recordKey,
  ...(expected && { expected }),
});

export function describeRecords(getStore: () => Store, clock: MovingClock) {
  const put = (wanted: Partial<StoreRecord> = {}, expected?: RecordExpectation) =>
    getStore().writeRecords([putting(wanted, expected)]);
  const remove = (recordKey?: string, expected?: RecordExpectation) =>
    getStore().writeRecords([removing(recordKey, expected)]);
  const putAt = async (ms: number, there: StoreRecord | undefined) => {
    clock.set(ms);
    if (there) await getStore().writeRecords([{ kind: 'put', record: there }]);
  };
  const read = (recordKey = 'k') => getStore().readRecord('job', recordKey);

  describe('records', () => {
    it('are read, replaced, listed and removed', async () => {
      const store = getStore();
      expect(await read()).toBeUndefined();
      expect(await put()).toEqual({ kind: 'committed' });
      await put({ value: '{"a":2}' });
      await put({ key: 'l' });
      await put({ collection: 'other' });
      expect(await read()).toEqual(record({ value: '{"a":2}' }));
      const { records } = await store.listRecords({ collection: 'job', count: 9 });
      expect(records.map((one) => one.key).sort()).toEqual(['k', 'l']);
      expect(await remove()).toEqual({ kind: 'committed' });
      await remove('never was');
      expect(await read()).toBeUndefined();
      expect(await store.readRecord('other', 'k')).toEqual(record({ collection: 'other' }));
    });

    it('are gone once they have expired', async () => {
      const store = getStore();
      clock.set(100);
      await put({ expires: at(150) });
      expect(await read()).toEqual(record({ expires: at(150) }));
      clock.set(150);
      expect(await read()).toBeUndefined();
      expect(await store.listRecords({ collection: 'job', count: 9 })).toEqual({ records: [] });
      await put({ key: 'next' });
      clock.set(100);
      expect(await read('next')).toBeDefined();
    });

    it('lose their expiry when they are put without one', async () => {
      clock.set(100);
      await put({ expires: at(150) });
      await put({ value: '2' });
      clock.set(200);
      expect(await read()).toEqual(record({ value: '2' }));
    });

    it.each(["'; DROP TABLE record; --", '%', '_', '', '😀', 'a\u0000b', '\ud800', 'x'.repeat(10_000)])(
      'are kept under the key %j',
      async (hostile) => {
        await put({ key: hostile });
        expect(await read(hostile)).toEqual(record({ key: hostile }));
        expect(await read(`${hostile}x`)).toBeUndefined();
        expect(await remove(hostile, valued('{"a":1}'))).toEqual({ kind: 'committed' });
        expect(await read(hostile)).toBeUndefined();
      },
    );
  });

  describe('what a record is expected to be', () => {
    it.each<[string, StoreRecord | undefined, RecordExpectation | undefined, 'committed' | 'stale-record']>([
      ['nothing expected of nothing', undefined, undefined, 'committed'],
      ['nothing expected of a value', record(), undefined, 'committed'],
      ['absence of nothing', undefined, absent, 'committed'],
      ['absence of a value', record(), absent, 'stale-record'],
      ['absence of what has expired', record({ expires: at(100) }), absent, 'committed'],
      ['absence of what will expire', record({ expires: at(101) }), absent, 'stale-record'],
      ['a value of nothing', undefined, valued('{"a":1}'), 'stale-record'],
      ['the value', record(), valued('{"a":1}'), 'committed'],
      ['another value', record(), valued('{"a":1} '), 'stale-record'],
      ['the value of what has expired', record({ expires: at(100) }), valued('{"a":1}'), 'stale-record'],
      ['the value of what will expire', record({ expires: at(101) }), valued('{"a":1}'), 'committed'],
      ['the value under another key', record({ key: 'l' }), valued('{"a":1}'), 'stale-record'],
      ['the value in another collection', record({ collection: 'c' }), valued('{"a":1}'), 'stale-record'],
    ])('%s', async (_, there, expected, kind) => {
      const isKept = kind === 'committed';
      const outcome = isKept ? { kind } : { kind, record: 0 };
      await putAt(50, there);
      clock.set(100);
      const before = await read();
      expect(await put({ value: 'new' }, expected)).toEqual(outcome);
      expect(await read()).toEqual(isKept ? record({ value: 'new' }) : before);
      await remove();
      await putAt(50, there);
      clock.set(100);
      expect(await remove('k', expected)).toEqual(outcome);
      expect(await read()).toEqual(isKept ? undefined : before);
    });

    it.each<[string, StoreRecord | undefined, (n: number) => RecordChange]>([
      ['puts what was absent', undefined, (n) => putting({ value: `${n}` }, absent)],
      ['replaces what has expired', record({ expires: at(60) }), (n) => putting({ value: `${n}` }, absent)],
      ['replaces the value', record(), (n) => putting({ value: `${n}` }, valued('{"a":1}'))],
      ['removes the value', record(), () => removing('k', valued('{"a":1}'))],
    ])('is judged so that of many exactly one %s', async (_, there, changeOf) => {
      const store = getStore();
      await putAt(50, there);
      clock.set(100);
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_one, n) => store.writeRecords([changeOf(n)])),
      );
      expect(outcomes.filter(({ kind }) => kind === 'committed')).toHaveLength(1);
      expect(outcomes.filter(({ kind }) => kind === 'stale-record')).toHaveLength(19);
      const winner = outcomes.findIndex(({ kind }) => kind === 'committed');
      const kept = changeOf(winner).kind === 'put' ? record({ value: `${winner}` }) : undefined;
      expect(await read()).toEqual(kept);
    });

    it('loses no step of a counter that many raise', async () => {
      const raise = async (): Promise<void> => {
        const value = (await read())?.value;
        const next = String(Number(value ?? 0) + 1);
        const outcome = await put({ value: next }, value === undefined ? absent : valued(value));
        if (outcome.kind !== 'committed') await raise();
      };
      await Promise.all(Array.from({ length: 12 }, raise));
      expect(await read()).toMatchObject({ value: '12' });
    });
  });

  describe('records and changes in one unit', () => {
    const created = { changes: [change({ index: { code: [token('x')] } })], guards: [] };
    const isThere = async () => (await getStore().read(key('Patient', 'a'))) !== undefined;

    /** Only a store with transactions takes it. */
    async function refusedUnlessWhole(work: Promise<unknown>): Promise<boolean> {
      if (getStore().transactions) return false;
      await expect(work).rejects.toThrow(TransactionUnsupportedError);
      expect(await isThere()).toBe(false);
      expect(await read()).toBeUndefined();
      return true;
    }

    it('are all kept', async () => {
      const store = getStore();
      const records = [putting({}, absent), putting({ key: 'l' })];
      const work = store.write({ ...created, records });
      if (await refusedUnlessWhole(work)) return;
      expect(await work).toEqual({ kind: 'committed' });
      expect([await isThere(), await read(), await read('l')]).toEqual([
        true,
        record(),
        record({ key: 'l' }),
      ]);
      const more = store.write({ changes: [], guards: [], records: [removing(), putting({ key: 'm' })] });
      expect(await more).toEqual({ kind: 'committed' });
      expect([await read(), await read('m')]).toEqual([undefined, record({ key: 'm' })]);
    });

    it('are not kept when one of the records is not as expected', async () => {
      const store = getStore();
      const records = [putting({}, absent), putting({ key: 'l' }, valued('1')), putting({ key: 'm' })];
      const work = store.write({ ...created, records });
      if (await refusedUnlessWhole(work)) return;
      expect(await work).toEqual({ kind: 'stale-record', record: 1 });
      expect([await isThere(), await read(), await read('m')]).toEqual([false, undefined, undefined]);
      expect(await store.count(['Patient'], withCode('x'))).toBe(0);
    });

    it('are not kept when a change is stale or a guard does not hold', async () => {
      const store = getStore();
      const stale = { changes: [change({ version: 2 })], guards: [], records: [putting()] };
      const work = store.write(stale);
      if (await refusedUnlessWhole(work)) return;
      expect(await work).toMatchObject({ kind: 'stale' });
      const guards = [{ type: 'Patient' as const, someMatch: withCode('y') }];
      expect(await store.write({ ...created, guards, records: [putting()] })).toEqual({
        kind: 'guarded',
        guard: 0,
      });
      expect([await isThere(), await read()]).toEqual([false, undefined]);
    });

    it('let one of many win, with its change', async () => {
      const store = getStore();
      if (!store.transactions) return;
      const units = Array.from({ length: 20 }, (_, n) => ({
        changes: [change({ id: `p${n}`, index: { code: [token('x')] } })],
        guards: [],
        records: [putting({ value: `p${n}` }, absent)],
      }));
      const outcomes = await Promise.all(units.map((unit) => store.write(unit)));
      expect(outcomes.filter(({ kind }) => kind === 'committed')).toHaveLength(1);
      const winner = outcomes.findIndex(({ kind }) => kind === 'committed');
      expect(await read()).toMatchObject({ value: `p${winner}` });
      expect(await store.count(['Patient'], withCode('x'))).toBe(1);
    });
  });

  describe('pages of records', () => {
    const keys = [
      '',
      'a',
      'a"',
      'a\\',
      'a\n',
      'a\u0000',
      'ab',
      'a/b',
      'a😀',
      'a\ud83d',
      'a%',
      'aé',
      'b',
      'A',
      '"',
    ];

    async function pagesOf(query: RecordQuery): Promise<readonly string[]> {
      const found: string[] = [];
      let after: string | undefined;
      do {
        const page = await getStore().listRecords(after === undefined ? query : { ...query, after });
        expect(page.records.length).toBeLessThanOrEqual(query.count);
        if (page.next !== undefined) expect(page.records).toHaveLength(query.count);
        found.push(...page.records.map((one) => one.key));
        after = page.next;
        expect(new Set(found).size).toBe(found.length);
      } while (after !== undefined);
      return found;
    }

    it.each(['', 'a', 'a"', 'a\\', 'a\n', 'a\u0000', 'a😀', 'a\ud83d', 'aé', 'a/', '"', 'none', '\uffff'])(
      'hold those whose key starts with %j, each once',
      async (prefix) => {
        for (const one of keys) await put({ key: one });
        await put({ collection: 'other', key: 'a' });
        const expected = keys.filter((one) => one.startsWith(prefix)).sort();
        for (const count of [1, 2, 50]) {
          const found = await pagesOf({ collection: 'job', prefix, count });
          expect([...found].sort()).toEqual(expected);
        }
        expect(await pagesOf({ collection: 'job', prefix, count: 1 })).toEqual(
          await pagesOf({ collection: 'job', prefix, count: 50 }),
        );
      },
    );

    it('hold all of a collection without a prefix', async () => {
      for (const one of keys) await put({ key: one });
      expect([...(await pagesOf({ collection: 'job', count: 4 }))].sort()).toEqual([...keys].sort());
      expect(await pagesOf({ collection: 'none', count: 4 })).toEqual([]);
    });

    it('go on where they ended while others write, remove and expire', async () => {
      const store = getStore();
      clock.set(100);
      for (const one of ['b', 'd', 'f', 'h']) await put({ key: one });
      await put({ key: 'g', expires: at(150) });
      const first = await store.listRecords({ collection: 'job', count: 2 });
      expect(first.records.map((one) => one.key)).toEqual(['b', 'd']);
      for (const one of ['a', 'c', 'e']) await put({ key: one });
      for (const one of ['d', 'f']) await remove(one);
      clock.set(150);
      const rest = await store.listRecords({ collection: 'job', count: 9, after: first.next ?? '' });
      expect(rest).toEqual({ records: [record({ key: 'e' }), record({ key: 'h' })] });
    });

    it.each(['', 'x', '[]', 'WyJhIiwiYiJd', 'null', 'e30'])('refuse the cursor %j', async (after) => {
      const page = getStore().listRecords({ collection: 'job', count: 1, after });
      await expect(page).rejects.toThrow(InvalidCursorError);
    });
  });
}
