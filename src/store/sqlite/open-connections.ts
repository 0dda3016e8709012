import { type Connection, connect } from './connection.ts';
import { openDatabase } from './driver.ts';
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

/** Makes the file and its schema where they are missing. */
export function openForWriting(path: string): Connection {
  const db = connect(openDatabase(path, { readOnly: false }));
  db.exec(path === ':memory:' ? 'PRAGMA temp_store = MEMORY' : forFiles);
  db.exec('PRAGMA busy_timeout = 10000');
  migrate(db);
  return db;
}

export function openForReading(path: string): Connection {
  const db = connect(openDatabase(path, { readOnly: true }));
  // The system keeps the file in memory. A memory map would spare its copies, but count as memory of the server.
  db.exec('PRAGMA busy_timeout = 10000; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY');
  return db;
}
