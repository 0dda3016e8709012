import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type AuditMonth,
  type AuditPage,
  type AuditQuery,
  type AuditRow,
  auditMonthOf,
  mostNamed,
  namesOfAgent,
  parseAuditId,
  toAuditId,
} from '../../src/store/contract/audit.ts';
import { InvalidCursorError, type Store } from '../../src/store/contract/store.ts';
import { parseMsRange } from '../../src/values/instant.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { at, change, key, auditRow as row, write } from './fixtures.ts';

const moment = (text: string) => parseMsRange(text)?.first ?? at(0);
const july = moment('2026-07-20T10:00:00Z');
const august = moment('2026-08-01T00:00:00Z');

async function findAll(
  store: Store,
  query: Omit<AuditQuery, 'count'>,
  count = 2,
): Promise<readonly AuditRow[]> {
  const found: AuditRow[] = [];
  let after: string | undefined;
  do {
    const page = await store.searchAudit({ ...query, count, ...(after !== undefined && { after }) });
    expect(page.next === undefined ? count : page.rows.length).toBe(count);
    found.push(...page.rows);
    after = page.next;
  } while (after !== undefined);
  return found;
}

/** What a query means. */
function meant(rows: readonly AuditRow[], query: Omit<AuditQuery, 'count'>): readonly AuditRow[] {
  const { patients, agent, from = 0, to = Number.POSITIVE_INFINITY, actions, outcomes } = query;
  return rows
    .filter((one) => !patients || one.patients.some((id) => patients.includes(id)))
    .filter((one) => agent === undefined || namesOfAgent(one.agent).includes(agent))
    .filter((one) => one.at >= from && one.at <= to)
    .filter((one) => !actions || actions.includes(one.action))
    .filter((one) => !outcomes || outcomes.includes(one.outcome))
    .sort((a, b) => (a.id < b.id ? 1 : -1));
}

export function describeAudit(getStore: () => Store) {
  describe('audit', () => {
    let store: Store;
    beforeEach(async () => {
      store = getStore();
      await write(store, ...['a', 'b', 'c'].map((id) => change({ id })));
    });

    it('keeps all that a row says', async () => {
      const whole = row({
        from: '10.0.0.1',
        action: 'E',
        interaction: 'operation $everything',
        what: [{ ...key('Patient', 'a'), versionId: 3 }, { ...key('Immunization', 'x') }],
        query: 'Patient/a/$everything?_since="2026"|é',
        patients: ['a', 'b'],
        purpose: 'BTG',
        why: 'unconscious after a fall',
        outcome: 4,
        breakGlass: true,
        agent: { name: 'client:app', client: 'app', role: 'clinician', organization: 'o' },
      });
      const bare = row({ agent: { name: 'cli:root' } });
      await store.appendAudit([whole, bare]);
      expect(await store.readAudit(whole.id)).toEqual(whole);
      expect(await store.readAudit(bare.id)).toEqual(bare);
      expect((await store.searchAudit({ count: 5 })).rows).toEqual([bare, whole]);
      expect(await store.readAudit(toAuditId(july, 2 ** 47))).toBeUndefined();
      expect(await store.readAudit(toAuditId(at(5), 1))).toBeUndefined();
    });

    it('ends a page where its rows name many, and goes on behind it', async () => {
      const many = (n: number) => Array.from({ length: n }, (_, i) => `p${i}` as ResourceId);
      const rows = [
        row({ patients: many(mostNamed + 1) }),
        row({ patients: many(mostNamed - 1) }),
        row({}),
        row({}),
      ];
      for (const each of rows) await store.appendAudit([each]);
      const pages: number[] = [];
      let after: string | undefined;
      do {
        const page: AuditPage = await store.searchAudit({ count: 50, ...(after !== undefined && { after }) });
        pages.push(page.rows.length);
        after = page.next;
      } while (after !== undefined);
      expect(pages).toEqual([3, 1]);
    });

    it('keeps a row once, as it came first', async () => {
      const first = row({ patients: ['a'] });
      await store.appendAudit([first]);
      await store.appendAudit([{ ...first, interaction: 'vread' }, row({ id: first.id })]);
      expect((await store.searchAudit({ count: 5 })).rows).toEqual([first]);
    });

    it('tells of a write in the same unit, and of none that was not kept', async () => {
      const told = row({ action: 'C', patients: ['d'] });
      const created = change({ id: 'd', patients: ['d'] });
      expect(await store.write({ changes: [created], guards: [], audit: [told] })).toEqual({
        kind: 'committed',
      });
      expect(await store.read(key('Patient', 'd'))).toBeDefined();
      expect(await findAll(store, {})).toEqual([told]);
      const again = await store.write({ changes: [created], guards: [], audit: [row()] });
      expect(again).toMatchObject({ kind: 'stale' });
      const unfit = await store.write({
        changes: [change({ id: 'e' })],
        guards: [],
        fits: [{ change: 0, filter: { kind: 'or', of: [] } }],
        audit: [row()],
      });
      expect(unfit).toMatchObject({ kind: 'unfit' });
      // Without transactions the row comes first: it tells of what was tried.
      expect(await findAll(store, {})).toHaveLength(store.transactions ? 1 : 3);
    });

    it('tells of those of many units that were kept, where all come at once', async () => {
      if (!store.transactions) return;
      for (const id of ['old', 'older']) await store.write({ changes: [change({ id })], guards: [] });
      const units = [
        ...Array.from({ length: 120 }, (_, n) => change({ id: `new${n}` })),
        change({ id: 'old', version: 2 }),
        change({ id: 'older', version: 9, expected: 8 }),
        change({ id: 'new7', text: '{}' }),
      ].map((one) => ({ changes: [one], guards: [], audit: [row()] }));
      const outcomes = await Promise.all(units.map((unit) => store.write(unit)));
      const isKept = outcomes.map(({ kind }) => kind === 'committed');
      // Of two who make the same one is first.
      expect(isKept[7]).not.toBe(isKept[122]);
      expect(isKept.filter((_, i) => i !== 7 && i !== 122)).toEqual([...Array(120).fill(true), false]);
      const kept = units.flatMap(({ audit }, i) => (isKept[i] ? audit : []));
      const found = await findAll(store, {});
      expect(new Set(found.map(({ id }) => id))).toEqual(new Set(kept.map(({ id }) => id)));
      expect((await store.read(key('Patient', 'old')))?.versionId).toBe(2);
      expect(await store.readVersion(key('Patient', 'old'), 1)).toMatchObject({ versionId: 1 });
      const made = await store.readMany(units.map(({ changes }) => key('Patient', changes[0]?.id ?? '')));
      expect(new Set(made.map(({ id }) => id)).size).toBe(122);
      expect((await store.read(key('Patient', 'older')))?.versionId).toBe(1);
      expect((await store.read(key('Patient', 'old')))?.versionId).toBe(2);
      expect(await store.readVersion(key('Patient', 'old'), 1)).toBeDefined();
    });

    it('tells of a unit of records alone, and of one with many changes', async () => {
      const record = { kind: 'put', record: { collection: 'c', key: 'k', value: '1' } } as const;
      const ofRecord = row();
      await store.write({ changes: [], guards: [], records: [record], audit: [ofRecord] });
      expect(await store.readRecord('c', 'k')).toBeDefined();
      expect(await findAll(store, {})).toEqual([ofRecord]);
      if (!store.transactions) return;
      const ofMany = row();
      const changes = Array.from({ length: 150 }, (_, i) => change({ id: `many${i}` }));
      await store.write({ changes, guards: [], audit: [ofMany] });
      expect(await findAll(store, {})).toEqual([ofMany, ofRecord]);
    });

    it('goes through the months, the newest first', async () => {
      const rows = [july, august, moment('2025-12-31T23:59:59.999Z'), (august - 1) as typeof august].map(
        (at) => row({ at, patients: ['a'] }),
      );
      await store.appendAudit(rows);
      expect(await findAll(store, {}, 1)).toEqual(meant(rows, {}));
      const patients = ['a'];
      expect(await findAll(store, { patients, from: july }, 1)).toEqual(meant(rows, { from: july }));
      expect(await findAll(store, { to: (august - 1) as typeof august }, 1)).toHaveLength(3);
    });

    it('finds what is of one of several people, at the ends of whatever lies together, page by page', async () => {
      const moments = [0, 1, 9_998, 9_999, 10_000, 10_001, 59_999, 60_000, 600_000].map((ms) =>
        at(july + ms),
      );
      const rows = moments.flatMap((moment) => [
        row({ at: moment, patients: ['p', 'p1'] }),
        row({ at: moment, patients: ['p1'], agent: { name: 'client:other', client: 'other' } }),
      ]);
      await store.appendAudit(rows);
      const newest = [...rows].reverse();
      const of = (id: string) => newest.filter(({ patients }) => patients.some((one) => one === id));
      expect(await findAll(store, { patients: ['p'] })).toEqual(of('p'));
      expect(await findAll(store, { patients: ['p', 'p1'] })).toEqual(newest);
      expect(await findAll(store, { agent: 'other' })).toEqual(
        newest.filter(({ agent }) => agent.client === 'other'),
      );
      const [from, to] = [at(july + 9_999), at(july + 10_000)];
      const within = of('p1').filter((one) => one.at >= from && one.at <= to);
      expect(await findAll(store, { patients: ['p1'], from, to })).toEqual(within);
      expect(await findAll(store, { patients: ['p1'], agent: 'other', from, to })).toHaveLength(2);
    });

    it('finds what one has done over a long time', async () => {
      const rows = Array.from({ length: 250 }, (_, n) => row({ at: at(july + n * 11_000), patients: ['q'] }));
      await store.appendAudit(rows);
      expect(await findAll(store, { patients: ['q'] }, 200)).toEqual([...rows].reverse());
    });

    it('finds what several processes tell of the same time, in the order of time, page by page', async () => {
      const names = ['ann', 'bob', 'cy'];
      const rows = Array.from({ length: 240 }, (_, n) =>
        row({
          at: at(july + ((n * 7) % 240) * 3),
          action: n % 5 === 0 ? 'E' : 'R',
          outcome: n % 11 === 0 ? 4 : 0,
          patients: [`p${n % 4}`],
          agent: { name: `user:${names[n % 3]}` },
        }),
      );
      for (let n = 0; n < 24; n++) await store.appendAudit(rows.filter((_, i) => i % 24 === n));
      const queries: Omit<AuditQuery, 'count'>[] = [
        {},
        { patients: ['p1'] },
        { agent: 'user:bob' },
        { patients: ['p2', 'p3'], agent: 'user:cy', actions: ['E'] },
        { actions: ['R'] },
        { actions: ['R'], outcomes: [0] },
        { actions: ['E', 'C'], outcomes: [0, 8] },
        { from: at(july + 100), to: at(july + 500) },
        { patients: ['p0'], outcomes: [4] },
      ];
      for (const query of queries) expect(await findAll(store, query, 7)).toEqual(meant(rows, query));
      for (const one of rows.slice(0, 60)) expect(await store.readAudit(one.id)).toEqual(one);
    });

    it('reads a row that others have read, whatever came first', async () => {
      const read = row({ at: at(july + 5) });
      const what = [read, row()].map(
        ({ id }) => ({ type: 'AuditEvent', id: id as string as ResourceId }) as const,
      );
      await store.appendAudit([row({ at: july }), row({ at: at(july + 9), what })]);
      await store.appendAudit([read]);
      expect(await store.readAudit(read.id)).toEqual(read);
    });

    it('drops whole months, and none that are not before the one that is named', async () => {
      const kept = row({ at: august });
      await store.appendAudit([row(), row({ at: moment('2020-01-05') }), kept]);
      await store.dropAudit(auditMonthOf(august));
      expect(await findAll(store, {})).toEqual([kept]);
      const late = row();
      await store.appendAudit([late]);
      expect(await findAll(store, {})).toEqual([kept, late]);
      await store.dropAudit('999912' as AuditMonth);
      expect(await findAll(store, {})).toEqual([]);
    });

    it.each(['', 'x', '0', toAuditId(july, 1).toUpperCase().replace('-', '_')])(
      'refuses %j as a cursor',
      async (after) => {
        await store.appendAudit([row()]);
        await expect(store.searchAudit({ count: 1, after })).rejects.toThrow(InvalidCursorError);
      },
    );

    it('finds exactly what a query means', async () => {
      const patients = fc.subarray(['a', 'b', 'c']);
      const actions = fc.constantFrom('C', 'R', 'U', 'D', 'E') satisfies fc.Arbitrary<AuditRow['action']>;
      const outcomes = fc.constantFrom(0, 4, 8, 12) satisfies fc.Arbitrary<AuditRow['outcome']>;
      const times = fc.constantFrom(july, (july + 1) as typeof july, august);
      const names = fc.constantFrom('ann', 'bob');
      const rows = fc.array(
        fc
          .record({ patients, action: actions, outcome: outcomes, at: times, name: names })
          .map(({ name, ...rest }) => row({ ...rest, agent: { name: `user:${name}`, user: name } })),
        { maxLength: 12 },
      );
      const query = fc.record(
        {
          patients: patients,
          agent: fc.constantFrom('ann', 'user:bob', 'nobody'),
          from: times,
          to: times,
          actions: fc.uniqueArray(actions, { minLength: 1 }),
          outcomes: fc.uniqueArray(outcomes, { minLength: 1 }),
        },
        { requiredKeys: [] },
      );
      const all: AuditRow[] = [];
      const property = fc.asyncProperty(rows, fc.array(query, { maxLength: 6 }), async (more, queries) => {
        // Drawn rows may come again when a failure is shrunk: they are the same rows then.
        const known = new Set(all.map(({ id }) => id));
        all.push(...more.filter(({ id }) => !known.has(id)));
        await store.appendAudit(more);
        for (const one of queries) expect(await findAll(store, one, 3)).toEqual(meant(all, one));
      });
      await fc.assert(property, { numRuns: 15 });
    }, 60_000);

    it('knows its ids from others', () => {
      expect(parseAuditId(toAuditId(july, 5))).toBe(toAuditId(july, 5));
      expect(parseAuditId('5c7e0a5e-6f0d-4c0f-9d31-3f0ac1f0a1d2')).toBeUndefined();
    });
  });
}
