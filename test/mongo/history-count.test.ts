import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openArchive } from '../../src/store/mongo/archive.ts';
import type { HistoryDocument, ResourceDocument } from '../../src/store/mongo/documents.ts';
import { countVersions } from '../../src/store/mongo/history.ts';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import type { PersonDocument } from '../../src/store/mongo/persons.ts';
import type { Reader } from '../../src/store/mongo/reader.ts';
import { openSettler } from '../../src/store/mongo/settler.ts';
import { change, write } from '../contract/fixtures.ts';
import { noMongo, testMongo } from './test-mongo.ts';

const mongo = await testMongo();

if (!mongo) it.skip(`counting what moves to the history: ${noMongo}`, () => undefined);
else {
  const url = mongo.freshUrl();
  const client = new MongoClient(url);
  const resources = client.db().collection<ResourceDocument>('resource');
  const history = client.db().collection<HistoryDocument>('history');
  const persons = client.db().collection<PersonDocument>('person');

  beforeAll(async () => {
    const store = await openMongoStore({ url });
    await write(store, change({ id: 'a' }));
    await write(store, change({ id: 'a', version: 2 }));
    await store.close();
  });
  afterAll(() => client.close());

  it('counts a version once that moves between any two questions', async () => {
    for (let step = 1; step <= 6; step++) {
      const old = await history.findOneAndDelete({ key: 'Patient/a' });
      if (!old) throw new Error('the old version is not in the history');
      const { _id, key, type, until, ...previous } = old;
      await resources.updateOne({ _id: key }, { $set: { previous } });
      let asked = 0;
      const movingAfter = (collection: object) =>
        new Proxy(collection, {
          get: (target, name) => {
            const member: unknown = Reflect.get(target, name);
            if (name !== 'countDocuments' && name !== 'find') {
              return typeof member === 'function' ? member.bind(target) : member;
            }
            return (...args: unknown[]) => {
              const found = (member as (...given: unknown[]) => unknown).apply(target, args);
              asked++;
              if (asked !== step) return found;
              return name === 'countDocuments' ? thenMove(found as Promise<number>) : found;
            };
          },
        });
      const thenMove = async (found: Promise<number>) => {
        const count = await found;
        const document = await resources.findOne({ _id: key });
        if (document) await openArchive(resources, history).move(document);
        return count;
      };
      const reader: Reader = {
        resources: movingAfter(resources) as Reader['resources'],
        history: movingAfter(history) as Reader['history'],
        persons,
        settler: openSettler({ resources, persons }),
        sharded: false,
        smallSet: 1000,
      };
      expect(await countVersions(reader, { type: 'Patient', count: 1 }), `moved after question ${step}`).toBe(
        2,
      );
      const document = await resources.findOne({ _id: key });
      if (document?.previous) await openArchive(resources, history).move(document);
    }
  });
}
