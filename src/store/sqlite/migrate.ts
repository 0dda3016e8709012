import { readdirSync, readFileSync } from 'node:fs';
import { OperatorError } from '../../values/operator-error.ts';
import type { Connection } from './connection.ts';
import { numberOf } from './connection.ts';

const folder = new URL('./migrations/', import.meta.url);

/** Brings a database to the newest schema; one that is newer than this program is refused. */
export function migrate(db: Connection): void {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  const version = numberOf(db.get('PRAGMA user_version', []) ?? {}, 'user_version');
  if (version > files.length) {
    throw new OperatorError(
      `The database has schema ${version}; this program knows schemas up to ${files.length}.`,
    );
  }
  files.forEach((file, index) => {
    if (index < version) return;
    db.exec('BEGIN IMMEDIATE');
    db.exec(readFileSync(new URL(file, folder), 'utf8'));
    db.exec(`PRAGMA user_version = ${index + 1}`);
    db.exec('COMMIT');
  });
}
