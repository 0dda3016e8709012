import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toOperationOutcome } from '../../src/fhir/problem.ts';
import type { Operation } from '../../src/operation/operation.ts';
import type { OperationAnswer } from '../../src/operation/operation-answer.ts';
import type { OperationParameter } from '../../src/operation/operation-parameter.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const note = { severity: 'information', code: 'informational', text: 'begun' } as const;
let streamed = 0;

async function* lines(): AsyncGenerator<string> {
  streamed++;
  yield 'a,1\n';
  yield 'a,2\n';
}

const answers: Readonly<Record<string, () => OperationAnswer>> = {
  one: () => ({ kind: 'resource', resource: { resourceType: 'Basic', id: 'a' } }),
  text: () => ({ kind: 'text', text: '{"resourceType":"Basic","id":"b"}' }),
  later: () => ({ kind: 'accepted', headers: { 'content-location': 'http://jenner.test/fhir/status/1' } }),
  noted: () => ({ kind: 'accepted', headers: {}, outcome: toOperationOutcome([note]) }),
  lines: () => ({ kind: 'stream', mediaType: 'text/csv', chunks: lines() }),
  nothing: () => ({ kind: 'nothing' }),
};

const operations: readonly Operation[] = Object.entries(answers).map(([code, run]) => ({
  code,
  definition: `urn:test:${code}`,
  description: 'A test',
  levels: ['system'],
  types: [],
  affectsState: code === 'nothing',
  parameters: [],
  run: async () => run(),
}));

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ operations });
});
afterAll(() => server.close());

describe('what an operation answers', () => {
  it.each`
    code         | status | type                                      | text
    ${'one'}     | ${200} | ${'application/fhir+json; charset=utf-8'} | ${'{"resourceType":"Basic","id":"a"}'}
    ${'text'}    | ${200} | ${'application/fhir+json; charset=utf-8'} | ${'{"resourceType":"Basic","id":"b"}'}
    ${'later'}   | ${202} | ${undefined}                              | ${''}
    ${'lines'}   | ${200} | ${'text/csv'}                             | ${'a,1\na,2\n'}
    ${'nothing'} | ${204} | ${undefined}                              | ${''}
  `('$code goes out with $status', async ({ code, status, type, text }) => {
    const answer = await server.send('POST', `/fhir/$${code}`);
    expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([status, type, text]);
  });

  it('tells where to ask for what was accepted', async () => {
    expect((await server.get('/fhir/$later')).headers['content-location']).toBe(
      'http://jenner.test/fhir/status/1',
    );
    const { status, body } = await server.get('/fhir/$noted');
    expect([status, body.issue[0].details.text]).toEqual([202, 'begun']);
  });

  it('is not to be had by GET where something is changed', async () => {
    const { status, headers } = await server.get('/fhir/$nothing');
    expect([status, headers['allow']]).toEqual([405, 'POST, OPTIONS']);
  });

  it('stands in a batch, but for a stream, of which nothing is read', async () => {
    const entry = Object.keys(answers).map((code) => ({ request: { method: 'POST', url: `$${code}` } }));
    streamed = 0;
    const { body } = await server.send('POST', '/fhir', { resourceType: 'Bundle', type: 'batch', entry });
    expect(
      body.entry.map((one: { response: object; resource?: object }) => [one.response, one.resource]),
    ).toEqual([
      [{ status: '200 OK' }, { resourceType: 'Basic', id: 'a' }],
      [{ status: '200 OK' }, { resourceType: 'Basic', id: 'b' }],
      [{ status: '202 Accepted', location: 'http://jenner.test/fhir/status/1' }, undefined],
      [
        { status: '202 Accepted', outcome: { resourceType: 'OperationOutcome', issue: [expect.anything()] } },
        undefined,
      ],
      [{ status: '400 Bad Request', outcome: expect.anything() }, undefined],
      [{ status: '204 No Content' }, undefined],
    ]);
    expect(body.entry[4].response.outcome.issue[0]).toMatchObject({
      code: 'not-supported',
      details: {
        text: '$lines answers text/csv, which no Bundle can hold; call it by itself',
      },
    });
    expect(streamed).toBe(0);
  });
});

type Answered = {
  readonly name: string;
  readonly part?: readonly Answered[];
  readonly resource?: { readonly resourceType: string };
};

/** Every parameter of the answer is one of the row, of its type and as often as it says. */
function expectDeclared(
  answered: readonly Answered[],
  declared: readonly OperationParameter[],
  at: string,
): void {
  for (const { name } of answered)
    expect(
      declared.map((row) => row.name),
      `${at}: ${name}`,
    ).toContain(name);
  for (const row of declared) {
    const found = answered.filter((one) => one.name === row.name);
    expect(found.length, `${at}.${row.name}`).toBeGreaterThanOrEqual(row.min);
    expect(found.length, `${at}.${row.name}`).toBeLessThanOrEqual(row.max === 1 ? 1 : found.length);
    for (const one of found) expectHeld(one, row, `${at}.${row.name}`);
  }
}

function expectHeld(one: Answered, { type, part }: OperationParameter, at: string): void {
  const member = Object.keys(one).find((key) => key !== 'name');
  if (part) expectDeclared(one.part ?? [], part, at);
  else if (one.resource) expect(one.resource.resourceType).toBe(type);
  else if (type !== 'Any') expect(member?.toLowerCase(), at).toBe(`value${type}`.toLowerCase());
}

describe('Parameters that are answered', () => {
  const cvx = 'http://hl7.org/fhir/sid/cvx';
  const dose = {
    resourceType: 'Immunization',
    id: 'd',
    status: 'completed',
    vaccineCode: { coding: [{ system: cvx, code: '110' }] },
    patient: { reference: 'Patient/seen' },
    occurrenceDateTime: '2025-07-01',
  };
  beforeAll(async () => {
    const meta = { tag: [{ system: 'urn:t', code: 'a' }] };
    await server.send('PUT', '/fhir/Patient/seen', {
      resourceType: 'Patient',
      id: 'seen',
      birthDate: '2025-04-20',
      meta,
    });
    await server.send('PUT', '/fhir/Immunization/d', dose);
    await server.send('PUT', '/fhir/Immunization/p', { ...dose, id: 'p', occurrenceDateTime: '2025-08' });
  });

  it.each([
    ['Patient-immds-forecast', 'Patient/seen/$immds-forecast?explain=true&assessmentDate=2025-11-10'],
    ['Patient-immds-what-if', 'Patient/seen/$immds-what-if?assessmentDate=2025-11-10&available=08'],
    ['Resource-meta', 'Patient/seen/$meta'],
    ['Resource-meta', '$meta'],
    ['CodeSystem-lookup', `CodeSystem/$lookup?system=${cvx}&code=03`],
    ['CodeSystem-lookup', 'CodeSystem/$lookup?system=urn:oid:2.16.840.1.113883.6.238&code=2034-7'],
    ['CodeSystem-validate-code', `CodeSystem/$validate-code?url=${cvx}&code=03`],
    ['CodeSystem-subsumes', `CodeSystem/$subsumes?system=${cvx}&codeA=03&codeB=03`],
    ['ValueSet-validate-code', `ValueSet/$validate-code?url=${cvx}/vs&system=${cvx}&code=9999`],
    [
      'ConceptMap-translate',
      `ConceptMap/$translate?source=${cvx}/vs&system=${cvx}&code=03&targetsystem=http://snomed.info/sct`,
    ],
  ])('are those of the row: %s by %s', async (end, url) => {
    const row = server.operations.find(({ definition }) => definition.endsWith(`/${end}`));
    const { status, body } = await server.get(`/fhir/${url}`);
    expect(status).toBe(200);
    const declared = row?.parameters.filter(({ use }) => use === 'out') ?? [];
    expect(body.parameter.length).toBeGreaterThan(0);
    expectDeclared(body.parameter, declared, end);
  });
});
