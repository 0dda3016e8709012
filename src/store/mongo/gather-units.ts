import type { WriteOutcome, WriteUnit } from '../contract/store.ts';
import { openBatches } from './batches.ts';
import { type DocumentKey, documentKey } from './documents.ts';

export type Gathering = {
  /** For a unit that depends on nothing but the versions of what it changes. */
  readonly write: (unit: WriteUnit) => Promise<WriteOutcome>;
};

export type UnitWrites = {
  readonly alone: (unit: WriteUnit) => Promise<WriteOutcome>;
  /** An outcome for each; undefined when they could not be written together, and nothing was kept. */
  readonly together: (units: readonly WriteUnit[]) => Promise<readonly WriteOutcome[] | undefined>;
};

type Waiting = {
  readonly unit: WriteUnit;
  readonly resolve: (outcome: WriteOutcome) => void;
  readonly reject: (error: unknown) => void;
};

/** A transaction is to end soon, and one entry of the log of operations has 16 MiB. */
const mostChanges = 200;
const mostBytes = 8 * 1024 * 1024;
/** The next are gathered while these are on their way. */
const batchesUnderWay = 4;

/**
 * Units that come while others are on their way are one transaction: it costs the database as much as that of one unit.
 * What changes the same resource is never of one transaction.
 */
export function openGathering({ alone, together }: UnitWrites): Gathering {
  const writeEach = async (batch: readonly Waiting[]) => {
    const outcomes = batch.length > 1 ? await together(batch.map(({ unit }) => unit)) : undefined;
    await Promise.all(
      batch.map(async ({ unit, resolve, reject }, i) => {
        const outcome = outcomes?.[i];
        if (outcome) resolve(outcome);
        else await alone(unit).then(resolve, reject);
      }),
    );
  };
  const write = (batch: readonly Waiting[]) =>
    writeEach(batch).catch((error: unknown) => {
      for (const { reject } of batch) reject(error);
    });
  const add = openBatches({ take: takeBatch, send: write, underWay: batchesUnderWay });
  return { write: (unit) => new Promise((resolve, reject) => add({ unit, resolve, reject })) };
}

/** Those that came first, up to the first that changes what one before it changes. */
function takeBatch(waiting: Waiting[]): readonly Waiting[] {
  const taken = new Set<DocumentKey>();
  let [changes, bytes] = [0, 0];
  const end = waiting.findIndex(({ unit }, i) => {
    const keys = unit.changes.map(documentKey);
    changes += keys.length;
    for (const { text } of unit.changes) bytes += text?.length ?? 0;
    const isAgain = keys.some((key) => taken.has(key));
    for (const key of keys) taken.add(key);
    return i > 0 && (isAgain || changes > mostChanges || bytes > mostBytes);
  });
  return waiting.splice(0, end < 0 ? waiting.length : end);
}
