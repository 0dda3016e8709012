import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Filter } from '../../../src/search/filter.ts';
import type { WriteUnit } from '../../../src/store/contract/store.ts';
import { type Committer, type OpResult, openCommitter } from '../../../src/store/sqlite/commit.ts';
import type { Connection } from '../../../src/store/sqlite/connection.ts';
import { openForWriting } from '../../../src/store/sqlite/open-connections.ts';
import { openReader } from '../../../src/store/sqlite/reader.ts';
import { openRowBuffer } from '../../../src/store/sqlite/row-buffer.ts';
import { matchesAny } from '../../../src/store/sqlite/search.ts';
import { at, change, removal, token, withCode } from '../../contract/fixtures.ts';

let db: Connection;
let committer: Committer;
beforeEach(() => {
  db = openForWriting(':memory:');
  committer = openCommitter(db);
});
afterEach(() => db.close());

const withTokens = (id: string, ...codes: readonly string[]) =>
  change({ id, index: { code: codes.map((code) => token(code)) } });
const unit = (...changes: WriteUnit['changes']): WriteUnit => ({ changes, guards: [] });

/** All in one commit. */
function commit(...units: readonly WriteUnit[]): readonly (string | undefined)[] {
  const results = committer.commit(units.map((one) => ({ kind: 'unit', unit: one, now: at(0) })));
  return results.map((result: OpResult) => (result.kind === 'unit' ? result.outcome.kind : result.kind));
}

const finds = (filter: Filter) => matchesAny(openReader(db), 'Patient', filter);
const rowsOf = (table: string) => Number(db.tuple(`SELECT count(*) FROM ${table}`, [])?.[0]);

/** What a call writes, by the statements that are run. */
function watched(): { readonly db: Connection; readonly ran: string[] } {
  const ran: string[] = [];
  return {
    ran,
    db: {
      ...db,
      run: (sql, args) => {
        ran.push(sql);
        db.run(sql, args);
      },
    },
  };
}

it('writes the rows of many by few statements, and all of them', () => {
  const { db: seen, ran } = watched();
  const rows = openRowBuffer(seen);
  for (const count of [0, 1, 12, 13, 64, 65, 141]) {
    ran.length = 0;
    for (let n = 0; n < count; n++) rows.add('present_value', [count], [n]);
    rows.flush();
    expect(ran.length).toBeLessThanOrEqual(Math.ceil(count / 64) + Math.ceil((count % 64) / 12));
    expect(db.tuple('SELECT count(*) FROM present_value WHERE rid = ?', [count])).toEqual([count]);
  }
});

it('keeps no more waiting than it may', () => {
  const rows = openRowBuffer(db);
  for (let n = 0; n < 15_000; n++) rows.add('present_value', [1], [n]);
  expect(rowsOf('present_value')).toBe(10_000);
  rows.forget();
  rows.flush();
  expect(rowsOf('present_value')).toBe(10_000);
});

it('shows a guard what an earlier unit of the same commit writes', () => {
  const guarded: WriteUnit = {
    ...unit(withTokens('b', 'new')),
    guards: [{ type: 'Patient', noneMatch: withCode('new') }],
  };
  expect(commit(unit(withTokens('a', 'new')), guarded)).toEqual(['committed', 'guarded']);
  expect(rowsOf('token_value')).toBe(1);
});

it('judges by what it writes itself what must fit, and takes back nothing else', () => {
  const fitting = (id: string, ...codes: readonly string[]): WriteUnit => ({
    ...unit(withTokens(id, ...codes)),
    fits: [{ change: 0, filter: withCode('mine') }],
  });
  const units = [
    unit(withTokens('a', 'first')),
    fitting('b', 'other'),
    fitting('c', 'mine'),
    unit(withTokens('d', 'last')),
  ];
  expect(commit(...units)).toEqual(['committed', 'unfit', 'committed', 'committed']);
  expect(['first', 'other', 'mine', 'last'].map((code) => finds(withCode(code)))).toEqual([
    true,
    false,
    true,
    true,
  ]);
});

it('replaces and removes what an earlier unit of the same commit writes', () => {
  const changed = { ...withTokens('a', 'kept', 'added'), versionId: 2, expectedVersion: 1 };
  expect(
    commit(
      unit(withTokens('a', 'kept', 'gone')),
      unit(withTokens('b', 'b')),
      unit(changed),
      unit(removal({ id: 'b', version: 2 })),
    ),
  ).toEqual(['committed', 'committed', 'committed', 'committed']);
  expect(['kept', 'gone', 'added', 'b'].map((code) => finds(withCode(code)))).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect(rowsOf('token_value')).toBe(2);
});

it('takes back a mark that an earlier unit of the same commit gives', () => {
  const marked = (id: string, version: number, marks: readonly string[]) =>
    change({ id, version, marks, patients: [id] });
  commit(unit(marked('a', 1, ['x', 'y'])), unit(marked('a', 2, ['y'])));
  expect(db.all('SELECT m.name FROM patient_mark JOIN mark m ON m.id = mark', [])).toEqual([{ name: 'y' }]);
});

it('keeps the rows of the others where one unit of a commit fails', () => {
  const broken = { ...withTokens('b', 'broken'), text: Symbol('no text') as never };
  const results = commit(
    unit(withTokens('a', 'one')),
    unit(withTokens('c', 'beside'), broken),
    unit(withTokens('d', 'two')),
  );
  expect(results).toEqual(['committed', 'failed', 'committed']);
  expect(['one', 'beside', 'broken', 'two'].map((code) => finds(withCode(code)))).toEqual([
    true,
    false,
    false,
    true,
  ]);
  expect(rowsOf('token_value')).toBe(2);
});
