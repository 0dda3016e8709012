import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRevocations } from '../../../../src/registry/health-cards/revocations.ts';
import { openTestStore, type TestStore } from '../../../http/open-test-server.ts';

let place: TestStore;
beforeEach(async () => {
  place = await openTestStore();
});
afterEach(() => place.dispose());

async function revoke(kid: string, rid: string, before: number): Promise<void> {
  const changes = await openRevocations(place.store).changes([{ kid, rid, before }]);
  await place.store.writeRecords(changes);
}

it('makes no card good again by a clock that is behind', async () => {
  await revoke('k', 'a', 2000);
  await revoke('k', 'a', 1000);
  const revocations = openRevocations(place.store);
  expect(await revocations.before('k', 'a')).toBe(2000);
  expect(await revocations.list('k')).toEqual({ kid: 'k', method: 'rid', ctr: 2, rids: ['a.2000'] });
});

it('has a list for each key, with all that there is, and an empty one of a key without', async () => {
  for (let i = 0; i < 250; i++) await revoke('k', `r${i}`, 1000);
  await revoke('k2', 'x', 1000);
  const revocations = openRevocations(place.store);
  expect((await revocations.list('k')).rids).toHaveLength(250);
  expect((await revocations.list('k2')).rids).toEqual(['x.1000']);
  expect(await revocations.list('none')).toEqual({ kid: 'none', method: 'rid', ctr: 0, rids: [] });
});
