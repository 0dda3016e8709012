import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Filter, nothing } from '../../src/search/filter.ts';
import type { Indexed } from '../../src/search/index-values.ts';
import { matches } from '../../src/search/matches.ts';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import { filter, resources } from '../contract/arbitrary.ts';
import { toChange, worldOf, write } from '../contract/fixtures.ts';
import { noMongo, testMongo } from './test-mongo.ts';

const mongo = await testMongo();
const name = 'takes what fits by the meaning of the filter, chains and reach included, once it is written';

if (!mongo) it.skip(`${name}: ${noMongo}`, () => undefined);
else {
  it.each([1, 2])(`${name}: %i at once`, { timeout: 240_000 }, async (together) => {
    const property = fc.asyncProperty(
      resources,
      fc.array(filter, { minLength: together, maxLength: together }),
      async (all, filters) => {
        const written = all.slice(0, together);
        const store = await openMongoStore({ url: mongo.freshUrl() });
        try {
          await write(store, ...all.slice(together).map(toChange));
          const fits = written.map((_, change) => ({
            change,
            filter: filters[change] ?? nothing,
          }));
          const unfit = written.findIndex((one, i) => !willMatch(one, filters[i], all));
          const outcome = await store.write({
            changes: written.map(toChange),
            guards: [],
            fits,
          });
          expect(outcome).toEqual(unfit < 0 ? { kind: 'committed' } : { kind: 'unfit', fit: unfit });
        } finally {
          await store.close();
        }
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });
}

function willMatch(one: Indexed, asked: Filter | undefined, all: readonly Indexed[]): boolean {
  return asked !== undefined && matches(asked, one, worldOf(all));
}
