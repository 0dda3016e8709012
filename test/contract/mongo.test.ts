import { describe, it } from 'vitest';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import { noMongo, testMongo } from '../mongo/test-mongo.ts';
import { describeStore } from './store-contract.ts';

const mongo = await testMongo();

if (mongo) {
  describeStore('mongo', 40, (clock) => openMongoStore({ url: mongo.freshUrl(), clock }));
  // Chains that end in many resources are tested batch by batch; here all of them are.
  describeStore('mongo by batches', 25, (clock) =>
    openMongoStore({ url: mongo.freshUrl(), clock, smallSet: -1 }),
  );
  // A single node has none: guarded writes take turns in another way.
  describeStore('mongo without transactions', 10, (clock) =>
    openMongoStore({ url: mongo.freshUrl(), clock, transactions: false }),
  );
} else {
  describe('mongo keeps the store contract', () => {
    it.skip(noMongo, () => undefined);
  });
}
