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
  PRAGMA cache_size = -32768;
`;

/**
 * While much is loaded, most pages are changed again and again: they are kept, and go from the log to the file more
 * seldom. What was committed is as safe as ever. A server that builds the indexes which were left out is waited for.
 */
const forLoading = `
  PRAGMA wal_autocheckpoint = 32000;
  PRAGMA cache_size = -262144;
  PRAGMA busy_timeout = 600000;
`;

/** Makes the file and its schema where they are missing; throws when the file is another program's. */
export function openForWriting(path: string, use: 'serves' | 'loads' = 'serves'): Connection {
  if (path !== ':memory:') requireOwnFile(path);
  const db = connect(openDatabase(path, { readOnly: false }));
  db.exec('PRAGMA busy_timeout = 10000');
  if (path !== ':memory:') claim(db);
  db.exec(path === ':memory:' ? 'PRAGMA temp_store = MEMORY' : forFiles);
  if (use === 'loads') db.exec(forLoading);
  migrate(db);
  if (use === 'loads') leaveOutIndexes(db);
  return db;
}

/** Before the file has a write-ahead log, so that the id stands in the file itself. */
function claim(db: Connection): void {
  const id = numberOf(db.get('PRAGMA application_id', []) ?? {}, 'application_id');
  if (id !== applicationId) db.exec(`PRAGMA page_size = 8192; PRAGMA application_id = ${applicationId}`);
}

export function openForReading(path: string): Connection {
  const db = connect(openDatabase(path, { readOnly: true }));
  // The system keeps the file in memory. A memory map would spare its copies, but count as memory of the server.
  // Nobody is answered while a read waits for a lock.
  db.exec('PRAGMA busy_timeout = 50; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY');
  return db;
}
