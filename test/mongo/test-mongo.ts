import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { afterAll } from 'vitest';

export type TestMongo = {
  /** The URL of a database of its own; it is dropped when the file is through. */
  readonly freshUrl: () => string;
  /** Whether several changes can be written as one here. */
  readonly transactions: boolean;
  /** What this engine cannot do, by the names of the probe of `npm run test:mongo`. */
  readonly lacks: readonly string[];
};

/** The MongoDB of JENNER_TEST_MONGO_URL; undefined when there is none. */
export async function testMongo(): Promise<TestMongo | undefined> {
  const url = process.env['JENNER_TEST_MONGO_URL'];
  if (url === undefined || url === '') return undefined;
  const names: string[] = [];
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 5_000 });
  await client.connect();
  const hello = await client.db('admin').command({ hello: 1 });
  afterAll(async () => {
    for (const name of names) await client.db(name).dropDatabase();
    await client.close();
  }, 120_000);
  return {
    freshUrl: () => {
      const name = `jenner-test-${randomUUID()}`;
      names.push(name);
      return withDatabase(url, name);
    },
    transactions: hello['setName'] !== undefined || hello['msg'] === 'isdbgrid',
    lacks: (process.env['JENNER_TEST_MONGO_LACKS'] ?? '').split(',').filter((name) => name !== ''),
  };
}

/** mongodb://hosts/database?options */
export function withDatabase(url: string, name: string): string {
  const parts = /^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?[^?]*(\?.*)?$/.exec(url);
  if (!parts) throw new Error('JENNER_TEST_MONGO_URL is not a MongoDB URL');
  return `${parts[1]}/${name}${parts[2] ?? ''}`;
}
