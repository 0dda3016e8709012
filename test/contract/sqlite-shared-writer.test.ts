import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/contract/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { type FromHub, writerBeyond } from '../../src/store/sqlite/writer-end.ts';
import { openWriterHub, type WriterHub } from '../../src/store/sqlite/writer-hub.ts';
import { useFolder } from '../use-folder.ts';
import { change, key, write } from './fixtures.ts';
import { describeRaces } from './races.ts';
import { describeWriting } from './writing.ts';

// A store whose writer is in another process: what is said goes by copies, as between processes.

const folder = useFolder();
const hubs = new Map<string, WriterHub>();
afterAll(async () => {
  for (const hub of hubs.values()) await hub.close();
});

/** As another process would open it. */
function openShared(path: string): Promise<Store> {
  const hub = hubs.get(path) ?? openWriterHub(path);
  hubs.set(path, hub);
  const startWriter = () => {
    const hearers = new Set<(message: FromHub) => void>();
    const member = hub.join((message) => {
      for (const hear of hearers) hear(structuredClone(message));
    });
    return writerBeyond({
      send: (message) => member.hear(structuredClone(message)),
      listen: (hear) => {
        hearers.add(hear);
        return () => void hearers.delete(hear);
      },
    });
  };
  return openSqliteStore({ path, startWriter });
}

describe('a store whose writer several processes share', () => {
  let store: Store;
  let files = 0;
  let path = '';
  beforeEach(async () => {
    path = folder.at(`${files++}.sqlite`);
    store = await openShared(path);
  });
  afterEach(() => store.close());

  describeWriting(() => store);
  describeRaces(() => store);

  it('sees at once what another has written, and lets one of two win', async () => {
    const other = await openShared(path);
    await write(store, change({ id: 'a' }));
    expect(await other.read(key('Patient', 'a'))).toMatchObject({ versionId: 1 });
    const update = (by: Store) => by.write({ changes: [change({ id: 'a', version: 2 })], guards: [] });
    const outcomes = await Promise.all([update(store), update(other)]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['committed', 'stale']);
    await other.close();
    await write(store, change({ id: 'b' }));
  });
});
