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

describe('near (R4 location.html)', () => {
  beforeAll(async () => {
    const places: [string, number, number][] = [
      ['boston', 42.3601, -71.0589],
      ['cambridge', 42.3736, -71.1097],
      ['corner', 42.405, -71.119],
      ['worcester', 42.2626, -71.8023],
      ['taveuni', -16.8, 179.99],
      ['rabi', -16.5, -179.99],
    ];
    for (const [id, latitude, longitude] of places) {
      const resource = { resourceType: 'Location', id, position: { latitude, longitude } };
      await server.send('PUT', `/fhir/Location/${id}`, resource);
    }
    await server.send('PUT', '/fhir/Location/nowhere', { resourceType: 'Location', id: 'nowhere' });
    await server.send('PUT', '/fhir/Immunization/i', {
      resourceType: 'Immunization',
      id: 'i',
      status: 'completed',
      vaccineCode: { text: 'x' },
      patient: { reference: 'Patient/ann' },
      occurrenceDateTime: '2024',
      location: { reference: 'Location/cambridge' },
    });
  });

  it.each`
    query                                                 | found
    ${'Location?near=42.3601|-71.0589|5|km'}              | ${['boston', 'cambridge']}
    ${'Location?near=42.3601|-71.0589|7.5|km'}            | ${['boston', 'cambridge', 'corner']}
    ${'Location?near=42.3601|-71.0589'}                   | ${['boston', 'cambridge', 'corner']}
    ${'Location?near=42.3601|-71.0589|45|[mi_i]'}         | ${['boston', 'cambridge', 'corner', 'worcester']}
    ${'Location?near=42.36|-71.06|1,42.26|-71.8|5'}       | ${['boston', 'worcester']}
    ${'Location?near=-16.6|-179.9|60'}                    | ${['rabi', 'taveuni']}
    ${'Location?near=0|0|1'}                              | ${[]}
    ${'Location?near:missing=true'}                       | ${['nowhere']}
    ${'Immunization?location.near=42.3601|-71.0589|5|km'} | ${['i']}
    ${'Immunization?location.near=42.2626|-71.8023|5|km'} | ${[]}
  `('$query', async ({ query, found }) => {
    expect(await find(query)).toEqual(found);
  });

  it('counts, pages and refuses like any other', async () => {
    const { body } = await server.get('/fhir/Location?near=42.3601|-71.0589&_count=2&_total=accurate');
    expect([body.total, body.entry.length]).toEqual([3, 2]);
    expect(await find('Location?near=42')).toEqual([400, expect.stringContaining('42.36|-71.06|5|km')]);
  });
});

describe('value sets and code systems of the store', () => {
  const system = 'urn:colours';
  beforeAll(async () => {
    const put = (resource: { resourceType: string; id: string }) =>
      server.send('PUT', `/fhir/${resource.resourceType}/${resource.id}`, resource);
    await put({
      resourceType: 'CodeSystem',
      id: 'colours',
      url: system,
      status: 'active',
      content: 'complete',
      concept: [{ code: 'Red', concept: [{ code: 'Pink' }, { code: 'Ruby' }] }, { code: 'Blue' }],
    } as never);
    await put({
      resourceType: 'ValueSet',
      id: 'warm',
      url: 'urn:warm',
      status: 'active',
      compose: { include: [{ system, filter: [{ property: 'concept', op: 'is-a', value: 'Red' }] }] },
    } as never);
    for (const code of ['Red', 'Pink', 'Blue']) {
      await put({
        resourceType: 'Observation',
        id: code.toLowerCase(),
        status: 'final',
        code: { coding: [{ system, code }] },
      } as never);
    }
  });

  it.each`
    query                                  | found
    ${'code:in=urn:warm'}                  | ${['pink', 'red']}
    ${'code:in=ValueSet/warm'}             | ${['pink', 'red']}
    ${'code:not-in=urn:warm'}              | ${['blue']}
    ${'code:below=urn:colours|Red'}        | ${['pink', 'red']}
    ${'code:above=urn:colours|Pink'}       | ${['pink', 'red']}
    ${'_filter=code in urn:warm'}          | ${['pink', 'red']}
    ${'_filter=code ss "urn:colours|Red"'} | ${['pink', 'red']}
  `('Observation?$query', async ({ query, found }) => {
    expect(await find(`Observation?${query}`)).toEqual(found);
  });

  it('are expanded up to fifty in one search', async () => {
    const names = (count: number) => Array.from({ length: count }, (_, n) => `urn:no:${n}`).join(',');
    const refused = (text: string) => [400, expect.stringContaining(text)];
    expect(await find(`Observation?code:in=${names(50)}`)).toEqual(refused('cannot expand'));
    expect(await find(`Observation?code:in=${names(51)}`)).toEqual(refused('at most 50'));
  });

  it('reads the hierarchy of 50 code systems for one search, and no more', async () => {
    const below = (count: number) =>
      find(`Observation?code:below=${Array.from({ length: count }, (_, n) => `urn:none-${n}|a`).join(',')}`);
    expect(await below(50)).toEqual([400, expect.stringContaining('urn:none-')]);
    expect(await below(51)).toEqual([400, expect.stringContaining('51 code systems of the store')]);
  });

  it('see a change at once, and what is not there is refused', async () => {
    const put = (concept: object[]) =>
      server.send('PUT', '/fhir/ValueSet/cold', {
        resourceType: 'ValueSet',
        id: 'cold',
        url: 'urn:cold',
        status: 'active',
        compose: { include: [{ system, concept }] },
      });
    expect(await find('Observation?code:in=urn:cold')).toEqual([
      400,
      expect.stringContaining('cannot expand'),
    ]);
    expect(await find('Observation?code:in=ValueSet/cold')).toEqual([
      400,
      expect.stringContaining('cannot expand'),
    ]);
    await put([{ code: 'Blue' }]);
    expect(await find('Observation?code:in=urn:cold')).toEqual(['blue']);
    await put([{ code: 'Pink' }]);
    expect(await find('Observation?code:in=urn:cold')).toEqual(['pink']);
    expect(await find('Observation?code:below=urn:colours|Green')).toEqual([
      400,
      expect.stringContaining('hierarchy'),
    ]);
  });
});
