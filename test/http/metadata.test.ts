import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  for (const id of ['a', 'b', 'c']) {
    await server.send('PUT', `/fhir/Patient/${id}`, { resourceType: 'Patient', id });
  }
});
afterAll(() => server.close());

describe('capabilities (R4 http.html#capabilities)', () => {
  it('is full when no mode is asked for', async () => {
    const [plain, full] = [await server.get('/fhir/metadata'), await server.get('/fhir/metadata?mode=full')];
    expect(full.body).toEqual(plain.body);
    expect(full.body.rest[0].resource[0].versioning).toBe('versioned');
  });

  // SMART App Launch 2.2, conformance.html#declaring-support-for-oauth2-endpoints
  it('says where tokens are given out, where they are', async () => {
    const smart = await openTestServer({ auth: 'smart' });
    const { body } = await smart.get('/fhir/metadata');
    const { security } = body.rest[0];
    expect(security.service[0].coding[0]).toMatchObject({ code: 'SMART-on-FHIR' });
    expect(security.extension[0].extension).toContainEqual({
      url: 'token',
      valueUri: 'http://jenner.test/auth/token',
    });
    const issues = smart.context.validation.validator.validate(body, { declared: 'error' });
    expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
    await smart.close();
    expect((await server.get('/fhir/metadata')).body.rest[0].security).toBeUndefined();
  });

  it('leaves out what is for trial use when it is to be normative', async () => {
    const { body } = await server.get('/fhir/metadata?mode=normative');
    expect(body.resourceType).toBe('CapabilityStatement');
    expect(body.patchFormat).toContain('application/xml-patch+xml');
    for (const resource of body.rest[0].resource) {
      const names = Object.keys(resource);
      expect(['type', 'interaction', 'searchParam', 'operation']).toEqual(expect.arrayContaining(names));
    }
  });

  it('answers valid TerminologyCapabilities with the code systems that ship', async () => {
    const { status, body } = await server.get('/fhir/metadata?mode=terminology');
    expect([status, body.resourceType]).toEqual([200, 'TerminologyCapabilities']);
    expect(body.codeSystem.map(({ uri }: { uri: string }) => uri)).toContain('http://hl7.org/fhir/sid/cvx');
    expect(body.expansion.parameter).toContainEqual({ name: 'filter' });
    const issues = server.context.validation.validator.validate(body, { declared: 'error' });
    expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect((await server.get('/fhir/metadata?mode=terminology&_format=xml')).text).toContain(
      '<TerminologyCapabilities',
    );
  });

  it('refuses another mode', async () => {
    const { status, body } = await server.get('/fhir/metadata?mode=all');
    expect([status, body.issue[0].expression]).toEqual([400, ['http.mode']]);
  });
});

describe('_format and _pretty', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const linkOf = (body: { link: { relation: string; url: string }[] }, relation: string) =>
    body.link.find((link) => link.relation === relation)?.url.replace('http://jenner.test', '') ?? '';

  it('count in the form of a POST too, for errors as well', async () => {
    const found = await server.send('POST', '/fhir/Patient/_search', '_id=a&_format=xml&_pretty=true', form);
    expect(found.headers['content-type']).toContain('application/fhir+xml');
    expect(found.text).toContain('\n  <type value="searchset"/>');
    const refused = await server.send('POST', '/fhir/Patient/_search', '_format=xml&nothing=1', form);
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('<OperationOutcome')]);
    expect((await server.send('POST', '/fhir/Patient/_search', '_format=ttl', form)).status).toBe(406);
  });

  it('stay in the links, so that every page comes in the same form', async () => {
    const { body } = await server.get('/fhir/Patient?_count=2&_format=json&_pretty=true');
    const next = linkOf(body, 'next');
    expect(next).toMatch(/_format=json&_pretty=true&_cursor=/);
    const page = await server.get(next, { accept: 'application/fhir+xml' });
    expect(page.text).toContain('\n  "resourceType": "Bundle"');
    expect(page.body.entry).toHaveLength(1);
    const compartment = await server.get('/fhir/Patient/a/*?_format=application%2Ffhir%2Bjson');
    expect(linkOf(compartment.body, 'self')).toContain('_format=application/fhir%2Bjson');
    const history = await server.get('/fhir/Patient/_history?_count=1&_format=json');
    expect(linkOf(history.body, 'next')).toContain('_format=json');
  });
});
