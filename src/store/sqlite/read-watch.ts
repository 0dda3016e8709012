import type { Connection } from './connection.ts';
import { type Sql, sql } from './sql.ts';

/** What a thread is told by when its read is not wanted any more: memory that it shares with the one who asks. */
export type AbandonFlag = Int32Array<SharedArrayBuffer>;

export function openAbandonFlag(): AbandonFlag {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** The read of that number is not wanted any more; one that comes after it is. */
export function abandon(flag: AbandonFlag, read: number): void {
  Atomics.store(flag, 0, read);
}

export const abandonedText = 'nobody waits for this read';

/**
 * Conditions that hold as long as the present read is wanted, and then end its statement. SQLite's own interrupt is not in
 * the driver. One row in 1,024 looks: a call out of a statement costs as much as many rows.
 */
export function watchReads(db: Connection, flag: AbandonFlag, readNow: () => number) {
  db.define('wanted', () => {
    if (Atomics.load(flag, 0) === readNow()) throw new Error(abandonedText);
    return 1;
  });
  const texts = {
    'r.rid': sql('((r.rid & 1023) <> 0 OR wanted())'),
    'v.seq': sql('((v.seq & 1023) <> 0 OR wanted())'),
  };
  return (key: keyof typeof texts): Sql => texts[key];
}
