import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AuditMonth,
  type AuditQuery,
  type AuditRow,
  auditMonthOf,
  partsOfAuditId,
} from '../../../src/store/contract/audit.ts';
import { writeAuditText } from '../../../src/store/contract/audit-text.ts';
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
    expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: 5 });
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

describe('a month that an earlier release wrote, a row for each read', () => {
  const rows = ['R', 'C', 'E', 'R'].map((action) =>
    auditRow({ patients: ['ann'], action: action as AuditRow['action'], agent: { name: 'user:ann' } }),
  );
  const failed = auditRow({ patients: ['ann'], outcome: 4, agent: { name: 'user:ann' } });
  const [first] = rows;
  const month = auditMonthOf(failed.at);

  beforeEach(async () => {
    await (await open()).close();
    const db = openDatabase(join(folder, 'store.sqlite'), { readOnly: false });
    db.exec(`
      CREATE TABLE audit_${month} (
        at INTEGER NOT NULL, salt INTEGER NOT NULL, agent INTEGER NOT NULL, action TEXT NOT NULL,
        outcome INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (at, salt)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE audit_slot_${month} (
        key INTEGER NOT NULL, slot INTEGER NOT NULL, PRIMARY KEY (key, slot)
      ) STRICT, WITHOUT ROWID;
      INSERT INTO audit_month (month) VALUES ('${month}');
      INSERT INTO audit_agent (id, agent) VALUES (1, '{"name":"user:ann"}');
      INSERT INTO audit_agent_name (name, agent) VALUES ('user:ann', 1);
      INSERT INTO audit_slot_${month} SELECT r.rid, ${Math.floor(failed.at / 10_000)} FROM resource r WHERE r.id = 'ann';
      INSERT INTO audit_slot_${month} VALUES (-1, ${Math.floor(failed.at / 10_000)});
    `);
    const insert = db.prepare(`INSERT INTO audit_${month} VALUES (?, ?, 1, ?, ?, ?)`);
    for (const row of [...rows, failed]) {
      const { at, salt } = partsOfAuditId(row.id);
      insert.run(at, salt, row.action, row.outcome, writeAuditText(row));
    }
    db.close();
  });

  const all = [...rows, failed].sort((a, b) => (a.id < b.id ? 1 : -1));
  const queries: Omit<AuditQuery, 'count'>[] = [
    {},
    { patients: ['ann'] },
    { agent: 'user:ann' },
    { actions: ['R'] },
    { actions: ['R', 'E'], outcomes: [0] },
    { outcomes: [4] },
  ];
  const meant = (found: readonly AuditRow[], { actions, outcomes }: Omit<AuditQuery, 'count'>) =>
    found.filter(
      ({ action, outcome }) => (actions?.includes(action) ?? true) && (outcomes?.includes(outcome) ?? true),
    );

  it('is searched and read as before', async () => {
    const store = await open();
    for (const query of queries)
      expect((await store.searchAudit({ ...query, count: 9 })).rows).toEqual(meant(all, query));
    for (const row of all) expect(await store.readAudit(row.id)).toEqual(row);
    await store.close();
  });

  it('goes on, and what is told once more is there once', async () => {
    const store = await open();
    const later = auditRow({ patients: ['ann'], agent: { name: 'user:ann' } });
    await store.appendAudit([later, ...(first ? [first] : [])]);
    for (const query of queries)
      expect((await store.searchAudit({ ...query, count: 9 })).rows).toEqual(meant([later, ...all], query));
    for (const row of [later, ...all]) expect(await store.readAudit(row.id)).toEqual(row);
    await store.dropAudit('999912' as AuditMonth);
    expect((await store.searchAudit({ count: 9 })).rows).toEqual([]);
    await store.close();
    const db = openDatabase(join(folder, 'store.sqlite'), { readOnly: true });
    const tables = "SELECT name FROM sqlite_master WHERE name GLOB 'audit*[0-9]*'";
    expect(db.prepare(tables).all()).toEqual([]);
    db.close();
  });
});
