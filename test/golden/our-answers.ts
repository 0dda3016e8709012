import { openTestServer, type TestServer } from '../http/open-test-server.ts';

type Request = readonly [
  name: string,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  body?: object | undefined,
  headers?: Record<string, string>,
];

const cvx = 'http://hl7.org/fhir/sid/cvx';
const jenner = 'https://jenner-iis.org/fhir';
const patient = {
  resourceType: 'Patient',
  id: 'p',
  identifier: [{ system: 'http://example.org/mrn', value: '1' }],
  name: [{ family: 'Roe', given: ['Ann'] }],
  gender: 'female',
  birthDate: '2024-01-01',
  managingOrganization: { reference: 'Organization/o' },
};
const dose = {
  resourceType: 'Immunization',
  id: 'd',
  status: 'completed',
  vaccineCode: { coding: [{ system: cvx, code: '20' }] },
  patient: { reference: 'Patient/p' },
  occurrenceDateTime: '2024-03-01',
};
const organization = { resourceType: 'Organization', id: 'o', name: 'Clinic' };
const bare = { resourceType: 'Patient' };
const entry = (method: string, url: string, resource?: object) => ({
  ...(resource && { resource }),
  request: { method, url },
});
const bundle = (type: string, ...entries: object[]) => ({ resourceType: 'Bundle', type, entry: entries });
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
const jsonPatch = { 'content-type': 'application/json-patch+json' };
/** At 33 weeks. */
const pregnancy = [
  {
    name: 'observation',
    resource: {
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '82810-3' }] },
      effectiveDateTime: '2025-08-01',
      valueCodeableConcept: { coding: [{ system: 'http://snomed.info/sct', code: '77386006' }] },
      component: [
        {
          code: { coding: [{ system: 'http://loinc.org', code: '11778-8' }] },
          valueDateTime: '2026-03-05',
        },
      ],
    },
  },
];
const forecastOf = (birthDate: string, gender: string, ...immunizations: object[]) =>
  parameters(
    { name: 'assessmentDate', valueDate: '2026-01-15' },
    { name: 'patient', resource: { resourceType: 'Patient', birthDate, gender } },
    ...immunizations.map((resource) => ({ name: 'immunization', resource })),
  );

/** One of each kind of answer; the later ones see what the earlier ones wrote. */
const requests: readonly Request[] = [
  ['created', 'PUT', 'Organization/o', organization],
  ['patient created', 'PUT', 'Patient/p', patient],
  ['dose created', 'PUT', 'Immunization/d', dose],
  ['created, outcome asked for', 'POST', 'Patient', patient, { prefer: 'return=OperationOutcome' }],
  ['found by a conditional create', 'POST', 'Patient', patient, { 'if-none-exist': '_id=p' }],
  ['updated', 'PUT', 'Patient/p', { ...patient, active: true }],
  ['patched', 'PATCH', 'Patient/p', [{ op: 'add', path: '/language', value: 'en' }], jsonPatch],
  ['read', 'GET', 'Patient/p'],
  ['summary', 'GET', 'Patient/p?_summary=true'],
  ['version', 'GET', 'Patient/p/_history/1'],
  ['history', 'GET', 'Patient/p/_history'],
  ['history of all', 'GET', '_history?_count=2'],
  ['search', 'GET', 'Immunization?patient=p&_include=Immunization:patient&_total=accurate'],
  ['page', 'GET', 'Patient?_count=1&_sort=_lastUpdated'],
  ['count', 'GET', 'Patient?_summary=count'],
  ['search with a warning', 'GET', 'Patient?colour=red', undefined, { prefer: 'handling=lenient' }],
  ['compartment', 'GET', 'Patient/p/Immunization'],
  ['everything', 'GET', 'Patient/p/$everything'],
  ['batch', 'POST', '', bundle('batch', entry('GET', 'Patient/none'), entry('GET', 'Patient/p'))],
  [
    'transaction',
    'POST',
    '',
    bundle('transaction', entry('POST', 'Patient', bare), entry('GET', 'Patient/p')),
  ],
  ['search in a transaction', 'POST', '', bundle('transaction', entry('GET', 'Patient?_id=p'))],
  [
    'transaction refused',
    'POST',
    '',
    bundle('transaction', entry('POST', 'Patient', { resourceType: 'Group' })),
  ],
  ['unknown', 'GET', 'Patient/none'],
  ['unknown type', 'GET', 'Nothing/1'],
  ['unknown parameter', 'GET', 'Patient?colour=red'],
  ['not valid', 'POST', 'Patient', { resourceType: 'Patient', gender: 'f', birthDate: 'soon' }],
  ['stale', 'PUT', 'Patient/p', patient, { 'if-match': 'W/"1"' }],
  ['referred to', 'DELETE', 'Organization/o'],
  ['valid', 'POST', 'Patient/$validate', patient],
  ['judged not valid', 'POST', 'Patient/$validate', { resourceType: 'Patient', gender: 'f' }],
  ['meta', 'GET', 'Patient/p/$meta'],
  [
    'meta added',
    'POST',
    'Patient/p/$meta-add',
    parameters({ name: 'meta', valueMeta: { tag: [{ code: 'x' }] } }),
  ],
  ['looked up', 'GET', `CodeSystem/$lookup?system=${cvx}&code=20`],
  ['code judged', 'GET', `ValueSet/$validate-code?url=${cvx}/vs&system=${cvx}&code=20&display=DTP`],
  ['subsumed', 'GET', `CodeSystem/$subsumes?system=${cvx}&codeA=20&codeB=03`],
  ['expanded', 'GET', `ValueSet/$expand?url=${jenner}/ValueSet/vaccines-of-varicella`],
  [
    'translated',
    'GET',
    `ConceptMap/$translate?url=${jenner}/ConceptMap/cvx-to-antigen&system=${cvx}&code=94`,
  ],
  ['capabilities', 'GET', 'metadata'],
  ['terminology capabilities', 'GET', 'metadata?mode=terminology'],
  [
    'forecast of a child',
    'POST',
    '$immds-forecast',
    forecastOf('2024-01-01', 'female', { ...dose, id: 'x' }),
  ],
  ['forecast of who is too old', 'POST', '$immds-forecast', forecastOf('1940-01-01', 'male')],
  [
    'forecast by two schedules',
    'POST',
    '$immds-forecast?knowledgeBase=USA-CDC-CDSI&knowledgeBase=USA-MA-DPH',
    forecastOf('1996-01-01', 'female'),
  ],
  [
    'forecast of a pregnancy',
    'POST',
    '$immds-forecast',
    {
      ...forecastOf('1996-01-01', 'female'),
      parameter: [...forecastOf('1996-01-01', 'female').parameter, ...pregnancy],
    },
  ],
  ['forecast explained', 'POST', '$immds-forecast?explain=true', forecastOf('2025-06-01', 'female')],
  ['forecast of the stored', 'GET', 'Patient/p/$immds-forecast?assessmentDate=2026-01-15'],
  ['forecast refused', 'POST', '$immds-forecast', parameters({ name: 'patient', valueString: 'x' })],
  ['deleted', 'DELETE', 'Immunization/d'],
  ['gone', 'GET', 'Immunization/d'],
];

/** Every answer by the name of its request, without what is drawn at random. */
export async function ourAnswers(): Promise<ReadonlyMap<string, object>> {
  const server = await openTestServer();
  try {
    const answers = new Map<string, object>();
    for (const [name, method, url, body, headers] of requests) {
      const { text } = await ask(server, method, `/fhir${url === '' ? '' : `/${url}`}`, body, headers);
      if (text !== '') answers.set(name, JSON.parse(withoutChance(text)));
    }
    return answers;
  } finally {
    await server.close();
  }
}

function ask(server: TestServer, method: Request[1], url: string, body?: object, headers = {}) {
  return method === 'GET' ? server.get(url, headers) : server.send(method, url, body, headers);
}

/** Ids that were drawn by their order, and cursors, which hold them, by none. */
function withoutChance(text: string): string {
  const drawn = new Map<string, string>();
  const named = text.replace(/\b_cursor=[\w-]+/g, '_cursor=next');
  return named.replace(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => {
    const place = drawn.get(id) ?? `00000000-0000-4000-8000-${String(drawn.size + 1).padStart(12, '0')}`;
    drawn.set(id, place);
    return place;
  });
}
