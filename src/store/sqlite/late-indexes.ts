import { readFileSync } from 'node:fs';
import type { Connection } from './connection.ts';

const schema = new URL('./migrations/0001-first.sql', import.meta.url);

/**
 * Indexes whose rows come in no order while much is loaded: each resource changes a page of each of them, all over the file.
 * To sort them once at the end writes each page once. What loading itself looks into is not among them.
 */
const late = [
  'token_by_code',
  'text_by_phrase',
  'string_by_text',
  'uri_by_text',
  'date_by_first',
  'date_by_last',
  'date_long',
  'quantity_by_low',
  'quantity_by_high',
  'composite_by_code',
] as const;

export type LateIndex = (typeof late)[number];

/** Where nothing is stored yet. They are missing then, also for others, until `buildIndex` has built them. */
export function leaveOutIndexes(db: Connection): void {
  db.exec('BEGIN IMMEDIATE');
  const isEmpty = db.get('SELECT 1 FROM resource LIMIT 1', []) === undefined;
  if (isEmpty) for (const name of late) db.exec(`DROP INDEX IF EXISTS ${name}`);
  db.exec('COMMIT');
}

export function missingIndexes(db: Connection): readonly LateIndex[] {
  const there = db.all("SELECT name FROM sqlite_schema WHERE type = 'index'", []);
  const names = new Set(there.map(({ name }) => name));
  return late.filter((name) => !names.has(name));
}

/** Does nothing where it is there. Takes as long as sorting its rows does, and nobody else can write meanwhile. */
export function buildIndex(db: Connection, name: LateIndex): void {
  const statement = new RegExp(`^CREATE INDEX (${name} [^;]+);`, 'm').exec(readFileSync(schema, 'utf8'));
  if (!statement) throw new Error(`the schema has no index ${name}`);
  db.exec(`CREATE INDEX IF NOT EXISTS ${statement[1]}`);
}

/** Whether a statement failed since an index is missing that it is to use: SQLite names no code for it. */
export function lacksIndex(reason: string): boolean {
  return reason.includes('no such index: ');
}
