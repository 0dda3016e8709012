import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourceTypes } from '../../src/fhir/resource-type.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  for (const resource of resources)
    await server.send('PUT', `/fhir/${resource.resourceType}/${resource.id}`, resource);
});
afterAll(() => server.close());

const cvx = (code: string) => ({ coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code }] });
const dose = (n: number, patient: string, more: object = {}) => ({
  resourceType: 'Immunization',
  id: `i${n}`,
  status: 'completed',
  vaccineCode: cvx(n % 2 === 0 ? '08' : '140'),
  patient: { reference: `Patient/${patient}` },
  occurrenceDateTime: `2024-01-${String(n).padStart(2, '0')}`,
  ...more,
});
const resources = [
  { resourceType: 'Organization', id: 'clinic', name: 'Harbor Clinic' },
  { resourceType: 'Practitioner', id: 'dr', name: [{ family: 'Ng' }] },
  {
    resourceType: 'Patient',
    id: 'ann',
    identifier: [{ system: 'urn:mrn', value: '1' }],
    name: [{ family: "O'Néill", given: ['Ann'] }],
    gender: 'female',
    birthDate: '2020-02-29',
    managingOrganization: { reference: 'Organization/clinic' },
  },
  { resourceType: 'Patient', id: 'bob', name: [{ family: 'Smith' }], gender: 'male', birthDate: '2019' },
  ...Array.from({ length: 7 }, (_, n) =>
    dose(n + 1, 'ann', { performer: [{ actor: { reference: 'Practitioner/dr' } }] }),
  ),
  dose(8, 'bob', { status: 'not-done' }),
  {
    resourceType: 'Provenance',
    id: 'prov',
    target: [{ reference: 'Immunization/i1' }],
    recorded: '2024-01-01T00:00:00Z',
    agent: [{ who: { reference: 'Organization/clinic' } }],
  },
  {
    resourceType: 'Observation',
    id: 'obs',
    status: 'final',
    code: { text: 'x' },
    subject: { reference: 'Patient/ann' },
  },
];

type Entry = {
  readonly resource: { readonly resourceType: string; readonly id: string };
  readonly search: { readonly mode: string };
};
type Bundle = {
  readonly entry?: readonly Entry[];
  readonly link: readonly { readonly relation: string; readonly url: string }[];
};
const ids = (bundle: Bundle, mode = 'match') =>
  (bundle.entry ?? []).filter(({ search }) => search.mode === mode).map(({ resource }) => resource.id);
const next = (bundle: Bundle) =>
  bundle.link.find(({ relation }) => relation === 'next')?.url.replace('http://jenner.test', '');

describe('search over HTTP (R4 search.html)', () => {
  it.each`
    query                                                  | found
    ${'Patient?identifier=urn:mrn|1'}                      | ${['ann']}
    ${'Patient?name=oneill&birthdate=2020-02-29'}          | ${['ann']}
    ${'Patient?birthdate=ge2020'}                          | ${['ann']}
    ${'Patient?_id=ann,bob'}                               | ${['ann', 'bob']}
    ${'Immunization?patient=bob'}                          | ${['i8']}
    ${'Immunization?patient=Patient/ann&vaccine-code=08'}  | ${['i2', 'i4', 'i6']}
    ${'Immunization?patient=ann&date=gt2024-01-05'}        | ${['i6', 'i7']}
    ${'Immunization?status=not-done'}                      | ${['i8']}
    ${'Immunization?patient.name=smith'}                   | ${['i8']}
    ${'Patient?_has:Immunization:patient:status=not-done'} | ${['bob']}
    ${'Immunization?patient=ann&_sort=-date&_count=2'}     | ${['i7', 'i6']}
    ${'Patient?_lastUpdated=ge2026-01-01&gender=male'}     | ${['bob']}
    ${'Patient/ann/Immunization?vaccine-code=08'}          | ${['i2', 'i4', 'i6']}
    ${'Patient/ann/*?_type=Observation'}                   | ${['obs']}
    ${'?_type=Patient,Practitioner&_id=ann,dr'}            | ${['ann', 'dr']}
  `('$query finds $found', async ({ query, found }) => {
    const { status, body } = await server.get(`/fhir/${query}`);
    expect([status, body.type, ids(body)]).toEqual([200, 'searchset', found]);
  });

  it('pages by links without losing or repeating, while others write', async () => {
    const seen: string[] = [];
    let url: string | undefined = '/fhir/Immunization?patient=ann&_sort=-date&_count=3';
    while (url) {
      const { body }: { body: Bundle } = await server.get(url);
      seen.push(...ids(body));
      await server.send('PUT', `/fhir/Immunization/later${seen.length}`, {
        ...dose(9, 'ann'),
        id: `later${seen.length}`,
        occurrenceDateTime: '2025-01-01',
      });
      url = next(body);
    }
    expect(seen).toEqual(['i7', 'i6', 'i5', 'i4', 'i3', 'i2', 'i1']);
    for (const n of [3, 6, 7]) await server.send('DELETE', `/fhir/Immunization/later${n}`);
  });

  it('keeps the types of a system search from page to page', async () => {
    const { body } = await server.get('/fhir?_type=Patient,Organization&_count=2');
    expect(ids(body)).toEqual(['clinic', 'ann']);
    expect(ids((await server.get(next(body) ?? '')).body)).toEqual(['bob']);
  });

  it('brings what is referred to and what refers to it, each once', async () => {
    const { body } = await server.get(
      '/fhir/Immunization?patient=ann&_include=Immunization:patient&_include:iterate=Patient:organization&_include=Immunization:performer&_revinclude=Provenance:target',
    );
    expect(ids(body)).toHaveLength(7);
    expect([...ids(body, 'include')].sort()).toEqual(['ann', 'clinic', 'dr', 'prov']);
    const typed = await server.get('/fhir/Immunization?_id=i1&_include=Immunization:performer:Organization');
    expect(ids(typed.body, 'include')).toEqual([]);
    const all = await server.get('/fhir/Immunization?_id=i1&_include=*&_revinclude=*');
    expect([...ids(all.body, 'include')].sort()).toEqual(['ann', 'dr', 'prov']);
  });

  it('follows canonical references, with and without a version, both ways', async () => {
    const put = (resource: { resourceType: string; id: string }) =>
      server.send('PUT', `/fhir/${resource.resourceType}/${resource.id}`, resource);
    for (const [id, version] of [
      ['q1', '1'],
      ['q2', '2'],
    ]) {
      const questionnaire = {
        resourceType: 'Questionnaire',
        id: id ?? '',
        status: 'active',
        url: 'urn:q',
        version,
      };
      await put(questionnaire as never);
    }
    for (const [id, questionnaire] of [
      ['r1', 'urn:q|1'],
      ['r2', 'urn:q'],
      ['r3', 'urn:other'],
    ]) {
      const response = {
        resourceType: 'QuestionnaireResponse',
        id: id ?? '',
        status: 'completed',
        questionnaire,
      };
      await put(response as never);
    }
    const included = async (url: string) => [...ids((await server.get(url)).body, 'include')].sort();
    const responses = '/fhir/QuestionnaireResponse?_include=QuestionnaireResponse:questionnaire&_id=';
    expect(await included(`${responses}r1`)).toEqual(['q1']);
    expect(await included(`${responses}r2`)).toEqual(['q2']);
    expect(await included(`${responses}r1,r2,r3`)).toEqual(['q1', 'q2']);
    const reverse = '/fhir/Questionnaire?_revinclude=QuestionnaireResponse:questionnaire&_id=';
    expect(await included(`${reverse}q1`)).toEqual(['r1', 'r2']);
    expect(await included(`${reverse}q2`)).toEqual(['r2']);
  });

  it('counts on request, alone or beside a page', async () => {
    expect((await server.get('/fhir/Immunization?_summary=count')).body).toMatchObject({ total: 8 });
    expect((await server.get('/fhir/Immunization?_count=0')).body.entry).toBeUndefined();
    expect((await server.get('/fhir/Immunization?_total=accurate&_count=2')).body).toMatchObject({
      total: 8,
    });
    expect((await server.get('/fhir/Immunization?_count=2')).body.total).toBeUndefined();
  });

  it('takes the parameters of a form, with those of the URL', async () => {
    const { body } = await server.send(
      'POST',
      '/fhir/Immunization/_search?status=completed',
      'patient=ann&vaccine-code=08',
      {
        'content-type': 'application/x-www-form-urlencoded',
      },
    );
    expect(ids(body)).toEqual(['i2', 'i4', 'i6']);
    const system = await server.send('POST', '/fhir/_search', '_type=Patient&_id=ann', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(ids(system.body)).toEqual(['ann']);
    expect((await server.send('POST', '/fhir/Immunization/_search', '{"a":1}')).status).toBe(415);
  });

  it('refuses what it does not know, or passes over it with a warning when asked to be lenient', async () => {
    const strict = await server.get('/fhir/Patient?nmae=x&birthdate=soon');
    expect(strict.status).toBe(400);
    expect(strict.body.issue.map(({ expression }: { expression: string[] }) => expression[0])).toEqual([
      'http.nmae',
      'http.birthdate',
    ]);
    const lenient = await server.get('/fhir/Patient?nmae=x&name=smith', { prefer: 'handling=lenient' });
    expect(ids(lenient.body)).toEqual(['bob']);
    expect(lenient.body.entry[1]).toMatchObject({
      search: { mode: 'outcome' },
      resource: { issue: [{ severity: 'warning' }] },
    });
    expect(lenient.body.link[0].url).toBe('http://jenner.test/fhir/Patient?name=smith');
  });

  it.each([
    '/fhir/Patient?_cursor=x',
    '/fhir/Patient?name=%E0%A4%A',
    '/fhir/?_type=Pation',
    '/fhir/Patient?gender:exact=x',
  ])('answers 400 to %s', async (url) => {
    expect((await server.get(url)).status).toBe(400);
  });
});

describe('parts of resources (R4 search.html#summary, #elements)', () => {
  const names = (resource: object) => Object.keys(resource).sort();
  const tag = [
    {
      system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
      code: 'SUBSETTED',
      display: 'subsetted',
    },
  ];

  it.each`
    query                              | found
    ${'_elements=birthDate'}           | ${['birthDate', 'id', 'meta', 'resourceType']}
    ${'_elements=Patient.gender,name'} | ${['gender', 'id', 'meta', 'name', 'resourceType']}
    ${'_summary=text'}                 | ${['id', 'meta', 'resourceType']}
    ${'_summary=true'}                 | ${['birthDate', 'gender', 'id', 'identifier', 'managingOrganization', 'meta', 'name', 'resourceType']}
  `('$query answers $found, tagged', async ({ query, found }) => {
    const { body } = await server.get(`/fhir/Patient?_id=ann&${query}`);
    expect(names(body.entry[0].resource)).toEqual(found);
    expect(body.entry[0].resource.meta.tag).toEqual(tag);
    expect((await server.get(`/fhir/Patient/ann?${query}`)).body).toEqual(body.entry[0].resource);
  });

  it('keeps what is mandatory or a modifier', async () => {
    const { body } = await server.get('/fhir/Immunization/i1?_elements=lotNumber');
    expect(names(body)).toEqual([
      'id',
      'meta',
      'occurrenceDateTime',
      'patient',
      'resourceType',
      'status',
      'vaccineCode',
    ]);
    expect((await server.get('/fhir/Immunization/i1?_summary=count')).status).toBe(400);
    expect((await server.get('/fhir/Immunization/i1?_summary=false')).body.meta.tag).toBeUndefined();
  });

  it('leaves what is included whole when only elements are asked for', async () => {
    const { body } = await server.get(
      '/fhir/Immunization?_id=i1&_elements=status&_include=Immunization:patient',
    );
    expect(body.entry[1].resource.birthDate).toBe('2020-02-29');
    const summary = await server.get('/fhir/Immunization?_id=i1&_summary=true&_include=Immunization:patient');
    expect(summary.body.entry[1].resource.meta.tag).toEqual(tag);
  });
});

describe('what a search may ask for', () => {
  const many = (n: number, text: string) => Array.from({ length: n }, () => text);

  it.each([
    ['11 keys of _sort', `_sort=${many(11, 'birthdate').join(',')}`],
    ['201 names of _elements', `_elements=${many(201, 'name').join(',')}`],
    [
      '31 different includes',
      resourceTypes
        .slice(0, 31)
        .map((type) => `_revinclude=${type}:*`)
        .join('&'),
    ],
  ])('is refused with %s', async (_, query) => {
    const server = await openTestServer();
    const { status, body } = await server.get(`/fhir/Patient?${query}`);
    expect([status, body.issue[0].code]).toEqual([400, 'invalid']);
    await server.close();
  });

  const values = (make: (n: number) => string, count: number) =>
    Array.from({ length: count }, (_, n) => make(n)).join(',');
  const repeated = (parameter: string, times: number) => many(times, parameter).join('&');

  it.each<[string, string, number]>([
    ['250 dates', `birthdate=${values(() => 'ge2020-01-01', 125)}`, 200],
    ['500 dates', `birthdate=${values(() => 'ge2020-01-01', 500)}`, 400],
    ['50,000 dates', repeated(`birthdate=${values(() => 'ge2020-01-01', 500)}`, 100), 400],
    ['500 names', `name=${values((n) => `n${n}`, 500)}`, 400],
    ['50,000 names', repeated(`name=${values((n) => `n${n}`, 500)}`, 100), 400],
    [
      '50,000 names behind a chain',
      repeated(`general-practitioner.name=${values((n) => `n${n}`, 500)}`, 100),
      400,
    ],
    ['5,000 ids', repeated(`_id=${values((n) => `i${n}`, 500)}`, 10), 200],
    ['5,500 ids', repeated(`_id=${values((n) => `i${n}`, 500)}`, 11), 400],
    ['4,000 identifiers', repeated(`identifier=${values((n) => `urn:x|${n}`, 500)}`, 8), 200],
  ])('that compares with %s answers as it is bounded', async (_, form, expected) => {
    const server = await openTestServer();
    await server.send('PUT', '/fhir/Patient/p', {
      resourceType: 'Patient',
      id: 'p',
      birthDate: '2020-01-01',
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const { status } = await server.send('POST', '/fhir/Patient/_search', form, headers);
    expect(status).toBe(expected);
    await server.close();
  });

  it('follows an include once that is asked for often', async () => {
    const server = await openTestServer();
    const query = many(90, '_revinclude=Immunization:patient').join('&');
    expect((await server.get(`/fhir/Patient?${query}`)).status).toBe(200);
    await server.close();
  });

  it('goes 16 steps of an iterating include, and says that it stopped', async () => {
    const server = await openTestServer();
    for (let n = 0; n < 25; n++) {
      const partOf = n === 0 ? {} : { partOf: { reference: `Organization/o${n - 1}` } };
      await server.send('PUT', `/fhir/Organization/o${n}`, {
        resourceType: 'Organization',
        id: `o${n}`,
        name: 'O',
        ...partOf,
      });
    }
    const { body } = await server.get('/fhir/Organization?_id=o24&_include:iterate=Organization:partof');
    const modes = body.entry.map(
      (entry: { readonly search: { readonly mode: string } }) => entry.search.mode,
    );
    expect(modes.filter((mode: string) => mode === 'include')).toHaveLength(17);
    expect(modes.at(-1)).toBe('outcome');
    await server.close();
  });
});
