// Fills a store with the made-up people of bench/matching-people.mjs, past HTTP and validation.
import { performance } from 'node:perf_hooks';
import { openIndexState } from '../dist/registry/reindex/index-state.js';
import { drawValues } from '../dist/search/draw-values.js';
import { asAnotherReports, changes, generatePeople, openRandom } from './matching-people.mjs';

const lastUpdated = Date.UTC(2026, 0, 1);
const meta = { versionId: '1', lastUpdated: new Date(lastUpdated).toISOString() };
/** SQLite commits a unit at once; MongoDB puts single resources together by itself. */
const perUnit = { sqlite: 500, mongodb: 1 };

/**
 * PEOPLE made-up ones with the ids `p-0` …; of each hundredth share `again` another report, `d-N` of `p-N`; `doses` for each.
 * `each` is called with every person and its number.
 */
export async function fillPeople(store, context, { people, again = 0, doses = 0, kind = 'sqlite', each }) {
  // Else it would be drawn anew when it is next opened.
  await openIndexState(store, context);
  const random = openRandom(11);
  const kinds = Object.keys(changes);
  const every = again > 0 ? Math.round(100 / again) : 0;
  const writer = openWriter(store, context, kind);
  const started = performance.now();
  let index = 0;
  let reports = 0;
  for (const person of generatePeople(people, 1)) {
    const number = index++;
    each?.(person, number);
    await writer.write({ ...person, id: `p-${number}` });
    for (let dose = 0; dose < doses; dose++) await writer.write(toDose(number, dose, person.birthDate));
    if (every === 0 || number % every !== 0) continue;
    const report = asAnotherReports(random, person, kinds[reports++ % kinds.length]);
    await writer.write({ ...report, id: `d-${number}` });
  }
  await writer.end();
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`filled ${people} people, ${reports} of them reported again, in ${seconds} s`);
  return { reports };
}

function openWriter(store, context, kind) {
  const running = new Set();
  const atOnce = kind === 'mongodb' ? 500 : 1;
  let unit = [];
  const flush = async () => {
    const write = store.write({ changes: unit, guards: [] }).finally(() => running.delete(write));
    unit = [];
    running.add(write);
    if (running.size >= atOnce) await Promise.race(running);
  };
  return {
    write: async (resource) => {
      const { resourceType: type, id } = resource;
      const kept = { ...resource, meta };
      const drawn = drawValues(context.indexResource, { type, id }, kept);
      const written = { type, id, method: 'PUT', versionId: 1, expectedVersion: 0, lastUpdated };
      unit.push({ ...written, text: JSON.stringify(kept), ...drawn });
      if (unit.length >= perUnit[kind]) await flush();
    },
    end: async () => {
      if (unit.length > 0) await flush();
      await Promise.all(running);
    },
  };
}

const cvx = ['08', '20', '10', '133', '03', '21', '83'];

function toDose(number, dose, birthDate = '2015-01-01') {
  const born = new Date(`${birthDate.length === 10 ? birthDate : '2015-01-01'}T00:00:00Z`);
  const on = new Date(born.getTime() + (60 + dose * 61) * 86_400_000).toISOString().slice(0, 10);
  return {
    resourceType: 'Immunization',
    id: `i-${number}-${dose}`,
    status: 'completed',
    vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: cvx[dose % cvx.length] }] },
    patient: { reference: `Patient/p-${number}` },
    occurrenceDateTime: on,
    primarySource: true,
    lotNumber: `L${(number * 7 + dose) % 9973}`,
  };
}
