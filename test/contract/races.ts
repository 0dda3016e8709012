import { describe, expect, it } from 'vitest';
import { type Store, TransactionUnsupportedError } from '../../src/store/contract/store.ts';
import { change, key, reference, removal, token, withCode, write } from './fixtures.ts';

export function describeRaces(getStore: () => Store) {
  describe('races', () => {
    it('answers each of many reads at the same moment with its own', async () => {
      const store = getStore();
      const ids = Array.from({ length: 230 }, (_, n) => `p${n}`);
      await Promise.all(ids.map((id) => write(store, change({ id }))));
      await write(store, removal({ id: 'p7', version: 2 }));
      await write(store, change({ type: 'Observation', id: 'p8', text: '{"o":8}' }));
      const asked = [...ids, 'p3', 'never'].map((id) => key('Patient', id));
      const [observation, ...patients] = await Promise.all([
        store.read(key('Observation', 'p8')),
        ...asked.map((each) => store.read(each)),
      ]);
      expect(observation).toMatchObject({ type: 'Observation', text: '{"o":8}' });
      expect(patients.map((found) => found?.id)).toEqual([...ids, 'p3', undefined]);
      expect(patients.map((found) => found?.versionId)).toEqual([
        ...ids.map((id) => (id === 'p7' ? 2 : 1)),
        1,
        undefined,
      ]);
      expect(patients[7]).not.toHaveProperty('text');
    });

    it('refuses a change that does not follow the current version', async () => {
      const store = getStore();
      await write(store, change());
      expect(await write(store, change())).toEqual({ kind: 'stale', change: 0, currentVersion: 1 });
      expect(await write(store, change({ version: 3, expected: 2 }))).toMatchObject({ currentVersion: 1 });
      await write(store, removal({ version: 2 }));
      expect(await write(store, change({ version: 2 }))).toMatchObject({ kind: 'stale', currentVersion: 2 });
    });

    it('keeps nothing of a unit with one stale change', async () => {
      const store = getStore();
      await write(store, change({ id: 'b' }));
      const changes = [change({ id: 'new', index: { code: [token('x')] } }), change({ id: 'b' })];
      const outcome = store.write({ changes, guards: [] });
      if (store.transactions) {
        expect(await outcome).toEqual({ kind: 'stale', change: 1, currentVersion: 1 });
      } else {
        await expect(outcome).rejects.toThrow(TransactionUnsupportedError);
      }
      expect(await store.read(key('Patient', 'new'))).toBeUndefined();
      expect(await store.count(['Patient'], withCode('x'))).toBe(0);
    });

    it('lets exactly one of many win who expect the same version', async () => {
      const store = getStore();
      await write(store, change());
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, n) => write(store, change({ version: 2, text: `{"n":${n}}` }))),
      );
      expect(outcomes.filter(({ kind }) => kind === 'committed')).toHaveLength(1);
      expect(outcomes.filter(({ kind }) => kind === 'stale')).toHaveLength(19);
      const winner = outcomes.findIndex(({ kind }) => kind === 'committed');
      expect(await store.read(key('Patient', 'a'))).toMatchObject({ versionId: 2, text: `{"n":${winner}}` });
    });

    it('lets exactly one of many create what none may match', async () => {
      const store = getStore();
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          store.write({
            changes: [change({ id: `p${n}`, index: { code: [token('same')] } })],
            guards: [{ type: 'Patient', noneMatch: withCode('same') }],
          }),
        ),
      );
      expect(outcomes.filter(({ kind }) => kind === 'committed')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome.kind === 'guarded' && outcome.guard === 0)).toHaveLength(
        19,
      );
      expect(await store.count(['Patient'], withCode('same'))).toBe(1);
    });

    it('judges every guard, and keeps nothing of a guarded unit', async () => {
      const store = getStore();
      await write(store, change({ id: 'there', index: { code: [token('x')] } }));
      const outcome = await store.write({
        changes: [change({ id: 'new' })],
        guards: [
          { type: 'Patient', noneMatch: withCode('y') },
          { type: 'Observation', noneMatch: withCode('x') },
          { type: 'Patient', noneMatch: withCode('x') },
        ],
      });
      expect(outcome).toEqual({ kind: 'guarded', guard: 2 });
      expect(await store.read(key('Patient', 'new'))).toBeUndefined();
    });

    it('does not let a guard see the changes of its own unit', async () => {
      const store = getStore();
      const unit = {
        changes: [change({ index: { code: [token('x')] } })],
        guards: [{ type: 'Patient' as const, noneMatch: withCode('x') }],
      };
      expect(await store.write(unit)).toEqual({ kind: 'committed' });
    });

    it('asks of a guard that something matches, as it was before the unit', async () => {
      const store = getStore();
      await write(store, change({ id: 'there', index: { code: [token('x')] } }));
      await write(store, change({ id: 'gone', index: { code: [token('z')] } }));
      await write(store, removal({ id: 'gone', version: 2 }));
      const x = { type: 'Patient', someMatch: withCode('x') } as const;
      for (const [code, type] of [
        ['y', 'Patient'],
        ['z', 'Patient'],
        ['x', 'Observation'],
      ] as const) {
        const unit = {
          changes: [change({ id: 'new', index: { code: [token('y')] } })],
          guards: [x, { type, someMatch: withCode(code) }],
        };
        expect(await store.write(unit)).toEqual({ kind: 'guarded', guard: 1 });
      }
      expect(await store.read(key('Patient', 'new'))).toBeUndefined();
      expect(await store.write({ changes: [change({ id: 'new' })], guards: [x] })).toEqual({
        kind: 'committed',
      });
    });

    it('never keeps both a delete that nothing may refer to and a reference that needs its target', async () => {
      const store = getStore();
      const kinds = await Promise.all(
        Array.from({ length: 12 }, async (_, n) => {
          const id = `p${n}`;
          await write(store, change({ id }));
          const toIt = reference('Patient', id);
          const test = { kind: 'reference', anyOf: [toIt] } as const;
          const refers = {
            changes: [change({ type: 'Observation', id: `o${n}`, index: { subject: [toIt] } })],
            guards: [{ type: 'Patient', someMatch: { kind: 'id', anyOf: [id] } } as const],
          };
          const goes = {
            changes: [removal({ id, version: 2 })],
            guards: [{ type: 'Observation', noneMatch: { kind: 'value', param: 'subject', test } } as const],
          };
          const units = n % 2 === 0 ? [refers, goes] : [goes, refers];
          const outcomes = await Promise.all(units.map((unit) => store.write(unit)));
          return outcomes.map(({ kind }) => kind).sort();
        }),
      );
      for (const pair of kinds) expect(pair).toEqual(['committed', 'guarded']);
    });

    it('shows what was committed to the very next read', async () => {
      const store = getStore();
      for (let n = 1; n <= 20; n++) {
        await write(store, change({ version: n, index: { code: [token(`v${n}`)] } }));
        expect(await store.read(key('Patient', 'a'))).toMatchObject({ versionId: n });
        expect(await store.count(['Patient'], withCode(`v${n}`))).toBe(1);
      }
    });
  });
}
