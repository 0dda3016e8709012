// What `$immds-forecast` costs over HTTP, stateless and of a stored person, and what the status of every vaccine group of a
// population costs, each beside the engine's own CPU for the same people in the same run.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateRegistry } from '../dist/demo/generate-registry.js';
import { forecast } from '../dist/forecast/forecast.js';
import { openContext } from '../dist/interaction/context.js';
import { readHistory } from '../dist/registry/forecasting/forecast-answer.js';
import { groupStatesBy } from '../dist/registry/forecasting/group-states.js';
import { loadKnowledgeBases } from '../dist/shipped/knowledge-bases.js';
import { scheduleSettings } from '../dist/shipped/schedule-settings.js';
import { loadServerContext } from '../dist/shipped/server-context.js';
import { openSqliteStore } from '../dist/store/sqlite/sqlite-store.js';
import { formatEpochDay, toEpochDay } from '../dist/values/epoch-day.js';
import { fill } from './fill.mjs';
import { getRequest, load, postRequest } from './http-client.mjs';
import { cpuMilliseconds, startServer, stopServer } from './server-process.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const port = 18_431;
const day = toEpochDay(2026, 3, 1);
const connections = 4;
const baseUrl = 'http://127.0.0.1/fhir';
const statesOf = groupStatesBy({
  ...scheduleSettings(loadKnowledgeBases('none'), { schedule: undefined, scheduleStates: new Map() }),
  fitsCompatible: false,
});

/** Times the engine's own CPU, the middle of `turns`; and that of the engine in milliseconds a person. */
export async function measureRequests({ people = 1000, turns = 5 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'jenner-forecast-'));
  const location = `sqlite:${join(folder, 'people.sqlite')}`;
  let server;
  try {
    await fill(location, people, () => undefined);
    const records = readRecords(people);
    server = await startServer(root, port, { JENNER_STORE: location, JENNER_DATA: folder });
    const store = await openSqliteStore({ path: location.slice('sqlite:'.length) });
    const ctx = openContext(
      await loadServerContext({ baseUrl, profiles: [], declaredProfiles: 'ignore' }),
      store,
      {
        kind: 'system',
        name: 'bench',
      },
    );
    const asks = { stored: records.map(storedRequest), sent: records.map(sentRequest) };
    const ratios = { stored: [], sent: [], population: [] };
    const engine = [];
    for (let turn = -2; turn < turns; turn++) {
      const own = engineCost(records);
      const costs = { population: await populationCost(ctx, records) };
      for (const [name, requests] of Object.entries(asks)) costs[name] = await cost(server, requests);
      // The first turns warm all of them up.
      if (turn < 0) continue;
      engine.push(own);
      for (const [name, each] of Object.entries(costs)) ratios[name].push(each / own);
    }
    await store.close();
    const [stored, sent, population] = [ratios.stored, ratios.sent, ratios.population].map(middle);
    return { engineMilliseconds: middle(engine), stored, sent, population };
  } finally {
    if (server) await stopServer(server);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each person with the doses, as the server has them. */
function readRecords(people) {
  const byPerson = new Map();
  for (const resource of generateRegistry({ mode: 'bench', seed: 1, people, asOf: day })) {
    if (resource.resourceType === 'Patient')
      byPerson.set(`Patient/${resource.id}`, { patient: resource, doses: [] });
    if (resource.resourceType === 'Immunization')
      byPerson.get(resource.patient.reference).doses.push(resource);
  }
  return [...byPerson.values()];
}

/** CPU of the engine alone, milliseconds a person. */
function engineCost(records) {
  const [knowledgeBase] = loadKnowledgeBases('none');
  const histories = records.map((record) => readHistory({ ...toQuestion(record), knowledgeBase }).history);
  const before = process.cpuUsage();
  for (const history of histories) forecast(knowledgeBase.schedule, history, day);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / records.length;
}

/** CPU of working out what every vaccine group of everybody is, from the store, milliseconds a person. */
async function populationCost(ctx, records) {
  const ids = records.map(({ patient }) => patient.id);
  const before = process.cpuUsage();
  let looked = 0;
  for await (const { groups } of statesOf(ctx, ids, day)) looked += groups.length > 0 ? 1 : 0;
  const { user, system } = process.cpuUsage(before);
  if (looked !== ids.length) throw new Error(`${looked} of ${ids.length} people could be worked out`);
  return (user + system) / 1000 / ids.length;
}

function toQuestion({ patient, doses }) {
  const sourced = (resource) => {
    const reference = `${resource.resourceType}/${resource.id}`;
    return { resource, reference, expression: reference };
  };
  return {
    record: { patient: sourced(patient), immunizations: doses.map(sourced), clinical: [] },
    assessmentDate: day,
  };
}

function storedRequest({ patient }) {
  return getRequest(`/fhir/Patient/${patient.id}/$immds-forecast?assessmentDate=${formatEpochDay(day)}`);
}

function sentRequest({ patient, doses }) {
  const parameter = [
    { name: 'assessmentDate', valueDate: formatEpochDay(day) },
    { name: 'patient', resource: patient },
    ...doses.map((resource) => ({ name: 'immunization', resource })),
  ];
  return postRequest('/fhir/$immds-forecast', JSON.stringify({ resourceType: 'Parameters', parameter }));
}

/** CPU of the server for one request, milliseconds. */
async function cost(server, requests) {
  const left = [...requests];
  const before = cpuMilliseconds(server.pid);
  const { statuses } = await load({ port, connections, next: () => left.pop() });
  if (statuses[200] !== requests.length) throw new Error(`answers: ${JSON.stringify(statuses)}`);
  return (cpuMilliseconds(server.pid) - before) / requests.length;
}

function middle(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
