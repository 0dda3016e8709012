import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  for (const resource of resources) {
    await server.send('PUT', `/fhir/${resource.resourceType}/${resource.id}`, resource);
  }
});
afterAll(() => server.close());

const resources = [
  { resourceType: 'Patient', id: 'ann', gender: 'female', name: [{ family: 'Ng, Mei' }] },
  { resourceType: 'Patient', id: 'bob', gender: 'male', name: [{ family: 'Ngata' }] },
  { resourceType: 'Patient', id: 'cem', gender: 'male' },
  {
    resourceType: 'List',
    id: 'recall',
    status: 'current',
    mode: 'working',
    entry: [{ item: { reference: 'Patient/ann' } }, { item: { reference: 'Patient/cem' } }],
  },
];

type Entry = { readonly resource: { readonly id: string }; readonly search: { readonly mode: string } };
const find = async (query: string) => {
  const { status, body } = await server.get(`/fhir/${query}`);
  if (status !== 200) return [status, body.issue[0].details.text];
  return (body.entry ?? []).map(({ resource }: Entry) => resource.id);
};

describe('_filter (R4 search_filter.html)', () => {
  it('finds by an expression, beside other parameters', async () => {
    expect(await find('Patient?_filter=family%20eq%20"ng,%20mei"')).toEqual(['ann']);
    expect(await find('Patient?_filter=name sw ng and not (gender eq female)')).toEqual(['bob']);
    expect(await find('Patient?gender=male&_filter=family pr false')).toEqual(['cem']);
    expect(await find('Patient?_filter=family ew ata')).toEqual(['bob']);
  });

  it('says what is wrong, and where', async () => {
    const [status, text] = await find('Patient?_filter=family like "x"');
    expect([status, text]).toEqual([400, expect.stringContaining('from " like')]);
  });

  it('is a criterion of conditional interactions', async () => {
    const url = `/fhir/Patient?_filter=${encodeURIComponent('gender eq male and family eq ngata')}`;
    const answer = await server.send('PUT', url, {
      resourceType: 'Patient',
      active: true,
      gender: 'male',
      name: [{ family: 'Ngata' }],
    });
    expect([answer.status, answer.body.id]).toEqual([200, 'bob']);
  });
});

describe('_list (R4 search.html#list)', () => {
  it.each`
    query                                 | found
    ${'Patient?_list=recall'}             | ${['ann', 'cem']}
    ${'Patient?_list=List/recall'}        | ${['ann', 'cem']}
    ${'Patient?_list=recall&gender=male'} | ${['cem']}
    ${'Patient?_list=none'}               | ${[]}
    ${'Immunization?_list=recall'}        | ${[]}
    ${'?_list=recall'}                    | ${['ann', 'cem']}
  `('$query', async ({ query, found }) => {
    expect(await find(query)).toEqual(found);
  });

  it('refuses a functional list', async () => {
    expect(await find('Patient?_list=$current-problems')).toEqual([
      400,
      expect.stringContaining('no functional lists'),
    ]);
  });
});

describe('what is known and not offered', () => {
  it.each`
    query                                             | text
    ${'Patient?_query=mine'}                          | ${/no named queries/}
    ${'Patient?_graph=x'}                             | ${/not graphs/}
    ${'Patient?_contained=true'}                      | ${/contained resources are not searched/}
    ${'Patient?_contained=both'}                      | ${/contained resources are not searched/}
    ${'Patient?_contained=some'}                      | ${/none of false, true, both/}
    ${'Patient?_contained=false&_containedType=both'} | ${/none of container, contained/}
  `('refuses $query', async ({ query, text }) => {
    expect(await find(query)).toEqual([400, expect.stringMatching(text)]);
  });

  it('takes _contained=false, which is what it does', async () => {
    expect(await find('Patient?_contained=false&_containedType=container&_id=ann')).toEqual(['ann']);
  });
});

describe('_text and _content (R4 search.html#content)', () => {
  let words: TestServer;
  beforeAll(async () => {
    words = await openTestServer({ fullText: true });
    const div = (text: string) => ({
      status: 'generated',
      div: `<div xmlns="http://www.w3.org/1999/xhtml">${text}</div>`,
    });
    const conditions = [
      { id: 'c1', text: div('<b>Bone</b> metastases &amp; p&#97;in'), code: { text: 'Hépatitis-B' } },
      {
        id: 'c2',
        text: div('Liver metastases'),
        code: { coding: [{ system: 'http://snomed.info/sct', code: '66071002' }] },
      },
      { id: 'c3', code: { text: 'Pain in the bone' } },
    ];
    for (const condition of conditions) {
      await words.send('PUT', `/fhir/Condition/${condition.id}`, {
        resourceType: 'Condition',
        subject: { reference: 'Patient/ann' },
        ...condition,
      });
    }
    await words.send('PUT', '/fhir/Patient/ann', { resourceType: 'Patient', id: 'ann' });
  });
  afterAll(() => words.close());

  it.each`
    query                                     | found
    ${'_text=bone'}                           | ${['c1']}
    ${'_text=METASTASES'}                     | ${['c1', 'c2']}
    ${'_text=(bone OR liver) AND metastases'} | ${['c1', 'c2']}
    ${'_text=bone metastases'}                | ${['c1']}
    ${'_text=pain'}                           | ${['c1']}
    ${'_text=bone,liver'}                     | ${['c1', 'c2']}
    ${'_text=meta'}                           | ${['c1', 'c2']}
    ${'_text=div'}                            | ${[]}
    ${'_content=bone'}                        | ${['c1', 'c3']}
    ${'_content=hepatitis'}                   | ${['c1']}
    ${'_content=hepatitis-b'}                 | ${['c1']}
    ${'_content=66071002'}                    | ${['c2']}
    ${'_content=snomed'}                      | ${[]}
    ${'_content=bone&_text=bone'}             | ${['c1']}
  `('$query', async ({ query, found }) => {
    const { body } = await words.get(`/fhir/Condition?${query}`);
    expect((body.entry ?? []).map(({ resource }: Entry) => resource.id)).toEqual(found);
  });

  it('chains', async () => {
    const { body } = await words.get('/fhir/Patient?_has:Condition:patient:_content=liver');
    expect(body.entry).toHaveLength(1);
  });

  it.each(['"bone pain"', 'NOT bone', '(bone', 'bone)', 'OR bone', '--', '', `${'a '.repeat(60)}`])(
    'refuses %j',
    async (value) => {
      expect((await words.get(`/fhir/Condition?_text=${encodeURIComponent(value)}`)).status).toBe(400);
    },
  );

  it('is advertised only where words are indexed, and refused elsewhere', async () => {
    const namesOf = async (at: TestServer) =>
      (await at.get('/fhir/metadata')).body.rest[0].resource[0].searchParam.map(
        ({ name }: { name: string }) => name,
      );
    expect(await namesOf(words)).toContain('_content');
    expect(await namesOf(server)).not.toContain('_content');
    expect(await find('Patient?_text=x')).toEqual([400, expect.stringContaining('JENNER_FULL_TEXT')]);
    expect((await words.get('/fhir/Condition?_sort=_text')).status).toBe(400);
  });
});
