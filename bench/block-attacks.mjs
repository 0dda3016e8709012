// What block.mjs sends: legal large work, and what an attacker would try. Each answers how often which status came.
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { generatePerson } from '../dist/demo/generate-registry.js';
import { createRegistryContext } from '../dist/demo/registry-context.js';
import { toEpochDay } from '../dist/values/epoch-day.js';

const context = createRegistryContext({ mode: 'bench', seed: 2, asOf: toEpochDay(2026, 3, 1) });
const json = 'application/fhir+json';
const xml = 'application/fhir+xml';
const MiB = 1024 * 1024;

export const attacks = {
  'transaction of 5,000 creates': (port) => send(port, 'POST', '/fhir', bundleOf('transaction', 5000)),
  'batch of 5,000 creates': (port) => send(port, 'POST', '/fhir', bundleOf('batch', 5000)),
  'batch of 1,000 pages of 100': (port) => send(port, 'POST', '/fhir', searches(1000)),
  '2 MiB of XML': (port) => send(port, 'POST', '/fhir/Patient', xmlPatient(2 * MiB - 1000), xml),
  '2 MiB of XML, many elements': (port) => send(port, 'POST', '/fhir/Group', xmlGroup(2 * MiB - 1000), xml),
  '20 MiB of XML': (port) => send(port, 'POST', '/fhir/Patient', xmlPatient(20 * MiB), xml),
  '100 pages of 1,000 at once': (port) => many(100, () => get(port, '/fhir/Immunization?_count=1000')),
  '20 pages of 1,000 as XML at once': (port) =>
    many(20, () => get(port, '/fhir/Immunization?_count=1000&_format=xml')),
  '1,000 requests on one connection': (port) => pipelined(port, 1000, '/fhir/Immunization?_count=100'),
  'sort over all resources': (port) =>
    many(4, () => get(port, '/fhir/Immunization?_sort=status,-lot-number')),
  'count of all resources': (port) =>
    many(4, () => get(port, '/fhir/Immunization?_summary=count&status=completed')),
  '30 MiB of names in 29 kB of gzip': (port) =>
    send(port, 'POST', '/fhir/Patient', gzipSync(names(30 * MiB)), json, { 'content-encoding': 'gzip' }),
  'nesting 100,000 deep': (port) =>
    send(port, 'POST', '/fhir/Patient', '{"resourceType":"Patient","a":'.padEnd(100_000, '[')),
  'nesting within the bound': (port) => send(port, 'POST', '/fhir/Patient', nested(90)),
  'Group of 20,000 members': (port) => send(port, 'POST', '/fhir/Group', group(20_000)),
  'ValueSet of 20,000 codes': (port) => send(port, 'POST', '/fhir/ValueSet', valueSet(20_000)),
  'CodeSystem of 100,000 codes': (port) => send(port, 'POST', '/fhir/CodeSystem', codeSystem(100_000)),
  'the same written again, and read': async (port) => {
    const path = '/fhir/CodeSystem/block';
    const body = codeSystem(100_000, 'block');
    await send(port, 'PUT', path, body);
    const reads = ['', '?_format=xml', '?_pretty=true', '?_summary=true', '?_elements=concept'];
    return many(reads.length + 1, (n) =>
      n < reads.length ? get(port, path + reads[n]) : send(port, 'PUT', path, body),
    );
  },
  'forecast of 1,000 doses': (port) => send(port, 'POST', '/fhir/$immds-forecast', history(1000)),
  'the same, explained, by two schedules': (port) =>
    send(port, 'POST', '/fhir/$immds-forecast', history(1000, explained)),
  '$expand of 100 × 50,000 codes': async (port) => {
    await send(port, 'PUT', '/fhir/CodeSystem/expanded', codeSystem(50_000, 'expanded'));
    return send(port, 'POST', '/fhir/ValueSet/$expand', expansion(100));
  },
  '$validate of 40,000 ElementDefinitions': (port) =>
    send(port, 'POST', '/fhir/StructureDefinition/$validate', structure(40_000)),
  '100 codes :below, of 50,000 stored': async (port) => {
    await send(port, 'PUT', '/fhir/CodeSystem/expanded', codeSystem(50_000, 'expanded'));
    const { url } = JSON.parse(codeSystem(1));
    const below = Array.from({ length: 100 }, (_, n) => `${url}|c${n}`).join(',');
    return postForm(port, '/fhir/Observation/_search', `code:below=${encodeURIComponent(below)}`);
  },
  '$export of 2 million _elements': (port) => {
    const parameter = Array(20).fill({ name: '_elements', valueString: 'id,'.repeat(100_000).slice(0, -1) });
    const body = JSON.stringify({ resourceType: 'Parameters', parameter });
    return send(port, 'POST', '/fhir/$export', body, json, { prefer: 'respond-async' });
  },
  '$meta-add of 40,000 tags to 40,000': async (port) => {
    const tag = (from) =>
      Array.from({ length: 40_000 }, (_, n) => ({ system: 'urn:block', code: `t${from + n}` }));
    const tagged = { ...person, id: 'tagged', meta: { tag: tag(0) } };
    await send(port, 'PUT', '/fhir/Patient/tagged', JSON.stringify(tagged));
    const parameter = [{ name: 'meta', valueMeta: { tag: tag(40_000) } }];
    const body = JSON.stringify({ resourceType: 'Parameters', parameter });
    return send(port, 'POST', '/fhir/Patient/tagged/$meta-add', body);
  },
  '30 pages of 5 × 5 MiB': async (port) => {
    for (let n = 0; n < 5; n++) {
      const list = {
        resourceType: 'Organization',
        id: `long-${n}`,
        name: 'Block',
        extension: Array(5).fill(long),
      };
      await send(port, 'PUT', `/fhir/Organization/long-${n}`, JSON.stringify(list));
    }
    return many(30, () => get(port, '/fhir/Organization?name=block&_count=100'));
  },
  'search with 5,000 values': (port) => postForm(port, '/fhir/Patient/_search', values(5000)),
  'JSON Patch of 40 copies': async (port) => {
    await send(port, 'PUT', '/fhir/Patient/block', JSON.stringify({ ...person, id: 'block' }));
    const copy = { op: 'copy', from: '/name', path: '/name/-' };
    const patch = JSON.stringify(Array(40).fill(copy));
    return send(port, 'PATCH', '/fhir/Patient/block', patch, 'application/json-patch+json');
  },
  '$everything of all, and history': (port) =>
    many(20, (n) =>
      get(port, n % 2 ? '/fhir/_history?_count=1000' : '/fhir/Patient/$everything?_count=1000'),
    ),
  '$validate of a Patient of 5 MiB': (port) => send(port, 'POST', '/fhir/Patient/$validate', names(5 * MiB)),
  '200 creates of 256 kB at once': (port) =>
    many(200, () => send(port, 'POST', '/fhir/Patient', names(MiB / 4))),
};

const long = { url: 'urn:block', valueString: 'x'.repeat(MiB) };
const person = { resourceType: 'Patient', name: [{ family: 'Block', given: ['A'] }] };

function bundleOf(type, count) {
  const entry = Array.from({ length: count }, (_, n) => {
    const [, { id: _id, patient: _patient, ...dose }] = generatePerson(context, n);
    const resource = { ...dose, patient: { reference: 'Patient/block' } };
    return { resource, request: { method: 'POST', url: 'Immunization' } };
  });
  return JSON.stringify({ resourceType: 'Bundle', type, entry });
}

function searches(count) {
  const entry = Array(count).fill({ request: { method: 'GET', url: 'Immunization?_count=100' } });
  return JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry });
}

function xmlPatient(bytes) {
  const name = '<name><family value="Block"/><given value="A"/></name>';
  return `<Patient xmlns="http://hl7.org/fhir">${name.repeat(bytes / name.length)}</Patient>`;
}

function xmlGroup(bytes) {
  const member = '<member><entity><reference value="Patient/block"/></entity></member>';
  const head = '<type value="person"/><actual value="true"/>';
  return `<Group xmlns="http://hl7.org/fhir">${head}${member.repeat(bytes / member.length)}</Group>`;
}

function names(bytes) {
  const name = '{"family":"Block"},';
  const list = name.repeat(bytes / name.length).slice(0, -1);
  return `{"resourceType":"Patient","name":[${list}]}`;
}

function nested(depth) {
  const open = '{"url":"http://e/x","extension":['.repeat(depth / 2);
  const text = `${open}{"url":"http://e/x","valueString":"x"}${']}'.repeat(depth / 2)}`;
  return `{"resourceType":"Patient","extension":[${text}]}`;
}

function group(count) {
  const member = Array.from({ length: count }, (_, n) => ({ entity: { reference: `Patient/p${n}` } }));
  return JSON.stringify({ resourceType: 'Group', type: 'person', actual: true, member });
}

function valueSet(count) {
  const concept = Array.from({ length: count }, (_, n) => ({ code: `c${n}` }));
  const include = [{ system: 'http://block.example/codes', concept }];
  const url = 'http://block.example/set';
  return JSON.stringify({ resourceType: 'ValueSet', url, status: 'active', compose: { include } });
}

function structure(count) {
  const element = Array.from({ length: count }, (_, n) => ({ id: `Patient.e${n}`, path: `Patient.e${n}` }));
  return JSON.stringify({
    ...{ resourceType: 'StructureDefinition', url: 'http://block.example/s', name: 'S', status: 'active' },
    ...{ kind: 'resource', abstract: false, type: 'Patient', derivation: 'constraint' },
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
    differential: { element },
  });
}

/** A dose a week from birth on. */
function history(count, more = []) {
  const born = Date.UTC(1990, 0, 1);
  const dose = (n) => ({
    resourceType: 'Immunization',
    id: `d${n}`,
    status: 'completed',
    vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '146' }] },
    patient: { reference: 'Patient/p' },
    occurrenceDateTime: new Date(born + n * 7 * 86_400_000).toISOString().slice(0, 10),
  });
  const patient = { resourceType: 'Patient', id: 'p', gender: 'male', birthDate: '1990-01-01' };
  return JSON.stringify({
    resourceType: 'Parameters',
    parameter: [
      { name: 'assessmentDate', valueDate: '2026-03-01' },
      { name: 'patient', resource: patient },
      ...Array.from({ length: count }, (_, n) => ({ name: 'immunization', resource: dose(n) })),
      ...more,
    ],
  });
}

const explained = [
  { name: 'explain', valueBoolean: true },
  { name: 'knowledgeBase', valueString: 'USA-CDC-CDSI' },
  { name: 'knowledgeBase', valueString: 'USA-AAP' },
];

function expansion(includes) {
  const { url: system } = JSON.parse(codeSystem(1));
  const compose = { include: Array(includes).fill({ system }) };
  const valueSet = { resourceType: 'ValueSet', status: 'active', compose };
  return JSON.stringify({
    resourceType: 'Parameters',
    parameter: [{ name: 'valueSet', resource: valueSet }],
  });
}

function codeSystem(count, id) {
  const concept = Array.from({ length: count }, (_, n) => ({ code: `c${n}`, display: `Code ${n}` }));
  const url = 'http://block.example/codes';
  const head = { resourceType: 'CodeSystem', ...(id && { id }), url, status: 'active', content: 'complete' };
  return JSON.stringify({ ...head, concept });
}

function values(count) {
  const list = Array.from({ length: count }, (_, n) => `i${n}`);
  const parameters = [];
  for (let at = 0; at < count; at += 500) parameters.push(`identifier=${list.slice(at, at + 500).join(',')}`);
  return parameters.join('&');
}

async function many(count, ask) {
  const answers = await Promise.all(Array.from({ length: count }, (_, n) => ask(n)));
  const statuses = {};
  for (const answer of answers) {
    for (const [status, times] of Object.entries(answer)) statuses[status] = (statuses[status] ?? 0) + times;
  }
  return statuses;
}

function get(port, path) {
  return send(port, 'GET', path, undefined);
}

function postForm(port, path, form) {
  return send(port, 'POST', path, form, 'application/x-www-form-urlencoded');
}

function send(port, method, path, body, type = json, headers = {}) {
  return new Promise((resolve) => {
    const sent =
      body === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) };
    const request = httpRequest(
      { port, host: '127.0.0.1', method, path, agent: false, headers: { ...sent, ...headers } },
      (answer) => {
        answer.resume();
        answer.once('end', () => resolve({ [answer.statusCode]: 1 }));
        answer.once('error', () => resolve({ broken: 1 }));
      },
    );
    request.once('error', ({ code }) => resolve({ [code]: 1 }));
    request.end(body);
  });
}

function pipelined(port, count, path) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const statuses = {};
    let seen = 0;
    let rest = '';
    const done = () => {
      socket.destroy();
      resolve({ ...statuses, ...(seen < count && { unanswered: count - seen }) });
    };
    socket.on('data', (chunk) => {
      const text = rest + chunk.toString('latin1');
      for (const [, status] of text.matchAll(/HTTP\/1\.1 (\d{3}) [^\r]*\r\n/g)) {
        statuses[status] = (statuses[status] ?? 0) + 1;
        seen++;
      }
      const end = text.lastIndexOf('\n') + 1;
      rest = text.length - end < 200 ? text.slice(end) : '';
      if (seen >= count) done();
    });
    socket.on('close', done);
    socket.on('error', done);
    socket.write(`GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`.repeat(count));
  });
}
