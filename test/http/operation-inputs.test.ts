import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allowsGet, isNeeded, type Operation, type OperationLevel } from '../../src/operation/operation.ts';
import {
  holdsResource,
  type OperationParameter,
  primitiveKindOf,
} from '../../src/operation/operation-parameter.ts';
import { fileOperation } from '../../src/registry/health-cards/file-operation.ts';
import type { CardIssuer } from '../../src/registry/health-cards/issue-cards.ts';
import { issueOperation } from '../../src/registry/health-cards/issue-operation.ts';
import { revokeOperation } from '../../src/registry/health-cards/revoke-operation.ts';
import { loadKnowledgeBases } from '../../src/shipped/knowledge-bases.ts';
import { loadOperations } from '../../src/shipped/operations.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

const operations = [
  ...loadOperations({ knowledgeBases: loadKnowledgeBases('none'), fitsCompatible: false }),
  // Their rows alone: the server has its own.
  ...[issueOperation, fileOperation, revokeOperation].map((toRow) => toRow({} as CardIssuer)),
];
const places = operations.flatMap((operation) =>
  operation.levels.map((level) => ({ operation, level, url: urlOf(operation, level) })),
);

function urlOf({ code, types }: Operation, level: OperationLevel): string {
  const type = types.includes('Patient') ? 'Patient' : types[0];
  return [...(level === 'system' ? [] : [type]), ...(level === 'instance' ? ['x'] : []), `$${code}`].join(
    '/',
  );
}

type Sent = readonly { readonly name: string; readonly query?: string; readonly item?: object }[];
type Said = readonly [status: number, code: string, text: string];

/** What a call is refused with, whichever way it comes: by GET, by POST of Parameters, and as entries of a batch. */
async function refusals(url: string, sent: Sent, strict: boolean): Promise<Readonly<Record<string, Said>>> {
  const prefer: Record<string, string> = strict ? { prefer: 'handling=strict' } : {};
  const query = sent.every((one) => one.query !== undefined)
    ? `?${sent.map(({ name, query: text = '' }) => `${name}=${encodeURIComponent(text)}`).join('&')}`
    : undefined;
  const parameters = {
    resourceType: 'Parameters',
    ...(sent.length > 0 && { parameter: sent.map(({ name, item }) => ({ name, ...item })) }),
  };
  const said: Record<string, Said> = {};
  if (query !== undefined) said['GET'] = outcomeOf(await server.get(`/fhir/${url}${query}`, prefer));
  if (sent.every(({ item }) => item)) {
    said['POST'] = outcomeOf(await server.send('POST', `/fhir/${url}`, parameters, prefer));
    said['POST in a batch'] = await inBatch({ request: { method: 'POST', url }, resource: parameters });
  }
  if (query !== undefined)
    said['GET in a batch'] = await inBatch({ request: { method: 'GET', url: url + query } });
  return said;
}

async function inBatch(entry: object): Promise<Said> {
  const { body } = await server.send('POST', '/fhir', {
    resourceType: 'Bundle',
    type: 'batch',
    entry: [entry],
  });
  const { response } = body.entry[0];
  return outcomeOf({ status: Number(response.status.slice(0, 3)), body: response.outcome });
}

// biome-ignore lint/suspicious/noExplicitAny: an outcome as a client reads it
function outcomeOf({ status, body }: { readonly status: number; readonly body: any }): Said {
  const issue = body?.issue?.[0] ?? {};
  return [status, issue.code, issue.details?.text];
}

/** All that may be called this way say the same; what may only be POSTed says 405 to a GET. */
function expectAlike(
  said: Readonly<Record<string, Said>>,
  byGet: boolean,
  status: number,
  code: string,
): void {
  const answers = Object.entries(said).map(([way, answer]) =>
    way.startsWith('GET') && !byGet ? ['only by POST', answer.slice(0, 2)] : ['refused', answer],
  );
  const refused = answers.filter(([kind]) => kind === 'refused').map(([, answer]) => answer);
  for (const answer of refused) expect(answer, JSON.stringify(said)).toEqual(refused[0]);
  for (const answer of refused) expect(answer?.slice(0, 2)).toEqual([status, code]);
  for (const [kind, answer] of answers)
    if (kind === 'only by POST') expect(answer).toEqual([405, 'not-supported']);
}

function right({ name, type = 'string' }: OperationParameter): Sent[number] {
  switch (primitiveKindOf(type)) {
    case 'text':
      return { name, query: 'urn:x', item: { valueString: 'urn:x' } };
    case 'boolean':
      return { name, query: 'true', item: { valueBoolean: true } };
    case 'integer':
      return { name, query: '1', item: { valueInteger: 1 } };
    case 'date':
      return { name, query: '2026-01-01', item: { valueDate: '2026-01-01' } };
    case undefined:
      return { name, item: complex[type] ?? { resource: { resourceType: type } } };
  }
}

const complex: Readonly<Record<string, object>> = {
  Coding: { valueCoding: { code: 'x' } },
  CodeableConcept: { valueCodeableConcept: { coding: [{ code: 'x' }] } },
  Meta: { valueMeta: { tag: [{ code: 'x' }] } },
};

function wrong(parameter: OperationParameter): Sent[number] {
  const { name, type = 'string' } = parameter;
  switch (primitiveKindOf(type)) {
    case 'text':
      return { name, item: { valueBoolean: true } };
    case 'boolean':
    case 'integer':
    case 'date':
      return { name, query: 'x', item: { valueString: 'x' } };
    case undefined:
      return holdsResource(parameter)
        ? { name, query: 'x', item: { valueString: 'x' } }
        : { name, item: { valueBoolean: true } };
  }
}

const taken = (operation: Operation) =>
  operation.parameters.filter(({ use, supported }) => use === 'in' && supported !== false);

describe.each(places)('$operation.code at $url', ({ operation, level, url }) => {
  const byGet = allowsGet(operation, level);

  it('refuses a parameter that it does not have', async () => {
    const said = await refusals(url, [{ name: 'nonsense', query: '1', item: { valueString: '1' } }], true);
    const lenient = operation.handling === 'lenient';
    // A Bundle says nothing of the handling of its entries.
    const { 'POST in a batch': _, 'GET in a batch': __, ...alone } = said;
    expectAlike(lenient ? alone : said, byGet, 400, 'not-supported');
  });

  it('refuses what it does not act on', async () => {
    for (const { name } of operation.parameters.filter(({ supported }) => supported === false)) {
      expectAlike(
        await refusals(url, [{ name, query: '1', item: { valueString: '1' } }], true),
        byGet,
        400,
        'not-supported',
      );
    }
  });

  it('refuses a parameter given too often', async () => {
    for (const parameter of taken(operation).filter(({ max }) => max === 1)) {
      const one = right(parameter);
      expectAlike(await refusals(url, [one, one], true), byGet, 400, 'invalid');
    }
  });

  it('refuses a value of another type', async () => {
    for (const parameter of taken(operation)) {
      const said = await refusals(url, [wrong(parameter)], true);
      const isWhole = holdsResource(parameter) || parameter.part !== undefined;
      expectAlike(said, byGet, 400, isWhole ? 'invalid' : 'value');
    }
  });

  it('refuses to go without what must be given', async () => {
    const needed = operation.parameters.filter((parameter) => isNeeded(parameter, level));
    for (const parameter of needed) {
      const others = needed.filter((other) => other !== parameter).map(right);
      expectAlike(await refusals(url, others, true), byGet, 400, 'required');
    }
  });

  it('says the same where it is called on nothing that there is', async () => {
    const needed = operation.parameters.filter((parameter) => isNeeded(parameter, level)).map(right);
    const said = Object.values(await refusals(url, needed, true)).map(([status]) => status);
    expect(new Set(said.filter((status) => status !== 405)).size, String(said)).toBe(1);
  });
});

it('is tried with every operation', () => {
  expect(places.map(({ url }) => url)).toEqual([
    'Patient/$everything',
    'Patient/x/$everything',
    'Group/x/$everything',
    'Patient/x/$meta',
    'Patient/$meta',
    '$meta',
    'Patient/x/$meta-add',
    'Patient/x/$meta-delete',
    'Patient/$validate',
    'Patient/x/$validate',
    'CodeSystem/$lookup',
    'CodeSystem/$validate-code',
    'CodeSystem/x/$validate-code',
    'CodeSystem/$subsumes',
    'CodeSystem/x/$subsumes',
    'ValueSet/$expand',
    'ValueSet/x/$expand',
    'ValueSet/$validate-code',
    'ValueSet/x/$validate-code',
    'ConceptMap/$translate',
    'ConceptMap/x/$translate',
    '$immds-forecast',
    'Patient/x/$immds-forecast',
    'Patient/x/$immds-what-if',
    'Patient/x/$break-glass',
    'Patient/$match',
    'Patient/x/$consolidated-record',
    'Patient/$merge',
    'Patient/$unmerge',
    'Patient/x/$unmerge',
    'Task/x/$decide',
    'Patient/x/$health-cards-issue',
    'Patient/x/$health-cards-file',
    'Patient/x/$health-cards-revoke',
  ]);
});

describe('a resource as the body (R4 operations.html#executing)', () => {
  const url = 'http://clinic.example/codes';
  const codeSystem = {
    resourceType: 'CodeSystem',
    url,
    status: 'active',
    content: 'complete',
    concept: [{ code: 'a' }],
  };
  const valueSet = {
    resourceType: 'ValueSet',
    status: 'active',
    compose: { include: [{ system: url, concept: [{ code: 'a' }] }] },
  };
  const conceptMap = {
    resourceType: 'ConceptMap',
    status: 'active',
    group: [
      {
        source: url,
        target: 'urn:t',
        element: [{ code: 'a', target: [{ code: 'b', equivalence: 'equal' }] }],
      },
    ],
  };

  it.each`
    path                                              | resource                       | member
    ${'CodeSystem/$validate-code?code=a'}             | ${codeSystem}                  | ${'parameter'}
    ${'ValueSet/$expand'}                             | ${valueSet}                    | ${'expansion'}
    ${`ValueSet/$validate-code?system=${url}&code=a`} | ${valueSet}                    | ${'parameter'}
    ${`ConceptMap/$translate?system=${url}&code=a`}   | ${conceptMap}                  | ${'parameter'}
    ${'Patient/$validate'}                            | ${{ resourceType: 'Patient' }} | ${'issue'}
  `('$path takes one, alone and in a batch', async ({ path, resource, member }) => {
    const alone = await server.send('POST', `/fhir/${path}`, resource);
    expect([alone.status, alone.text]).toEqual([200, expect.stringContaining(member)]);
    const { body } = await server.send('POST', '/fhir', {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ resource, request: { method: 'POST', url: path } }],
    });
    expect(body.entry[0].response.status).toBe('200 OK');
    expect(Object.keys(body.entry[0].resource)).toEqual(Object.keys(alone.body));
  });

  it.each(['ValueSet/$expand', 'Patient/$everything', 'Patient/x/$meta-add', '$immds-forecast'])(
    '%s refuses another',
    async (path) => {
      const { status, body } = await server.send('POST', `/fhir/${path}`, { resourceType: 'Patient' });
      expect([status, body.issue[0].code, body.issue[0].expression]).toEqual([
        400,
        'invalid',
        ['resourceType'],
      ]);
    },
  );
});

it('reads 10,000 items of Parameters, and refuses more, known or not', async () => {
  const items = (count: number, name: string) => ({
    resourceType: 'Parameters',
    parameter: Array.from({ length: count }, () => ({ name, valueString: 'x' })),
  });
  const prefer = { prefer: 'handling=lenient' };
  const post = async (count: number, name: string) =>
    (await server.send('POST', '/fhir/$immds-forecast', items(count, name), prefer)).text;
  expect(await post(10_000, 'nonsense')).toContain('assessmentDate is missing');
  expect(await post(10_001, 'nonsense')).toContain('may have 10000 items');
  expect(await post(10_001, 'immunization')).toContain('may have 10000 items');
});

describe('Prefer: handling=lenient', () => {
  it('passes over what is not known, and says so where the answer has a place for it', async () => {
    const prefer = { prefer: 'handling=lenient' };
    await server.send('PUT', '/fhir/Patient/kind', {
      resourceType: 'Patient',
      id: 'kind',
      birthDate: '2020-01-01',
    });
    const everything = await server.get('/fhir/Patient/kind/$everything?nonsense=1', prefer);
    expect([everything.status, everything.body.entry.at(-1).search.mode]).toEqual([200, 'outcome']);
    expect(everything.text).toContain('nonsense\\" is not known');
    expect(everything.body.link[0].url).not.toContain('nonsense');
    for (const path of ['Patient/kind/$validate', 'Patient/kind/$immds-forecast']) {
      const { status, text } = await server.get(`/fhir/${path}?nonsense=1`, prefer);
      expect([status, text]).toEqual([200, expect.stringContaining('nonsense\\" is not known')]);
    }
    expect((await server.get('/fhir/Patient/kind/$meta?nonsense=1', prefer)).status).toBe(200);
  });
});
