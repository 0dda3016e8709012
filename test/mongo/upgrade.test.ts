import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { BSON, type Db, type Document } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ResourceType, resourceTypes } from '../../src/fhir/resource-type.ts';
import { parseStored } from '../../src/interaction/parse-stored.ts';
import { placeVersions } from '../../src/registry/reindex/place-versions.ts';
import { drawValues } from '../../src/search/draw-values.ts';
import { type Filter, not, type VersionFilter } from '../../src/search/filter.ts';
import type { SortKey } from '../../src/search/sort.ts';
import type { Store, StoredVersion } from '../../src/store/contract/store.ts';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { change, ids, key, removal, write } from '../contract/fixtures.ts';
import { indexResource } from '../unit/search/search-world.ts';
import { noMongo, testMongo, withClient } from './test-mongo.ts';

/** What the release that wrote the stores answered from either (tools/write-upgrade-store.mjs). */
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

const data = new URL('../data/upgrade/', import.meta.url);
const answers = JSON.parse(readFileSync(new URL('sqlite-0001.json', data), 'utf8')) as Answers;
const lines = gunzipSync(readFileSync(new URL('mongo-0001.ndjson.gz', data)))
  .toString()
  .trim()
  .split('\n')
  .map((line) => BSON.EJSON.parse(line) as { readonly collection: string; readonly document: Document });

const concerns = (...anyOf: string[]): VersionFilter & Filter => ({ kind: 'concerns', anyOf });
const nameOf = ({ type, id, versionId }: StoredVersion) => `${type}/${id}/${versionId}`;
const newest = new Map([...answers.versions].reverse().map((one) => [`${one.type}/${one.id}`, one]));
const isCurrent = (one: StoredVersion) =>
  one.text !== undefined && newest.get(`${one.type}/${one.id}`)?.versionId === one.versionId;
const types: ResourceType[] = ['Group', 'Immunization', 'Observation', 'Patient', 'Task'];

const mongo = await testMongo();

if (!mongo) it.skip(`a database of layout 1: ${noMongo}`, () => undefined);
else {
  describe('a database of layout 1', () => {
    let store: Store;
    let url: string;
    beforeEach(async () => {
      url = mongo.freshUrl();
      await withClient(url, (client) => load(client.db()));
      store = await openMongoStore({ url });
    });
    afterEach(() => store.close());

    async function historyOf(only: VersionFilter): Promise<readonly string[]> {
      const found = (await store.history({ only, count: 100 })).versions.map(nameOf);
      expect(await store.countHistory({ only, count: 0 })).toBe(found.length);
      return found;
    }

    async function searched(filter: Filter): Promise<readonly string[]> {
      const { matches } = await store.search({ types, filter, sort: [], count: 100 });
      expect(await store.count(types, filter)).toBe(matches.length);
      return ids(matches);
    }

    it('answers what it answered before, and says that its layout is the present one', async () => {
      expect((await store.history({ count: 100 })).versions).toEqual(answers.versions);
      for (const version of answers.versions) {
        expect(await store.readVersion(version, version.versionId)).toEqual(version);
      }
      for (const { type, query, filter, sort, ids: expected } of answers.found) {
        const { matches } = await store.search({ types: [type], filter, sort, count: 50 });
        expect([query, ids(matches)]).toEqual([query, expected]);
      }
      expect(await store.readRecord('import', 'fingerprint')).toMatchObject({ value: '7' });
      expect((await store.listRecords({ collection: 'job', count: 9 })).records).toMatchObject([
        { key: 'é\u0000"', value: '{}' },
      ]);
      const layout = withClient(url, (client) => client.db().collection('meta').findOne());
      expect(await layout).toMatchObject({ _id: 'layout', version: 3 });
    });

    it('shows nothing by whom it concerns, and nothing by whom it does not, until that is known', async () => {
      for (const only of [concerns('ann', 'bob', 'dan', 'eve'), { kind: 'reach', anyOf: ['x'] }] as const) {
        expect(await historyOf(only)).toEqual([]);
        expect(await historyOf({ kind: 'not', of: only })).toEqual([]);
        expect(await searched(only)).toEqual([]);
        expect(await searched(not(only))).toEqual([]);
        expect(await searched(not(not(only)))).toEqual([]);
      }
      const anyOf: readonly VersionFilter[] = [concerns('ann'), { kind: 'id', anyOf: ['task'] }];
      expect(await historyOf({ kind: 'or', of: anyOf })).toEqual(['Task/task/2', 'Task/task/1']);
    });

    it('lists the old versions and tombstones of which it is not known, until they are placed', async () => {
      const expected = answers.versions.filter((one) => !isCurrent(one));
      const listed = await store.unplacedVersions(100);
      expect(listed.map(nameOf).sort()).toEqual(expected.map(nameOf).sort());
      for (const one of listed) expect(expected).toContainEqual(one);
      const some = await store.unplacedVersions(3);
      expect(some).toHaveLength(3);
      await store.placeVersions(some.map((one) => ({ ...one, patients: [] })));
      const left = listed.map(nameOf).filter((name) => !some.map(nameOf).includes(name));
      expect((await store.unplacedVersions(100)).map(nameOf).sort()).toEqual(left.sort());
    });

    it('lists a version that lies in its successor, and knows it where it goes', async () => {
      await store.close();
      await withClient(url, async (client) => {
        const resources = client.db().collection<{ _id: string }>('resource');
        const { previous } = await leftBehind(client.db());
        await resources.updateOne({ _id: 'Task/task' }, { $set: { previous } });
      });
      store = await openMongoStore({ url });
      expect((await store.unplacedVersions(100)).map(nameOf)).toContain('Task/task/1');
      await place(store);
      expect(await historyOf(concerns('ann', 'bob'))).toContain('Task/task/1');
      await write(store, change({ type: 'Task', id: 'task', version: 3, patients: ['dan'] }));
      await write(store, change({ type: 'Task', id: 'task', version: 4, patients: ['dan'] }));
      expect(await historyOf(concerns('ann', 'bob'))).toContain('Task/task/1');
      expect(await historyOf(concerns('dan'))).toContain('Task/task/3');
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
      expect(await searched(not({ kind: 'reach', anyOf: ['roster|Organization/school'] }))).toEqual([
        'moved',
        'of-ann',
        'nobodys',
        'ann',
        'task',
      ]);
    });

    it('answers the same searches when it is half reindexed', async () => {
      await reindex(store, 'Group');
      await reindex(store, 'Task');
      for (const { type, query, filter, sort, ids: expected } of answers.found) {
        const { matches } = await store.search({ types: [type], filter, sort, count: 50 });
        expect([query, ids(matches)]).toEqual([query, expected]);
      }
    });

    it('is mended by a reindex after it was taken back to that release, and forward again', async () => {
      await reindexAll(store);
      await store.close();
      await withClient(url, async (client) => {
        await takeBack(client.db());
        await deleteAsBefore(client.db(), 'Group/school');
      });
      store = await openMongoStore({ url });
      expect(await searched(concerns('ann', 'bob', 'dan'))).toEqual([]);
      await reindexAll(store);
      expect(await store.unplacedVersions(9)).toEqual([]);
      expect((await store.marksOf(['ann', 'bob'] as ResourceId[])).has('bob' as ResourceId)).toBe(false);
      expect(await searched({ kind: 'reach', anyOf: ['roster|Organization/school'] })).toEqual([]);
      expect(await historyOf(concerns('bob', 'dan'))).toContain('Group/school/3');
    });

    it('knows whom a version concerns that is replaced, deleted or written again before that', async () => {
      const dose = { type: 'Immunization' as const };
      await write(store, change({ ...dose, id: 'moved', version: 3, patients: ['dan'] }));
      await write(store, removal({ ...dose, id: 'of-ann', version: 2 }));
      await write(store, change({ ...dose, id: 'gone', version: 3, patients: ['ann'] }));
      expect(await historyOf(concerns('dan'))).toEqual(['Immunization/moved/3']);
      expect(await historyOf(concerns('ann'))).toEqual(['Immunization/gone/3']);
      await place(store);
      expect(await store.unplacedVersions(9)).toEqual([]);
      const doses: VersionFilter = { kind: 'type', anyOf: ['Immunization'] };
      expect((await historyOf({ kind: 'and', of: [concerns('ann'), doses] })).toSorted()).toEqual([
        'Immunization/back/1',
        'Immunization/back/2',
        'Immunization/gone/3',
        'Immunization/moved/2',
        'Immunization/of-ann/1',
        'Immunization/of-ann/2',
      ]);
      expect(await store.read(key('Immunization', 'gone'))).toMatchObject({ versionId: 3 });
    });
  });
}

async function load(db: Db): Promise<void> {
  for (const name of new Set(lines.map(({ collection }) => collection))) {
    const documents = lines.filter(({ collection }) => collection === name).map(({ document }) => document);
    await db.collection(name).insertMany(documents);
  }
}

/** Takes Task/task/1 out of the history, as if its writer had died before it was put there. */
async function leftBehind(db: Db): Promise<{ readonly previous: Document }> {
  const old = await db.collection<{ _id: string }>('history').findOneAndDelete({ _id: 'Task/task/1' });
  if (!old) throw new Error('the fixture has no Task/task/1');
  const { version, lastUpdated, method, text, writer } = old as Document;
  return { previous: { version, lastUpdated, method, text, writer } };
}

/** What docs/operations.md says for going back. */
async function takeBack(db: Db): Promise<void> {
  await db
    .collection('resource')
    .updateMany({}, { $unset: { patients: '', marks: '', bears: '', drawn: '', open: '' } });
  await db.collection('person').drop();
  await db.collection<{ _id: string }>('meta').updateOne({ _id: 'layout' }, { $set: { version: 1 } });
}

/** A delete as that release writes it. */
async function deleteAsBefore(db: Db, _id: string): Promise<void> {
  const resources = db.collection<{ _id: string } & Document>('resource');
  const { type, patient, version, lastUpdated, method, text, writer } = (await resources.findOne({
    _id,
  })) as Document;
  await db.collection<{ _id: string } & Document>('history').insertOne({
    _id: `${_id}/${version}`,
    ...{ key: _id, type, patient, version, lastUpdated, method, text, writer, until: lastUpdated + 1 },
  });
  const tombstone = {
    type,
    patient,
    version: version + 1,
    lastUpdated: lastUpdated + 1,
    method: 'DELETE',
    writer: 'w',
  };
  await resources.replaceOne({ _id }, { ...tombstone, keys: [], spans: [], tuples: [] });
}

async function reindexAll(store: Store): Promise<void> {
  for (const type of resourceTypes) await reindex(store, type);
  await place(store);
}

async function reindex(store: Store, type: ResourceType): Promise<void> {
  const { matches } = await store.scan({ type, count: 100 });
  for (const stored of matches) {
    const values = drawValues(indexResource, stored, parseStored(stored).resource);
    const { id, versionId } = stored;
    expect(await store.reindex({ type, id, versionId, ...values })).toBe(true);
  }
}

async function place(store: Store): Promise<void> {
  await placeVersions({ indexResource }, store);
}

/** By the texts: a tombstone concerns those of the version before it. */
function concernsOnly(version: StoredVersion, who: readonly string[]): boolean {
  const { type, id, versionId } = version;
  const before = answers.versions.find(
    (one) => one.type === type && one.id === id && one.versionId === versionId - 1,
  );
  const told = version.text === undefined ? before : version;
  if (told?.text === undefined) return false;
  const { patients } = drawValues(indexResource, version, parseStored({ ...told, text: told.text }).resource);
  return patients.length > 0 && patients.every((one) => who.includes(one));
}
