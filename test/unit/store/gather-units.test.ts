import { beforeEach, describe, expect, it } from 'vitest';
import type { WriteOutcome, WriteUnit } from '../../../src/store/contract/store.ts';
import { type Gathering, openGathering } from '../../../src/store/mongo/gather-units.ts';
import { change } from '../../contract/fixtures.ts';

const committed: WriteOutcome = { kind: 'committed' };
const stale: WriteOutcome = { kind: 'stale', change: 0, currentVersion: 3 };

/** Changes the Patients with these ids. */
const unit = (...ids: string[]): WriteUnit => ({
  changes: ids.map((id) => change({ type: 'Patient', id })),
  guards: [],
});
const idsOf = (units: readonly WriteUnit[]) => units.map(({ changes }) => changes.map(({ id }) => id).join());

describe('units that are written together', () => {
  let written: (readonly string[])[];
  let gathering: Gathering;
  let outcomeOf: (unit: WriteUnit) => WriteOutcome;
  /** Undefined: they cannot be written together. */
  let together: (units: readonly WriteUnit[]) => Promise<readonly WriteOutcome[] | undefined>;

  beforeEach(() => {
    written = [];
    outcomeOf = () => committed;
    together = async (units) => units.map(outcomeOf);
    gathering = openGathering({
      alone: async (one) => {
        written.push(idsOf([one]));
        return outcomeOf(one);
      },
      together: (units) => {
        written.push(idsOf(units));
        return together(units);
      },
    });
  });

  it('are those of one turn', async () => {
    await Promise.all(['a', 'b', 'c'].map((id) => gathering.write(unit(id))));
    await gathering.write(unit('d'));
    expect(written).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('are those that came while four batches were on their way', async () => {
    const ends: (() => void)[] = [];
    together = (units) => new Promise((resolve) => ends.push(() => resolve(units.map(outcomeOf))));
    const all: Promise<WriteOutcome>[] = [];
    for (let n = 0; n < 6; n++) {
      all.push(gathering.write(unit(`a${n}`)), gathering.write(unit(`b${n}`)));
      await new Promise(setImmediate);
    }
    expect(written).toHaveLength(4);
    ends[0]?.();
    await new Promise(setImmediate);
    expect(written[4]).toEqual(['a4', 'b4', 'a5', 'b5']);
    for (const end of ends) end();
    expect(await Promise.all(all)).toHaveLength(12);
  });

  it('have nothing in common', async () => {
    await Promise.all([unit('a', 'b'), unit('c'), unit('b'), unit('d')].map((one) => gathering.write(one)));
    expect(written).toEqual([
      ['a,b', 'c'],
      ['b', 'd'],
    ]);
  });

  it('may change one resource twice, each of them', async () => {
    await Promise.all([unit('a', 'a'), unit('b')].map((one) => gathering.write(one)));
    expect(written).toEqual([['a,a', 'b']]);
  });

  it('are two hundred changes at most, however many one has', async () => {
    const many = (prefix: string, count: number) =>
      unit(...Array.from({ length: count }, (_, n) => `${prefix}${n}`));
    await Promise.all([many('a', 150), many('b', 51), many('c', 300)].map((one) => gathering.write(one)));
    expect(written.map((units) => units.length)).toEqual([1, 1, 1]);
    written = [];
    await Promise.all([many('a', 150), many('b', 50), many('c', 1)].map((one) => gathering.write(one)));
    expect(written.map((units) => units.length)).toEqual([2, 1]);
  });

  it('are eight mebibytes at most', async () => {
    const large = (id: string): WriteUnit => {
      const [one] = unit(id).changes;
      return { changes: one ? [{ ...one, text: 'x'.repeat(5 * 1024 * 1024) }] : [], guards: [] };
    };
    await Promise.all(['a', 'b'].map((id) => gathering.write(large(id))));
    expect(written).toEqual([['a'], ['b']]);
  });

  it('have each an outcome of its own', async () => {
    outcomeOf = ({ changes }) => (changes[0]?.id === 'b' ? stale : committed);
    const all = ['a', 'b', 'c'].map((id) => gathering.write(unit(id)));
    expect(await Promise.all(all)).toEqual([committed, stale, committed]);
  });

  it('are written one by one where they cannot be together', async () => {
    outcomeOf = ({ changes }) => {
      if (changes[0]?.id === 'b') throw new Error('b cannot be kept');
      return committed;
    };
    together = async () => undefined;
    const all = await Promise.allSettled(['a', 'b', 'c'].map((id) => gathering.write(unit(id))));
    expect(written).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['c']]);
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('share what became of them where nobody knows it', async () => {
    together = () => Promise.reject(new Error('lost'));
    const all = await Promise.allSettled(['a', 'b'].map((id) => gathering.write(unit(id))));
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(written).toEqual([['a', 'b']]);
    together = async (units) => units.map(outcomeOf);
    expect(await gathering.write(unit('c'))).toEqual(committed);
  });
});
