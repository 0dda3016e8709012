// Fills a store with made-up people, seven doses each, past HTTP and validation: what a registry holds, not how it
// got there, is what the bench needs.
import { performance } from 'node:perf_hooks';
import { generateRegistry } from '../dist/demo/generate-registry.js';
import { openIndexState } from '../dist/registry/reindex/index-state.js';
import { drawValues } from '../dist/search/draw-values.js';
import { loadServerContext } from '../dist/shipped/server-context.js';
import { openMongoStore } from '../dist/store/mongo/mongo-store.js';
import { openSqliteStore } from '../dist/store/sqlite/sqlite-store.js';
import { toEpochDay } from '../dist/values/epoch-day.js';

/** Large units are one commit in SQLite; in MongoDB single resources go together by themselves. */
const paces = {
  sqlite: { perUnit: 200, unitsAtOnce: 16 },
  mongodb: { perUnit: 1, unitsAtOnce: 1000 },
};

export async function fill(location, people, log) {
  const isMongo = location.startsWith('mongodb');
  const { perUnit, unitsAtOnce } = isMongo ? paces.mongodb : paces.sqlite;
  const store = isMongo
    ? await openMongoStore({ url: location })
    : await openSqliteStore({ path: location.slice('sqlite:'.length), loads: true });
  const filled = await store.count(['Patient'], { kind: 'and', of: [] });
  if (filled > 0) return store.close();
  const context = await loadServerContext({
    baseUrl: 'http://127.0.0.1/fhir',
    profiles: [],
    declaredProfiles: 'ignore',
  });
  // Else the server that is measured would draw everything anew.
  await openIndexState(store, context);
  const started = performance.now();
  const lastUpdated = Date.UTC(2026, 0, 1);
  const meta = { versionId: '1', lastUpdated: new Date(lastUpdated).toISOString() };
  let changes = [];
  let written = 0;
  const running = new Set();
  const flush = async () => {
    const unit = { changes, guards: [] };
    changes = [];
    while (running.size >= unitsAtOnce) await Promise.race(running);
    const task = store.write(unit).finally(() => running.delete(task));
    running.add(task);
  };
  for (const made of generateRegistry({ mode: 'bench', seed: 1, people, asOf: toEpochDay(2026, 3, 1) })) {
    const { resourceType, id } = made;
    const resource = { ...made, meta };
    const text = JSON.stringify(resource);
    changes.push({
      type: resourceType,
      id,
      method: 'PUT',
      versionId: 1,
      expectedVersion: 0,
      lastUpdated,
      text,
      ...drawValues(context.indexResource, { type: resourceType, id }, resource),
    });
    written++;
    if (changes.length === perUnit) await flush();
    if (written % 100_000 === 0)
      log(`  ${written} resources, ${Math.round(written / ((performance.now() - started) / 1000))}/s`);
  }
  await flush();
  await Promise.all(running);
  await store.buildIndexes(() => undefined);
  await store.close();
  log(`  filled ${written} resources in ${((performance.now() - started) / 1000).toFixed(0)} s`);
}
