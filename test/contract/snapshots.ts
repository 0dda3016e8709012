import { describe, expect, it } from 'vitest';
import { everything, type Filter } from '../../src/search/filter.ts';
import type { SnapshotQuery, SnapshotSince } from '../../src/store/contract/snapshot.ts';
import type { Store } from '../../src/store/contract/store.ts';
import { at, change, key, removal, token, withCode, write } from './fixtures.ts';

type TestClock = { readonly now: () => number; readonly set: (ms: number) => void };

const dose = { type: 'Observation' } as const;

/** Lines and replaced versions of all pages, as `id/version`. */
async function readAll(
  store: Store,
  query: Omit<SnapshotQuery, 'count'>,
  count = 2,
  between = async () => {},
) {
  const found: string[] = [];
  let after: string | undefined;
  do {
    const page = await store.scanSnapshot({ ...query, count, ...(after !== undefined && { after }) });
    const text = Buffer.from(page.lines).toString();
    const lines = text.split('\n').slice(0, -1);
    expect(text === '' || text.endsWith('\n')).toBe(true);
    expect(lines).toHaveLength(page.count);
    for (const line of [...lines, ...page.replaced.map((one) => one.text)]) {
      const { id, meta } = JSON.parse(line) as { readonly id: string; readonly meta: { versionId: string } };
      found.push(`${id}/${meta.versionId}`);
    }
    after = page.next;
    await between();
  } while (after !== undefined);
  expect(new Set(found).size).toBe(found.length);
  return found.sort();
}

async function deletesOf(store: Store, position: string, since: SnapshotSince) {
  const found: string[] = [];
  let after: string | undefined;
  do {
    const query = { type: 'Observation', at: position, since, count: 1 } as const;
    const page = await store.snapshotDeletes(after === undefined ? query : { ...query, after });
    found.push(...page.versions.map(({ id, versionId }) => `${id}/${versionId}`));
    after = page.next;
  } while (after !== undefined);
  return found.sort();
}

export function describeSnapshots(open: () => Store, clock: TestClock) {
  describe('snapshots', () => {
    const put = (id: string, version: number, more: Parameters<typeof change>[0] = {}) =>
      write(open(), change({ ...dose, id, version, lastUpdated: clock.now(), ...more }));
    const remove = (id: string, version: number) =>
      write(open(), removal({ ...dose, id, version, lastUpdated: clock.now() }));
    const take = async () => {
      const taken = await open().snapshot();
      clock.set(clock.now() + 1000);
      return taken;
    };
    const query = (position: string, filter: Filter = everything) =>
      ({ type: 'Observation', at: position, filter }) as const;

    it('answers what an empty store holds', async () => {
      clock.set(5000);
      const { position, time } = await take();
      expect(time).toBe(5000);
      expect(await readAll(open(), query(position))).toEqual([]);
    });

    it('answers each resource in its version of the moment, whatever is written, changed, deleted and brought back since', async () => {
      clock.set(5000);
      for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'h']) await put(id, 1);
      await put('b', 2);
      await remove('f', 2);
      await remove('h', 2);
      const { position, time } = await take();
      await put('a', 2);
      await put('b', 3);
      await remove('c', 2);
      await remove('d', 2);
      await put('d', 3);
      await put('f', 3);
      await put('g', 1);
      expect(await readAll(open(), query(position))).toEqual(['a/1', 'b/2', 'c/1', 'd/1', 'e/1']);
      expect(await readAll(open(), query(position), 100)).toEqual(['a/1', 'b/2', 'c/1', 'd/1', 'e/1']);
      const stored = (await open().read(key('Observation', 'e')))?.lastUpdated ?? Number.NaN;
      expect(stored).toBeLessThanOrEqual(time);
    });

    it('goes on so while others write between the pages', async () => {
      clock.set(5000);
      const ids = Array.from({ length: 20 }, (_, i) => `r${String(i).padStart(2, '0')}`);
      for (const id of ids) await put(id, 1);
      const { position } = await take();
      let turn = 0;
      const between = async () => {
        const id = ids[(turn * 7) % ids.length] ?? '';
        const current = await open().read(key('Observation', id));
        clock.set(clock.now() + 1);
        if (turn % 3 === 2) await remove(id, (current?.versionId ?? 0) + 1);
        else await put(id, (current?.versionId ?? 0) + 1);
        await put(`r${String(turn % 20).padStart(2, '0')}x${turn}`, 1);
        turn++;
      };
      expect(await readAll(open(), query(position), 3, between)).toEqual(ids.map((id) => `${id}/1`));
    });

    it('asks the filter of what has not changed, and leaves the rest to be judged', async () => {
      clock.set(5000);
      await put('a', 1, { index: { code: [token('x')] } });
      await put('b', 1, { index: { code: [token('y')] } });
      await put('c', 1, { index: { code: [token('x')] } });
      await put('d', 1, { index: { code: [token('y')] } });
      const { position } = await take();
      await put('c', 2, { index: { code: [token('y')] } });
      await put('d', 2, { index: { code: [token('y')] } });
      const page = await open().scanSnapshot({ ...query(position, withCode('x')), count: 10 });
      expect(page.count).toBe(1);
      expect(Buffer.from(page.lines).toString()).toContain('"a"');
      expect(page.replaced.map(({ id, versionId }) => `${id}/${versionId}`).sort()).toEqual(['c/1', 'd/1']);
    });

    it('tells whom the lines are about, where it is asked', async () => {
      clock.set(5000);
      await put('a', 1, { patients: ['p'] });
      await put('b', 1, { patients: ['p', 'q'] });
      await put('c', 1);
      await put('d', 1, { patients: ['r'] });
      await put('e', 1, { patients: ['s'] });
      const { position } = await take();
      await put('d', 2, { patients: ['t'] });
      await put('f', 1, { patients: ['u'] });
      const told = { ...query(position), count: 10, withPatients: true };
      const page = await open().scanSnapshot(told);
      expect(page.patients?.toSorted()).toEqual(['p', 'q', 's']);
      expect((await open().scanSnapshot({ ...told, withPatients: false })).patients).toBeUndefined();
      expect((await open().scanSnapshot({ ...told, type: 'Encounter' })).patients ?? []).toEqual([]);
    });

    it('answers what was written after an earlier moment or instant', async () => {
      clock.set(5000);
      await put('a', 1);
      await put('b', 1);
      const first = await take();
      await put('b', 2);
      await put('c', 1);
      await put('d', 1);
      const second = await take();
      await put('c', 2);
      await put('e', 1);
      const since = (of: SnapshotSince) => readAll(open(), { ...query(second.position), since: of });
      expect(await since({ position: first.position })).toEqual(['b/2', 'c/1', 'd/1']);
      expect(await since({ time: first.time })).toEqual(['b/2', 'c/1', 'd/1']);
      expect(await since({ time: at(0) })).toEqual(['a/1', 'b/2', 'c/1', 'd/1']);
      expect(await since({ position: second.position })).toEqual([]);
    });

    it('answers what was deleted between two moments and not brought back', async () => {
      clock.set(5000);
      for (const id of ['a', 'b', 'c', 'd', 'e']) await put(id, 1);
      await remove('a', 2);
      const first = await take();
      await remove('b', 2);
      await remove('c', 2);
      await put('c', 3);
      await remove('d', 2);
      const second = await take();
      await put('d', 3);
      await remove('e', 2);
      expect(await deletesOf(open(), second.position, { position: first.position })).toEqual(['b/2', 'd/2']);
      expect(await deletesOf(open(), second.position, { time: first.time })).toEqual(['b/2', 'd/2']);
      expect(await deletesOf(open(), second.position, { time: at(0) })).toEqual(['a/2', 'b/2', 'd/2']);
    });

    it('answers only those deletes that concern whom is asked for', async () => {
      clock.set(5000);
      await put('a', 1, { patients: ['p'] });
      await put('b', 1, { patients: ['q'] });
      const { position } = await take();
      await remove('a', 2);
      await remove('b', 2);
      const later = await take();
      const page = await open().snapshotDeletes({
        type: 'Observation',
        at: later.position,
        since: { position },
        only: { kind: 'concerns', anyOf: ['q'] },
        count: 10,
      });
      expect(page.versions.map(({ id }) => id)).toEqual(['b']);
    });
  });
}
