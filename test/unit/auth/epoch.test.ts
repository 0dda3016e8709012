import { afterEach, beforeEach, expect, it } from 'vitest';
import { openEpoch } from '../../../src/auth/epoch.ts';
import { openTestStore, type TestStore } from '../../http/open-test-server.ts';

let place: TestStore;
beforeEach(async () => {
  place = await openTestStore();
});
afterEach(() => place.dispose());

it('is asked for once a second, and known at once where it was advanced', async () => {
  let now = 0;
  const here = openEpoch(place.store, () => now);
  const there = openEpoch(place.store, () => now);
  const first = await here.present();
  await there.present();
  expect(here.present()).toBe(first);
  await there.advance();
  // This process learns it when a second is over; the other one knows.
  expect(await there.present()).not.toBe(first);
  now = 999;
  expect(here.present()).toBe(first);
  now = 1000;
  const second = await here.present();
  expect(second).not.toBe(first);
  expect(await there.present()).toBe(second);
});
