import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Forecasts, forecastsInJob, readerOf } from '../../src/export/forecasts.ts';
import { Problem } from '../../src/fhir/problem.ts';
import { everything } from '../../src/search/filter.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';
import { callerFor } from '../unit/access/access-world.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  for (const [id, gender] of [
    ['f', 'female'],
    ['m', 'male'],
  ] as const) {
    await server.send('PUT', `/fhir/Patient/${id}`, { resourceType: 'Patient', id, gender });
  }
});
afterAll(() => server.close());

const asked = { type: 'ImmunizationRecommendation', asOf: '2026-01-01' } as const;
const anybody = 'f' as ResourceId;
/** Answers the ids of the Patients that who forecasts sees. */
const seen: Forecasts = async ({ view }) => {
  const query = { types: ['Patient'], filter: everything, sort: [], count: 10 } as const;
  return { texts: (await view.search(query)).matches.map(({ id }) => id) };
};

describe('forecasts of a job', () => {
  it('are made by what the caller sees who asked, and of all where that is everything', async () => {
    const reader = readerOf(callerFor({ scopes: 'system/Patient.rs?gender=male', name: 'client:some' }));
    const forecast = forecastsInJob(seen, server.ctx);
    expect((await forecast(anybody, { ...asked, reader })).texts).toEqual(['m']);
    expect((await forecast(anybody, asked)).texts).toEqual(['f', 'm']);
    expect(readerOf({ kind: 'system', name: 'cli' })).toBeUndefined();
  });

  it('can be kept with the job, which another server goes on with', async () => {
    const reader = readerOf(callerFor({ scopes: 'system/Patient.rs?gender=male', name: 'client:some' }));
    const kept = JSON.parse(JSON.stringify(reader));
    expect((await forecastsInJob(seen, server.ctx)(anybody, { ...asked, reader: kept })).texts).toEqual([
      'm',
    ]);
  });

  it.each(['not-found', 'gone'] as const)('say so of who is no longer there (%s)', async (kind) => {
    const forecast = forecastsInJob(async () => {
      throw new Problem(kind, 'no words of this');
    }, server.ctx);
    expect(await forecast(anybody, asked)).toEqual({ texts: [], failure: 'the record is no longer there' });
  });

  it('fail where the server does', async () => {
    const forecast = forecastsInJob(async () => {
      throw new Problem('busy', 'later');
    }, server.ctx);
    await expect(forecast(anybody, asked)).rejects.toThrow('later');
  });
});
