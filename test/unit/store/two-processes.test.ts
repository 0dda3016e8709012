import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { change, ids, key, reference, write } from '../../contract/fixtures.ts';

it('lets two programs write into one file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jenner-two-'));
  const path = join(folder, 'store.sqlite');
  const server = await openSqliteStore({ path });
  const importer = await openSqliteStore({ path });
  for (let n = 0; n < 10; n++) {
    const index = { subject: [reference('Patient', `p${n}`)] };
    const writes = [
      write(server, change({ id: `p${n}` })),
      write(importer, change({ type: 'Observation', id: `o${n}`, index })),
      write(importer, change({ id: `q${n}` })),
    ];
    expect(await Promise.all(writes)).toEqual(Array(3).fill({ kind: 'committed' }));
    expect(await write(importer, change({ id: `p${n}`, version: 2 }))).toEqual({ kind: 'committed' });
    expect(await write(server, change({ id: `p${n}`, version: 2 }))).toMatchObject({ kind: 'stale' });
  }
  expect(await server.read(key('Patient', 'p9'))).toMatchObject({ versionId: 2 });
  expect(await server.countHistory({ count: 1 })).toBe(40);
  const chain = {
    kind: 'chain',
    param: 'subject',
    type: 'Patient',
    of: { kind: 'id', anyOf: ['p3'] },
  } as const;
  const found = await server.search({ types: ['Observation'], filter: chain, sort: [], count: 5 });
  expect(ids(found.matches)).toEqual(['o3']);
  await importer.close();
  await server.close();
  await expect(server.check()).rejects.toThrow('The store is closed.');
  rmSync(folder, { recursive: true });
});
