import { describe, it } from 'vitest';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import { noMongo, shardCollections, testMongo } from '../mongo/test-mongo.ts';
import { describeStore } from './store-contract.ts';

const mongo = await testMongo();

if (mongo) {
  describeStore('mongo', 30, (clock) => openMongoStore({ url: mongo.freshUrl(), clock }));
  // Chains that end in many resources are tested batch by batch; here all of them are.
  describeStore('mongo by batches', 15, (clock) =>
    openMongoStore({ url: mongo.freshUrl(), clock, smallSet: -1 }),
  );
  // A single node has none: guarded writes take turns in another way.
  describeStore('mongo without transactions', 10, (clock) =>
    openMongoStore({ url: mongo.freshUrl(), clock, transactions: false }),
  );
  if (mongo.sharded) {
    describeStore('mongo on shards', 10, async (clock) => {
      const url = mongo.freshUrl();
      await shardCollections(url);
      return openMongoStore({ url, clock });
    });
  } else {
    it.skip('mongo on shards keeps the store contract: the MongoDB is no router of a cluster', () =>
      undefined);
  }
} else {
  describe('mongo keeps the store contract', () => {
    it.skip(noMongo, () => undefined);
  });
}
