import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer();
  await put({ resourceType: 'Patient', id: 'ann' });
  await put(dose('i1', 'ann'));
});
afterEach(() => server.close());

const put = (resource: { readonly resourceType: string; readonly id: string }, to: TestServer = server) =>
  to.send('PUT', `/fhir/${resource.resourceType}/${resource.id}`, resource);
const dose = (id: string, patient: string) => ({
  resourceType: 'Immunization',
  id,
  status: 'completed',
  vaccineCode: { text: 'x' },
  patient: { reference: `Patient/${patient}` },
  occurrenceDateTime: '2024-01-01',
});
const run = (...entry: readonly object[]) =>
  server.send('POST', '/fhir', { resourceType: 'Bundle', type: 'transaction', entry });
const remove = (url: string) => ({ request: { method: 'DELETE', url } });
const write = (resource: { readonly resourceType: string; readonly id: string }) => ({
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
});

describe('delete of what others refer to (R4 http.html#delete)', () => {
  it('is 409 and names who refers, until they are gone', async () => {
    const refused = await server.send('DELETE', '/fhir/Patient/ann');
    expect([refused.status, refused.body.issue[0].code]).toEqual([409, 'conflict']);
    expect(refused.body.issue[0].details.text).toContain(
      'Patient/ann cannot be deleted: Immunization/i1 refer',
    );
    expect((await server.get('/fhir/Patient/ann')).status).toBe(200);
    expect((await server.send('DELETE', '/fhir/Immunization/i1')).status).toBe(204);
    expect((await server.send('DELETE', '/fhir/Patient/ann')).status).toBe(204);
  });

  it('names five of many', async () => {
    for (let n = 2; n <= 8; n++) await put(dose(`i${n}`, 'ann'));
    const { body } = await server.send('DELETE', '/fhir/Patient/ann');
    expect(body.issue[0].details.text).toMatch(
      /(?:Immunization\/i\d, ){4}Immunization\/i\d and others refer/,
    );
  });

  it('counts neither the resource itself nor records of the past', async () => {
    await server.send('DELETE', '/fhir/Immunization/i1');
    await put({
      resourceType: 'Patient',
      id: 'ann',
      link: [{ other: { reference: 'Patient/ann' }, type: 'seealso' }],
    } as never);
    await put({
      resourceType: 'Provenance',
      id: 'v',
      target: [{ reference: 'Patient/ann' }],
      recorded: '2024-01-01T00:00:00Z',
      agent: [{ who: { display: 'x' } }],
    } as never);
    expect((await server.send('DELETE', '/fhir/Patient/ann')).status).toBe(204);
  });

  it('counts for a delete by search and for $validate', async () => {
    await put({ resourceType: 'Patient', id: 'bob', active: true } as never);
    await put(dose('i2', 'bob'));
    expect((await server.send('DELETE', '/fhir/Patient?active=true')).status).toBe(409);
    const { body } = await server.get('/fhir/Patient/bob/$validate?mode=delete');
    expect(body.issue[0]).toMatchObject({ severity: 'error', code: 'conflict' });
  });

  it('lets a transaction delete both, or lead the reference elsewhere', async () => {
    expect((await run(remove('Patient/ann'), remove('Immunization/i1'))).status).toBe(200);
    await put({ resourceType: 'Patient', id: 'ann' });
    await put({ resourceType: 'Patient', id: 'bob' });
    await put(dose('i1', 'ann'));
    expect((await run(remove('Patient/ann'), write(dose('i1', 'bob')))).status).toBe(200);
    expect((await server.get('/fhir/Patient/ann')).status).toBe(410);
  });

  it.each`
    what                        | entries
    ${'by another resource'}    | ${[write(dose('i2', 'bob')), remove('Patient/ann')]}
    ${'by what stays as it is'} | ${[write(dose('i1', 'ann')), remove('Patient/ann')]}
    ${'by what it writes'}      | ${[remove('Immunization/i1'), write(dose('i2', 'ann')), remove('Patient/ann')]}
  `('refuses a transaction whose delete is referred to $what', async ({ entries }) => {
    await put({ resourceType: 'Patient', id: 'bob' });
    const { status, body } = await run(...entries);
    expect([status, body.issue[0].code]).toEqual([409, 'conflict']);
    expect(body.issue[0].expression[0]).toMatch(/^Bundle\.entry\[\d\]/);
    expect((await server.get('/fhir/Immunization/i1')).body.meta.versionId).toBe('1');
    expect((await server.get('/fhir/Immunization/i2')).status).toBe(404);
  });

  it('is done where the setting allows it', async () => {
    const lax = await openTestServer({ deleteReferred: 'allow' });
    await put({ resourceType: 'Patient', id: 'ann' }, lax);
    await put(dose('i1', 'ann'), lax);
    expect((await lax.send('DELETE', '/fhir/Patient/ann')).status).toBe(204);
    await lax.close();
  });
});
