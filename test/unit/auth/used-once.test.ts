import { afterEach, beforeEach, expect, it } from 'vitest';
import { openCodes } from '../../../src/auth/oauth/codes.ts';
import { openLaunches } from '../../../src/auth/oauth/launches.ts';
import { openRequests } from '../../../src/auth/oauth/requests.ts';
import { openRecords } from '../../../src/auth/records/open-records.ts';
import type { EpochMs } from '../../../src/values/instant.ts';
import { openTestStore, type TestStore } from '../../http/open-test-server.ts';

let place: TestStore;
let now: number;
const clock = { now: () => now as EpochMs };
beforeEach(async () => {
  now = Date.UTC(2026, 5, 1);
  place = await openTestStore(undefined, clock);
});
afterEach(() => place.dispose());

const many = <Result>(ask: () => Promise<Result>) => Promise.all(Array.from({ length: 8 }, ask));

it('a code is used by one of many who come at once', async () => {
  const [here, there] = [openCodes(place.store, clock), openCodes(place.store, clock)];
  const grant = { client: 'c', redirect: 'r', challenge: 'x', grant: 'g', authTime: clock.now() };
  const code = await here.issue(grant);
  const used = [...(await many(() => here.use(code))), ...(await many(() => there.use(code)))];
  expect(used.filter(Boolean)).toHaveLength(1);
  // It is remembered as used, so that a thief is seen, and forgotten a day later.
  expect((await there.read(code))?.used).toBe(true);
  now += 25 * 3600_000;
  expect(await there.read(code)).toBeUndefined();
});

it('a launch is taken by one of many', async () => {
  const launches = openLaunches(place.store, clock);
  const handle = await launches.add({ client: 'c', context: { patient: 'p' } });
  expect((await many(() => launches.take(handle))).filter(Boolean)).toHaveLength(1);
  expect(await launches.read(handle)).toBeUndefined();
});

it('a request is answered by who began it alone, signed in then or later, once', async () => {
  const requests = openRequests(place.store, clock);
  const common = { client: 'c', redirect: 'r', state: 's', scopes: [], challenge: 'x', context: {} };
  const at = (since: number) => since as EpochMs;
  const handle = await requests.add({ ...common, subject: 'me', since: at(5) });
  for (const other of [
    { subject: 'other', since: at(6) },
    { subject: 'me', since: at(4) },
  ]) {
    expect(await requests.read(handle, other)).toBeUndefined();
    expect(await requests.take(handle, other)).toBeUndefined();
    expect(await requests.change(handle, other, (there) => there)).toBeUndefined();
  }
  const later = { subject: 'me', since: at(6) };
  expect(await requests.read(handle, { subject: 'me', since: at(5) })).toBeDefined();
  expect((await many(() => requests.take(handle, later))).filter(Boolean)).toHaveLength(1);
});

it('a record is changed on nothing but what is there', async () => {
  const records = openRecords<number>({ store: place.store, collection: 'number' });
  expect(await many(() => records.add('n', 0))).toContain(true);
  await many(() => records.change('n', (value) => value + 1));
  expect(await records.read('n')).toBe(8);
  expect(await records.change('none', (value) => value + 1)).toBeUndefined();
});
