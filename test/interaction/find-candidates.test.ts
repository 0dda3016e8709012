import type { Patient } from 'fhir/r4.js';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { updateResource } from '../../src/interaction/update-resource.ts';
import { findCandidates, mostCandidates } from '../../src/registry/matching/find-candidates.ts';
import { matchKeyCode } from '../../src/registry/matching/match-index.ts';
import { toMatchRecord } from '../../src/registry/matching/to-match-record.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';

const ssn = [{ system: 'http://hl7.org/fhir/sid/us-ssn', value: '401-22-7193' }];
const smith: Patient = {
  resourceType: 'Patient',
  name: [{ family: 'Smith', given: ['Olivia'] }],
  birthDate: '2015-06-01',
  address: [{ line: ['1 Elm St'], city: 'Boston', postalCode: '02118' }],
};
/** Of one name in one town, and born in other years. */
const crowd = Array.from(
  { length: mostCandidates + 40 },
  (_, n): Patient => ({
    ...smith,
    birthDate: `${1900 + (n % 100)}-02-03`,
    address: [{ line: [`${n + 10} Oak Ave`], city: 'Boston', postalCode: '02118' }],
  }),
);

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  const people: readonly (readonly [id: string, patient: Patient])[] = [
    ...crowd.map((patient, n) => [`crowd-${n}`, patient] as const),
    // Its id is behind those of the crowd, and it shares the rarest key alone.
    [
      'z-renamed',
      { ...smith, name: [{ family: 'Bell', given: ['Una'] }], birthDate: '1950-01-09', identifier: ssn },
    ],
    ['z-same', smith],
  ];
  for (const [id, patient] of people) {
    const key = { type: 'Patient', id: id as ResourceId } as const;
    await updateResource(server.ctx, key, { resource: { ...patient, id } as never, exactNumbers: false });
  }
});
afterAll(() => server.close());

const idsOf = async (patient: Patient, query = {}) =>
  (await findCandidates(server.ctx.view, toMatchRecord(patient), query)).map(({ stored }) => stored.id);

it('finds who shares the rarest key among many who share a common one', async () => {
  const ids = await idsOf({ ...smith, identifier: ssn });
  expect(ids).toHaveLength(mostCandidates);
  expect(ids).toEqual(expect.arrayContaining(['z-renamed', 'z-same']));
  expect(new Set(ids).size).toBe(ids.length);
});

it('asks the store once where few share any key, and not at all where there is none', async () => {
  const search = vi.spyOn(server.ctx.view, 'search');
  const { address: _, ...homeless } = smith;
  expect(await idsOf(homeless)).toEqual(['z-same']);
  expect(search).toHaveBeenCalledTimes(1);
  expect(await idsOf({ resourceType: 'Patient' })).toEqual([]);
  expect(search).toHaveBeenCalledTimes(1);
  search.mockRestore();
});

it('leaves out who is no candidate, and whom it is narrowed to', async () => {
  const { address: _, ...homeless } = smith;
  expect(await idsOf(homeless, { except: new Set(['z-same']) })).toEqual([]);
  expect(await idsOf(homeless, { narrow: () => ({ kind: 'or', of: [] }) })).toEqual([]);
});

it('finds by what a Patient says now', async () => {
  const key = { type: 'Patient', id: 'z-moving' as ResourceId } as const;
  const write = (patient: Patient) =>
    updateResource(server.ctx, key, { resource: { ...patient, id: key.id } as never, exactNumbers: false });
  const person = { ...smith, name: [{ family: 'Quist', given: ['Per'] }], birthDate: '1961-11-30' };
  const later = { ...person, birthDate: '1962-12-01', address: [{ city: 'Lowell' }] };
  await write(person);
  expect(await idsOf(person)).toEqual(['z-moving']);
  await write(later);
  expect(await idsOf(person)).toEqual([]);
  expect(await idsOf(later)).toEqual(['z-moving']);
});

it('is no search parameter that a client could ask by', async () => {
  const answer = await server.get(`/fhir/Patient?${matchKeyCode}=s401227193`, { prefer: 'handling=strict' });
  expect(answer.status).toBe(400);
  expect((await server.get('/fhir/metadata')).text).not.toContain(matchKeyCode);
});
