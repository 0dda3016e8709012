import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { matches } from '../../src/search/matches.ts';
import { compareIndexed } from '../../src/search/sort.ts';
import type { Store } from '../../src/store/contract/store.ts';
import type { Clock } from '../../src/values/clock.ts';
import { describeAliases } from './aliases.ts';
import { filter as anyFilter, resources, sort, types } from './arbitrary.ts';
import { describeAudit } from './audit.ts';
import { expectModel, steps, takeSteps, versionFilter } from './changing-world.ts';
import { describeFits } from './fits.ts';
import { at, findAll, key, toChange, worldOf, write } from './fixtures.ts';
import { describeHistory } from './history.ts';
import { describePatients } from './patients.ts';
import { describeRaces } from './races.ts';
import { describeRecords } from './records.ts';
import { describeSearching } from './searching.ts';
import { describeSnapshots } from './snapshots.ts';
import { describeWriting } from './writing.ts';

/** What any store owes the rest of the program. `runs` = how many random worlds to try. */
export function describeStore(name: string, runs: number, open: (clock: Clock) => Promise<Store>) {
  describe(`${name} keeps the store contract`, () => {
    let store: Store;
    let now = at(1000);
    const clock = {
      now: () => now,
      set: (ms: number) => {
        now = at(ms);
      },
    };
    beforeEach(async () => {
      store = await open(clock);
    });
    afterEach(() => store.close());

    describeWriting(() => store);
    describeRaces(() => store);
    describeSearching(() => store);
    describePatients(() => store);
    describeAliases(() => store);
    describeHistory(() => store);
    describeRecords(() => store, clock);
    describeFits(() => store);
    describeAudit(() => store);
    describeSnapshots(() => store, clock);

    it('answers that it is there', async () => {
      await expect(store.check()).resolves.toBeUndefined();
    });

    it('refuses to write once it is closed', async () => {
      const other = await open(clock);
      await other.close();
      await expect(write(other)).rejects.toThrow();
      await expect(other.read(key('Patient', 'a'))).rejects.toThrow();
    });

    it('knows whom all versions concern and which marks Patients bear, whatever was written', async () => {
      const property = fc.asyncProperty(
        steps,
        fc.array(versionFilter, { minLength: 1, maxLength: 6 }),
        async (taken, filters) => {
          const emptied = await open(clock);
          try {
            await expectModel(emptied, await takeSteps(emptied, taken), filters);
          } finally {
            await emptied.close();
          }
        },
      );
      await fc.assert(property, { numRuns: runs });
    }, 240_000);

    it('finds exactly what the meaning of a filter says, in the order of the sort', async () => {
      const property = fc.asyncProperty(
        resources,
        fc.array(anyFilter, { minLength: 1, maxLength: 8 }),
        sort,
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom([...types], [...types], ...types.map((type) => [type])),
        async (stored, filters, keys, count, asked) => {
          const emptied = await open(clock);
          try {
            await write(emptied, ...stored.map(toChange));
            for (const filter of filters) {
              const expected = stored
                .filter(
                  (one) => asked.some((type) => type === one.type) && matches(filter, one, worldOf(stored)),
                )
                .sort((a, b) => compareIndexed(keys, a, b))
                .map((one) => `${one.type}/${one.id}`);
              const query = { types: asked, filter, sort: keys, count };
              expect(await findAll(emptied, query)).toEqual(expected);
              expect(await emptied.count(asked, filter)).toBe(expected.length);
            }
          } finally {
            await emptied.close();
          }
        },
      );
      await fc.assert(property, { numRuns: runs });
    }, 240_000);
  });
}
