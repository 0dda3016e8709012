import type { EpochMs } from '../../values/instant.ts';
import { readKeyCursor, writeKeyCursor } from '../contract/cursor.ts';
import type { RecordPage, RecordQuery, StoreRecord } from '../contract/store.ts';
import { numberOf, type Row, textOf } from './connection.ts';
import type { Reader } from './reader.ts';
import { afterPrefix, limitSql } from './sql.ts';

const findRecord =
  'SELECT collection, key, value, expires FROM record WHERE collection = ? AND key = ? AND (expires IS NULL OR expires > ?)';
const findRecords = `SELECT collection, key, value, expires FROM record
  WHERE collection = ? AND key > ? AND key < ? AND (expires IS NULL OR expires > ?) ORDER BY key`;

export function readOneRecord(
  reader: Reader,
  collection: string,
  key: string,
  now: EpochMs,
): StoreRecord | undefined {
  const row = reader.db.get(findRecord, [collection, JSON.stringify(key), now]);
  return row && toRecord(row);
}

export function recordPage(reader: Reader, query: RecordQuery, now: EpochMs): RecordPage {
  const { count } = query;
  const found = firstRecords(reader, query, now);
  const records = found.slice(0, count);
  const last = records.at(-1);
  return { records, ...(last && found.length > count && { next: writeKeyCursor(last.key) }) };
}

/** One more than a page. */
function firstRecords(reader: Reader, query: RecordQuery, now: EpochMs): readonly StoreRecord[] {
  const { collection, prefix = '', count, after } = query;
  const [first, end] = keyRange(prefix);
  const found: StoreRecord[] = [];
  let last = after === undefined ? first : JSON.stringify(readKeyCursor(after));
  for (;;) {
    const args = [collection, last, end, now];
    const some = reader.db.all(`${findRecords} ${limitSql(count + 1)}`, args).map(toRecord);
    found.push(...some.filter(({ key }) => key.startsWith(prefix)));
    const reached = some.at(-1);
    if (reached === undefined || some.length <= count || found.length > count)
      return found.slice(0, count + 1);
    last = JSON.stringify(reached.key);
  }
}

/**
 * Keys are kept as JSON strings, which can hold what a database text cannot; those with a prefix lie together. Half a
 * surrogate pair at its end is written otherwise alone than before the other half, so what it leaves is wider.
 */
function keyRange(prefix: string): readonly [first: string, end: string] {
  const whole = prefix.replace(/[\ud800-\udbff]$/, '');
  const first = JSON.stringify(whole).slice(0, -1);
  return [first, afterPrefix(first) ?? ''];
}

function toRecord(row: Row): StoreRecord {
  return {
    collection: textOf(row, 'collection'),
    key: String(JSON.parse(textOf(row, 'key'))),
    value: textOf(row, 'value'),
    ...(row['expires'] !== null && { expires: numberOf(row, 'expires') as EpochMs }),
  };
}
