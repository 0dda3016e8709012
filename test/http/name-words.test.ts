import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

/** R4: what `name` looks at a server defines. Here: the beginning of any word of any part. */
describe('searching people by name', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await openTestServer();
    await put('long', {
      name: [{ family: 'Rodríguez-O’Shaughnessy de la Vega', given: ['María José', 'Ana'] }],
    });
    await put('diallo', { name: [{ family: 'Diallo-Gaines', given: ['Omar'] }] });
    await put('straight', { name: [{ family: "d'Angelo", given: ['Rosa'] }] });
    await put('plain', { name: [{ family: 'Vegas', given: ['Una'] }] });
    await server.send('PUT', '/fhir/Practitioner/doc', {
      resourceType: 'Practitioner',
      id: 'doc',
      name: [{ family: 'van der Berg', given: ['Jo'] }],
    });
    await server.send('PUT', '/fhir/Organization/org', {
      resourceType: 'Organization',
      id: 'org',
      name: 'Harbor Vega',
    });
  });
  afterAll(() => server.close());

  const put = (id: string, more: object) =>
    server.send('PUT', `/fhir/Patient/${id}`, { resourceType: 'Patient', id, ...more });

  async function found(query: string): Promise<readonly string[]> {
    const { body } = await server.get(`/fhir/${query}`);
    return (body.entry ?? []).map(
      ({ resource }: { readonly resource: { readonly id: string } }) => resource.id,
    );
  }

  it.each([
    ['name=vega', ['long', 'plain']],
    ['name=Vega&name=jose', ['long']],
    ['name=la vega', ['long']],
    ["name=O'Shaughnessy", ['long']],
    ['name=shaughn', ['long']],
    ['name=rodriguez oshau', ['long']],
    ['name=gaines', ['diallo']],
    ['name=angelo', ['straight']],
    ['name=Angelo,gaines', ['diallo', 'straight']],
    ['name=ega', []],
    ['name:contains=ega', ['long', 'plain']],
    ['name:exact=Vega', []],
    ['name:exact=de la Vega', []],
    ['family=vega', ['plain']],
    ['given=jose', []],
    ['_filter=name eq "vega"', []],
  ])('finds by %s whoever has such a word', async (query, ids) => {
    expect([...(await found(`Patient?${query}`))].sort()).toEqual(ids);
  });

  it('finds all kinds of people so, and through chains, but organizations by their whole name', async () => {
    expect(await found('Practitioner?name=berg')).toEqual(['doc']);
    expect(await found('Organization?name=vega')).toEqual([]);
    expect(await found('?_type=Organization,Practitioner&name=berg')).toEqual(['doc']);
    await put('theirs', {
      name: [{ family: 'Ek' }],
      generalPractitioner: [{ reference: 'Practitioner/doc' }],
    });
    expect(await found('Patient?general-practitioner:Practitioner.name=berg')).toEqual(['theirs']);
  });

  it('sorts by whole parts', async () => {
    expect(await found('Patient?name=vega&_sort=-name')).toEqual(['plain', 'long']);
  });
});
