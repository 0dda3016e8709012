import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { BSON, type Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import type { StoredVersion } from '../../src/store/contract/store.ts';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import { auditRow, change } from '../contract/fixtures.ts';
import { noMongo, testMongo, withClient } from './test-mongo.ts';

const data = new URL('../data/upgrade/', import.meta.url);
const { versions } = JSON.parse(readFileSync(new URL('sqlite-0002.json', data), 'utf8')) as {
  readonly versions: readonly StoredVersion[];
};
const documents = gunzipSync(readFileSync(new URL('mongo-0002.ndjson.gz', data)))
  .toString()
  .trim()
  .split('\n')
  .map((line) => BSON.EJSON.parse(line) as { readonly collection: string; readonly document: Document });

const mongo = await testMongo();

if (!mongo) it.skip(`a database that had no audit: ${noMongo}`, () => undefined);
else {
  describe('a database that had no audit', () => {
    it('answers what it answered before, and keeps rows from then on', async () => {
      const url = mongo.freshUrl();
      await withClient(url, async (client) => {
        for (const { collection, document } of documents) {
          await client.db().collection(collection).insertOne(document);
        }
      });
      const store = await openMongoStore({ url });
      expect((await store.history({ count: 100 })).versions).toEqual(versions);
      expect(await store.searchAudit({ count: 9 })).toEqual({ rows: [] });
      const [read, written] = [auditRow({ patients: ['ann'] }), auditRow({ patients: ['bob'] })];
      await store.appendAudit([read]);
      await store.write({ changes: [change({ id: 'bob-2' })], guards: [], audit: [written] });
      expect((await store.searchAudit({ patients: ['ann'], count: 9 })).rows).toEqual([read]);
      expect((await store.searchAudit({ patients: ['bob'], count: 9 })).rows).toEqual([written]);
      await store.close();
    });
  });
}
