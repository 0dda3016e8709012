import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StoreBusyError, WriteUnknownError } from '../../../src/store/contract/store.ts';
import { openCommitter, type WriteOp } from '../../../src/store/sqlite/commit.ts';
import { openDatabase } from '../../../src/store/sqlite/driver.ts';
import { requireOwnFile } from '../../../src/store/sqlite/file-owner.ts';
import { openForWriting } from '../../../src/store/sqlite/open-connections.ts';
import { onceQuiet } from '../../../src/store/sqlite/quiet-work.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { openThreadedWriter } from '../../../src/store/sqlite/threaded-writer.ts';
import { writeFailure } from '../../../src/store/sqlite/write-failure.ts';
import { at, change, write } from '../../contract/fixtures.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jenner-faults-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const op = (id: string): WriteOp => ({
  kind: 'unit',
  unit: { changes: [change({ id })], guards: [] },
  now: at(0),
});
const committed = { kind: 'unit', outcome: { kind: 'committed' } };

describe('a file of another program', () => {
  const foreign = (name: string, statements: string) => {
    const path = join(folder, name);
    const db = openDatabase(path, { readOnly: false });
    db.exec(statements);
    db.close();
    return path;
  };

  it.each([
    ['a text', 'It is no SQLite database', () => writeText('id,name\n1,Eve\n')],
    ['a short text', 'It is no SQLite database', () => writeText('x')],
    ['another database', 'of another program', () => foreign('a.db', 'CREATE TABLE song (name TEXT)')],
    [
      'another database with a log',
      'of another program',
      () => foreign('b.db', 'PRAGMA journal_mode = WAL; CREATE TABLE song (name TEXT)'),
    ],
    [
      'one that says whose it is',
      'of another program',
      () => foreign('c.db', 'PRAGMA application_id = 7; CREATE TABLE resource (a); CREATE TABLE version (a)'),
    ],
  ])('is told as such, and left as it is: %s', async (_name, text, make) => {
    const path = make();
    const before = [readFileSync(path), readdirSync(folder)];
    await expect(openSqliteStore({ path })).rejects.toThrow(text);
    expect([readFileSync(path), readdirSync(folder)]).toEqual(before);
  });

  it('is none that is empty, nor a store that was made before stores had an id', async () => {
    const path = join(folder, 'empty.sqlite');
    writeFileSync(path, '');
    await (await openSqliteStore({ path })).close();
    const db = openDatabase(path, { readOnly: false });
    db.exec('PRAGMA application_id = 0');
    db.close();
    await (await openSqliteStore({ path })).close();
    expect(readFileSync(path).toString('latin1', 68, 72)).toBe('JNNR');
  });

  it('is none that keeps our tables in its log alone', () => {
    const path = join(folder, 'old.sqlite');
    const db = openDatabase(path, { readOnly: false });
    db.exec('PRAGMA journal_mode = WAL; CREATE TABLE resource (a); CREATE TABLE version (a)');
    expect(readFileSync(path).includes('CREATE TABLE')).toBe(false);
    expect(() => requireOwnFile(path)).not.toThrow();
    db.close();
  });

  function writeText(text: string): string {
    const path = join(folder, 'people.csv');
    writeFileSync(path, text);
    return path;
  }
});

it('says that it is not ready, and takes no writes, when its file has been removed', async () => {
  const path = join(folder, 's.sqlite');
  const store = await openSqliteStore({ path });
  await write(store, change({ id: 'a' }));
  renameSync(path, `${path}.old`);
  await expect(store.check()).rejects.toThrow('has been removed or replaced');
  await expect(write(store, change({ id: 'b' }))).rejects.toThrow(StoreBusyError);
  expect(readdirSync(folder)).not.toContain('s.sqlite');
  renameSync(`${path}.old`, path);
  await store.check();
  expect(await write(store, change({ id: 'b' }))).toEqual({ kind: 'committed' });
  await store.close();
});

it('says that it is not ready, and takes no writes, when its log has been removed', async () => {
  const path = join(folder, 's.sqlite');
  const store = await openSqliteStore({ path });
  await write(store, change({ id: 'kept' }));
  rmSync(`${path}-wal`);
  await expect(write(store, change({ id: 'lost' }))).rejects.toThrow('removed or replaced');
  await expect(store.check()).rejects.toThrow('removed or replaced');
  await store.close();
});

it('waits for a lock once, however many writes came together', () => {
  const path = join(folder, 'locked.sqlite');
  const db = openForWriting(path);
  db.exec('PRAGMA busy_timeout = 0');
  const begins: string[] = [];
  const run = (sql: string, args: Parameters<typeof db.run>[1]) => {
    if (sql.startsWith('BEGIN')) begins.push(sql);
    db.run(sql, args);
  };
  const committer = openCommitter({ ...db, run });
  const other = openDatabase(path, { readOnly: false });
  other.exec('BEGIN IMMEDIATE');
  const results = committer.commit([op('a'), op('b'), op('c')]);
  expect(results.map(({ kind }) => kind)).toEqual(['failed', 'failed', 'failed']);
  expect(begins).toHaveLength(1);
  other.close();
  db.close();
});

it('calls a lock of another program a state that passes', () => {
  const path = join(folder, 's.sqlite');
  const db = openForWriting(path);
  const committer = openCommitter(db);
  // Until then it waits.
  expect(db.get('PRAGMA busy_timeout', [])).toEqual({ timeout: 10_000 });
  db.exec('PRAGMA busy_timeout = 1');
  const other = openDatabase(path, { readOnly: false });
  other.exec('BEGIN IMMEDIATE');
  const [refused] = committer.commit([op('a')]);
  expect(writeFailure(refused?.kind === 'failed' ? refused.reason : '')).toBeInstanceOf(StoreBusyError);
  other.exec('ROLLBACK');
  expect(committer.commit([op('a')])).toEqual([committed]);
  other.close();
  db.close();
});

it('starts a writer anew whose thread ended by a fault', async () => {
  const writer = await openThreadedWriter(join(folder, 's.sqlite'));
  expect(await writer.commit(op('a'))).toEqual(committed);
  // What the thread cannot unpack ends it.
  const broken = { kind: 'packed', changes: [{}], guards: [] } as unknown as WriteOp;
  await expect(writer.commit(broken)).rejects.toThrow(WriteUnknownError);
  await expect(writer.commit(op('b'))).rejects.toThrow(StoreBusyError);
  await vi.waitUntil(() => writer.failure() === undefined, { timeout: 20_000, interval: 50 });
  expect(await writer.commit(op('b'))).toEqual(committed);
  await writer.close();
});

it('does not end by work that fails when it is quiet, and does it the next time', async () => {
  vi.useFakeTimers();
  const work = vi.fn(() => {
    throw new Error('database or disk is full');
  });
  const quiet = onceQuiet(work, 200);
  quiet.begin();
  await vi.advanceTimersByTimeAsync(200);
  quiet.begin();
  await vi.advanceTimersByTimeAsync(200);
  expect(work).toHaveBeenCalledTimes(2);
  quiet.begin();
  quiet.end();
  await vi.advanceTimersByTimeAsync(1000);
  expect(work).toHaveBeenCalledTimes(2);
  vi.useRealTimers();
});

/** A disk of its own needs the rights to mount one. */
const canMount = process.getuid?.() === 0 && mounts();

function mounts(): boolean {
  const place = mkdtempSync(join(tmpdir(), 'jenner-mount-'));
  const done = spawnSync('mount', ['-t', 'tmpfs', 'jenner-test', place]).status === 0;
  if (done) spawnSync('umount', [place]);
  rmSync(place, { recursive: true });
  return done;
}

it.skipIf(!canMount)('writes again after the disk was full and it was quiet for a second', async () => {
  const disk = join(folder, 'disk');
  spawnSync('mkdir', [disk]);
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'jenner-test', disk]);
  try {
    const store = await openSqliteStore({ path: join(disk, 's.sqlite') });
    await write(store, change({ id: 'a' }));
    writeFileSync(join(disk, 'other'), Buffer.alloc(4 * 1024 * 1024));
    const large = JSON.stringify({ note: 'x'.repeat(500_000) });
    let refused: unknown;
    for (let n = 0; n < 30 && refused === undefined; n++) {
      refused = await write(store, change({ id: `b${n}`, text: large })).then(
        () => undefined,
        (error) => error,
      );
    }
    expect(refused).toBeInstanceOf(StoreBusyError);
    await sleep(1000);
    await store.check();
    rmSync(join(disk, 'other'));
    expect(await write(store, change({ id: 'c' }))).toEqual({ kind: 'committed' });
    await store.close();
  } finally {
    spawnSync('umount', ['--lazy', disk]);
  }
});
