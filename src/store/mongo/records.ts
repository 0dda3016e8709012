import type { Collection } from 'mongodb';
import { type Clock, systemClock } from '../../values/clock.ts';
import { type EpochMs, toDate } from '../../values/instant.ts';
import type { StoreRecord } from '../contract/store.ts';

/** `_id` is the collection and the key as JSON, which keeps keys of any characters apart. */
export type RecordDocument = {
  readonly _id: string;
  readonly collection: string;
  readonly key: string;
  readonly value: string;
  readonly expires?: number;
  /** When the database may remove it, by its own clock. */
  readonly until?: ReturnType<typeof toDate>;
};

/** Reading looks at `expires` by itself; the removal may well come later, and must not come earlier. */
const graceMs = 60_000;

function recordId(collection: string, key: string): string {
  return `${collection}/${JSON.stringify(key)}`;
}

export async function readRecord(
  records: Collection<RecordDocument>,
  collection: string,
  key: string,
  now: EpochMs,
): Promise<StoreRecord | undefined> {
  const found = await records.findOne({ _id: recordId(collection, key) });
  return found && !isExpired(found, now) ? toRecord(found) : undefined;
}

export async function listRecords(
  records: Collection<RecordDocument>,
  collection: string,
  now: EpochMs,
): Promise<readonly StoreRecord[]> {
  const found = await records.find({ collection }).toArray();
  return found.filter((record) => !isExpired(record, now)).map(toRecord);
}

export async function writeRecord(
  records: Collection<RecordDocument>,
  { collection, key, value, expires }: StoreRecord,
  clock: Clock,
): Promise<void> {
  const document = {
    collection,
    key: JSON.stringify(key),
    value,
    ...(expires !== undefined && { expires, until: removalOf(expires, clock) }),
  };
  await records.replaceOne({ _id: recordId(collection, key) }, document, { upsert: true });
}

export async function deleteRecord(
  records: Collection<RecordDocument>,
  collection: string,
  key: string,
): Promise<void> {
  await records.deleteOne({ _id: recordId(collection, key) });
}

/** The clock of the database need not show what ours does. */
function removalOf(expires: EpochMs, clock: Clock): ReturnType<typeof toDate> {
  const remaining = Math.max(0, expires - clock.now());
  return toDate((systemClock.now() + remaining + graceMs) as EpochMs);
}

function isExpired({ expires }: RecordDocument, now: EpochMs): boolean {
  return expires !== undefined && expires <= now;
}

function toRecord({ collection, key, value, expires }: RecordDocument): StoreRecord {
  return {
    collection,
    key: JSON.parse(key) as string,
    value,
    ...(expires !== undefined && { expires: expires as EpochMs }),
  };
}
