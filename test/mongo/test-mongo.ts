import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { afterAll } from 'vitest';

export type TestMongo = {
  /** The URL of a database of its own; it is dropped when the file is through. */
  readonly freshUrl: () => string;
  /** Whether several changes can be written as one here. */
  readonly transactions: boolean;
  /** Whether it is a router of a sharded cluster. */
  readonly sharded: boolean;
};

/** The MongoDB that tests are given; undefined when there is none. */
export function testMongoUrl(): string | undefined {
  const url = process.env['JENNER_TEST_MONGO_URL'];
  return url === '' ? undefined : url;
}

/** What the MongoDB under test cannot do, by the names of the probe of `npm run test:mongo`. */
export const lacks: readonly string[] = (process.env['JENNER_TEST_MONGO_LACKS'] ?? '').split(',');

/** Why tests are skipped; said in their titles. */
export const noMongo = 'JENNER_TEST_MONGO_URL names no MongoDB: npm run test:mongo';

/** The MongoDB of JENNER_TEST_MONGO_URL; undefined when there is none. */
export async function testMongo(): Promise<TestMongo | undefined> {
  const url = testMongoUrl();
  if (url === undefined) return undefined;
  const urls: string[] = [];
  const hello = await withClient(url, (client) => client.db('admin').command({ hello: 1 }));
  afterAll(async () => {
    for (const each of urls) await dropDatabase(each);
  }, 300_000);
  return {
    freshUrl: () => {
      const fresh = freshDatabase(url);
      urls.push(fresh);
      return fresh;
    },
    transactions: hello['setName'] !== undefined || hello['msg'] === 'isdbgrid',
    sharded: hello['msg'] === 'isdbgrid',
  };
}

/** mongodb://hosts/database?options with a database of a new name. */
export function freshDatabase(url: string): string {
  const parts = /^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?[^?]*(\?.*)?$/.exec(url);
  if (!parts) throw new Error('JENNER_TEST_MONGO_URL is not a MongoDB URL');
  return `${parts[1]}/jenner-test-${randomUUID()}${parts[2] ?? ''}`;
}

export async function dropDatabase(url: string): Promise<void> {
  await withClient(url, (client) => client.db().dropDatabase());
}

export async function withClient<Result>(
  url: string,
  work: (client: MongoClient) => Promise<Result>,
): Promise<Result> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 5_000 });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** Shards the collections of a new database, as docs/operations.md says. */
export async function shardCollections(url: string): Promise<void> {
  await withClient(url, async (client) => {
    const db = client.db();
    const admin = client.db('admin');
    await admin.command({ enableSharding: db.databaseName });
    const keys = { resource: { patient: 1, _id: 1 }, history: { patient: 1, _id: 1 } } as const;
    for (const [name, key] of Object.entries(keys)) {
      await db.collection(name).createIndex(key);
      await admin.command({ shardCollection: `${db.databaseName}.${name}`, key });
    }
    for (const name of ['reservation', 'person']) {
      await db.collection(name).createIndex({ _id: 'hashed' });
      await admin.command({ shardCollection: `${db.databaseName}.${name}`, key: { _id: 'hashed' } });
    }
  });
}
