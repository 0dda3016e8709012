import type { Collection } from 'mongodb';
import { type Clock, systemClock } from '../../values/clock.ts';
import { type EpochMs, toDate } from '../../values/instant.ts';
import { readKeyCursor, writeKeyCursor } from '../contract/cursor.ts';
import type { RecordPage, RecordQuery, StoreRecord } from '../contract/store.ts';

/** `_id` is the collection and the key as JSON, which keeps keys of any characters apart. */
export type RecordDocument = {
  readonly _id: string;
  readonly collection: string;
  readonly key: string;
  readonly value: string;
  readonly expires?: number;
  /** When the database may remove it, by its own clock. */
  readonly until?: ReturnType<typeof toDate>;
  /** Names the write it came of, so that a lost answer can be settled. */
  readonly writer?: string;
};

/** Reading looks at `expires` by itself; the removal may well come later, and must not come earlier. */
const graceMs = 60_000;

export function recordId(collection: string, key: string): string {
  return `${collection}/${JSON.stringify(key)}`;
}

export async function readRecord(
  records: Collection<RecordDocument>,
  collection: string,
  key: string,
  now: EpochMs,
): Promise<StoreRecord | undefined> {
  const found = await records.findOne({ _id: recordId(collection, key), ...unexpired(now) });
  return found ? toRecord(found) : undefined;
}

export async function listRecords(
  records: Collection<RecordDocument>,
  query: RecordQuery,
  now: EpochMs,
): Promise<RecordPage> {
  const { count } = query;
  const found = await firstRecords(records, query, now);
  const page = found.slice(0, count);
  const last = page.at(-1);
  return { records: page, ...(last && found.length > count && { next: writeKeyCursor(last.key) }) };
}

/** One more than a page, in the order of the keys as they are kept. */
async function firstRecords(
  records: Collection<RecordDocument>,
  { collection, prefix = '', count, after }: RecordQuery,
  now: EpochMs,
): Promise<readonly StoreRecord[]> {
  const found: StoreRecord[] = [];
  const start = startOf(collection, prefix);
  let last = after === undefined ? start : recordId(collection, readKeyCursor(after));
  for (;;) {
    const filter = { collection, _id: { $gt: last }, ...unexpired(now) };
    const some = await records.find(filter, { sort: { _id: 1 }, limit: count + 1 }).toArray();
    const within = some.filter(({ _id }) => _id.startsWith(start)).map(toRecord);
    found.push(...within.filter(({ key }) => key.startsWith(prefix)));
    last = some.at(-1)?._id ?? start;
    if (found.length > count || some.length <= count || !last.startsWith(start)) {
      return found.slice(0, count + 1);
    }
  }
}

/** What the ids of all keys with the prefix begin with. Half a character at its end is written otherwise alone than with its other half. */
function startOf(collection: string, prefix: string): string {
  return recordId(collection, prefix.replace(/[\ud800-\udbff]$/, '')).slice(0, -1);
}

/** As it is kept; `writer` names the write. */
export function toRecordDocument(
  { collection, key, value, expires }: StoreRecord,
  writer: string,
  clock: Clock,
): Omit<RecordDocument, '_id'> {
  return {
    collection,
    key: JSON.stringify(key),
    value,
    writer,
    ...(expires !== undefined && { expires, until: removalOf(expires, clock) }),
  };
}

/** What has expired counts as removed. */
export function unexpired(now: EpochMs) {
  return { expires: { $not: { $lte: now } } };
}

/** The clock of the database need not show what ours does. */
function removalOf(expires: EpochMs, clock: Clock): ReturnType<typeof toDate> {
  const remaining = Math.max(0, expires - clock.now());
  return toDate((systemClock.now() + remaining + graceMs) as EpochMs);
}

function toRecord({ collection, key, value, expires }: RecordDocument): StoreRecord {
  return {
    collection,
    key: JSON.parse(key) as string,
    value,
    ...(expires !== undefined && { expires: expires as EpochMs }),
  };
}
