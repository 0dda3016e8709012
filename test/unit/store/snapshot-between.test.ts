import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Filter } from '../../../src/search/filter.ts';
import type { Change } from '../../../src/store/contract/store.ts';
import { openCommitter } from '../../../src/store/sqlite/commit.ts';
import type { Connection } from '../../../src/store/sqlite/connection.ts';
import { openForReading, openForWriting } from '../../../src/store/sqlite/open-connections.ts';
import { readSnapshot, snapshotPage } from '../../../src/store/sqlite/read-snapshot.ts';
import { openReadingReader } from '../../../src/store/sqlite/reader.ts';
import { at, change } from '../../contract/fixtures.ts';
import { useFolder } from '../../use-folder.ts';

const folder = useFolder();
let writing: Connection;
let reading: Connection;
beforeEach(() => {
  writing = openForWriting(folder.at('a.sqlite'));
  reading = openForReading(folder.at('a.sqlite'));
});
afterEach(() => {
  reading.close();
  writing.close();
});

const tagged: Filter = {
  kind: 'value',
  param: '_tag',
  test: { kind: 'token', anyOf: [{ system: 'urn:t', code: 'x' }] },
};
const index = { _tag: [{ kind: 'token', system: 'urn:t', code: 'x' }] } as const;
const version = (id: string, number: number): Change => change({ id, version: number, index });

it('shows a resource once that is written between the two statements of a page', () => {
  const { commit } = openCommitter(writing);
  const write = (one: Change) =>
    expect(commit([{ kind: 'unit', unit: { changes: [one], guards: [] }, now: at(9) }])).toMatchObject([
      { kind: 'unit', outcome: { kind: 'committed' } },
    ]);
  for (const id of ['a', 'b', 'c']) write(version(id, 1));
  const { position } = readSnapshot(openReadingReader(reading), at(9));
  write(version('a', 2));
  let statements = 0;
  const db: Connection = {
    ...reading,
    tuples: (text, args) => {
      const rows = reading.tuples(text, args);
      if (statements++ === 0) write(version('b', 2));
      return rows;
    },
  };
  const query = { type: 'Patient', at: position, filter: tagged, count: 10 } as const;
  const page = snapshotPage(openReadingReader(db), query);
  const ofLines = new TextDecoder().decode(page.lines).trimEnd().split('\n');
  const found = [...ofLines, ...page.replaced.map(({ text }) => text)].map((text) => JSON.parse(text));
  expect(statements).toBe(2);
  expect(found.map(({ id, meta }) => `${id}/${meta.versionId}`).toSorted()).toEqual(['a/1', 'b/1', 'c/1']);
});
