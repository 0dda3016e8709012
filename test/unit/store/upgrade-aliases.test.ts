import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ResourceType } from '../../../src/fhir/resource-type.ts';
import type { Filter } from '../../../src/search/filter.ts';
import type { SortKey } from '../../../src/search/sort.ts';
import type { Store, StoredVersion } from '../../../src/store/contract/store.ts';
import { openDatabase } from '../../../src/store/sqlite/driver.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import type { ResourceId } from '../../../src/values/resource-id.ts';
import { change, ids, write } from '../../contract/fixtures.ts';

type Answers = {
  readonly versions: readonly StoredVersion[];
  readonly found: readonly {
    readonly type: ResourceType;
    readonly filter: Filter;
    readonly sort: readonly SortKey[];
    readonly ids: readonly string[];
  }[];
};

const data = new URL('../../data/upgrade/', import.meta.url);
const answers = JSON.parse(readFileSync(new URL('sqlite-0003.json', data), 'utf8')) as Answers;

describe('a store of schema 3, which knew nobody under several ids', () => {
  let folder = '';
  let store: Store;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'jenner-upgrade-'));
    const path = join(folder, 'store.sqlite');
    writeFileSync(path, gunzipSync(readFileSync(new URL('sqlite-0003.sqlite.gz', data))));
    const before = openDatabase(path, { readOnly: true });
    expect(before.prepare('PRAGMA user_version').get()).toEqual({ user_version: 3 });
    before.close();
    store = await openSqliteStore({ path });
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  it('answers what it answered before', async () => {
    expect((await store.history({ count: 100 })).versions).toEqual(answers.versions);
    for (const { type, filter, sort, ids: expected } of answers.found) {
      expect(ids((await store.search({ types: [type], filter, sort, count: 50 })).matches)).toEqual(expected);
    }
    expect(await store.hasAliases()).toBe(false);
  });

  it('joins from then on whom it has known before', async () => {
    const filter: Filter = { kind: 'reach', anyOf: ['care|Organization/clinic'] };
    const found = async () =>
      ids((await store.search({ types: ['Immunization'], filter, sort: [], count: 50 })).matches);
    const before = await found();
    expect(before).not.toContain('back');
    const bob = await store.read({ type: 'Patient', id: 'bob' as ResourceId });
    const version = (bob?.versionId ?? 0) + 1;
    await write(store, change({ id: 'bob', version, person: 'ann' }));
    expect(await store.aliasesOf(['ann' as ResourceId])).toEqual(new Map([['ann', ['ann', 'bob']]]));
    expect(await found()).toEqual([...before, 'back'].sort());
  });
});
