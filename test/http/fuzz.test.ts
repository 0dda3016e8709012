import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generatePerson } from '../../src/demo/generate-registry.ts';
import { generateInstitutions } from '../../src/demo/institution.ts';
import { createRegistryContext } from '../../src/demo/registry-context.ts';
import type { JsonObject } from '../../src/fhir/fhir-json.ts';
import { resourceTypes } from '../../src/fhir/resource-type.ts';
import { toXml } from '../../src/fhir/to-xml.ts';
import { loadDefinitions } from '../../src/shipped/validator.ts';
import { toEpochDay } from '../../src/values/epoch-day.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

/** Each part runs until this is over or its cases are done; together about half a minute. */
const millisecondsEach = 5_000;
const limits = { numRuns: 50_000, interruptAfterTimeLimit: millisecondsEach, markInterruptAsFailure: false };

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  for (const resource of seeds)
    await server.send('PUT', `/fhir/${resource.resourceType}/${resource.id}`, resource);
});
afterAll(() => server.close());

const context = createRegistryContext({ mode: 'demo', seed: 3, asOf: toEpochDay(2026, 3, 1) });
const seeds = [
  ...generateInstitutions(context),
  ...[0, 3, 16, 18, 32].flatMap((index) => [...generatePerson(context, index)].slice(0, 8)),
];

/** Answers, and never by a fault of ours. What is not linear in its size runs into the time limit of the test. */
async function holds(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  payload?: string,
  type = 'application/fhir+json',
) {
  const headers = payload === undefined ? {} : { 'content-type': type };
  const { statusCode, body } = await server.app.inject({
    method,
    url,
    headers,
    ...(payload !== undefined && { payload }),
  });
  const about = `${method} ${url} ${payload?.slice(0, 300) ?? ''} -> ${statusCode} ${body.slice(0, 300)}`;
  expect(statusCode, about).toBeLessThan(500);
  if (statusCode >= 400 && method !== 'DELETE')
    expect(JSON.parse(body).resourceType, about).toBe('OperationOutcome');
}

const seed = fc.constantFrom(...seeds);
const nasty = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    {},
    [],
    [null],
    -0,
    1e308,
    true,
    '\u0000',
    '\ud800',
    '__proto__',
    '2024-02-30',
    "'; DROP TABLE resource; --",
    'a'.repeat(70_000),
    '%',
    '_',
    '\\',
  ),
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Replaces, removes or adds something somewhere in a copy. */
function mutate(
  value: unknown,
  steps: readonly number[],
  change: { readonly kind: number; readonly by: unknown },
): unknown {
  const [step = 0, ...rest] = steps;
  if (typeof value !== 'object' || value === null || (rest.length === 0 && change.kind === 0))
    return change.by;
  const names = Object.keys(value);
  const name = names[step % Math.max(1, names.length)] ?? 'x';
  if (Array.isArray(value))
    return value.map((item, i) => (String(i) === name ? mutate(item, rest, change) : item));
  const copy: Record<string, unknown> = { ...value };
  if (rest.length === 0 && change.kind === 1) delete copy[name];
  else if (rest.length === 0) copy[change.kind === 2 ? `${name}X` : '__proto__x'] = change.by;
  else copy[name] = mutate(copy[name], rest, change);
  return copy;
}

const mutated = fc
  .tuple(
    seed,
    fc.array(fc.tuple(fc.array(fc.nat(20), { minLength: 1, maxLength: 6 }), fc.nat(3), nasty), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([resource, changes]) =>
    changes.reduce<unknown>((value, [steps, kind, by]) => mutate(value, steps, { kind, by }), resource),
  );

/** Cuts, doubles or garbles the text itself. */
const broken = fc
  .tuple(seed, fc.nat(), fc.string({ unit: 'binary', maxLength: 5 }), fc.nat(2))
  .map(([resource, at, by, kind]) => {
    const text = JSON.stringify(resource);
    const place = at % text.length;
    if (kind === 0) return text.slice(0, place);
    return kind === 1
      ? text.slice(0, place) + by + text.slice(place)
      : `${text.slice(0, place)}${text.slice(place + 3)}`;
  });

const definitions = loadDefinitions();

/** Changed in JSON, as far as XML can say it; else the resource as it was. */
const mutatedXml = fc.tuple(seed, mutated).map(([whole, value]) => {
  try {
    return toXml(value as JsonObject, definitions);
  } catch {
    return toXml(whole as unknown as JsonObject, definitions);
  }
});
const xmlParts = [
  '<',
  '>',
  '/>',
  '&',
  '&#0;',
  '&#x110000;',
  '<!--',
  ']]>',
  '<![CDATA[',
  '<?x?>',
  '<!DOCTYPE a>',
  ' xmlns:a=""',
  '\u0000',
];
const brokenXml = fc
  .tuple(
    mutatedXml,
    fc.nat(),
    fc.oneof(fc.constantFrom(...xmlParts), fc.string({ unit: 'binary', maxLength: 5 })),
    fc.nat(20),
  )
  .map(([text, at, by, cut]) => {
    const place = at % text.length;
    return text.slice(0, place) + by + text.slice(place + cut);
  });

const selectors = [
  '*',
  'f:Patient',
  'f:Patient/f:name',
  '*/*[1]',
  '*/f:birthDate/@value',
  '*/f:name[1]',
  '*/f:id',
  "*/*[@value='x']",
  '/',
  '//',
  '*[',
  '@a',
  'g:x',
  "*['",
];
const xmlOperation = fc
  .tuple(
    fc.constantFrom('add', 'replace', 'remove', 'merge'),
    fc.oneof(fc.constantFrom(...selectors), fc.string()),
    fc.constantFrom(
      '',
      ' pos="before"',
      ' pos="after"',
      ' pos="prepend"',
      ' pos="x"',
      ' type="@id"',
      ' type="@value"',
    ),
    fc.oneof(
      fc.constantFrom(
        '',
        'x',
        '2020-01-01',
        '<name><family value="z"/></name>',
        '<f:active value="true"/>',
        '<x/>',
      ),
      brokenXml,
    ),
  )
  .map(([name, sel, more, content]) => `<${name} sel="${escapeXml(sel)}"${more}>${content}</${name}>`);
const patients = seeds.filter(({ resourceType }) => resourceType === 'Patient');
const xmlPatch = fc
  .tuple(fc.constantFrom(...patients), fc.array(xmlOperation, { maxLength: 4 }))
  .map(
    ([{ id }, operations]) =>
      [
        `/fhir/Patient/${id}`,
        `<diff xmlns="http://hl7.org/fhir" xmlns:f="http://hl7.org/fhir">${operations.join('')}</diff>`,
      ] as const,
  );

function escapeXml(text: string): string {
  return text.replace(/[<&"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

const paramNames = [
  ...[
    '_id',
    '_lastUpdated',
    '_sort',
    '_count',
    '_include',
    '_revinclude',
    '_has:Immunization:patient:date',
    '_summary',
    '_elements',
    '_cursor',
    '_total',
    '_type',
  ],
  ...[
    'name',
    'birthdate',
    'identifier',
    'patient',
    'date',
    'vaccine-code',
    'status',
    'code-value-quantity',
    'value-quantity',
    'near',
    '_filter',
    '_list',
    '_text',
    'url',
  ],
];
const modifiers = [
  '',
  ':exact',
  ':contains',
  ':missing',
  ':not',
  ':in',
  ':below',
  ':of-type',
  ':identifier',
  ':Patient',
  ':iterate',
  '.name',
  ':Patient.name',
];
const values = [
  '',
  'a',
  '*',
  'Patient/1',
  'urn:uuid:1',
  'ge2020',
  'eb',
  '2020-13',
  '|',
  'a|b|c|d',
  '$',
  'a$b',
  '5.4|u|mg',
  '-date',
  'Immunization:patient',
  ',,,',
  '\\',
  "'",
  '%00',
  '1e999',
  '-1',
  '9'.repeat(400),
  '42|-71|9',
  'name eq "x" and (gender pr true)',
];

const bundle = (type: string, entry: readonly unknown[]) => ({ resourceType: 'Bundle', type, entry });
const asked = [
  { name: 'assessmentDate', valueDate: '2026-03-01' },
  { name: 'patient', resource: { resourceType: 'Patient', birthDate: '2020-01-01' } },
];
const wrappers: readonly ((value: unknown) => readonly [url: string, body: unknown])[] = [
  (value) => [
    '/fhir',
    bundle('transaction', [{ resource: value, request: { method: 'POST', url: 'Patient' } }]),
  ],
  (value) => ['/fhir', bundle('batch', [value, { request: value }])],
  (value) => ['/fhir/Patient/$validate', value],
  (value) => ['/fhir/$immds-forecast', { resourceType: 'Parameters', parameter: value }],
  ...['patient', 'immunization', 'condition', 'observation', 'allergyIntolerance'].map(
    (name) => (value: unknown) =>
      [
        '/fhir/$immds-forecast?explain=true',
        {
          resourceType: 'Parameters',
          parameter: [...asked.filter((each) => each.name !== name), { name, resource: value }],
        },
      ] as const,
  ),
];

describe('whatever is sent, no 500, no hang', () => {
  it('at mutated resources', async () => {
    await fc.assert(
      fc.asyncProperty(mutated, fc.constantFrom('POST' as const, 'PUT' as const), async (value, method) => {
        const { resourceType = 'Patient', id = 'x' } = (
          typeof value === 'object' && value !== null ? value : {}
        ) as Record<string, unknown>;
        // An object of a mutation may have a toString that is no function.
        const shown = (part: unknown) => encode(typeof part === 'string' ? part : JSON.stringify(part));
        const path = `/fhir/${shown(resourceType)}${method === 'PUT' ? `/${shown(id)}` : ''}`;
        await holds(method, path.slice(0, 300), JSON.stringify(value) ?? 'null');
      }),
      limits,
    );
  }, 60_000);

  it('at broken JSON', async () => {
    await fc.assert(
      fc.asyncProperty(broken, async (text) => holds('POST', '/fhir/Patient', text)),
      limits,
    );
  }, 60_000);

  it('at mutated and broken XML', async () => {
    const xmlType = 'application/fhir+xml';
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutatedXml, brokenXml), async (text) =>
        holds('POST', '/fhir/Patient', text, xmlType),
      ),
      limits,
    );
  }, 60_000);

  it('at XML patches', async () => {
    const type = 'application/xml-patch+xml';
    await fc.assert(
      fc.asyncProperty(xmlPatch, async ([url, text]) => holds('PATCH', url, text, type)),
      limits,
    );
  }, 60_000);

  it('at XML without end', async () => {
    const xmlType = 'application/fhir+xml';
    const patient = (inner: string) => `<Patient xmlns="http://hl7.org/fhir">${inner}</Patient>`;
    for (const part of [
      '<name><given value="a"/></name>',
      '<x>',
      '<!---->',
      '<a:b xmlns:a="c"/>',
      '&amp;',
      '\n',
    ]) {
      await holds('POST', '/fhir/Patient', patient(part.repeat(2_000_000 / part.length)), xmlType);
    }
    await holds('POST', '/fhir/Patient', patient(' '.repeat(30_000_000)), xmlType);
    await holds(
      'PATCH',
      '/fhir/Patient/x',
      `<diff>${'<add/>'.repeat(300_000)}</diff>`,
      'application/xml-patch+xml',
    );
  }, 60_000);

  it('at mutated Bundles, Parameters and patches', async () => {
    const wrapped = fc.tuple(fc.constantFrom(...wrappers), mutated).map(([wrap, value]) => wrap(value));
    await fc.assert(
      fc.asyncProperty(wrapped, async ([url, body]) => holds('POST', url, JSON.stringify(body) ?? 'null')),
      limits,
    );
  }, 60_000);

  it('at hostile URLs', async () => {
    const pair = fc.tuple(
      fc.oneof(fc.constantFrom(...paramNames), fc.string()),
      fc.constantFrom(...modifiers),
      fc.oneof(fc.constantFrom(...values), fc.string({ unit: 'binary' })),
    );
    const query = fc
      .array(pair, { maxLength: 4 })
      .map((pairs) =>
        pairs.map(([name, modifier, value]) => `${encode(name)}${modifier}=${encode(value)}`).join('&'),
      );
    const path = fc.oneof(
      fc.constantFrom(...resourceTypes),
      fc.constantFrom(
        '',
        '_history',
        'Patient/x/_history',
        'Patient/x/$everything',
        'Patient/x/$immds-forecast',
        'Patient/x/*',
        '%',
        '..%2f',
        '$x',
        'Patient/%00',
      ),
      fc.string().map(encode),
    );
    await fc.assert(
      fc.asyncProperty(path, query, async (where, asked) => holds('GET', `/fhir/${where}?${asked}`)),
      limits,
    );
  }, 60_000);

  it('at depth bombs and Bundles without end', async () => {
    await holds('POST', '/fhir/Patient', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`);
    await holds('POST', '/fhir/Patient', '['.repeat(1_000_000));
    const entry = { request: { method: 'GET', url: 'Patient?_include=*&_revinclude=*' } };
    await holds(
      'POST',
      '/fhir',
      JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry: Array(10_000).fill(entry) }),
    );
    await holds(
      'GET',
      '/fhir/Patient?_include:iterate=Patient:link&_revinclude:iterate=Patient:link&_include:iterate=*',
    );
    await holds('GET', `/fhir/Patient?name=${'a,'.repeat(3000)}a`);
    await holds('GET', `/fhir/Patient?${'name=a&'.repeat(1000)}`);
    await holds('GET', `/fhir/Patient?${'link.'.repeat(500)}name=x`);
  }, 60_000);
});

function encode(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return '%ED%A0%80';
  }
}
