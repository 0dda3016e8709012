import { expect, it } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import { loadServerContext } from '../../../src/shipped/server-context.ts';
import { contextSettings } from '../../../src/start-server.ts';

it.each([
  ['sqlite:data/jenner.sqlite', '7'],
  ['sqlite::memory:', '7'],
  ['mongodb://localhost/jenner', '4'],
])(
  'draws ids in order for SQLite, and random ones where shards must fill evenly: %s',
  async (store, version) => {
    const { newId } = await loadServerContext(contextSettings(loadConfig({ JENNER_STORE: store })));
    const ids = Array.from({ length: 50 }, () => newId());
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ids.filter((id) => id[14] !== version)).toEqual([]);
    const times = ids.map((id) => id.slice(0, 13));
    expect(times.toSorted().join() === times.join()).toBe(version === '7');
  },
);
