import { randomUUID } from 'node:crypto';
import type { AnyBulkWriteOperation, ClientSession, Collection } from 'mongodb';
import type { Clock } from '../../values/clock.ts';
import { type RecordChange, type RecordOutcome, WriteUnknownError } from '../contract/store.ts';
import { type RecordDocument, recordId, toRecordDocument, unexpired } from './records.ts';
import { isDuplicateKey, isUnsettled, toStoreError } from './store-errors.ts';

export type RecordParts = { readonly records: Collection<RecordDocument>; readonly clock: Clock };

const committed: RecordOutcome = { kind: 'committed' };
const stale: RecordOutcome = { kind: 'stale-record', record: 0 };

/** One record is one document: what is expected stands in the condition of the command that writes it. */
export async function writeRecordAlone(parts: RecordParts, change: RecordChange): Promise<RecordOutcome> {
  const writer = randomUUID();
  try {
    if (await attempt(parts, change, writer)) return committed;
  } catch (error) {
    if (!isUnsettled(error)) throw toStoreError(error);
    if (await isWrittenBy(parts, change, writer).catch(() => false)) return committed;
    const text = 'MongoDB was lost while it wrote a record; whether it was kept is not known.';
    throw new WriteUnknownError(text, { cause: error });
  }
  // Unless it was this very write, which was tried twice.
  return (await isWrittenBy(parts, change, writer)) ? committed : stale;
}

/** False when what is there is not what is expected. */
function attempt(parts: RecordParts, change: RecordChange, writer: string): Promise<boolean> {
  return change.kind === 'put' ? put(parts, change, writer) : remove(parts, change);
}

async function put(
  { records, clock }: RecordParts,
  { record, expected }: RecordChange & { readonly kind: 'put' },
  writer: string,
): Promise<boolean> {
  const _id = recordId(record.collection, record.key);
  const document = toRecordDocument(record, writer, clock);
  const now = clock.now();
  if (!expected) {
    await records.replaceOne({ _id }, document, { upsert: true });
    return true;
  }
  if (expected.kind === 'value') {
    const there = { _id, value: expected.value, ...unexpired(now) };
    return (await records.replaceOne(there, document)).matchedCount === 1;
  }
  try {
    await records.replaceOne({ _id, expires: { $lte: now } }, document, { upsert: true });
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

async function remove(
  { records, clock }: RecordParts,
  { collection, key, expected }: RecordChange & { readonly kind: 'delete' },
): Promise<boolean> {
  const _id = recordId(collection, key);
  const now = clock.now();
  if (expected?.kind === 'value') {
    const there = { _id, value: expected.value, ...unexpired(now) };
    return (await records.deleteOne(there)).deletedCount === 1;
  }
  if (expected?.kind === 'absent') {
    return (await records.findOne({ _id, ...unexpired(now) }, { projection: { _id: 1 } })) === null;
  }
  await records.deleteOne({ _id });
  return true;
}

async function isWrittenBy({ records }: RecordParts, change: RecordChange, writer: string): Promise<boolean> {
  if (change.kind === 'delete') return false;
  const { collection, key } = change.record;
  return (await records.findOne({ _id: recordId(collection, key), writer })) !== null;
}

/** The first change whose record is not what it expects, as the transaction sees it. */
export async function findStaleRecord(
  { records, clock }: RecordParts,
  changes: readonly RecordChange[],
  session: ClientSession,
): Promise<number | undefined> {
  const expecting = changes.filter(({ expected }) => expected);
  if (expecting.length === 0) return undefined;
  const filter = { _id: { $in: expecting.map(idOf) }, ...unexpired(clock.now()) };
  const found = await records.find(filter, { session }).toArray();
  const values = new Map(found.map(({ _id, value }) => [_id, value]));
  const at = changes.findIndex((change) => !isExpected(change, values.get(idOf(change))));
  return at < 0 ? undefined : at;
}

function isExpected({ expected }: RecordChange, value: string | undefined): boolean {
  if (!expected) return true;
  return expected.kind === 'absent' ? value === undefined : value === expected.value;
}

function idOf(change: RecordChange): string {
  const { collection, key } = change.kind === 'put' ? change.record : change;
  return recordId(collection, key);
}

/** Writes all in the transaction. Whoever changes one of them meanwhile is met: one of the two is tried again. */
export async function writeRecordsWithin(
  { records, clock }: RecordParts,
  changes: readonly RecordChange[],
  session: ClientSession,
): Promise<void> {
  const writer = randomUUID();
  const ops = changes.flatMap((change): readonly AnyBulkWriteOperation<RecordDocument>[] => {
    const _id = idOf(change);
    if (change.kind === 'put') {
      const replacement = toRecordDocument(change.record, writer, clock);
      return [{ replaceOne: { filter: { _id }, replacement, upsert: true } }];
    }
    const removal = { deleteOne: { filter: { _id } } };
    return change.expected?.kind === 'absent' ? [placeholder(_id, writer), removal] : [removal];
  });
  if (ops.length > 0) await records.bulkWrite(ops, { session, ordered: true });
}

/** Where there is nothing, nobody is met who makes something: so it is made, and taken away. */
function placeholder(_id: string, writer: string): AnyBulkWriteOperation<RecordDocument> {
  const replacement = { collection: '', key: '""', value: '', writer };
  return { replaceOne: { filter: { _id }, replacement, upsert: true } };
}
