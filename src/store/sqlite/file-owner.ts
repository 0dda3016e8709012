import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { OperatorError } from '../../values/operator-error.ts';

/** Tells a store of ours from other SQLite files; it stands in the header (https://sqlite.org/fileformat2.html). */
export const applicationId = 0x4a4e4e52;

const magic = 'SQLite format 3\0';
const headerLength = 100;
const applicationIdAt = 68;

/** So far into the file the tables of a store stand that was made before stores had an id. */
const searchedBytes = 512 * 1024;

/** Throws when the file is another program's. It is only read: a connection could write beside it. */
export function requireOwnFile(path: string): void {
  if (!existsSync(path)) return;
  if (statSync(path).isDirectory()) throw new OperatorError('It is a folder; a file was expected');
  const start = readStart(path);
  if (start.length === 0) return;
  if (start.toString('latin1', 0, magic.length) !== magic) {
    throw new OperatorError('It is no SQLite database; it was left as it is');
  }
  const id = start.length < headerLength ? 0 : start.readUInt32BE(applicationIdAt);
  if (id === applicationId) return;
  // What was not moved out of the log yet is seen only there.
  if (id === 0 && (hasTables(start) || hasTables(readStart(`${path}-wal`)))) return;
  throw new OperatorError('It is a SQLite database of another program; it was left as it is');
}

function hasTables(start: Buffer): boolean {
  return start.includes('CREATE TABLE resource (') && start.includes('CREATE TABLE version (');
}

function readStart(path: string): Buffer {
  if (!existsSync(path)) return Buffer.alloc(0);
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(searchedBytes);
    return buffer.subarray(0, readSync(file, buffer, 0, searchedBytes, 0));
  } finally {
    closeSync(file);
  }
}

/** Answers later whether the file that lies there now is still the same one: it may be removed while it is open. */
export function rememberFile(path: string): () => boolean {
  const opened = identityOf(path);
  return () => opened !== undefined && identityOf(path) === opened;
}

/**
 * The same, and of its write-ahead log, for who has it open as long as it asks: what is written into a log that was removed
 * is lost. It is there from the first write on, until the last connection is closed.
 */
export function rememberOpenFile(path: string): () => boolean {
  const isSameFile = rememberFile(path);
  let log = identityOf(`${path}-wal`);
  return () => {
    const present = identityOf(`${path}-wal`);
    log ??= present;
    return present === log && isSameFile();
  };
}

function identityOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && `${found.dev}/${found.ino}`;
}
