import type { Store } from '../store/contract/store.ts';
import type { ImportSource } from './import-source.ts';

const collection = 'import';

/** The last line of the file up to which everything is done; 0 when it was never begun, or was finished. */
export async function readCheckpoint(store: Store, { fingerprint }: ImportSource): Promise<number> {
  const record = await store.readRecord(collection, fingerprint);
  return record === undefined ? 0 : Number(record.value);
}

export async function writeCheckpoint(
  store: Store,
  { fingerprint }: ImportSource,
  line: number,
): Promise<void> {
  const record = { collection, key: fingerprint, value: String(line) };
  await store.writeRecords([{ kind: 'put', record }]);
}

export async function removeCheckpoint(store: Store, { fingerprint }: ImportSource): Promise<void> {
  await store.writeRecords([{ kind: 'delete', collection, key: fingerprint }]);
}
