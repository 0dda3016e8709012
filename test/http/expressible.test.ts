import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

const xmlType = { 'content-type': 'application/fhir+xml' };
const div = (content: string) => `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`;
const text = (xhtml: string) => ({ text: { status: 'generated', div: xhtml } });
const organization = { resourceType: 'Organization', name: 'Clinic' };
const related = { resourceType: 'RelatedPerson', patient: { reference: '#' } };
const managed = (contained: object[], reference = '#o') => ({
  contained,
  managingOrganization: { reference },
});

describe('what nothing would find again is refused when it is written', () => {
  it.each<[what: string, members: object, expression: string]>([
    ['a contained resource without id', { contained: [related] }, 'Patient.contained[0].id'],
    [
      'two contained resources with one id',
      managed([
        { ...organization, id: 'o' },
        { ...organization, id: 'o', name: 'Other' },
      ]),
      'Patient.contained[1].id',
    ],
    ['an element id with a blank', { name: [{ id: 'a b', family: 'x' }] }, 'Patient.name[0].id'],
    [
      'the id of a primitive with a line end',
      { birthDate: '2024', _birthDate: { id: 'a\nb' } },
      'Patient.birthDate.id',
    ],
    ['a reference that begins with a slash', managed([], '/Organization/o'), 'Patient.managingOrganization'],
    [
      'a narrative that begins with a declaration',
      text(`<?xml version="1.0"?>${div('a')}`),
      'Patient.text.div',
    ],
    ['a comment beside the narrative', text(`<!-- a -->${div('a')}`), 'Patient.text.div'],
    ['a comment behind the narrative', text(`${div('a')}<!-- a -->`), 'Patient.text.div'],
    ['a narrative after a byte order mark', text(`\ufeff${div('a')}`), 'Patient.text.div'],
    [
      'a narrative that nests deeper than XML is read',
      text(div(`${'<b>'.repeat(100)}a${'</b>'.repeat(100)}`)),
      'Patient.text.div',
    ],
    ['what XML has no character for', { name: [{ family: 'a\ufffeb' }] }, 'Patient.name[0].family'],
  ])('%s', async (_, members, expression) => {
    const sent = { resourceType: 'Patient', ...members };
    const cleaned = JSON.parse(
      JSON.stringify(sent, (_key, value) => (value?.length === 0 ? undefined : value)),
    );
    const { status, body } = await server.send('POST', '/fhir/Patient', cleaned);
    expect(status).toBe(400);
    const [issue] = body.issue;
    expect([issue.severity, issue.expression[0].startsWith(expression)]).toEqual(['error', true]);
    const entry = [{ resource: cleaned, request: { method: 'POST', url: 'Patient' } }];
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
    expect((await server.send('POST', '/fhir', bundle)).status).toBe(400);
  });

  // R4 datatypes.html#integer
  it.each(['1.0', '1e2', '-0', '10.0e0'])('%s as an integer, in JSON and XML', async (number) => {
    const json = `{"resourceType":"Patient","multipleBirthInteger":${number}}`;
    expect((await server.send('POST', '/fhir/Patient', json)).status).toBe(400);
    const xml = `<Patient xmlns="http://hl7.org/fhir"><multipleBirthInteger value="${number}"/></Patient>`;
    expect((await server.send('POST', '/fhir/Patient', xml, xmlType)).status).toBe(400);
  });
});

describe('blanks round XML attribute values (R4 xml.html)', () => {
  const patient = (content: string) => `<Patient xmlns="http://hl7.org/fhir">${content}</Patient>`;
  const sent = patient(
    '<extension url=" http://x.org/e "><valueDecimal value="\t1.00\r\n"/></extension>' +
      "<active value=' true '/><name id=' n '><family value='  A  B  '/></name>" +
      '<gender value=" male&#x20;"/><birthDate value="\n2024-01-02 "/>',
  ).replace('male&#x20;', 'male');

  it('are passed over', async () => {
    const {
      status,
      body,
      text: written,
    } = await server.send('POST', '/fhir/Patient', sent, {
      ...xmlType,
      accept: 'application/fhir+json',
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      extension: [{ url: 'http://x.org/e' }],
      active: true,
      name: [{ id: 'n', family: 'A  B' }],
      gender: 'male',
      birthDate: '2024-01-02',
    });
    expect(written).toContain('"valueDecimal":1.00');
  });

  it.each(['gender', 'birthDate'])('are not when they are written as references (%s)', async (name) => {
    const { status } = await server.send(
      'POST',
      '/fhir/Patient',
      patient(`<${name} value="2024&#32;"/>`),
      xmlType,
    );
    expect(status).toBe(400);
  });

  it('leave nothing of a value that is nothing else', async () => {
    const answer = await server.send(
      'POST',
      '/fhir/Patient',
      patient('<name><family value=" "/></name>'),
      xmlType,
    );
    expect(answer.status).toBe(400);
  });

  it('stay on strings that were written as JSON, through XML and XML Patch', async () => {
    const name = [{ family: ' \tA  ', given: ['  '] }];
    await server.send('PUT', '/fhir/Patient/blank', { resourceType: 'Patient', id: 'blank', name });
    const { text: xml } = await server.get('/fhir/Patient/blank?_format=xml');
    await server.send('PUT', '/fhir/Patient/blank', xml, xmlType);
    const patch =
      '<diff><add sel="Patient"><active xmlns="http://hl7.org/fhir" value=" true "/></add></diff>';
    const patched = await server.send(
      'PATCH',
      '/fhir/Patient/blank',
      patch.replace('<diff', '<diff xmlns="http://hl7.org/fhir"'),
      {
        'content-type': 'application/xml-patch+xml',
        accept: 'application/fhir+json',
      },
    );
    expect(patched.status).toBe(200);
    expect(patched.body).toMatchObject({ name, active: true });
  });
});

describe('$validate?profile= of what R4 itself defines', () => {
  const base = 'http://hl7.org/fhir/StructureDefinition/';
  const severities = async (profile: string, resource: object) => {
    const { body } = await server.send('POST', `/fhir/Patient/$validate?profile=${base}${profile}`, resource);
    return body.issue.map(({ severity }: { severity: string }) => severity);
  };

  it.each([
    ['Patient', true],
    ['Patient|4.0.1', true],
    ['DomainResource', true],
    ['Resource', true],
    ['Observation', false],
    ['HumanName', false],
    ['Nothing', false],
  ])('%s: %s', async (profile, isRight) => {
    const found = await severities(encodeURIComponent(profile), { resourceType: 'Patient' });
    expect(found.includes('error')).toBe(!isRight);
  });

  it('knows that a Bundle is no DomainResource', async () => {
    const bundle = { resourceType: 'Bundle', type: 'collection' };
    const { body } = await server.send(
      'POST',
      `/fhir/Bundle/$validate?profile=${base}DomainResource`,
      bundle,
    );
    expect(body.issue[0].severity).toBe('error');
  });
});
