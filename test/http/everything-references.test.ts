import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

type Entry = { readonly resource: { readonly id: string }; readonly search: { readonly mode: string } };
const ids = (body: { readonly entry?: readonly Entry[] }, mode: string) =>
  (body.entry ?? []).filter(({ search }) => search.mode === mode).map(({ resource }) => resource.id);

describe('Patient/[id]/$everything', () => {
  it('answers what is referred to where no search parameter leads, once, of who gives care, and nothing else that looks like it', async () => {
    const references = [
      { authority: { reference: 'Organization/board' }, doseNumberString: '1' },
      { authority: { reference: 'Organization/board/_history/1' }, doseNumberString: '2' },
      { authority: { reference: 'http://jenner.test/fhir/Organization/clinic' }, doseNumberString: '3' },
      { authority: { reference: 'http://elsewhere.test/fhir/Organization/other' }, doseNumberString: '4' },
      { authority: { reference: '#here' }, doseNumberString: '5' },
      { authority: { display: '"reference":"Organization/other"' }, doseNumberString: '6' },
    ];
    for (const id of ['board', 'clinic', 'other']) {
      await server.send('PUT', `/fhir/Organization/${id}`, { resourceType: 'Organization', id, name: id });
    }
    for (const id of ['cid', 'dora']) {
      await server.send('PUT', `/fhir/Patient/${id}`, { resourceType: 'Patient', id });
    }
    await server.send('PUT', '/fhir/Immunization/cid-i', {
      resourceType: 'Immunization',
      id: 'cid-i',
      contained: [{ resourceType: 'Organization', id: 'here', name: 'Here' }],
      status: 'completed',
      vaccineCode: { text: 'x' },
      patient: { reference: 'Patient/cid' },
      occurrenceDateTime: '2024-06-01',
      extension: [{ url: 'http://jenner.test/friend', valueReference: { reference: 'Patient/dora' } }],
      protocolApplied: references,
    });
    const { body } = await server.get('/fhir/Patient/cid/$everything');
    expect([ids(body, 'match'), ids(body, 'include')]).toEqual([
      ['cid', 'cid-i'],
      ['board', 'clinic'],
    ]);
  });
});
