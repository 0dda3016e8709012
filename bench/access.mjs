// npm run bench -- access [--people 5000] [--turns 12] [--base ../earlier]
// What authorization and the audit add to a read and to a search of one patient's doses: the same requests with JENNER_AUTH=off, and with
// the tokens of a backend, a clinician and a patient, in turns. `--base` (another checkout, built, with its packages): what they add is
// given beside what the open server of that release takes too, since the open server of today has itself become cheaper.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { openAuthServer } from '../dist/auth/auth-server.js';
import { newClient } from '../dist/auth/clients/register-client.js';
import { passingSeal } from '../dist/auth/secrets/key-file.js';
import { newUser } from '../dist/auth/users/register-user.js';
import { openContext } from '../dist/interaction/context.js';
import { dataSharingObjection } from '../dist/search/reach.js';
import { loadServerContext } from '../dist/shipped/server-context.js';
import { openSqliteStore } from '../dist/store/sqlite/sqlite-store.js';
import { fill } from './fill.mjs';
import { startServer, stopServer } from './server-process.mjs';
import { costOfRequest, middle } from './turn-costs.mjs';

const here = fileURLToPath(new URL('..', import.meta.url));
/** The rows of a turn are written within a second. */
const turn = { seconds: 0.5, settleMs: 700 };
const limits = { read: 1.6, 'search by patient': 1.4 };

export async function run(args) {
  const option = (name, fallback) => Number(args.includes(name) ? args[args.indexOf(name) + 1] : fallback);
  const folder = mkdtempSync(join(tmpdir(), 'jenner-access-'));
  const [openFile, smartFile] = ['open', 'smart'].map((name) => join(folder, `${name}.sqlite`));
  try {
    const people = option('--people', 5000);
    await fill(`sqlite:${openFile}`, people, console.log);
    copyFileSync(openFile, smartFile);
    const callers = await giveTokens(smartFile);
    const base = args.includes('--base')
      ? await startBase(args[args.indexOf('--base') + 1], folder, people)
      : undefined;
    const open = { port: 8195, server: await start(8195, folder, openFile, 'off') };
    const smart = { port: 8196, server: await start(8196, folder, smartFile, 'smart') };
    try {
      await use(callers, smart);
      for (const caller of callers) await compare(caller, { open, smart, base }, option('--turns', 12));
    } finally {
      await Promise.all([open, smart, base].map((each) => each && stopServer(each.server)));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function start(port, folder, file, auth) {
  return startServer(here, port, {
    JENNER_AUTH: auth,
    JENNER_STORE: `sqlite:${file}`,
    JENNER_DATA: join(folder, auth),
    JENNER_PUBLIC_URL: `http://127.0.0.1:${port}`,
  });
}

/** The open server of an earlier release, over a file that its own code has filled. */
async function startBase(root, folder, people) {
  const store = `sqlite:${join(folder, 'base.sqlite')}`;
  const earlier = await import(pathToFileURL(join(resolve(root), 'bench/fill.mjs')).href);
  await earlier.fill(store, people, (line) => console.log(`base:${line}`));
  return {
    port: 8197,
    server: await startServer(resolve(root), 8197, { JENNER_AUTH: 'off', JENNER_STORE: store }),
  };
}

/** Three callers with a token each, and the ids of patients that they may read. */
async function giveTokens(path) {
  const store = await openSqliteStore({ path });
  const context = await loadServerContext({
    baseUrl: 'http://127.0.0.1:8196/fhir',
    profiles: [],
    declaredProfiles: 'ignore',
  });
  const auth = openAuthServer({
    settings: { publicUrl: 'http://127.0.0.1:8196', allowPrivateJwks: false, parentUntilAge: 18 },
    store,
    clock: context.clock,
    seal: passingSeal(),
    passwords: {},
    pages: {},
    contextFor: (caller) => openContext(context, store, caller),
    toCaller: () => ({ kind: 'anonymous' }),
  });
  const everybody = { types: ['Patient'], filter: { kind: 'and', of: [] }, sort: [], count: 1000 };
  const patients = (await store.search(everybody)).matches.map(({ text }) => JSON.parse(text));
  const [first] = patients;
  const clinic = first.managingOrganization.reference.split('/')[1];
  const ofClinic = patients.filter((each) => each.managingOrganization.reference.endsWith(`/${clinic}`));
  const idsOf = (list) => list.map(({ id }) => id);
  const callers = [
    { name: 'backend', scope: 'system/*.rs', ids: idsOf(patients) },
    {
      name: 'clinician',
      scope: 'user/*.crs',
      input: { role: 'clinician', organization: [clinic] },
      ids: idsOf(ofClinic),
    },
    {
      name: 'patient',
      scope: 'patient/*.rs',
      input: { role: 'individual', patient: first.id },
      ids: [first.id],
    },
  ];
  const given = [];
  for (const caller of callers) given.push({ ...caller, token: await giveToken(auth, caller) });
  await store.close();
  return given;
}

async function giveToken({ clock, clients, users, grants, tokens }, { name, scope, input, ids }) {
  const client = newClient({ name, kind: 'secret', secretHash: 'none', scope }, clock);
  await clients.add(client);
  const times = { created: clock.now(), until: clock.now() + 24 * 3_600_000 };
  const token = { kind: 'access', client: client.id, scopes: [scope], until: times.until };
  if (!input) return tokens.issue(token);
  const user = newUser(name, input, clock);
  await users.add(user);
  const context = input.patient === undefined ? {} : { patient: ids[0] };
  const grant = { client: client.id, user: name, subject: user.subject, scopes: [scope], context, ...times };
  return tokens.issue({ ...token, grant: await grants.add(grant) });
}

/** As in a registry in use there is something that a clinic wrote, and somebody objects to sharing. */
async function use(callers, { port }) {
  const { token, input } = callers.find(({ name }) => name === 'clinician');
  const create = async (resource) => {
    const answer = await fetch(`http://127.0.0.1:${port}/fhir/${resource.resourceType}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
      body: JSON.stringify(resource),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()).id;
  };
  const managingOrganization = { reference: `Organization/${input.organization[0]}` };
  const patient = {
    reference: `Patient/${await create({ resourceType: 'Patient', birthDate: '2020-01-01', managingOrganization })}`,
  };
  const vaccineCode = { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '03' }] };
  const given = { status: 'completed', occurrenceDateTime: '2021-02-03' };
  await create({ resourceType: 'Immunization', ...given, vaccineCode, patient });
  const { system, code } = dataSharingObjection;
  const category = [{ coding: [{ system, code }] }];
  const scope = { coding: [{ code: 'patient-privacy' }] };
  const policyRule = { text: 'Not shared' };
  const consent = { status: 'active', scope, category, policyRule, patient };
  await create({ resourceType: 'Consent', ...consent });
}

async function compare({ name, token, ids }, { open, smart, base }, turns) {
  const anyone = () => ids[Math.floor(Math.random() * ids.length)];
  const paths = {
    read: () => `/fhir/Patient/${anyone()}`,
    'search by patient': () => `/fhir/Immunization?patient=${anyone()}`,
  };
  for (const [phase, path] of Object.entries(paths)) {
    const plain = () => requestOf(path());
    const signed = () => requestOf(path(), `authorization: Bearer ${token}\r\n`);
    const asked = [
      { key: 'without', server: open, next: plain },
      { key: 'withToken', server: smart, next: signed },
      ...(base ? [{ key: 'earlier', server: base, next: plain }] : []),
    ];
    tell(`${name}, ${phase}`, await costsInTurns(asked, turns), limits[phase]);
  }
}

/** What each costs in each turn, under its key. */
async function costsInTurns(asked, turns) {
  for (const seconds of [1, 2])
    for (const { server, next } of asked) await costOfRequest(server, next, { seconds });
  const found = [];
  for (let n = 0; n < turns; n++) {
    const costs = {};
    // Who comes first is no advantage.
    for (const { key, server, next } of n % 2 === 0 ? asked : asked.toReversed()) {
      costs[key] = await costOfRequest(server, next, turn);
    }
    found.push(costs);
  }
  return found;
}

function tell(what, found, limit) {
  const middleOf = (value) => middle(found.map(value));
  const cost = (value) => middleOf(value).toFixed(3);
  const ratio = middleOf(({ without, withToken }) => withToken / without);
  console.log(
    `  ${what}: ${cost(({ withToken }) => withToken)} ms CPU, open ${cost(({ without }) => without)}; ` +
      `ratio ${ratio.toFixed(2)}, limit ${limit}: ${metOrNot(ratio, limit)}`,
  );
  if (found[0].earlier === undefined) return;
  const added = middleOf(({ without, withToken, earlier }) => 1 + (withToken - without) / earlier);
  console.log(
    `    beside the earlier release, open ${cost(({ earlier }) => earlier)}: what they add makes ` +
      `${added.toFixed(2)} of it, limit ${limit}: ${metOrNot(added, limit)}`,
  );
}

function metOrNot(figure, limit) {
  return figure <= limit ? 'met' : 'NOT MET';
}

function requestOf(path, authorization = '') {
  return `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/fhir+json\r\n${authorization}\r\n`;
}
