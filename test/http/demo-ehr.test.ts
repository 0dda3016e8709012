import { expect, it } from 'vitest';
import { openEhrs } from '../../src/auth/ehr/ehr-records.ts';
import { addDemoEhr } from '../../src/open-demo-ehr.ts';
import { clockIn } from '../../src/values/clock.ts';
import type { EpochMs } from '../../src/values/instant.ts';
import { utc } from '../../src/values/time-zone.ts';
import { openTestStore } from './open-test-server.ts';

const publicUrl = 'http://127.0.0.1:8080';
const clock = clockIn(utc, { now: () => Date.UTC(2026, 10, 30) as EpochMs });

it('registers the EHR of the demo as a command does, and asks no other', async () => {
  const { store, dispose } = await openTestStore(undefined, clock);
  const { ehr, charts, fetch } = await addDemoEhr({ store, clock, publicUrl, people: 100 });
  expect(await openEhrs(store).byIssuer(`${publicUrl}/demo/lantern/fhir/`)).toMatchObject({
    name: 'Lantern EHR',
    organization: 'demo-o-0001',
    write: true,
  });
  expect(charts.map(({ shows }) => shows)).toEqual(['unreported', 'moved', 'no-live']);
  expect((await fetch(`${ehr.iss}/.well-known/smart-configuration`)).json).toMatchObject({
    token_endpoint: `${publicUrl}/demo/lantern/token`,
  });
  for (const url of [
    'http://169.254.169.254/latest/meta-data',
    `${publicUrl}/demo/lantern-other/fhir`,
    `${publicUrl}/fhir/Patient`,
    `${ehr.iss}/Patient/LX.4104`,
  ]) {
    await expect(fetch(url)).rejects.toMatchObject({ name: 'FetchError' });
  }
  await dispose();
});
