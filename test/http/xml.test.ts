import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseFhirXml } from '../../src/fhir/parse-fhir-xml.ts';
import { loadDefinitions } from '../../src/shipped/validator.ts';
import { openTestServer, type TestAnswer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

const xmlType = 'application/fhir+xml; charset=utf-8';
const asXml = { accept: 'application/fhir+xml' };
const sentXml = { 'content-type': 'application/fhir+xml' };

/** The answer must be FHIR XML; what it is in JSON. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
function readXml({ headers, text }: TestAnswer): any {
  expect(headers['content-type']).toBe(xmlType);
  const parsed = parseFhirXml(text, loadDefinitions());
  expect(parsed, text.slice(0, 500)).toMatchObject({ ok: true });
  return parsed.ok ? parsed.value : undefined;
}

const narrative = '<div xmlns="http://www.w3.org/1999/xhtml"><p>Ann &amp; Co</p></div>';
const patientXml = (id: string) => `<?xml version="1.0" encoding="UTF-8"?>
<Patient xmlns="http://hl7.org/fhir">
  <id value="${id}"/>
  <text><status value="generated"/>${narrative}</text>
  <extension url="http://example.org/weight"><valueDecimal value="1.00"/></extension>
  <active value="true"/>
  <name id="n1"><family value="Åström &lt;x&gt;"/><given value="Ann"/></name>
  <birthDate value="2024-02-01"><extension url="http://example.org/e"><valueCode value="c"/></extension></birthDate>
</Patient>`;

describe('XML in', () => {
  it('is kept as the JSON that says the same', async () => {
    const created = await server.send('PUT', '/fhir/Patient/x1', patientXml('x1'), sentXml);
    expect(created.status).toBe(201);
    expect(created.headers['content-type']).toBe('application/fhir+json; charset=utf-8');
    const { body, text } = await server.get('/fhir/Patient/x1');
    expect(body).toMatchObject({
      text: { status: 'generated', div: narrative },
      active: true,
      name: [{ id: 'n1', family: 'Åström <x>', given: ['Ann'] }],
      birthDate: '2024-02-01',
      _birthDate: { extension: [{ url: 'http://example.org/e', valueCode: 'c' }] },
    });
    expect(text).toContain('"valueDecimal":1.00');
    const again = readXml(await server.get('/fhir/Patient/x1', asXml));
    expect(again).toEqual(body);
    expect((await server.get('/fhir/Patient/x1', asXml)).text).toContain('<valueDecimal value="1.00"/>');
    const same = await server.send('PUT', '/fhir/Patient/x1', patientXml('x1'), sentXml);
    expect([same.status, same.headers['etag']]).toEqual([200, 'W/"1"']);
  });

  it.each(['application/fhir+xml', 'application/xml', 'text/xml', 'application/fhir+xml; charset=UTF-8'])(
    'takes %s',
    async (type) => {
      const answer = await server.send('POST', '/fhir/Patient', patientXml('any'), {
        'content-type': type,
        ...asXml,
      });
      expect(answer.status).toBe(201);
      expect(readXml(answer)).toMatchObject({ resourceType: 'Patient', active: true });
    },
  );

  it('is validated as JSON is', async () => {
    const xml = '<Patient xmlns="http://hl7.org/fhir"><gender value="x"/></Patient>';
    const answer = await server.send('POST', '/fhir/Patient', xml, { ...sentXml, ...asXml });
    expect(answer.status).toBe(400);
    expect(readXml(answer).issue[0]).toMatchObject({ severity: 'error', expression: ['Patient.gender'] });
  });

  it('runs a transaction', async () => {
    const entry = (urn: string, resource: string, type: string) =>
      `<entry><fullUrl value="${urn}"/><resource>${resource}</resource>
       <request><method value="POST"/><url value="${type}"/></request></entry>`;
    const dose = `<Immunization><status value="completed"/>
      <vaccineCode><coding><system value="http://hl7.org/fhir/sid/cvx"/><code value="03"/></coding></vaccineCode>
      <patient><reference value="urn:uuid:6d0f0c0e-0000-4000-8000-000000000001"/></patient>
      <occurrenceDateTime value="2024-03-01"/></Immunization>`;
    const bundle = `<Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/>
      ${entry('urn:uuid:6d0f0c0e-0000-4000-8000-000000000001', '<Patient><name><family value="Tx"/></name></Patient>', 'Patient')}
      ${entry('urn:uuid:6d0f0c0e-0000-4000-8000-000000000002', dose, 'Immunization')}</Bundle>`;
    const answer = await server.send('POST', '/fhir', bundle, { ...sentXml, ...asXml });
    expect(answer.status).toBe(200);
    const { type, entry: entries } = readXml(answer);
    expect(type).toBe('transaction-response');
    expect(entries[1].resource.patient.reference).toBe(`Patient/${entries[0].resource.id}`);
  });

  it('takes 2 MiB and no more, where JSON may be longer', async () => {
    const blank = ' '.repeat(2 * 1024 * 1024);
    const long = `<Patient xmlns="http://hl7.org/fhir">${blank}</Patient>`;
    const refused = await server.send('POST', '/fhir/Patient', long, sentXml);
    expect([refused.status, refused.body.issue[0].code]).toEqual([413, 'too-long']);
    const patch = { 'content-type': 'application/xml-patch+xml' };
    expect((await server.send('PATCH', '/fhir/Patient/x1', `<diff>${blank}</diff>`, patch)).status).toBe(413);
    expect((await server.send('POST', '/fhir/Patient', `${blank}{"resourceType":"Patient"}`)).status).toBe(
      201,
    );
  });

  it('patches by FHIRPath', async () => {
    await server.send('PUT', '/fhir/Patient/x2', patientXml('x2'), sentXml);
    const part = (name: string, value: string) => `<part><name value="${name}"/>${value}</part>`;
    const patch = `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/>
      ${part('type', '<valueCode value="replace"/>')}${part('path', '<valueString value="Patient.active"/>')}
      ${part('value', '<valueBoolean value="false"/>')}</parameter></Parameters>`;
    const answer = await server.send('PATCH', '/fhir/Patient/x2', patch, { ...sentXml, ...asXml });
    expect(answer.status).toBe(200);
    expect(readXml(answer).active).toBe(false);
  });

  it('forecasts', async () => {
    const parameters = `<Parameters xmlns="http://hl7.org/fhir">
      <parameter><name value="assessmentDate"/><valueDate value="2026-01-01"/></parameter>
      <parameter><name value="patient"/><resource><Patient><id value="p"/><gender value="female"/>
        <birthDate value="2024-05-01"/></Patient></resource></parameter></Parameters>`;
    const answer = await server.send('POST', '/fhir/$immds-forecast', parameters, { ...sentXml, ...asXml });
    expect(answer.status).toBe(200);
    const found = readXml(answer);
    expect(found.resourceType).toBe('Parameters');
    const types = found.parameter.map(
      ({ resource }: { resource?: { resourceType: string } }) => resource?.resourceType,
    );
    expect(types).toContain('ImmunizationRecommendation');
  });

  it('is no form', async () => {
    expect((await server.send('POST', '/fhir/Patient/_search', '<a/>', sentXml)).status).toBe(415);
  });
});

describe('XML out', () => {
  it('says the same as JSON: a resource, a search, a history, the capabilities, an operation', async () => {
    await server.send('PUT', '/fhir/Patient/out', {
      resourceType: 'Patient',
      id: 'out',
      contained: [{ resourceType: 'Organization', id: 'o', name: 'O' }],
      managingOrganization: { reference: '#o' },
      name: [{ given: ['A', 'B'], _given: [null, { id: 'b' }] }],
    });
    for (const url of [
      '/fhir/Patient/out',
      '/fhir/Patient?_id=out',
      '/fhir/Patient?_id=nobody',
      '/fhir/Patient?_summary=count',
      '/fhir/Patient/out/_history',
      '/fhir/Patient/out?_summary=true',
      '/fhir/metadata',
      '/fhir/Patient/out/$everything',
      '/fhir/Patient/out/$validate',
      '/fhir/Patient/out/$immds-forecast?assessmentDate=2026-01-01',
    ]) {
      const { status, body } = await server.get(url);
      const xml = await server.get(url, asXml);
      expect([url, xml.status]).toEqual([url, status]);
      const unstable = (value: unknown) =>
        JSON.parse(
          JSON.stringify(value).replace(
            /"(?:id|timestamp|lastUpdated|fullUrl|reference|authored|date)":"[^"]*"/g,
            '"x":""',
          ),
        );
      expect(unstable(sorted(readXml(xml)))).toEqual(unstable(sorted(body)));
    }
  });

  it.each([
    ['/fhir/Patient/nobody', 404, 'not-found'],
    ['/fhir/Nothing', 404, 'not-supported'],
    ['/fhir/Patient?foo=1', 400, 'invalid'],
    ['/fhir/Patient?name=%00%FF', 400, 'value'],
    ['/elsewhere', 404, 'not-found'],
  ])('tells of a failure: %s', async (url, status, code) => {
    const answer = await server.get(url, asXml);
    expect(answer.status).toBe(status);
    expect(readXml(answer)).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code }] });
  });

  // R4 http.html#mime-type
  it.each<[accept: string, query: string, format: 'json' | 'xml']>([
    ['application/fhir+xml', '', 'xml'],
    ['application/xml', '', 'xml'],
    ['text/xml', '', 'xml'],
    ['application/fhir+xml; fhirVersion=4.0', '', 'xml'],
    ['application/fhir+xml, application/fhir+json', '', 'json'],
    ['application/fhir+json;q=0.5, application/fhir+xml;q=0.9', '', 'xml'],
    ['application/fhir+json;q=0.9, application/fhir+xml;q=0.5', '', 'json'],
    ['text/html, application/xml;q=0.9, */*;q=0.8', '', 'xml'],
    ['application/xml;q=0, */*;q=0.1', '', 'json'],
    ['application/fhir+xml; fhirVersion=3.0, application/json;q=0.1', '', 'json'],
    ['*/*', '', 'json'],
    ['application/*', '', 'json'],
    ['application/fhir+json', '_format=xml', 'xml'],
    ['application/fhir+json', '_format=application/fhir+xml', 'xml'],
    ['application/fhir+json', '_format=application%2Fxml', 'xml'],
    ['application/fhir+json', '_format=text/xml', 'xml'],
    ['application/fhir+xml', '_format=json', 'json'],
    ['text/turtle', '_format=xml', 'xml'],
  ])('Accept: %s and ?%s is answered', async (accept, query, format) => {
    const { status, headers } = await server.get(`/fhir/Patient?_count=1&${query}`, { accept });
    expect([status, headers['content-type']]).toEqual([200, `application/fhir+${format}; charset=utf-8`]);
  });

  it.each(['text/turtle', 'application/fhir+xml;q=0', 'application/fhir+xml; fhirVersion=3.0', 'text/html'])(
    'answers 406 to %s, in JSON',
    async (accept) => {
      const { status, body } = await server.get('/fhir/Patient', { accept });
      expect([status, body.resourceType]).toEqual([406, 'OperationOutcome']);
    },
  );

  it('indents with _pretty, and answers HEAD and 304 with the same headers', async () => {
    await server.send('PUT', '/fhir/Patient/pretty', patientXml('pretty'), sentXml);
    const { text } = await server.get('/fhir/Patient/pretty?_pretty=true&_format=xml');
    expect(text).toContain('\n  <id value="pretty"/>\n');
    const held = await server.get('/fhir/Patient/pretty', { ...asXml, 'if-none-match': 'W/"1"' });
    expect([held.status, held.text]).toEqual([304, '']);
    const head = await server.app.inject({ method: 'HEAD', url: '/fhir/Patient/pretty', headers: asXml });
    expect([head.statusCode, head.headers['content-type'], head.body]).toEqual([200, xmlType, '']);
  });

  it('holds what is as deep as JSON allows, inside a Bundle', async () => {
    const deep = (levels: number): object =>
      levels === 0
        ? { url: 'http://example.org/a', valueCode: 'a' }
        : { url: 'http://example.org/a', extension: [deep(levels - 1)] };
    const stored = await server.send('PUT', '/fhir/Patient/deep', {
      resourceType: 'Patient',
      id: 'deep',
      extension: [deep(48)],
    });
    expect(stored.status).toBe(201);
    const answer = await server.get('/fhir/Patient?_id=deep', asXml);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, xmlType]);
    expect(answer.text.split('<extension').length).toBe(50);
  });

  it('is promised by the capability statement', async () => {
    const { format, patchFormat } = readXml(await server.get('/fhir/metadata', asXml));
    expect(format).toEqual(['application/fhir+json', 'application/fhir+xml', 'json', 'xml']);
    expect(patchFormat).toContain('application/fhir+xml');
  });
});

describe('Hostile XML', () => {
  const root = (content: string) => `<Patient xmlns="http://hl7.org/fhir">${content}</Patient>`;
  const laughs = Array.from({ length: 10 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join(
    '',
  );

  it.each<[what: string, body: string | Buffer, expected: string]>([
    [
      'an external entity',
      `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>${root('<id value="&x;"/>')}`,
      'has no DOCTYPE',
    ],
    [
      'an entity bomb',
      `<!DOCTYPE a [<!ENTITY l0 "lol">${laughs}]>${root('<id value="&l10;"/>')}`,
      'has no DOCTYPE',
    ],
    ['a DTD elsewhere', `<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd">${root('')}`, 'has no DOCTYPE'],
    ['a stylesheet', `<?xml-stylesheet href="a.xsl"?>${root('')}`, 'processing instructions'],
    [
      'an inclusion',
      root('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>'),
      'no element',
    ],
    ['a deep tree', root('<extension url="a">'.repeat(100_000)), 'nests deeper than 100 levels'],
    ['a deep tree of nonsense', '<a>'.repeat(100_000), 'in no namespace'],
    [
      'a deep narrative',
      root(`<text><div xmlns="http://www.w3.org/1999/xhtml">${'<p>'.repeat(100_000)}`),
      'nests deeper than 100 levels',
    ],
    [
      'many attributes',
      root(`<id ${Array.from({ length: 2e5 }, (_, i) => `a${i}=""`).join(' ')}/>`),
      'more than 100 attributes',
    ],
    [
      'the same attribute again and again',
      root(`<id ${'a="" '.repeat(300_000)}/>`),
      'more than 100 attributes',
    ],
    [
      'many declarations',
      root(`<id ${Array.from({ length: 1e5 }, (_, i) => `xmlns:a${i}="u"`).join(' ')}/>`),
      'more than 100 attributes',
    ],
    ['a long name', root(`<${'a'.repeat(1.9e6)}/>`), 'no element'],
    ['much text', root('a'.repeat(1.9e6)), 'outside of an attribute'],
    ['a comment without an end', root(`<!--${'-'.repeat(1e6)}`), 'not well-formed'],
    ['broken UTF-8', Buffer.concat([Buffer.from('<Patient xmlns="'), Buffer.from([0xc3, 0x28])]), 'UTF-8'],
    ['UTF-16', Buffer.from(`\ufeff${root('')}`, 'utf16le'), ''],
    [
      'another namespace',
      '<Patient xmlns="http://hl7.org/fhir/"/>',
      'in the namespace "http://hl7.org/fhir/"',
    ],
    ['nothing', '', 'no body'],
    ['JSON', '{"resourceType":"Patient"}', 'not FHIR XML'],
  ])('is refused: %s', async (_what, payload, expected) => {
    const headers = { ...sentXml, ...asXml };
    const answer = await server.app.inject({ method: 'POST', url: '/fhir/Patient', headers, payload });
    expect(answer.statusCode).toBe(400);
    const { issue } = readXml({ status: 400, headers: answer.headers, text: answer.body, body: undefined });
    expect(issue[0].details.text).toContain(expected);
    expect(answer.body).not.toContain('root:');
  });
});

/** With the names of every object in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, sorted(member)]));
}
