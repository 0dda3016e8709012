import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { baseUrl, openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer({ declaredProfiles: 'ignore' });
});
afterEach(() => server.close());

const uuid = 'urn:uuid:88888888-1111-4222-8333-444444444444';
const run = (...entry: object[]) =>
  server.send('POST', '/fhir', { resourceType: 'Bundle', type: 'transaction', entry });
const post = (resource: { resourceType: string }, fullUrl?: string) => ({
  ...(fullUrl !== undefined && { fullUrl }),
  resource,
  request: { method: 'POST', url: resource.resourceType },
});
const put = (resource: { resourceType: string; id: string }, fullUrl?: string) => ({
  ...post(resource, fullUrl),
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
});
const organization = { resourceType: 'Organization', name: 'Clinic' };
const div = (content: string) => ({
  status: 'generated',
  div: `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`,
});

describe('links in a transaction (R4 http.html#trules)', () => {
  it('follows elements of type uri and url by whatever name, those of contained resources too', async () => {
    const { body } = await run(
      post(organization, uuid),
      post({
        resourceType: 'Patient',
        contained: [{ resourceType: 'Device', id: 'd', url: uuid, patient: { reference: '#' } }],
        extension: [{ url: 'http://x.org/see', valueUri: uuid }],
        photo: [{ url: uuid }],
        meta: { source: uuid },
      } as never),
      post({
        resourceType: 'Immunization',
        status: 'completed',
        vaccineCode: { text: 'x' },
        patient: { display: 'x' },
        occurrenceString: 'x',
        education: [{ reference: uuid }],
      } as never),
    );
    expect(body.issue).toBeUndefined();
    const [made, { resource: patient }, { resource: dose }] = body.entry;
    const link = `Organization/${made.resource.id}`;
    expect(patient).toMatchObject({
      contained: [{ url: link, patient: { reference: '#' } }],
      extension: [{ url: 'http://x.org/see', valueUri: link }],
      photo: [{ url: link }],
      meta: { source: link },
    });
    expect(dose.education).toEqual([{ reference: link }]);
  });

  it('leaves canonicals, names and values of type uuid and oid as they are', async () => {
    const oid = 'urn:oid:1.2.3';
    const patient = {
      resourceType: 'Patient',
      meta: { profile: [uuid] },
      identifier: [{ system: uuid, value: uuid }],
      maritalStatus: { coding: [{ system: uuid, code: 'M' }] },
      extension: [
        { url: uuid, valueCanonical: uuid },
        { url: 'http://x.org/see', valueUuid: uuid },
        { url: 'http://x.org/see', valueOid: oid },
        { url: 'http://x.org/see', valueString: uuid },
      ],
    };
    const { status, body } = await run(
      post(organization, uuid),
      post(organization, oid),
      post(patient as never),
    );
    expect(status).toBe(200);
    expect(body.entry[2].resource).toMatchObject(patient);
  });

  it('keeps a package of definitions whose fullUrls are their canonical URLs', async () => {
    const url = (type: string) => `http://x.org/fhir/${type}/one`;
    const codeSystem = { url: url('CodeSystem'), valueSet: url('ValueSet'), content: 'complete' };
    const valueSet = {
      url: url('ValueSet'),
      compose: { include: [{ system: url('CodeSystem') }, { valueSet: [url('ValueSet')] }] },
    };
    const map = {
      url: url('ConceptMap'),
      sourceUri: url('ValueSet'),
      group: [
        {
          source: url('CodeSystem'),
          element: [{ code: 'a', target: [{ code: 'b', equivalence: 'equal' }] }],
        },
      ],
    };
    const sent = [
      { resourceType: 'CodeSystem', status: 'active', ...codeSystem },
      { resourceType: 'ValueSet', status: 'active', ...valueSet },
      { resourceType: 'ConceptMap', status: 'active', ...map },
    ];
    const { body } = await run(...sent.map((each) => post(each, each.url)));
    expect(body.issue).toBeUndefined();
    for (const [at, { resource }] of body.entry.entries()) {
      expect(resource).toMatchObject(sent[at] ?? {});
    }
  });

  it('reads narrative as XML: links in any quotes, and no text, comment or other attribute', async () => {
    const sent = (link: string) =>
      `<a href='${link}'>x</a><a title="href='${uuid}'" href = " ${link} ">href="${uuid}"</a>` +
      `<!-- <a href="${uuid}"/> --><img alt="x" src="${link}"/>`;
    const { body } = await run(post({ ...organization, text: div(sent(uuid)) } as never, uuid));
    const link = `Organization/${body.entry[0].resource.id}`;
    expect(body.entry[0].resource.text.div).toBe(div(sent(link).replace(` ${link} `, link)).div);
  });

  it('reads links with references to characters', async () => {
    const fullUrl = 'http://x.org/o?a=1&b=2';
    const { body } = await run(
      post(
        { ...organization, text: div('<a href="http://x.org/o?a=1&amp;b&#61;2">x</a>') } as never,
        fullUrl,
      ),
    );
    expect(body.entry[0].resource.text.div).toContain(`href="Organization/${body.entry[0].resource.id}"`);
  });

  it('leaves what stands in a Bundle that is an entry to its own fullUrls', async () => {
    const own = 'urn:uuid:99999999-1111-4222-8333-444444444444';
    const bundle = {
      resourceType: 'Bundle',
      type: 'collection',
      link: [{ relation: 'self', url: 'Patient?identifier=urn:mrn|none' }],
      entry: [
        { fullUrl: own, resource: organization },
        {
          fullUrl: 'http://x.org/fhir/Patient/p',
          resource: {
            resourceType: 'Patient',
            managingOrganization: { reference: own },
            generalPractitioner: [{ reference: uuid }],
          },
        },
      ],
    };
    const { status, body } = await run(post(organization, uuid), post(bundle));
    expect(status).toBe(200);
    const [made, { resource }] = body.entry;
    expect(resource.entry[0].fullUrl).toBe(own);
    expect(resource.entry[1].resource).toMatchObject({
      managingOrganization: { reference: own },
      generalPractitioner: [{ reference: `Organization/${made.resource.id}` }],
    });
    expect(resource.link[0].url).toBe('Patient?identifier=urn:mrn|none');
  });
});

describe('links that name a version in a transaction', () => {
  const fullUrl = 'http://other.org/fhir/Organization/o';
  const patient = (reference: string) => ({
    resourceType: 'Patient',
    managingOrganization: { reference },
  });
  const referenceIn = (body: { entry: { resource: { managingOrganization: { reference: string } } }[] }) =>
    body.entry.at(-1)?.resource.managingOrganization.reference;

  it.each([`${fullUrl}/_history/7`, 'Organization/o/_history/7'])(
    'points %s at the version that is created',
    async (reference) => {
      const { body } = await run(post(organization, fullUrl), post(patient(reference)));
      const { id } = body.entry[0].resource;
      expect(referenceIn(body)).toBe(`Organization/${id}/_history/1`);
      expect((await server.get(`/fhir/${referenceIn(body)}`)).status).toBe(200);
    },
  );

  it.each`
    what          | name        | version
    ${'changed'}  | ${'Other'}  | ${'2'}
    ${'the same'} | ${'Clinic'} | ${'1'}
  `('points at version $version of an entry that is $what', async ({ name, version }) => {
    await server.send('PUT', '/fhir/Organization/o', { ...organization, id: 'o' });
    const { body } = await run(
      put({ ...organization, id: 'o', name } as never, fullUrl),
      post(patient(`${fullUrl}/_history/7`)),
    );
    expect(referenceIn(body)).toBe(`Organization/o/_history/${version}`);
  });

  it('points at the version that a conditional create found', async () => {
    const identifier = [{ system: 'urn:o', value: '1' }];
    for (const name of ['A', 'B'])
      await server.send('PUT', '/fhir/Organization/o', { ...organization, id: 'o', name, identifier });
    const create = post({ ...organization, identifier } as never, uuid);
    const { body } = await run(
      { ...create, request: { ...create.request, ifNoneExist: 'identifier=urn:o|1' } },
      post(patient(`${uuid}/_history/1`)),
    );
    expect(referenceIn(body)).toBe('Organization/o/_history/2');
  });

  it('leaves a version that this server has', async () => {
    await server.send('PUT', '/fhir/Organization/o', { ...organization, id: 'o' });
    const { body } = await run(
      put({ ...organization, id: 'o', name: 'Other' } as never, `${baseUrl}/Organization/o`),
      post(patient('Organization/o/_history/1')),
    );
    expect(referenceIn(body)).toBe('Organization/o/_history/1');
  });
});
