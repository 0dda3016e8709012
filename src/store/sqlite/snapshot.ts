import { OperatorError } from '../../values/operator-error.ts';
import type { StoreCounts } from '../contract/store-counts.ts';
import { type Connection, connect, numberOf, textOf } from './connection.ts';
import { copyPages, type Database, openDatabase } from './driver.ts';
import { requireOwnFile } from './file-owner.ts';
import { openNamed } from './open-named.ts';

/**
 * Copies the store as it is at one moment into a new file, beside servers that write to it. All that was acknowledged
 * before is in the copy. `progress` is told parts of the whole.
 */
export async function copySqliteStore(
  path: string,
  to: string,
  progress: (done: number, total: number) => void,
): Promise<void> {
  const source = await openNamed(path, () => openOwn(path));
  try {
    // Read in a transaction of its own it is one moment; else the copy would begin anew with every foreign write.
    source.exec('BEGIN; SELECT count(*) FROM sqlite_schema;');
    await copyPages(source, to, ({ totalPages, remainingPages }) =>
      progress(totalPages - remainingPages, totalPages),
    );
  } finally {
    source.close();
  }
  settle(to);
}

/** Throws when there is nothing of ours in it. */
function openOwn(path: string): Database {
  requireOwnFile(path);
  const database = openDatabase(path, { readOnly: true });
  try {
    database.exec('PRAGMA busy_timeout = 10000');
    requireTables(database);
    return database;
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}

function requireTables(database: Database): void {
  try {
    // A statement that was prepared would hold the file until it is collected.
    database.exec('SELECT 1 FROM resource LIMIT 0');
  } catch (cause) {
    if (!(cause instanceof Error) || !cause.message.includes('no such table')) throw cause;
    throw new OperatorError('It holds no store yet', { cause });
  }
}

/** A file in the mode of the server has two files beside it; alone it is whole in the older one. */
function settle(path: string): void {
  const copy = openDatabase(path, { readOnly: false });
  try {
    copy.exec('PRAGMA journal_mode = DELETE');
  } finally {
    copy.close();
  }
}

/** What a store that nobody writes to holds. Throws an OperatorError when SQLite finds it damaged, or it is no store. */
export function inspectSqliteStore(path: string): StoreCounts {
  const db = connect(openDatabase(path, { readOnly: true }));
  try {
    requireIntegrity(db);
    return {
      resources: countOf(db, 'resource WHERE live = 1'),
      deleted: countOf(db, 'resource WHERE live = 0'),
      versions: countOf(db, 'version'),
      records: countOf(db, 'record'),
    };
  } catch (cause) {
    if (cause instanceof OperatorError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OperatorError(`the store is damaged, or none of Jenner's: ${reason}`, { cause });
  } finally {
    db.close();
  }
}

function requireIntegrity(db: Connection): void {
  const rows = db.all('PRAGMA integrity_check(5)', []).map((row) => textOf(row, 'integrity_check'));
  if (rows[0] !== 'ok') throw new OperatorError(`the store is damaged: ${rows.join('; ')}`);
}

function countOf(db: Connection, of: string): number {
  return numberOf(db.get(`SELECT count(*) AS n FROM ${of}`, []) ?? {}, 'n');
}
