import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { openContext } from '../../src/interaction/context.ts';
import type { Operation } from '../../src/operation/operation.ts';
import { terminologyOperations } from '../../src/operation/terminology/terminology-operations.ts';
import { shippedTerminology } from '../unit/fhir/terminology/shipped-terminology.ts';
import { openTestServer, parseAnswer, type TestAnswer, type TestServer } from './open-test-server.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers have every shape
type Json = any;
type Answer = { readonly status: number; readonly body: Json };

const cvx = 'http://hl7.org/fhir/sid/cvx';
const cdcrec = 'urn:oid:2.16.840.1.113883.6.238';
const jenner = 'https://jenner-iis.org/fhir';

let server: TestServer;
let app: ReturnType<typeof buildApp>;

beforeAll(async () => {
  server = await openTestServer();
  const own = terminologyOperations(shippedTerminology());
  const isOwn = ({ code, types }: Operation) =>
    own.some((operation) => operation.code === code && operation.types[0] === types[0]);
  const operations = [...server.operations.filter((operation) => !isOwn(operation)), ...own];
  app = buildApp({
    context: server.context,
    contextFor: (caller) => openContext(server.context, server.store, caller),
    operations,
    codeSystems: () => [],
    auth: 'off',
    log: 'silent',
    software: { name: 'Jenner', version: 'test', released: '2026-01-01' },
    check: async () => undefined,
  });
  for (const resource of stored) await put(resource);
});

afterAll(async () => {
  await app.close();
  await server.close();
});

async function put(resource: { readonly resourceType: string; readonly id: string }): Promise<TestAnswer> {
  const answer = await server.send('PUT', `/fhir/${resource.resourceType}/${resource.id}`, resource);
  expect(answer.status, answer.text).toBe(201);
  return answer;
}

async function get(path: string, query: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const url = `/fhir/${path}?${new URLSearchParams(query)}`;
  const { statusCode, headers, body } = await app.inject({ method: 'GET', url });
  return { status: statusCode, body: parseAnswer(body, headers['content-type']) };
}

async function post(path: string, parameter: readonly object[], query = ''): Promise<Answer> {
  const { statusCode, headers, body } = await app.inject({
    method: 'POST',
    url: `/fhir/${path}${query}`,
    headers: { 'content-type': 'application/fhir+json' },
    payload: JSON.stringify({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) }),
  });
  return { status: statusCode, body: parseAnswer(body, headers['content-type']) };
}

const value = (body: Json, name: string): unknown => {
  const found = body.parameter.find((parameter: Json) => parameter.name === name) ?? {};
  return Object.entries(found).find(([key]) => key.startsWith('value'))?.[1];
};
const parts = (body: Json, name: string): Record<string, unknown>[] =>
  body.parameter
    .filter((parameter: Json) => parameter.name === name)
    .map((parameter: Json) =>
      Object.fromEntries(
        parameter.part.map((part: Json) => [
          part.name,
          Object.entries(part).find(([key]) => key.startsWith('value'))?.[1],
        ]),
      ),
    );

function expectProblem({ status, body }: Answer, expectedStatus: number, code: string, expression?: string) {
  expect(body).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code }] });
  expect(status).toBe(expectedStatus);
  if (expression !== undefined) expect(body.issue[0].expression).toEqual([expression]);
}

const head = { status: 'active', name: 'Clinic' };
const stored = [
  {
    resourceType: 'CodeSystem',
    id: 'clinic',
    url: 'http://clinic.example/codes',
    version: '2',
    ...head,
    content: 'complete',
    caseSensitive: false,
    concept: [
      { code: 'Room', display: 'Room', concept: [{ code: 'cold', display: 'Cold room' }] },
      { code: 'old', display: 'Old', property: [{ code: 'inactive', valueBoolean: true }] },
    ],
  },
  {
    resourceType: 'ValueSet',
    id: 'renamed',
    url: 'http://clinic.example/renamed',
    ...head,
    compose: {
      include: [
        {
          system: 'http://clinic.example/codes',
          concept: [{ code: 'Room', display: 'Store room', designation: [{ value: 'Depot' }] }],
        },
      ],
    },
  },
  {
    resourceType: 'ValueSet',
    id: 'clinic',
    url: 'http://clinic.example/set',
    ...head,
    compose: {
      include: [
        { system: 'http://clinic.example/codes' },
        { valueSet: [`${jenner}/ValueSet/vaccines-of-varicella`] },
      ],
    },
  },
  {
    resourceType: 'ValueSet',
    id: 'outer',
    url: 'http://clinic.example/outer',
    ...head,
    compose: { include: [{ valueSet: ['http://clinic.example/set'] }] },
  },
  {
    resourceType: 'ValueSet',
    id: 'circle',
    url: 'http://clinic.example/circle',
    ...head,
    compose: { include: [{ valueSet: ['http://clinic.example/circle'] }] },
  },
  {
    resourceType: 'ValueSet',
    id: 'broken',
    url: 'http://clinic.example/broken',
    ...head,
    compose: { include: [{ system: 'http://clinic.example/nothing' }] },
  },
  {
    resourceType: 'ConceptMap',
    id: 'clinic',
    url: 'http://clinic.example/map',
    ...head,
    sourceUri: 'http://clinic.example/set',
    targetUri: `${cvx}/vs`,
    group: [
      {
        source: 'http://clinic.example/codes',
        target: cvx,
        element: [
          { code: 'Room', target: [{ code: '03', equivalence: 'relatedto' }] },
          { code: 'old', target: [{ equivalence: 'unmatched' }] },
        ],
      },
    ],
  },
];

describe('CodeSystem/$lookup', () => {
  it('answers name, display, other names and properties', async () => {
    const { status, body } = await get('CodeSystem/$lookup', { system: cvx, code: '94' });
    expect(status).toBe(200);
    expect(value(body, 'name')).toBe('CVX');
    expect(value(body, 'display')).toBe('MMRV');
    expect(parts(body, 'designation')).toContainEqual({
      language: 'en',
      value: 'measles, mumps, rubella, and varicella virus vaccine',
    });
    const properties = parts(body, 'property');
    expect(properties).toContainEqual({ code: 'status', value: 'active' });
    expect(properties).toContainEqual({ code: 'inactive', value: false });
    expect(properties).toContainEqual({
      code: 'antigen',
      value: { system: 'http://snomed.info/sct', code: '38907003' },
      description: 'Varicella',
    });
  });

  it('answers only the properties asked for', async () => {
    const { body } = await post('CodeSystem/$lookup', [
      { name: 'coding', valueCoding: { system: cdcrec, code: '2034-7' } },
      { name: 'property', valueCode: 'parent' },
      { name: 'property', valueCode: 'inactive' },
    ]);
    expect(parts(body, 'property')).toEqual([
      { code: 'parent', value: '2028-9', description: 'Asian' },
      { code: 'inactive', value: false },
    ]);
    expect(parts(body, 'designation')).toEqual([]);
  });

  it('finds an NDC however it is written, and a code system of the store', async () => {
    const ndc = { system: 'http://hl7.org/fhir/sid/ndc', code: '00069020701' };
    expect(value((await get('CodeSystem/$lookup', ndc)).body, 'display')).toBe('Abrysvo');
    const own = { system: 'http://clinic.example/codes', code: 'COLD', version: '2' };
    expect(value((await get('CodeSystem/$lookup', own)).body, 'display')).toBe('Cold room');
  });

  it.each([
    [{ system: cvx, code: '4711' }, 404, 'not-found', 'http.code'],
    [{ system: 'urn:nothing', code: '1' }, 404, 'not-found', undefined],
    [{ system: cvx, code: '03', version: '1' }, 404, 'not-found', undefined],
    [{ code: '03' }, 400, 'required', 'system'],
    [{ system: cvx }, 400, 'required', 'code'],
    [{ system: cvx, code: '' }, 400, 'value', 'http.code'],
    [{ system: cvx, code: '03', colour: 'red' }, 400, 'not-supported', 'http.colour'],
    [{ system: cvx, code: '03', coding: 'x' }, 400, 'value', 'http.coding'],
  ])('refuses %j', async (query, status, code, expression) => {
    expectProblem(await get('CodeSystem/$lookup', query as Record<string, string>), status, code, expression);
  });

  it.each([
    [
      'a parameter given twice',
      [
        { name: 'code', valueCode: '03' },
        { name: 'code', valueCode: '04' },
      ],
      'invalid',
    ],
    ['a parameter without a name', [{ valueCode: '03' }], 'invalid'],
    ['a parameter without a value', [{ name: 'code' }], 'invalid'],
    ['a parameter of another type', [{ name: 'code', valueBoolean: true }], 'value'],
    ['a coding that is none', [{ name: 'coding', valueCoding: { system: cvx, code: 3 } }], 'value'],
    [
      'code and coding at once',
      [
        { name: 'code', valueCode: '03' },
        { name: 'coding', valueCoding: { code: '1' } },
      ],
      'invalid',
    ],
    ['a name of Object.prototype', [{ name: 'constructor', valueCode: '03' }], 'not-supported'],
  ])('refuses %s', async (_, parameter, code) => {
    expectProblem(await post('CodeSystem/$lookup', parameter), 400, code);
  });

  it('refuses a body that is no Parameters', async () => {
    const payload = '{"resourceType":"Patient"}';
    const headers = { 'content-type': 'application/fhir+json' };
    const { statusCode } = await app.inject({
      method: 'POST',
      url: '/fhir/CodeSystem/$lookup',
      headers,
      payload,
    });
    expect(statusCode).toBe(400);
  });
});

describe('CodeSystem/$validate-code', () => {
  it.each([
    [{ url: cvx, code: '03' }, true, 'MMR'],
    [{ url: cvx, code: '03', display: 'measles, mumps and rubella  VIRUS vaccine' }, true, 'MMR'],
    [{ url: cvx, code: '03', display: 'Polio' }, false, 'MMR'],
    [{ url: cvx, code: '4711' }, false, undefined],
    [{ url: cdcrec, code: '1000-9' }, false, 'Race'],
    [{ url: cdcrec, code: '1000-9', abstract: 'true' }, true, 'Race'],
    [{ url: 'http://clinic.example/codes', code: 'room' }, true, 'Room'],
  ])('%j is %s', async (query, result, display) => {
    const { status, body } = await get('CodeSystem/$validate-code', query as Record<string, string>);
    expect(status).toBe(200);
    expect(value(body, 'result')).toBe(result);
    expect(value(body, 'display')).toBe(display);
    if (!result) expect(value(body, 'message')).toEqual(expect.any(String));
  });

  it('says that a right code is inactive', async () => {
    const { body } = await get('CodeSystem/cvx/$validate-code', { code: '88' });
    expect(value(body, 'result')).toBe(true);
    expect(value(body, 'message')).toBe('CVX 88 is inactive');
  });

  it('takes a CodeableConcept as right when one of its codings is', async () => {
    const coding = [
      { system: cvx, code: 'x' },
      { system: cvx, code: '21' },
    ];
    const { body } = await post('CodeSystem/$validate-code', [
      { name: 'url', valueUri: cvx },
      { name: 'codeableConcept', valueCodeableConcept: { coding } },
    ]);
    expect(value(body, 'result')).toBe(true);
  });

  it('refuses a coding of another system', async () => {
    const { body } = await post('CodeSystem/mvx/$validate-code', [
      { name: 'coding', valueCoding: { system: cvx, code: '03' } },
    ]);
    expect(value(body, 'result')).toBe(false);
  });

  it('works on a code system that is sent along', async () => {
    const codeSystem = {
      resourceType: 'CodeSystem',
      status: 'active',
      content: 'complete',
      url: 'urn:sent',
      concept: [{ code: 'a' }],
    };
    const { body } = await post('CodeSystem/$validate-code', [
      { name: 'codeSystem', resource: codeSystem },
      { name: 'code', valueCode: 'a' },
    ]);
    expect(value(body, 'result')).toBe(true);
  });

  it.each([
    ['CodeSystem/$validate-code', { code: '03' }, 400, 'required'],
    ['CodeSystem/$validate-code', { url: cvx }, 400, 'required'],
    ['CodeSystem/$validate-code', { url: 'urn:nothing', code: '1' }, 404, 'not-found'],
    ['CodeSystem/$validate-code', { url: cvx, code: '03', abstract: 'maybe' }, 400, 'value'],
    ['CodeSystem/nothing/$validate-code', { code: '03' }, 404, 'not-found'],
  ])('%s %j is refused', async (path, query, status, code) => {
    expectProblem(await get(path, query as Record<string, string>), status, code);
  });
});

describe('CodeSystem/$subsumes', () => {
  it.each([
    ['CodeSystem/$subsumes', { system: cdcrec, codeA: '2028-9', codeB: '2034-7' }, 'subsumes'],
    ['CodeSystem/$subsumes', { system: cdcrec, codeA: '2034-7', codeB: '2028-9' }, 'subsumed-by'],
    ['CodeSystem/$subsumes', { system: cvx, codeA: '03', codeB: '03' }, 'equivalent'],
    ['CodeSystem/cdcrec/$subsumes', { codeA: '2028-9', codeB: '2106-3' }, 'not-subsumed'],
    ['CodeSystem/clinic/$subsumes', { codeA: 'Room', codeB: 'cold' }, 'subsumes'],
  ])('%s %j: %s', async (path, query, outcome) => {
    const { status, body } = await get(path, query as Record<string, string>);
    expect(status).toBe(200);
    expect(body.parameter).toEqual([{ name: 'outcome', valueCode: outcome }]);
  });

  it('takes codings', async () => {
    const { body } = await post('CodeSystem/$subsumes', [
      { name: 'codingA', valueCoding: { system: cdcrec, code: '2028-9' } },
      { name: 'codingB', valueCoding: { system: cdcrec, code: '2034-7' } },
    ]);
    expect(value(body, 'outcome')).toBe('subsumes');
  });

  it.each([
    ['CodeSystem/$subsumes', { system: cdcrec, codeA: '2028-9' }, 400, 'required'],
    ['CodeSystem/$subsumes', { codeA: '2028-9', codeB: '2034-7' }, 400, 'required'],
    ['CodeSystem/$subsumes', { system: cdcrec, codeA: '2028-9', codeB: 'x' }, 404, 'not-found'],
    ['CodeSystem/$subsumes', { system: 'urn:nothing', codeA: '1', codeB: '2' }, 404, 'not-found'],
    ['CodeSystem/cvx/$subsumes', { system: cdcrec, codeA: '1', codeB: '2' }, 400, 'invalid'],
  ])('%s %j is refused', async (path, query, status, code) => {
    expectProblem(await get(path, query as Record<string, string>), status, code);
  });
});

describe('ValueSet/$expand', () => {
  const codes = ({ body }: Answer): string[] => (body.expansion.contains ?? []).map(({ code }: Json) => code);

  it('leaves out the parameters of the expansion where there are none', async () => {
    const { body } = await get('ValueSet/$expand', {
      url: 'http://hl7.org/fhir/ValueSet/administrative-gender',
    });
    expect(body.expansion.total).toBe(4);
  });

  it('answers a ValueSet with an expansion', async () => {
    const url = `${jenner}/ValueSet/vaccines-of-varicella`;
    const { status, body } = await get('ValueSet/$expand', { url });
    expect(status).toBe(200);
    expect(body).toMatchObject({ resourceType: 'ValueSet', url, status: 'active' });
    expect(body.compose).toBeUndefined();
    expect(body.expansion.identifier).toMatch(/^urn:uuid:/);
    expect(body.expansion.timestamp).toMatch(/^2026-01-01T/);
    expect(body.expansion.total).toBe(body.expansion.contains.length);
    expect(body.expansion.contains).toContainEqual({ system: cvx, code: '21', display: 'varicella' });
  });

  it.each([
    [{ filter: 'mumps measles' }, ['03', '94']],
    [{ filter: 'mumps measles', count: '1' }, ['03']],
    [{ filter: 'mumps measles', count: '1', offset: '1' }, ['94']],
    [{ filter: 'mumps measles', count: '0' }, []],
    [{ filter: 'mumps measles', offset: '9' }, []],
    [{ filter: 'DTP', activeOnly: 'true' }, ['146']],
  ])('filters and pages: %j', async (query, expected) => {
    const answer = await get('ValueSet/$expand', { url: `${cvx}/vs`, ...query } as Record<string, string>);
    if (!('activeOnly' in query)) expect(codes(answer)).toEqual(expected);
    else expect(answer.body.expansion.contains.some(({ inactive }: Json) => inactive)).toBe(false);
    if ('count' in query) expect(answer.body.expansion.total).toBe(2);
  });

  it('answers other names and the definition when asked to', async () => {
    const { body } = await get('ValueSet/$expand', {
      url: `${jenner}/ValueSet/vaccines-of-mmr`,
      includeDesignations: 'true',
      includeDefinition: 'true',
    });
    expect(body.compose.include[0].system).toBe(cvx);
    expect(body.expansion.contains[0].designation[0].value).toMatch(/measles/);
    expect(body.expansion.parameter).toContainEqual({ name: 'includeDefinition', valueBoolean: true });
  });

  it.each([
    ['ValueSet/cvx/$expand', {}, '03'],
    ['ValueSet/clinic/$expand', {}, 'cold'],
    ['ValueSet/clinic/$expand', {}, '21'],
    ['ValueSet/$expand', { url: 'http://clinic.example/outer' }, 'cold'],
    ['ValueSet/$expand', { url: 'http://clinic.example/codes?fhir_vs' }, 'cold'],
    ['ValueSet/$expand', { url: `${cdcrec}?fhir_vs=isa/2028-9` }, '2034-7'],
    ['ValueSet/$expand', { url: `${cvx}?vs` }, '03'],
  ])('%s %j holds %s', async (path, query, code) => {
    const answer = await get(path, query as Record<string, string>);
    expect(answer.status).toBe(200);
    expect(codes(answer)).toContain(code);
  });

  it('expands a value set that is sent along', async () => {
    const valueSet = {
      resourceType: 'ValueSet',
      status: 'active',
      compose: {
        include: [{ system: cvx, filter: [{ property: 'vaccineGroup', op: '=', value: 'Zoster' }] }],
      },
    };
    const answer = await post('ValueSet/$expand', [
      { name: 'valueSet', resource: valueSet },
      { name: 'activeOnly', valueBoolean: true },
      { name: 'count', valueInteger: 10 },
    ]);
    expect(codes(answer)).toEqual(['187']);
  });

  it('refuses to look at a system again and again, for whatever purpose', async () => {
    const include = Array.from({ length: 10_000 }, () => ({ system: cvx }));
    const resource = { resourceType: 'ValueSet', status: 'active', url: 'urn:again', compose: { include } };
    const parameter = { name: 'valueSet', resource };
    const code = { name: 'coding', valueCoding: { system: cvx, code: '03' } };
    expectProblem(await post('ValueSet/$expand', [parameter]), 422, 'too-costly');
    expectProblem(await post('ValueSet/$validate-code', [parameter, code]), 422, 'too-costly');
    await put({ ...resource, id: 'again' });
    expectProblem(await get('ValueSet/again/$expand'), 422, 'too-costly');
    expect((await get('Immunization', { 'vaccine-code:in': 'urn:again' })).status).toBe(400);
  });

  it('looks at no more words of a filter and codings of a concept than anybody has', async () => {
    const filter = (count: number) => Array.from({ length: count }, (_, n) => `a${n}`).join(' ');
    const expand = (count: number) =>
      post('ValueSet/$expand', [
        { name: 'url', valueUri: `${cvx}/vs` },
        { name: 'filter', valueString: filter(count) },
      ]);
    expect((await expand(50)).status).toBe(200);
    expectProblem(await expand(51), 400, 'value');
    const judge = (count: number) =>
      post('CodeSystem/$validate-code', [
        { name: 'url', valueUri: cvx },
        {
          name: 'codeableConcept',
          valueCodeableConcept: {
            coding: Array.from({ length: count }, (_, n) => ({ system: cvx, code: `x${n}` })),
          },
        },
      ]);
    expect((await judge(100)).status).toBe(200);
    expectProblem(await judge(101), 422, 'too-costly');
  });

  it('refuses to send too many codes at once, and pages them', async () => {
    const concept = Array.from({ length: 6000 }, (_, index) => ({ code: `c${index}` }));
    const valueSet = {
      resourceType: 'ValueSet',
      status: 'active',
      compose: { include: [{ system: 'urn:many', concept }] },
    };
    const parameter = { name: 'valueSet', resource: valueSet };
    expectProblem(await post('ValueSet/$expand', [parameter]), 422, 'too-costly');
    const paged = await post('ValueSet/$expand', [parameter, { name: 'count', valueInteger: 3 }]);
    expect(paged.body.expansion).toMatchObject({ total: 6000, offset: 0 });
    expect(codes(paged)).toEqual(['c0', 'c1', 'c2']);
  });

  it.each([
    ['ValueSet/$expand', {}, 400, 'required'],
    ['ValueSet/$expand', { url: 'urn:nothing' }, 404, 'not-found'],
    ['ValueSet/$expand', { url: `${cvx}/vs`, count: '-1' }, 400, 'value'],
    ['ValueSet/$expand', { url: `${cvx}/vs`, activeOnly: 'yes' }, 400, 'value'],
    ['ValueSet/$expand', { url: `${cvx}/vs`, context: 'x' }, 400, 'not-supported'],
    ['ValueSet/$expand', { url: `${cvx}/vs`, size: '1' }, 400, 'not-supported'],
    ['ValueSet/nothing/$expand', {}, 404, 'not-found'],
    ['ValueSet/broken/$expand', {}, 422, 'not-found'],
    ['ValueSet/circle/$expand', {}, 422, 'business-rule'],
  ])('%s %j is refused', async (path, query, status, code) => {
    expectProblem(await get(path, query as Record<string, string>), status, code);
  });

  it.each([
    ['null for a compose', { compose: { include: 7 } }],
    ['text for codes', { compose: { include: [{ system: cvx, concept: 'x' }] } }],
    ['a filter without value', { compose: { include: [{ system: cvx, filter: [{ op: '=' }] }] } }],
    ['objects for value sets', { compose: { include: [{ valueSet: [{ a: 1 }] }] } }],
    ['an expansion of anything', { expansion: { contains: [{ system: 1, code: { a: 1 } }] } }],
  ])('survives a value set with %s', async (_, more) => {
    const resource = { resourceType: 'ValueSet', status: 'active', ...more };
    const { status } = await post('ValueSet/$expand', [{ name: 'valueSet', resource }]);
    expect([200, 422]).toContain(status);
  });
});

describe('ValueSet/$validate-code', () => {
  const varicella = `${jenner}/ValueSet/vaccines-of-varicella`;

  it.each([
    ['ValueSet/$validate-code', { url: varicella, system: cvx, code: '21' }, true],
    ['ValueSet/$validate-code', { url: varicella, system: cvx, code: '03' }, false],
    [
      'ValueSet/$validate-code',
      { url: varicella, system: cvx, code: '21', display: 'varicella virus vaccine' },
      true,
    ],
    ['ValueSet/$validate-code', { url: varicella, system: cvx, code: '21', display: 'Polio' }, false],
    ['ValueSet/cvx/$validate-code', { system: cvx, code: '4711' }, false],
    ['ValueSet/clinic/$validate-code', { system: 'http://clinic.example/codes', code: 'COLD' }, true],
    ['ValueSet/$validate-code', { url: `${cvx}?vs`, system: cvx, code: '03' }, true],
  ])('%s %j is %s', async (path, query, result) => {
    const { status, body } = await get(path, query as Record<string, string>);
    expect(status).toBe(200);
    expect(value(body, 'result')).toBe(result);
    if (!result) expect(value(body, 'message')).toEqual(expect.any(String));
  });

  it.each([
    ['Store room', true],
    ['Depot', true],
    ['ROOM', true],
    ['Cold room', false],
  ])('knows by value set and code system that the display %s is %s', async (display, result) => {
    const system = 'http://clinic.example/codes';
    const query = { url: 'http://clinic.example/renamed', system, code: 'Room', display };
    const { body } = await get('ValueSet/$validate-code', query);
    expect([value(body, 'result'), value(body, 'display')]).toEqual([result, 'Store room']);
  });

  it.each([
    ['ValueSet/$validate-code', { url: varicella, code: '21' }, 400, 'required'],
    ['ValueSet/$validate-code', { system: cvx, code: '21' }, 400, 'required'],
    ['ValueSet/$validate-code', { url: varicella }, 400, 'required'],
    ['ValueSet/$validate-code', { url: 'urn:nothing', system: cvx, code: '21' }, 404, 'not-found'],
    [
      'ValueSet/$validate-code',
      { url: varicella, valueSetVersion: '7', system: cvx, code: '21' },
      404,
      'not-found',
    ],
    ['ValueSet/broken/$validate-code', { system: cvx, code: '21' }, 422, 'not-found'],
  ])('%s %j is refused', async (path, query, status, code) => {
    expectProblem(await get(path, query as Record<string, string>), status, code);
  });
});

describe('ConceptMap/$translate', () => {
  const map = (id: string) => `${jenner}/ConceptMap/${id}`;

  it('answers each match with equivalence, concept and source', async () => {
    const url = map('cvx-to-vaccine-group');
    const { status, body } = await get('ConceptMap/$translate', { url, system: cvx, code: '94' });
    expect(status).toBe(200);
    expect(value(body, 'result')).toBe(true);
    const system = `${jenner}/CodeSystem/vaccine-group`;
    expect(parts(body, 'match')).toEqual([
      {
        equivalence: 'wider',
        concept: { system, code: 'MMR', display: 'MMR', userSelected: false },
        source: url,
      },
      {
        equivalence: 'wider',
        concept: { system, code: 'Varicella', display: 'Varicella', userSelected: false },
        source: url,
      },
    ]);
  });

  it.each([
    ['ConceptMap/cvx-to-antigen/$translate', { system: cvx, code: '21' }, ['38907003']],
    ['ConceptMap/clinic/$translate', { system: 'http://clinic.example/codes', code: 'Room' }, ['03']],
    [
      'ConceptMap/$translate',
      { url: 'http://clinic.example/map', system: 'http://clinic.example/codes', code: 'Room' },
      ['03'],
    ],
    [
      'ConceptMap/$translate',
      { source: 'http://clinic.example/set', system: 'http://clinic.example/codes', code: 'Room' },
      ['03'],
    ],
    [
      'ConceptMap/$translate',
      { targetsystem: 'http://snomed.info/sct', system: cvx, code: '21' },
      ['38907003'],
    ],
    [
      'ConceptMap/$translate',
      { source: `${cvx}/vs`, target: `${jenner}/ValueSet/antigen`, system: cvx, code: '21' },
      ['38907003'],
    ],
    [
      'ConceptMap/ndc-to-cvx/$translate',
      { system: 'http://hl7.org/fhir/sid/ndc', code: '00069020701' },
      ['305'],
    ],
    [
      'ConceptMap/route-to-v3/$translate',
      { system: 'http://terminology.hl7.org/CodeSystem/v2-0162', code: 'SC' },
      ['SQ'],
    ],
  ])('%s %j: %j', async (path, query, expected) => {
    const { status, body } = await get(path, query as Record<string, string>);
    expect(status).toBe(200);
    expect(value(body, 'result')).toBe(true);
    expect(parts(body, 'match').map(({ concept }: Json) => concept.code)).toEqual(expected);
  });

  it.each([
    ['targetsystem', { targetsystem: cvx }],
    ['target', { target: `${cvx}/vs` }],
    ['source as a canonical', { source: 'http://clinic.example/other' }],
    ['the code system as source', { source: 'http://clinic.example/codes' }],
  ])('asks the maps of the store by %s', async (_, query) => {
    const other = {
      resourceType: 'ConceptMap',
      ...head,
      url: 'http://clinic.example/other-map',
      sourceCanonical: 'http://clinic.example/other|1',
      targetCanonical: `${cvx}/vs`,
      group: [
        {
          source: 'http://clinic.example/codes',
          target: cvx,
          element: [{ code: 'Ward', target: [{ code: '21', equivalence: 'equal' }] }],
        },
      ],
    };
    await server.send('POST', '/fhir/ConceptMap', other, { 'if-none-exist': `url=${other.url}` });
    const asked = { ...query, system: 'http://clinic.example/codes', code: 'Ward' };
    const { body } = await get('ConceptMap/$translate', asked as Record<string, string>);
    expect(parts(body, 'match').map(({ concept }: Json) => concept.code)).toEqual(['21']);
    const back = { ...query, system: cvx, code: '21', reverse: 'true', targetsystem: asked.system };
    const { body: reversed } = await get('ConceptMap/$translate', back as Record<string, string>);
    expect(parts(reversed, 'match').map(({ concept }: Json) => concept.code)).toEqual(['Ward']);
  });

  it('goes backward', async () => {
    const { body } = await post('ConceptMap/$translate', [
      { name: 'url', valueUri: map('cvx-to-antigen') },
      { name: 'coding', valueCoding: { system: 'http://snomed.info/sct', code: '36653000' } },
      { name: 'reverse', valueBoolean: true },
    ]);
    expect(parts(body, 'match').map(({ concept }: Json) => concept.code)).toContain('03');
  });

  it.each([
    [{ url: map('cvx-to-antigen'), system: cvx, code: '998' }],
    [{ url: map('cvx-to-antigen'), system: 'urn:other', code: '03' }],
    [{ url: 'http://clinic.example/map', system: 'http://clinic.example/codes', code: 'old' }],
    [{ source: 'urn:nothing', system: cvx, code: '03' }],
  ])('finds nothing for %j and says so', async (query) => {
    const { status, body } = await get('ConceptMap/$translate', query as Record<string, string>);
    expect(status).toBe(200);
    expect(value(body, 'result')).toBe(false);
    expect(value(body, 'message')).toEqual(expect.any(String));
  });

  it.each([
    [{ system: cvx, code: '03' }, 400, 'required'],
    [{ url: map('cvx-to-antigen'), code: '03' }, 400, 'required'],
    [{ url: map('cvx-to-antigen'), system: cvx }, 400, 'required'],
    [{ url: 'urn:nothing', system: cvx, code: '03' }, 404, 'not-found'],
    [{ url: map('cvx-to-antigen'), system: cvx, code: '03', dependency: 'x' }, 400, 'not-supported'],
  ])('%j is refused', async (query, status, code) => {
    expectProblem(await get('ConceptMap/$translate', query as Record<string, string>), status, code);
  });
});
