import { calculateJwkThumbprint } from 'jose';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openCardKeys } from '../../../src/auth/secrets/card-keys.ts';
import { passingSeal } from '../../../src/auth/secrets/key-file.ts';
import { openSigningKeys } from '../../../src/auth/secrets/signing-keys.ts';
import type { EpochMs } from '../../../src/values/instant.ts';
import { openTestStore, type TestStore } from '../../http/open-test-server.ts';

let place: TestStore;
let now: number;
const clock = { now: () => now as EpochMs };
beforeEach(async () => {
  place = await openTestStore();
  now = Date.UTC(2026, 0, 1);
});
afterEach(() => place.dispose());

const open = (seal = passingSeal()) => openCardKeys({ store: place.store, seal: () => seal, clock });

it('names each key by its thumbprint, and publishes no private member', async () => {
  const seal = passingSeal();
  const keys = open(seal);
  const { kid } = await keys.signer();
  const [shown] = await keys.publicKeys();
  expect(kid).toBe(await calculateJwkThumbprint(shown as never));
  expect(shown).toMatchObject({ kty: 'EC', crv: 'P-256', use: 'sig', alg: 'ES256', kid });
  expect(Object.keys(shown ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  const kept = (await place.store.readRecord('key', 'cards'))?.value ?? '';
  expect(kept).not.toMatch(/PRIVATE|"d":/);
  const { sealed } = JSON.parse(kept).keys[0];
  expect(seal.open('card-key', sealed)).toContain('PRIVATE KEY');
  expect(() => seal.open('signing-key', sealed)).toThrow();
});

it('publishes every key that ever signed, the newest first, however long ago', async () => {
  const seal = passingSeal();
  const [here, there] = [open(seal), open(seal)];
  const first = (await here.signer()).kid;
  const second = await there.rotate();
  now += 5 * 365 * 24 * 3600 * 1000;
  const third = await here.rotate();
  expect((await there.signer()).kid).toBe(third);
  expect((await there.publicKeys()).map(({ kid }) => kid)).toEqual([third, second, first]);
  expect((await there.all()).map(({ kid }) => kid)).toEqual([third, second, first]);
});

it('publishes no old key any more when one was stolen', async () => {
  const keys = open();
  await keys.rotate();
  const fresh = await keys.replace();
  expect((await keys.publicKeys()).map(({ kid }) => kid)).toEqual([fresh]);
  expect((await keys.signer()).kid).toBe(fresh);
});

it('is no ring of tokens: each rotates by itself', async () => {
  const seal = passingSeal();
  const tokens = openSigningKeys({ store: place.store, seal, clock });
  const before = (await tokens.signer()).kid;
  await open(seal).rotate();
  expect((await tokens.signer()).kid).toBe(before);
});

it('refuses a key more than it keeps, rather than to make cards worthless', async () => {
  const keys = open();
  for (let i = 0; i < 99; i++) await keys.rotate();
  await expect(keys.rotate()).rejects.toThrow(/100 keys/);
  expect(await keys.publicKeys()).toHaveLength(100);
}, 60_000);
