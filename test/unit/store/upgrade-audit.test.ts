import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoredVersion } from '../../../src/store/contract/store.ts';
import { openDatabase } from '../../../src/store/sqlite/driver.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { auditRow, change } from '../../contract/fixtures.ts';

const data = new URL('../../data/upgrade/', import.meta.url);
const { versions } = JSON.parse(readFileSync(new URL('sqlite-0002.json', data), 'utf8')) as {
  readonly versions: readonly StoredVersion[];
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jenner-upgrade-'));
  const packed = readFileSync(new URL('sqlite-0002.sqlite.gz', data));
  writeFileSync(join(folder, 'store.sqlite'), gunzipSync(packed));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = () => openSqliteStore({ path: join(folder, 'store.sqlite') });

describe('a store of schema 2, which had no audit', () => {
  it('answers what it answered before, and has nothing to tell', async () => {
    const store = await open();
    expect((await store.history({ count: 100 })).versions).toEqual(versions);
    expect(await store.searchAudit({ count: 9 })).toEqual({ rows: [] });
    await store.close();
    const db = openDatabase(join(folder, 'store.sqlite'), { readOnly: true });
    expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: 4 });
    db.close();
  });

  it('keeps rows from then on, of whom it has known before too', async () => {
    const store = await open();
    const row = auditRow({ patients: ['ann'] });
    await store.appendAudit([row]);
    const written = auditRow({ patients: ['bob'] });
    expect(await store.write({ changes: [change({ id: 'bob-2' })], guards: [], audit: [written] })).toEqual({
      kind: 'committed',
    });
    await store.close();
    const again = await open();
    expect((await again.searchAudit({ patients: ['ann'], count: 9 })).rows).toEqual([row]);
    expect((await again.searchAudit({ patients: ['bob'], count: 9 })).rows).toEqual([written]);
    await again.close();
  });
});
