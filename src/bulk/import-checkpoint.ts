import type { Store } from '../store/contract/store.ts';
import type { ImportSource } from './import-source.ts';

const collection = 'import';

/** The last line of the file up to which everything is done; 0 when it was never begun, or was finished. */
export async function readCheckpoint(store: Store, { fingerprint }: ImportSource): Promise<number> {
  const record = await store.readRecord(collection, fingerprint);
  return record === undefined ? 0 : Number(record.value);
}

export function writeCheckpoint(store: Store, { fingerprint }: ImportSource, line: number): Promise<void> {
  return store.writeRecord({ collection, key: fingerprint, value: String(line) });
}

export function removeCheckpoint(store: Store, { fingerprint }: ImportSource): Promise<void> {
  return store.deleteRecord(collection, fingerprint);
}
