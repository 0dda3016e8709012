import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Collection } from 'mongodb';
import type { IndexValue } from '../../search/index-values.ts';
import {
  type Change,
  StoreBusyError,
  type WriteOutcome,
  type WriteUnit,
  WriteUnknownError,
} from '../contract/store.ts';
import { requireFitting } from './document-size.ts';
import { documentKey, toDocument } from './documents.ts';
import { findGuarded } from './find-guarded.ts';
import { findUnfit } from './judge-fits.ts';
import type { Reader } from './reader.ts';
import { isDuplicateKey, isUnsettled, toStoreError } from './store-errors.ts';

/**
 * The one document by which guarded writes take turns where there are no transactions. To take the next turn is to
 * commit: the document then holds what is to be written, and whoever finds it there finishes it first.
 */
export type TicketDocument = {
  readonly _id: 'guard';
  readonly turn: number;
  readonly pending?: Pending;
};

/** Parameters are values here, since a field name may not hold every character. */
type Pending = {
  readonly id: string;
  readonly change: Omit<Change, 'index'> & { readonly index: readonly [string, readonly IndexValue[]][] };
};

type Apply = (change: Change, id: string) => Promise<WriteOutcome>;

export type GuardTicket = {
  /** For a unit of one change at most. */
  readonly write: (unit: WriteUnit, apply: Apply) => Promise<WriteOutcome>;
};

const maxAttempts = 200;

export function openGuardTicket(tickets: Collection<TicketDocument>, reader: Reader): GuardTicket {
  let queue: Promise<unknown> = Promise.resolve();
  return {
    write: (unit, apply) => {
      const mine = queue.then(() => takeTurn(tickets, reader, unit, apply));
      queue = mine.catch(() => undefined);
      return mine;
    },
  };
}

async function takeTurn(
  tickets: Collection<TicketDocument>,
  reader: Reader,
  unit: WriteUnit,
  apply: Apply,
): Promise<WriteOutcome> {
  const [change] = unit.changes;
  const id = randomUUID();
  if (change) requireFitting(toDocument(change, id));
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const turn = await settleTurn(tickets, apply);
    const refusal = await judge(reader, unit);
    if (refusal) return refusal;
    if (!change) return { kind: 'committed' };
    if (await advance(tickets, turn, { id, change: { ...change, index: Object.entries(change.index) } })) {
      const outcome = await apply(change, id);
      await clear(tickets, turn + 1);
      return outcome;
    }
    await wait(Math.random() * 10);
  }
  throw new StoreBusyError(`Others took the turn to write ${maxAttempts} times in a row.`);
}

/** The turn that the next writer follows, once what belongs to it is written. */
async function settleTurn(tickets: Collection<TicketDocument>, apply: Apply): Promise<number> {
  const ticket = (await tickets.findOne({ _id: 'guard' })) ?? (await makeTicket(tickets));
  const { turn, pending } = ticket;
  if (pending) {
    const { index, ...rest } = pending.change;
    await apply({ ...rest, index: Object.fromEntries(index) }, pending.id);
    await clear(tickets, turn);
  }
  return turn;
}

async function makeTicket(tickets: Collection<TicketDocument>): Promise<TicketDocument> {
  const first: TicketDocument = { _id: 'guard', turn: 0 };
  try {
    await tickets.insertOne(first);
    return first;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return (await tickets.findOne({ _id: 'guard' })) ?? first;
  }
}

async function judge(reader: Reader, unit: WriteUnit): Promise<WriteOutcome | undefined> {
  const { changes, guards } = unit;
  for (const [i, change] of changes.entries()) {
    const key = documentKey(change);
    const current = await reader.resources.findOne({ _id: key }, { projection: { version: 1 } });
    const currentVersion = current?.version ?? 0;
    if (currentVersion !== change.expectedVersion) return { kind: 'stale', change: i, currentVersion };
  }
  const guard = await findGuarded(reader, guards);
  if (guard !== undefined) return { kind: 'guarded', guard };
  const fit = await findUnfit(reader, unit);
  return fit === undefined ? undefined : { kind: 'unfit', fit };
}

/** False when somebody else took the turn. */
async function advance(
  tickets: Collection<TicketDocument>,
  turn: number,
  pending: Pending,
): Promise<boolean> {
  try {
    const free = { _id: 'guard' as const, turn, pending: { $exists: false } };
    const { matchedCount } = await tickets.updateOne(free, { $set: { turn: turn + 1, pending } });
    return matchedCount === 1;
  } catch (error) {
    if (!isUnsettled(error)) throw toStoreError(error);
    const text = 'MongoDB was lost while it wrote; whether the write was kept is not known.';
    throw new WriteUnknownError(text, { cause: error });
  }
}

async function clear(tickets: Collection<TicketDocument>, turn: number): Promise<void> {
  await tickets.updateOne({ _id: 'guard', turn }, { $unset: { pending: 1 } });
}
