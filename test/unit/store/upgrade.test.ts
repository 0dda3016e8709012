import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ResourceType } from '../../../src/fhir/resource-type.ts';
import { parseStored } from '../../../src/interaction/parse-stored.ts';
import type { JobWork } from '../../../src/job/job-work.ts';
import type { IndexState } from '../../../src/registry/reindex/index-state.ts';
import { placeVersions } from '../../../src/registry/reindex/place-versions.ts';
import { reindexJob } from '../../../src/registry/reindex/reindex-job.ts';
import { patientsOf } from '../../../src/search/compartment.ts';
import type { Filter, VersionFilter } from '../../../src/search/filter.ts';
import type { SortKey } from '../../../src/search/sort.ts';
import type { Store, StoredVersion } from '../../../src/store/contract/store.ts';
import { openDatabase } from '../../../src/store/sqlite/driver.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import type { ResourceId } from '../../../src/values/resource-id.ts';
import { change, ids, key, removal, write } from '../../contract/fixtures.ts';
import { indexResource } from '../search/search-world.ts';

/** What the release that wrote the store answered from it (tools/write-upgrade-store.mjs). */
type Answers = {
  readonly versions: readonly StoredVersion[];
  readonly found: readonly {
    readonly type: ResourceType;
    readonly query: string;
    readonly filter: Filter;
    readonly sort: readonly SortKey[];
    readonly ids: readonly string[];
  }[];
};

const data = new URL('../../data/upgrade/', import.meta.url);
const answers = JSON.parse(readFileSync(new URL('sqlite-0001.json', data), 'utf8')) as Answers;
const packed = readFileSync(new URL('sqlite-0001.sqlite.gz', data));
const folder = mkdtempSync(join(tmpdir(), 'jenner-upgrade-'));
afterAll(() => rmSync(folder, { recursive: true }));

const concerns = (...anyOf: string[]): VersionFilter => ({ kind: 'concerns', anyOf });
const nameOf = ({ type, id, versionId }: StoredVersion) => `${type}/${id}/${versionId}`;

/** What `jenner reindex` does. */
async function reindexAll(store: Store): Promise<void> {
  const index = {
    pending: () => [],
    built: async () => {},
    refresh: async () => {},
    definitionOf: () => '',
  } as unknown as IndexState;
  const work = {
    job: { input: { changed: false } },
    signal: new AbortController().signal,
    progress: () => {},
    keep: async () => {},
  } as unknown as JobWork;
  await reindexJob({ store, context: { indexResource }, index }).run(work);
}

describe('a store of schema 1', () => {
  let store: Store;
  let files = 0;
  let path = '';
  beforeEach(async () => {
    path = join(folder, `${files++}.sqlite`);
    writeFileSync(path, gunzipSync(packed));
    store = await openSqliteStore({ path });
  });
  afterEach(() => store.close());

  async function historyOf(only: VersionFilter): Promise<readonly string[]> {
    return (await store.history({ only, count: 100 })).versions.map(nameOf);
  }

  async function searched(filter: Filter): Promise<readonly string[]> {
    const types: ResourceType[] = ['Group', 'Immunization', 'Observation', 'Patient', 'Task'];
    return ids((await store.search({ types, filter, sort: [], count: 100 })).matches);
  }

  it('answers what it answered before', async () => {
    expect((await store.history({ count: 100 })).versions).toEqual(answers.versions);
    for (const version of answers.versions) {
      expect(await store.readVersion(version, version.versionId)).toEqual(version);
    }
    for (const { type, query, filter, sort, ids: expected } of answers.found) {
      const { matches } = await store.search({ types: [type], filter, sort, count: 50 });
      expect([query, ids(matches)]).toEqual([query, expected]);
    }
    expect(await store.readRecord('import', 'fingerprint')).toMatchObject({ value: '7' });
    expect(await store.readRecord('job', 'é\u0000"')).toMatchObject({ value: '{}' });
  });

  it('shows nothing by whom it concerns, and nothing by whom it does not, until that is known', async () => {
    for (const only of [concerns('ann', 'bob', 'dan', 'eve'), { kind: 'reach', anyOf: [] }] as const) {
      expect(await historyOf(only)).toEqual([]);
      expect(await historyOf({ kind: 'not', of: only })).toEqual([]);
      expect(await searched(only)).toEqual([]);
      expect(await searched({ kind: 'not', of: only })).toEqual([]);
    }
    expect(await historyOf({ kind: 'or', of: [concerns('ann'), { kind: 'id', anyOf: ['task'] }] })).toEqual([
      'Task/task/2',
      'Task/task/1',
    ]);
  });

  const newest = new Map([...answers.versions].reverse().map((one) => [`${one.type}/${one.id}`, one]));
  const isCurrent = (one: StoredVersion) =>
    one.text !== undefined && newest.get(`${one.type}/${one.id}`)?.versionId === one.versionId;

  it('lists the old versions and tombstones of which it is not known', async () => {
    const expected = answers.versions.filter((one) => !isCurrent(one));
    const listed = await store.unplacedVersions(100);
    expect(listed.map(nameOf).sort()).toEqual(expected.map(nameOf).sort());
    for (const one of listed) expect(expected).toContainEqual(one);
    expect(await store.unplacedVersions(100)).toEqual(listed);
    const some = await store.unplacedVersions(3);
    expect(some).toEqual(listed.slice(0, 3));
    await store.placeVersions(some.map((one) => ({ ...one, patients: [] })));
    expect(await store.unplacedVersions(100)).toEqual(listed.slice(3));
  });

  it('knows all when it is reindexed', async () => {
    await reindexAll(store);
    expect(await store.unplacedVersions(9)).toEqual([]);
    for (const who of [['ann'], ['bob'], ['dan'], ['eve'], ['ann', 'bob', 'dan']]) {
      const expected = answers.versions.filter((one) => concernsOnly(one, who));
      expect(expected.length).toBeGreaterThan(0);
      expect(await historyOf(concerns(...who))).toEqual(expected.map(nameOf));
      const current = expected.filter(isCurrent).map(({ id }) => id);
      expect([...(await searched(concerns(...who)))].sort()).toEqual([...current].sort());
    }
    const marks = await store.marksOf(['ann', 'bob', 'dan', 'eve'] as ResourceId[]);
    expect([...(marks.get('ann') ?? [])].sort()).toEqual([
      'care|Organization/clinic',
      'dose|Organization/clinic',
      'town|boston',
    ]);
    expect(marks.get('bob')).toEqual(['roster|Organization/school']);
    expect(marks.has('eve')).toBe(false);
    expect(await searched({ kind: 'reach', anyOf: ['roster|Organization/school'] })).toEqual([
      'school',
      'back',
      'before-dan',
      'bob',
      'dan',
    ]);
  });

  /** By the texts: a tombstone concerns those of the version before it. */
  function concernsOnly(version: StoredVersion, who: readonly string[]): boolean {
    const { type, id, versionId } = version;
    const before = answers.versions.find(
      (one) => one.type === type && one.id === id && one.versionId === versionId - 1,
    );
    const told = version.text === undefined ? before : version;
    if (told?.text === undefined) return false;
    const index = indexResource(parseStored({ ...told, text: told.text }).resource);
    const patients = patientsOf(type, id, index);
    return patients.length > 0 && patients.every((one) => who.includes(one));
  }

  it('knows whom a version concerns that is replaced, deleted or written again before that', async () => {
    const dose = { type: 'Immunization' as const };
    await write(store, change({ ...dose, id: 'moved', version: 3, patients: ['dan'] }));
    await write(store, removal({ ...dose, id: 'of-ann', version: 2 }));
    await write(store, removal({ type: 'Group', id: 'school', version: 3 }));
    await write(store, change({ ...dose, id: 'gone', version: 3, patients: ['ann'] }));
    await write(store, removal({ id: 'bob', version: 2 }));
    expect(await historyOf(concerns('ann'))).toEqual([
      'Immunization/gone/3',
      'Immunization/of-ann/2',
      'Immunization/moved/2',
      'Immunization/of-ann/1',
    ]);
    expect(await historyOf(concerns('bob', 'dan'))).toEqual([
      'Patient/bob/2',
      'Group/school/3',
      'Immunization/moved/3',
      'Group/school/2',
      'Patient/bob/1',
    ]);
    await placeVersions({ indexResource }, store);
    expect(await store.unplacedVersions(9)).toEqual([]);
    expect(await historyOf(concerns('bob'))).toEqual([
      'Patient/bob/2',
      'Immunization/gone/2',
      'Immunization/gone/1',
      'Immunization/moved/1',
      'Patient/bob/1',
    ]);
    expect(await store.read(key('Immunization', 'gone'))).toMatchObject({ versionId: 3 });
    await write(store, removal({ type: 'List', id: 'list', version: 4 }));
    expect((await historyOf(concerns('ann', 'bob', 'dan')))[0]).toBe('List/list/4');
  });

  it('does not look again at what is placed, in this run or in the next', async () => {
    await placeVersions({ indexResource }, store);
    await store.close();
    const db = openDatabase(path, { readOnly: true });
    expect(db.prepare('SELECT count(*) AS n FROM unplaced').get()).toEqual({ n: 0 });
    db.close();
    store = await openSqliteStore({ path });
    expect(await store.unplacedVersions(9)).toEqual([]);
  });
});

it('finds the few unplaced versions among many resources', async () => {
  const path = join(folder, 'many.sqlite');
  const first = await openSqliteStore({ path });
  for (const version of [1, 2]) {
    const changes = Array.from({ length: 1300 }, (_, n) => change({ id: `p${n}`, version }));
    await first.write({ changes, guards: [] });
  }
  await first.close();
  const db = openDatabase(path, { readOnly: false });
  db.exec(`UPDATE version SET patient = NULL WHERE version = 1 AND rid IN
    (SELECT rid FROM resource WHERE id IN ('p700', 'p1299'));
    INSERT INTO unplaced (rid) VALUES (0);`);
  db.close();
  const store = await openSqliteStore({ path });
  const listed = await store.unplacedVersions(9);
  expect(listed.map(nameOf)).toEqual(['Patient/p700/1']);
  await store.placeVersions([{ ...key('Patient', 'p700'), versionId: 1, patients: ['p700' as ResourceId] }]);
  expect((await store.unplacedVersions(9)).map(nameOf)).toEqual(['Patient/p1299/1']);
  await store.close();
});
