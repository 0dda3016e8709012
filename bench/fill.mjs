// Fills a SQLite file with made-up people, seven doses each, past HTTP and validation: what a registry holds, not how it
// got there, is what the bench needs.
import { existsSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { generateRegistry } from '../dist/demo/generate-registry.js';
import { loadKnowledgeBases, loadRegistry } from '../dist/load-registry.js';
import { openSqliteStore } from '../dist/store/sqlite/sqlite-store.js';
import { toEpochDay } from '../dist/values/epoch-day.js';

const perUnit = 200;
const unitsAtOnce = 16;

export async function fill(path, people, log) {
  if (existsSync(path)) return;
  const store = await openSqliteStore({ path });
  const { indexResource } = await loadRegistry({
    store,
    baseUrl: 'http://127.0.0.1/fhir',
    knowledgeBases: loadKnowledgeBases('none'),
    fitsCompatible: false,
    profiles: [],
    declaredProfiles: 'ignore',
  });
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
    const index = indexResource(resource);
    const text = JSON.stringify(resource);
    changes.push({
      type: resourceType,
      id,
      method: 'PUT',
      versionId: 1,
      expectedVersion: 0,
      lastUpdated,
      text,
      index,
    });
    written++;
    if (changes.length === perUnit) await flush();
    if (written % 100_000 === 0)
      log(`  ${written} resources, ${Math.round(written / ((performance.now() - started) / 1000))}/s`);
  }
  await flush();
  await Promise.all(running);
  await store.close();
  log(`  filled ${written} resources in ${((performance.now() - started) / 1000).toFixed(0)} s`);
}
