// The part of `bench -- hl7v2` that asks a server: a VXU beside the FHIR transaction that writes the same, a query beside a
// stored forecast and a search, in turns on one server with matching on; then many connections, and memory.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatePerson } from '../dist/demo/generate-registry.js';
import { createRegistryContext, personId } from '../dist/demo/registry-context.js';
import { toEpochDay } from '../dist/values/epoch-day.js';
import { fill } from './fill.mjs';
import { sampleVxu } from './hl7v2-sample.mjs';
import { getRequest, load, postRequest } from './http-client.mjs';
import { residentMegabytes, startServer, stopServer } from './server-process.mjs';
import { costOfRequest, middle } from './turn-costs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const port = 8196;
const context = createRegistryContext({ mode: 'bench', seed: 2, asOf: toEpochDay(2026, 3, 1) });
/** Those who fill the store. */
const filled = createRegistryContext({ mode: 'bench', seed: 1, asOf: toEpochDay(2026, 3, 1) });
const goals = { vxu: 1.5, query: 1.5, p99: 100 };

export async function measureServer({ people, turns, flood, rate, messages }) {
  const folder = mkdtempSync(join(tmpdir(), 'jenner-hl7v2-'));
  const store = `sqlite:${join(folder, 'people.sqlite')}`;
  try {
    await fill(store, people, console.log);
    const server = await startServer(root, port, { JENNER_STORE: store, JENNER_MATCHING: 'automatic' });
    try {
      const one = { port, server };
      const transaction = await transactionOf(vxu());
      await compare('VXU beside its transaction', one, {
        ours: vxuRequest,
        beside: transaction,
        turns,
        goal: goals.vxu,
      });
      await compareQuery(one, people, turns);
      await measureConnections(one, { flood, rate });
      if (messages > 0) await measureMemory(one, messages);
    } finally {
      await stopServer(server);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Without pause everybody waits for all others; at half of that rate the server has time, and a wait is its own. */
async function measureConnections({ port, server }, { flood, rate: asked }) {
  const busy = await load({ port, connections: 200, seconds: flood, next: vxuRequest });
  const carried = Math.round(busy.perSecond);
  console.log(`  200 connections without pause: ${carried} VXU/s, p99 ${busy.p99.toFixed(0)} ms`);
  const rate = asked > 0 ? asked : Math.max(1, Math.round(carried / 2));
  const eased = await load({ port, connections: 200, seconds: flood, next: vxuRequest, rate, awake: false });
  const waited = `p50 ${eased.p50.toFixed(0)} ms, p99 ${eased.p99.toFixed(0)} ms (aim ${goals.p99})`;
  console.log(`  200 connections, ${rate} VXU/s asked, ${Math.round(eased.perSecond)} answered: ${waited}`);
  console.log(
    `  memory ${residentMegabytes(server.pid)} MB after ${busy.requests + eased.requests} messages`,
  );
}

const stride = 10_000;

/** What is resident at the start, after every 10,000 messages, and at the end. */
async function measureMemory({ port, server }, messages) {
  const seen = [residentMegabytes(server.pid)];
  for (let sent = 0; sent < messages; sent += stride) {
    let left = Math.min(stride, messages - sent);
    const next = () => (left-- > 0 ? vxuRequest() : undefined);
    await load({ port, connections: 16, next, awake: false });
    seen.push(residentMegabytes(server.pid));
    console.log(`  memory ${seen.at(-1)} MB after ${Math.min(sent + stride, messages)} messages`);
  }
  console.log(`  memory over ${messages} messages: ${seen.join(', ')} MB`);
}

let serial = Date.now() % 1_000_000_000;

/** Of somebody who is not known: the sample's doses under another name, birth date, number, address and phone. */
function vxu() {
  const at = serial++;
  const [{ name, birthDate, gender }] = generatePerson(context, at % 5_000_000);
  const [{ family, given }] = name;
  const message = sampleVxu(at)
    .replace('Larkin^Mona^Jo', `${family}^${given.join('^')}`)
    .replace('|20230304|F|', `|${birthDate.replaceAll('-', '')}|${gender === 'male' ? 'M' : 'F'}|`);
  return elsewhere(message, at);
}

/** Who lives at one address with one phone and mother would be candidates of one another. */
function elsewhere(text, at) {
  const phone = String(2_000_000 + (at % 7_999_999));
  return text
    .replace(/282(\D?)0101/g, (_, mark) => `${phone.slice(0, 3)}${mark}${phone.slice(3)}`)
    .replaceAll('12 Elm St', `${at % 99_991} Elm St`)
    .replace(/\bWeir\b/g, `Weir${at % 99_991}`);
}

const er7Request = (body) =>
  `POST /hl7v2 HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/hl7-v2\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const vxuRequest = () => er7Request(vxu());

/** A request for the transaction that writes what a message wrote, of another person each time. */
async function transactionOf(message) {
  const answer = await fetch(`http://127.0.0.1:${port}/hl7v2`, {
    method: 'POST',
    headers: { 'content-type': 'application/hl7-v2' },
    body: message,
  });
  if (!/\rMSA\|AA/.test(await answer.text())) throw new Error('the sample was not accepted');
  const mrn = /\|(A\d+)\^/.exec(message)[1];
  const read = (path) => fetch(`http://127.0.0.1:${port}/fhir/${path}`).then((got) => got.json());
  const sources = await read(
    `Patient?identifier=${mrn}&_tag=https://jenner-iis.org/fhir/CodeSystem/record|source`,
  );
  const patient = (sources.entry ?? (await read(`Patient?identifier=${mrn}`)).entry)[0].resource;
  const of = async (type, param) =>
    ((await read(`${type}?${param}=Patient/${patient.id}`)).entry ?? []).map(({ resource }) => resource);
  const others = [
    ...(await of('RelatedPerson', 'patient')),
    ...(await of('Immunization', 'patient')),
    ...(await of('Provenance', 'target')),
  ];
  const bare = ({ meta: _, id: __, link: ___, ...resource }) => resource;
  const entries = [patient, ...others].map((resource) => ({
    fullUrl: `urn:uuid:${resource.id}`,
    resource: bare(resource),
    request: { method: 'POST', url: resource.resourceType },
  }));
  const known = new Set([patient, ...others].map(({ resourceType, id }) => `${resourceType}/${id}`));
  const own = Number(mrn.slice(1));
  const text = plainAgain(
    JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: entries }),
    own,
  ).replace(/"reference":"([A-Za-z]+\/([\w.-]+))"/g, (whole, reference, id) =>
    known.has(reference) ? `"reference":"urn:uuid:${id}"` : whole,
  );
  const [{ family, given }] = patient.name;
  const first = { name: JSON.stringify({ family, given }).slice(1, -1), birth: patient.birthDate, mrn };
  return () => {
    const at = serial++;
    const [other] = generatePerson(context, at % 5_000_000);
    const name = JSON.stringify({ family: other.name[0].family, given: other.name[0].given }).slice(1, -1);
    const body = text
      .replace(first.name, name)
      .replace(`"birthDate":"${first.birth}"`, `"birthDate":"${other.birthDate}"`)
      .replaceAll(first.mrn.slice(1), String(at));
    return postRequest('/fhir', elsewhere(body, at));
  };
}

/** The address, phone and mother of the sample in place of those that `elsewhere` gave. */
function plainAgain(text, at) {
  const phone = String(2_000_000 + (at % 7_999_999));
  const digits = new RegExp(`${phone.slice(0, 3)}(\\D?)${phone.slice(3)}`, 'g');
  return text
    .replace(digits, (_, mark) => `282${mark}0101`)
    .replaceAll(`${at % 99_991} Elm St`, '12 Elm St')
    .replaceAll(`Weir${at % 99_991}`, 'Weir');
}

async function compare(name, one, { ours, beside, turns, goal }) {
  const costs = { ours: [], beside: [], ratio: [] };
  for (const next of [ours, beside]) await costOfRequest(one, next, { seconds: 4 });
  for (let turn = 0; turn < turns; turn++) {
    const besideNow = await costOfRequest(one, beside);
    const oursNow = await costOfRequest(one, ours);
    costs.ours.push(oursNow);
    costs.beside.push(besideNow);
    costs.ratio.push(oursNow / besideNow);
  }
  const [our, other, ratio] = [costs.ours, costs.beside, costs.ratio].map(middle);
  console.log(
    `  ${name}: ${our.toFixed(2)} ms CPU, ${other.toFixed(2)} beside it; ratio ${ratio.toFixed(2)} (aim ${goal})`,
  );
}

/** What is measured is a Z42. */
async function requireForecast(request) {
  const body = request.slice(request.indexOf('\r\n\r\n') + 4);
  const headers = { 'content-type': 'application/hl7-v2' };
  const answer = await fetch(`http://127.0.0.1:${port}/hl7v2`, { method: 'POST', headers, body });
  const text = await answer.text();
  if (!text.includes('|Z42^CDCPHINVS'))
    throw new Error(`a query was answered by no Z42: ${text.slice(0, 400)}`);
}

/** A Z44 of somebody who is there, beside a forecast of the person and a search by name and birth date. */
async function compareQuery(one, people, turns) {
  const anyone = () => generatePerson(filled, Math.floor(Math.random() * people));
  const query = () => {
    // Name and birth date alone make nobody certain: then the answer would be that nobody is.
    const [{ name, birthDate, gender, address, telecom }] = anyone();
    const [{ family, given }] = name;
    const [{ line, city, state, postalCode }] = address;
    const digits =
      (telecom ?? [])
        .find(({ system }) => system === 'phone')
        ?.value.replace(/\D/g, '')
        .slice(-10) ?? '';
    const phone = digits === '' ? '' : `^PRN^PH^^^${digits.slice(0, 3)}^${digits.slice(3)}`;
    const head = `MSH|^~\\&|EHR|ELM|IIS|DPH|20260301090000-0500||QBP^Q11^QBP_Q11|q${serial++}|P|2.5.1|||ER|AL|||||Z44^CDCPHINVS`;
    const sex = gender === 'male' ? 'M' : 'F';
    const home = `${line[0]}^^${city}^${state}^${postalCode}^USA^L`;
    const qpd = `QPD|Z44^Request Evaluated History and Forecast^CDCPHINVS|Q1||${family}^${given.join('^')}^^^^^L||${birthDate.replaceAll('-', '')}|${sex}|${home}|${phone}`;
    return er7Request(`${head}\r${qpd}\rRCP|I|5^RD&Records&HL70126\r`);
  };
  const forecast = () =>
    getRequest(`/fhir/Patient/${personId('bench', Math.floor(Math.random() * people))}/$immds-forecast`);
  const search = () => {
    const [{ name, birthDate }] = anyone();
    const asked = `family=${encodeURIComponent(name[0].family)}&birthdate=${birthDate}`;
    return getRequest(`/fhir/Patient?${asked}`);
  };
  await requireForecast(query());
  const costs = { query: [], both: [], ratio: [] };
  for (const next of [query, forecast, search]) await costOfRequest(one, next);
  for (let turn = 0; turn < turns; turn++) {
    const both = (await costOfRequest(one, forecast)) + (await costOfRequest(one, search));
    const asked = await costOfRequest(one, query);
    costs.query.push(asked);
    costs.both.push(both);
    costs.ratio.push(asked / both);
  }
  const [asked, both, ratio] = [costs.query, costs.both, costs.ratio].map(middle);
  console.log(
    `  QBP Z44: ${asked.toFixed(2)} ms CPU, forecast and search ${both.toFixed(2)}; ratio ${ratio.toFixed(2)} (aim ${goals.query})`,
  );
}
