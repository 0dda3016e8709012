import { type Connection, connect, numberOf } from './connection.ts';
import { openDatabase } from './driver.ts';
import { applicationId, requireOwnFile } from './file-owner.ts';
import { leaveOutIndexes } from './late-indexes.ts';
import { migrate } from './migrate.ts';

// A page of 8 kB holds several resources; a larger log makes fewer, larger checkpoints.
const forFiles = `
  PRAGMA page_size = 8192;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA journal_size_limit = 67108864;
`;

/**
 * While much is loaded, most pages are changed again and again: they are kept, and go from the log to the file more
 * seldom. What was committed is as safe as ever. A server that builds the indexes which were left out is waited for.
 */
const forLoading = `
  PRAGMA wal_autocheckpoint = 32000;
  PRAGMA busy_timeout = 600000;
`;

/** MiB of the file that a connection keeps at most in its own memory. */
const usualCache = 32;
const cacheForLoading = 256;

export type Opening = {
  /** Much is loaded, and nobody waits for one write. */
  readonly loads?: boolean | undefined;
  /** MiB of the file that are kept at most; what is usual when absent. */
  readonly cache?: number | undefined;
};

/** Makes the file and its schema where they are missing; throws when the file is another program's. */
export function openForWriting(
  path: string,
  { loads = false, cache = usualCache }: Opening = {},
): Connection {
  if (path !== ':memory:') requireOwnFile(path);
  const db = connect(openDatabase(path, { readOnly: false }));
  db.exec('PRAGMA busy_timeout = 10000');
  if (path !== ':memory:') claim(db);
  db.exec(path === ':memory:' ? 'PRAGMA temp_store = MEMORY' : forFiles);
  if (path !== ':memory:') keepPages(db, loads ? Math.max(cache, cacheForLoading) : cache);
  if (loads) db.exec(forLoading);
  migrate(db);
  if (loads) leaveOutIndexes(db);
  return db;
}

/** Before the file has a write-ahead log, so that the id stands in the file itself. */
function claim(db: Connection): void {
  const id = numberOf(db.get('PRAGMA application_id', []) ?? {}, 'application_id');
  if (id !== applicationId) db.exec(`PRAGMA page_size = 8192; PRAGMA application_id = ${applicationId}`);
}

export function openForReading(path: string, cache = usualCache): Connection {
  const db = connect(openDatabase(path, { readOnly: true }));
  // The system keeps the file in memory. A memory map would spare its copies, but count as memory of the server.
  // Nobody is answered while a read waits for a lock.
  db.exec('PRAGMA busy_timeout = 50; PRAGMA temp_store = MEMORY');
  keepPages(db, cache);
  return db;
}

function keepPages(db: Connection, mebibytes: number): void {
  // Negative: in KiB.
  db.exec(`PRAGMA cache_size = ${-1024 * mebibytes}`);
}
