import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkBackup, runBackup, type StoreFile } from '../../src/cli/backup/backup-command.ts';
import { runRestore } from '../../src/cli/backup/restore-command.ts';
import type { AuditMonth } from '../../src/store/contract/audit.ts';
import type { Store } from '../../src/store/contract/store.ts';
import { openDatabase } from '../../src/store/sqlite/driver.ts';
import { copySqliteStore, inspectSqliteStore } from '../../src/store/sqlite/snapshot.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { systemClock } from '../../src/values/clock.ts';
import type { EpochMs } from '../../src/values/instant.ts';
import { auditRow, change, key } from '../contract/fixtures.ts';
import { useFolder } from '../use-folder.ts';

const folder = useFolder();
let store: Store;
let said = '';
beforeEach(async () => {
  said = '';
  store = await openSqliteStore({ path: at('live/s.sqlite') });
  writeFileSync(at('key'), randomBytes(32));
  writeFileSync(at('other-key'), randomBytes(32));
  for (const kept of ['keys', 'schedules/old']) mkdirSync(at(`live/${kept}`), { recursive: true });
  writeFileSync(at('live/keys/signing.pem'), 'secret');
  writeFileSync(at('live/schedules/old/4.63 draft.json'), '{}');
});
afterEach(async () => {
  await store.close();
});

const at = (name: string) => folder.at(name);
const fileOf = (path: string): StoreFile => ({
  path,
  copy: (to, progress) => copySqliteStore(path, to, progress),
  inspect: inspectSqliteStore,
});

function common(file: string, keyFile: string) {
  const output = new PassThrough() as unknown as NodeJS.WriteStream;
  output.on('data', (chunk) => {
    said += String(chunk);
  });
  return {
    file: at(file),
    key: at(keyFile),
    clock: systemClock,
    output,
    signal: new AbortController().signal,
  };
}
const backUp = (file = 'b', more: Partial<StoreFile> = {}) =>
  runBackup({
    ...common(file, 'key'),
    store: { ...fileOf(at('live/s.sqlite')), ...more },
    data: at('live'),
    software: '1',
  });
const check = (file = 'b', key = 'key') => checkBackup({ ...common(file, key), inspect: inspectSqliteStore });
const restore = (file = 'b', key = 'key', to = 'new') =>
  runRestore({ ...common(file, key), store: fileOf(at(`${to}/s.sqlite`)), data: at(to) });
function makeForeign(path: string): void {
  const db = openDatabase(path, { readOnly: false });
  db.exec('CREATE TABLE t (a)');
  db.close();
}
const day = (month: number, of: number) => Date.UTC(2026, month - 1, of) as EpochMs;
const write = (id: string) => store.write({ changes: [change({ id })], guards: [] });
const leftovers = () =>
  readdirSync(folder.path, { recursive: true }).filter((name) => /backup-|\.part/.test(String(name)));

describe('jenner backup and restore', () => {
  it('bring store, keys and schedules back as they were', async () => {
    await write('a');
    await write('b');
    await store.writeRecords([{ kind: 'put', record: { collection: 'job', key: 'k', value: '1' } }]);
    expect([await backUp(), await check(), await restore()]).toEqual([0, 0, 0]);
    const restored = await openSqliteStore({ path: at('new/s.sqlite') });
    expect((await restored.readMany([key('Patient', 'a')])).length).toBe(1);
    expect(await restored.count(['Patient'], { kind: 'and', of: [] })).toBe(2);
    expect((await restored.readRecord('job', 'k'))?.value).toBe('1');
    await restored.close();
    expect(readFileSync(at('new/keys/signing.pem'), 'utf8')).toBe('secret');
    expect(readFileSync(at('new/schedules/old/4.63 draft.json'), 'utf8')).toBe('{}');
    expect(statSync(at('b')).mode & 0o077).toBe(0);
    expect(leftovers()).toEqual([]);
  });

  it('bring the audit back, month by month', async () => {
    const rows = [auditRow({ patients: ['a'], at: day(8, 1) }), auditRow({ patients: ['a', 'b'] })];
    await store.appendAudit(rows);
    expect([await backUp(), await check(), await restore()]).toEqual([0, 0, 0]);
    const restored = await openSqliteStore({ path: at('new/s.sqlite') });
    expect((await restored.searchAudit({ count: 9 })).rows).toEqual(rows);
    expect((await restored.searchAudit({ patients: ['b'], count: 9 })).rows).toEqual(rows.slice(1));
    await restored.dropAudit('202608' as AuditMonth);
    expect((await restored.searchAudit({ count: 9 })).rows).toEqual(rows.slice(0, 1));
    await restored.close();
  });

  it('keep one moment of a store that is written to, with all that was acknowledged before', async () => {
    for (let n = 0; n < 300; n++) await write(`before-${n}`);
    let isCopying = true;
    const written: string[] = [];
    const writing = (async () => {
      for (let n = 0; isCopying; n++) {
        const [one, two] = [`p${n}a`, `p${n}b`];
        const changes = [one, two].map((id) => change({ id }));
        await store.write({ changes, guards: [] });
        written.push(one);
      }
    })();
    await backUp();
    isCopying = false;
    await writing;
    expect(written.length).toBeGreaterThan(0);
    await restore();
    const restored = await openSqliteStore({ path: at('new/s.sqlite') });
    const ids = (await restored.scan({ type: 'Patient', count: 100_000 })).matches.map(({ id }) =>
      String(id),
    );
    await restored.close();
    expect(ids.filter((id) => id.startsWith('before-'))).toHaveLength(300);
    // A unit is there whole or not at all.
    const ends = (end: string) => ids.filter((id) => /^p\d/.test(id) && id.endsWith(end)).length;
    expect(ends('a')).toBe(ends('b'));
  });

  it('need the key, and a key that cannot be guessed', async () => {
    await backUp();
    await expect(check('b', 'other-key')).rejects.toThrow('the key is not the one');
    await expect(restore('b', 'other-key')).rejects.toThrow('the key is not the one');
    writeFileSync(at('short'), 'password');
    await expect(check('b', 'short')).rejects.toThrow('at least 32 bytes');
    await expect(check('b', 'none')).rejects.toThrow('there is no such file');
    expect(existsSync(at('new/s.sqlite'))).toBe(false);
  });

  it('refuse a file that is not as it was made, and leave nothing behind', async () => {
    for (let n = 0; n < 50; n++) await write(`p${n}`);
    await backUp();
    const whole = readFileSync(at('b'));
    const flipped = Buffer.from(whole);
    flipped[whole.length - 100] = (flipped[whole.length - 100] ?? 0) ^ 1;
    for (const bad of [flipped, whole.subarray(0, -1), Buffer.from('a,b\n'), Buffer.alloc(0)]) {
      writeFileSync(at('bad'), bad);
      await expect(check('bad')).rejects.toThrow(/bad: /);
      await expect(restore('bad')).rejects.toThrow(/bad: /);
    }
    expect(readdirSync(at('new'))).toEqual([]);
    expect(leftovers()).toEqual([]);
  });

  it('go into an empty place only, and replace no backup', async () => {
    await backUp();
    await expect(backUp()).rejects.toThrow('is there already');
    await expect(restore('b', 'key', 'live')).rejects.toThrow('is there already');
    mkdirSync(at('new/keys'), { recursive: true });
    writeFileSync(at('new/keys/mine.pem'), '');
    await expect(restore()).rejects.toThrow('holds files already');
    expect(existsSync(at('new/s.sqlite'))).toBe(false);
  });

  it.each(['-wal', '-shm'])('go nowhere where a %s of another store lies', async (kind) => {
    await backUp();
    mkdirSync(at('new'));
    writeFileSync(at(`new/s.sqlite${kind}`), '');
    await expect(restore()).rejects.toThrow('is there already');
    expect(existsSync(at('new/s.sqlite'))).toBe(false);
  });

  it('go nowhere where a store has come meanwhile, and nothing of another count', async () => {
    await write('a');
    await backUp();
    const store = fileOf(at('new/s.sqlite'));
    const put = (inspect: StoreFile['inspect']) =>
      runRestore({ ...common('b', 'key'), store: { ...store, inspect }, data: at('new') });
    const fewer = put((path) => ({ ...store.inspect(path), resources: 0 }));
    await expect(fewer).rejects.toThrow('holds 0 resources');
    await expect(
      checkBackup({
        ...common('b', 'key'),
        inspect: () => ({ resources: 1, versions: 2, deleted: 0, records: 0 }),
      }),
    ).rejects.toThrow('in 2 versions');
    const late = put((path) => {
      writeFileSync(at('new/s.sqlite'), 'mine');
      return store.inspect(path);
    });
    await expect(late).rejects.toThrow('is there already');
    expect(readFileSync(at('new/s.sqlite'), 'utf8')).toBe('mine');
    expect([existsSync(at('new/keys')), leftovers()]).toEqual([false, []]);
  });

  it('take the keys back out when not all can be put into its place', async () => {
    await backUp();
    mkdirSync(at('new'));
    symlinkSync(at('nowhere'), at('new/schedules'));
    await expect(restore()).rejects.toThrow();
    expect(existsSync(at('new/keys'))).toBe(true);
    expect([existsSync(at('new/keys/signing.pem')), existsSync(at('new/s.sqlite'))]).toEqual([false, false]);
  });

  it('make no backup of a copy that is damaged', async () => {
    for (let n = 0; n < 200; n++) await write(`p${n}`);
    const copy: StoreFile['copy'] = async (to, progress) => {
      await copySqliteStore(at('live/s.sqlite'), to, progress);
      const bytes = readFileSync(to);
      bytes.fill(7, 8192 * 3, 8192 * 6);
      writeFileSync(to, bytes);
    };
    await expect(backUp('b', { copy })).rejects.toThrow('damaged');
    expect(existsSync(at('b'))).toBe(false);
    expect(leftovers()).toEqual([]);
  });

  it('keep what links lead to, as Kubernetes mounts a secret', async () => {
    mkdirSync(at('live/keys/..2026'));
    writeFileSync(at('live/keys/..2026/mounted.pem'), 'mounted');
    symlinkSync('..2026', at('live/keys/..data'));
    symlinkSync('..data/mounted.pem', at('live/keys/mounted.pem'));
    writeFileSync(at('elsewhere.pem'), 'elsewhere');
    symlinkSync(at('elsewhere.pem'), at('live/keys/linked.pem'));
    expect([await backUp(), await check(), await restore()]).toEqual([0, 0, 0]);
    expect(said).not.toContain('left out');
    expect(readFileSync(at('new/keys/mounted.pem'), 'utf8')).toBe('mounted');
    expect(readFileSync(at('new/keys/linked.pem'), 'utf8')).toBe('elsewhere');
    expect(readdirSync(at('new/keys')).sort()).toEqual([
      '..2026',
      'linked.pem',
      'mounted.pem',
      'signing.pem',
    ]);
  });

  it('name what they leave out, and do not end well', async () => {
    mkdirSync(at('live-too'));
    writeFileSync(at('live-too/a.pem'), '');
    symlinkSync(at('live-too'), at('live/keys/folder'));
    symlinkSync(at('nowhere'), at('live/schedules/old/gone'));
    expect(await backUp()).toBe(1);
    for (const path of ['live/keys/folder', 'live/schedules/old/gone']) {
      expect(said).toContain(`left out: ${at(path)} (no file, nor a link to one)`);
    }
    expect([await check(), await restore()]).toEqual([0, 0]);
    expect(readdirSync(at('new/keys'))).toEqual(['signing.pem']);
  });

  it.each([
    ['text.sqlite', () => writeFileSync(at('text.sqlite'), 'a,b'), 'It is no SQLite database'],
    ['empty.sqlite', () => writeFileSync(at('empty.sqlite'), ''), 'It holds no store yet'],
    ['folder.sqlite', () => mkdirSync(at('folder.sqlite')), 'It is a folder'],
    ['foreign.sqlite', () => makeForeign(at('foreign.sqlite')), 'It is a SQLite database of another program'],
  ])('say of %s that it is no store, and whose it is', async (name, make, reason) => {
    make();
    const message = `${at(name)} cannot be opened as a SQLite store: ${reason}`;
    await expect(backUp('b', fileOf(at(name)))).rejects.toThrow(message);
    if (name !== 'empty.sqlite') {
      await expect(openSqliteStore({ path: at(name) })).rejects.toThrow(message);
    }
    expect(leftovers()).toEqual([]);
  });

  it('say of which file it is that what it holds is damaged', async () => {
    await write('a');
    await backUp();
    const inspect = () => inspectSqliteStore(at('key'));
    const refused = `${at('b')}: the store is damaged`;
    await expect(checkBackup({ ...common('b', 'key'), inspect })).rejects.toThrow(refused);
    const into = { ...fileOf(at('new/s.sqlite')), inspect };
    await expect(runRestore({ ...common('b', 'key'), store: into, data: at('new') })).rejects.toThrow(
      refused,
    );
    await expect(backUp('c', { inspect })).rejects.toThrow(`${at('live/s.sqlite')}: the store is damaged`);
  });

  it('let the part of another backup be', async () => {
    writeFileSync(at('b.part'), 'mine');
    await expect(backUp()).rejects.toThrow(`${at('b.part')}: is there already: another backup`);
    rmSync(at('b.part'));
    const copy: StoreFile['copy'] = async (to, progress) => {
      await copySqliteStore(at('live/s.sqlite'), to, progress);
      writeFileSync(at('b.part'), 'mine');
    };
    await expect(backUp('b', { copy })).rejects.toThrow(`${at('b.part')}: is there already: another backup`);
    expect(readFileSync(at('b.part'), 'utf8')).toBe('mine');
  });

  it('say when a file is no store', async () => {
    makeForeign(at('foreign.sqlite'));
    expect(() => inspectSqliteStore(at('foreign.sqlite'))).toThrow("none of Jenner's");
  });
});
