import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StoreBusyError } from '../../../src/store/contract/store.ts';
import { type Committer, openCommitter } from '../../../src/store/sqlite/commit.ts';
import type { Connection } from '../../../src/store/sqlite/connection.ts';
import { openForWriting } from '../../../src/store/sqlite/open-connections.ts';
import { writeFailure } from '../../../src/store/sqlite/write-failure.ts';
import { at, change } from '../../contract/fixtures.ts';

const op = (id: string, text = '{}') => {
  const marks = [`care|Organization/${id}`];
  return { kind: 'unit', unit: { changes: [change({ id, text, marks })], guards: [] }, now: at(0) } as const;
};

describe('a full disk', () => {
  let db: Connection;
  let committer: Committer;
  beforeAll(() => {
    db = openForWriting(':memory:');
    committer = openCommitter(db);
    committer.commit([op('a')]);
    const pages = Number(db.get('PRAGMA page_count', [])?.['page_count']);
    db.exec(`PRAGMA max_page_count = ${pages + 2}`);
  });
  afterAll(() => db.close());

  it('refuses all that was to be committed together, and says why', () => {
    const large = JSON.stringify({ note: 'x'.repeat(100_000) });
    const results = committer.commit([op('b'), op('c', large), op('d')]);
    expect(results).toHaveLength(3);
    for (const result of results) {
      const reason = result.kind === 'failed' ? result.reason : '';
      expect(writeFailure(reason)).toBeInstanceOf(StoreBusyError);
    }
    const ids = db.all('SELECT id FROM resource ORDER BY id', []).map((row) => row['id']);
    expect(ids).toEqual(['a']);
  });

  it('writes again when there is room', () => {
    db.exec('PRAGMA max_page_count = 1000000');
    const [result] = committer.commit([op('c', JSON.stringify({ note: 'x'.repeat(100_000) }))]);
    expect(result).toEqual({ kind: 'unit', outcome: { kind: 'committed' } });
    const marks = db.all('SELECT k.name FROM patient_mark m JOIN mark k ON k.id = m.mark', []);
    expect(marks.map((row) => row['name'])).toEqual(['care|Organization/a', 'care|Organization/c']);
  });
});

it('says of any other failure what it was', () => {
  const error = writeFailure('Error: database disk image is malformed');
  expect(error).not.toBeInstanceOf(StoreBusyError);
  expect(error.message).toContain('malformed');
});
