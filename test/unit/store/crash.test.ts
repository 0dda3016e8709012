import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Filter } from '../../../src/search/filter.ts';
import { openDatabase } from '../../../src/store/sqlite/driver.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';

it.each([5, 60, 200])('keeps all that was acknowledged when it is killed after %d units', async (units) => {
  const folder = mkdtempSync(join(tmpdir(), 'jenner-crash-'));
  const path = join(folder, 'store.sqlite');
  const acknowledged = await writeUntilKilled(path, units);
  expect(acknowledged.length).toBeGreaterThanOrEqual(units);

  const store = await openSqliteStore({ path });
  const found = new Map<string, number>();
  let page = await store.scan({ type: 'Patient', count: 1000 });
  for (;;) {
    for (const { id } of page.matches) found.set(id.slice(0, -1), (found.get(id.slice(0, -1)) ?? 0) + 1);
    if (page.next === undefined) break;
    page = await store.scan({ type: 'Patient', count: 1000, after: page.next });
  }
  for (const unit of acknowledged) expect([unit, found.get(unit)]).toEqual([unit, 5]);
  for (const [unit, resources] of found) {
    expect([unit, resources]).toEqual([unit, 5]);
    const filter: Filter = { kind: 'value', param: 'unit', test: { kind: 'token', anyOf: [{ code: unit }] } };
    expect(await store.count(['Patient'], filter)).toBe(5);
  }
  await store.close();
  const db = openDatabase(path, { readOnly: true });
  expect(db.prepare('PRAGMA integrity_check').all()).toMatchObject([{ integrity_check: 'ok' }]);
  db.close();
  rmSync(folder, { recursive: true });
});

/** The units that were acknowledged before the process was killed without warning. */
function writeUntilKilled(path: string, units: number): Promise<readonly string[]> {
  const script = new URL('./endless-writer.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', script, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += String(chunk);
    if (said.split('\n').length > units) child.kill('SIGKILL');
  });
  return new Promise((resolve) => {
    child.on('close', () => resolve(said.split('\n').slice(0, -1)));
  });
}
