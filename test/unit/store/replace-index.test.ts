import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { IndexValue, IndexValues } from '../../../src/search/index-values.ts';
import type { Connection } from '../../../src/store/sqlite/connection.ts';
import { growNames } from '../../../src/store/sqlite/names.ts';
import { openForWriting } from '../../../src/store/sqlite/open-connections.ts';
import { openRowBuffer } from '../../../src/store/sqlite/row-buffer.ts';
import { addIndex, type IndexWriter, replaceIndex } from '../../../src/store/sqlite/write-index.ts';
import type { EpochMs } from '../../../src/values/instant.ts';

let db: Connection;
let writer: IndexWriter;
beforeEach(() => {
  db = openForWriting(':memory:');
  writer = { db, rows: openRowBuffer(db), names: growNames(db), ridOf: (_type, id) => Number(id) };
});
afterEach(() => db.close());

const word = fc.constantFrom('', 'a', 'b', 'a b', 'é');
const number = fc.constantFrom(Number.NEGATIVE_INFINITY, -1.5, 0, 2, 3.25, Number.POSITIVE_INFINITY);
const time = fc.integer({ min: 0, max: 3 }).map((n) => (n * 86_400_000) as EpochMs);
const simple = fc.oneof(
  fc.record({ kind: fc.constant('token' as const), system: word, code: word }),
  fc.record({ kind: fc.constant('text' as const), folded: word }),
  fc.record({ kind: fc.constant('string' as const), folded: word, original: word }),
  fc.record({
    kind: fc.constant('reference' as const),
    type: fc.constant('Patient'),
    id: fc.constantFrom('7', '8'),
  }),
  fc.record({ kind: fc.constant('uri' as const), uri: word, version: word }),
  fc.record({ kind: fc.constant('date' as const), first: time, last: time }),
  fc.record({
    kind: fc.constant('quantity' as const),
    low: number,
    high: number,
    system: word,
    code: word,
    unit: word,
  }),
  fc.record({ kind: fc.constant('present' as const) }),
);
const composite = fc.record({
  kind: fc.constant('composite' as const),
  parts: fc.array(simple, { minLength: 2, maxLength: 2 }),
});
const index = fc.dictionary(
  fc.constantFrom('one', 'two', 'three'),
  fc.array(fc.oneof({ weight: 6, arbitrary: simple }, composite), { maxLength: 5 }),
) as fc.Arbitrary<Readonly<Record<string, readonly IndexValue[]>>>;

const tables = ['token', 'text', 'string', 'reference', 'uri', 'date', 'quantity', 'present', 'composite'];

/** All rows of a resource, without its rid. */
function rows(rid: number) {
  writer.rows.flush();
  return tables.map((table) =>
    db
      .tuples(`SELECT * FROM ${table}_value WHERE rid = ?`, [rid])
      .map(([, ...row]) => row.join('|'))
      .sort(),
  );
}

const changed = () => Number(db.tuple('SELECT total_changes()', [])?.[0]);

function replace(rid: number, before: IndexValues, after: IndexValues) {
  addIndex(writer, 'Patient', rid, before);
  replaceIndex(writer, 'Patient', rid, after);
}

it('leaves the rows that would be written where none are', () => {
  let rid = 100;
  fc.assert(
    fc.property(index, index, (before, after) => {
      const [one, other] = [rid++, rid++];
      replace(one, before, after);
      addIndex(writer, 'Patient', other, after);
      expect(rows(one)).toEqual(rows(other));
    }),
    { numRuns: 300 },
  );
});

const family = (...names: readonly string[]): IndexValues => ({
  family: names.map((name) => ({ kind: 'string', folded: name, original: name })),
  gender: [{ kind: 'token', system: 's', code: 'male' }],
});

it('touches nothing that stays as it is', () => {
  addIndex(writer, 'Patient', 1, family('quinn', 'reed'));
  writer.rows.flush();
  const before = changed();
  replaceIndex(writer, 'Patient', 1, family('quinn', 'reed'));
  expect(changed() - before).toBe(0);
  replaceIndex(writer, 'Patient', 1, family('quinn', 'stone'));
  expect(changed() - before).toBe(2);
  expect(rows(1)[2]).toEqual(['1|quinn|quinn', '1|stone|stone']);
});

it('leaves nothing of what has gone, and other resources alone', () => {
  addIndex(writer, 'Patient', 1, family('quinn', 'reed'));
  addIndex(writer, 'Patient', 2, family('quinn'));
  const others = rows(2);
  replaceIndex(writer, 'Patient', 1, {});
  expect(rows(1).flat()).toEqual([]);
  expect(rows(2)).toEqual(others);
});
