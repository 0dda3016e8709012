import { type Collection, MongoBulkWriteError, MongoServerError } from 'mongodb';
import { openBatches } from './batches.ts';
import type { ResourceDocument } from './documents.ts';
import { duplicateKey } from './store-errors.ts';

export type Inserter = {
  /** False when the key is taken. */
  readonly insert: (document: ResourceDocument) => Promise<boolean>;
};

type Waiting = {
  readonly document: ResourceDocument;
  readonly resolve: (inserted: boolean) => void;
  readonly reject: (error: unknown) => void;
};

/** New resources that arrive while earlier ones are being written go together: one round trip and one journal flush. */
const batchSize = 500;
const batchBytes = 8 * 1024 * 1024;
const batchesUnderWay = 2;

export function openInserter(resources: Collection<ResourceDocument>): Inserter {
  const write = (batch: readonly Waiting[]) => insertTogether(resources, batch);
  const add = openBatches({ take: takeBatch, send: write, underWay: batchesUnderWay });
  return { insert: (document) => new Promise((resolve, reject) => add({ document, resolve, reject })) };
}

function takeBatch(waiting: Waiting[]): readonly Waiting[] {
  let bytes = 0;
  const end = waiting.findIndex(({ document }, i) => {
    bytes += document.text?.length ?? 0;
    return i >= batchSize || (i > 0 && bytes > batchBytes);
  });
  return waiting.splice(0, end < 0 ? waiting.length : end);
}

async function insertTogether(
  resources: Collection<ResourceDocument>,
  batch: readonly Waiting[],
): Promise<void> {
  try {
    await resources.insertMany(
      batch.map(({ document }) => document),
      { ordered: false },
    );
    for (const { resolve } of batch) resolve(true);
  } catch (error) {
    settle(batch, error);
  }
}

/** Each one has its own fate where the database told it; the others share the error, and are looked for by their writers. */
function settle(batch: readonly Waiting[], error: unknown): void {
  const told = error instanceof MongoBulkWriteError ? [error.writeErrors].flat() : [];
  const isConcernMet = error instanceof MongoBulkWriteError && !error.result.getWriteConcernError();
  const faults = new Map(told.map((fault) => [fault.index, fault]));
  for (const [i, { resolve, reject }] of batch.entries()) {
    const fault = faults.get(i);
    if (fault?.code === duplicateKey) resolve(false);
    else if (fault)
      reject(new MongoServerError({ message: fault.errmsg ?? 'not inserted', code: fault.code }));
    else if (faults.size > 0 && isConcernMet) resolve(true);
    else reject(error);
  }
}
