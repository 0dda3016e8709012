import { randomUUID } from 'node:crypto';
import type { Db, MongoClient } from 'mongodb';

/** What a server is, as far as it matters here. */
export type Deployment = {
  readonly kind: 'standalone' | 'replica set' | 'sharded';
  /** Whether a transaction that was aborted has really left nothing: some engines take the commands and do not. */
  readonly transactions: boolean;
};

export async function inspectDeployment(client: MongoClient, db: Db): Promise<Deployment> {
  const hello = await db.admin().command({ hello: 1 });
  const kind = hello['msg'] === 'isdbgrid' ? 'sharded' : hello['setName'] ? 'replica set' : 'standalone';
  return { kind, transactions: kind !== 'standalone' && (await rollsBack(client, db)) };
}

/** Tries it: writes in a transaction, aborts it, and looks. */
async function rollsBack(client: MongoClient, db: Db): Promise<boolean> {
  const probes = db.collection<{ readonly _id: string }>('probe');
  // A collection is made outside, since not every version can make one inside.
  const [before, within] = [randomUUID(), randomUUID()];
  await probes.insertOne({ _id: before });
  const session = client.startSession();
  try {
    session.startTransaction();
    await probes.insertOne({ _id: within }, { session });
    await session.abortTransaction();
    return (await probes.findOne({ _id: within })) === null;
  } catch {
    return false;
  } finally {
    await session.endSession();
    await probes.deleteMany({ _id: { $in: [before, within] } });
  }
}
