import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { change, removal, write } from '../../contract/fixtures.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jenner-aliases-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const open = () => openSqliteStore({ path: join(folder, 'store.sqlite') });

it.each([
  ['belongs to nobody any more', [change({ id: 's', version: 2 })]],
  ['is deleted', [removal({ id: 's', version: 2 })]],
  ['was moved before', [change({ id: 's', version: 2, person: 'q' }), change({ id: 's', version: 3 })]],
])('keeps no row once the last source %s', async (_, changes) => {
  const store = await open();
  await write(store, change({ id: 'p' }), change({ id: 's', person: 'p' }));
  for (const one of changes) await write(store, one);
  await store.close();
  const again = await open();
  expect(await again.hasAliases()).toBe(false);
  await again.close();
});
