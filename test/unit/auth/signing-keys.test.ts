import { createPublicKey } from 'node:crypto';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSeal, passingSeal } from '../../../src/auth/secrets/key-file.ts';
import { openSigningKeys } from '../../../src/auth/secrets/signing-keys.ts';
import type { EpochMs } from '../../../src/values/instant.ts';
import { openTestStore, type TestStore } from '../../http/open-test-server.ts';
import { useFolder } from '../../use-folder.ts';

const folder = useFolder();
let place: TestStore;
let now: number;
const clock = { now: () => now as EpochMs };
beforeEach(async () => {
  place = await openTestStore();
  now = Date.UTC(2026, 0, 1);
});
afterEach(() => place.dispose());

const day = 24 * 3600 * 1000;
const names = async (keys: ReturnType<typeof openSigningKeys>) =>
  (await keys.publicKeys()).keys.map((key) => (key as { readonly kid: string }).kid);

it('lets two servers that start at once sign with the same key', async () => {
  const seal = passingSeal();
  const servers = [1, 2, 3].map(() => openSigningKeys({ store: place.store, seal, clock }));
  const signers = await Promise.all(servers.map((keys) => keys.signer()));
  expect(new Set(signers.map(({ kid }) => kid)).size).toBe(1);
});

it('signs with a new key after a rotation, also in another process, and publishes the old one for 30 days', async () => {
  const seal = passingSeal();
  const [here, there] = [1, 2].map(() => openSigningKeys({ store: place.store, seal, clock }));
  if (!here || !there) throw new Error('two were opened');
  const first = (await here.signer()).kid;
  const second = await there.rotate();
  expect((await here.signer()).kid).toBe(second);
  expect(await names(here)).toEqual([second, first]);
  now += 31 * day;
  const third = await here.rotate();
  // The first was replaced 31 days ago, the second just now.
  expect(await names(there)).toEqual([third, second]);
});

it('publishes no private member, and keeps none that can be read', async () => {
  const keys = openSigningKeys({ store: place.store, seal: passingSeal(), clock });
  const { kid } = await keys.signer();
  const [shown] = (await keys.publicKeys()).keys;
  expect(Object.keys(shown ?? {}).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  expect(createPublicKey({ key: shown as never, format: 'jwk' }).asymmetricKeyDetails?.modulusLength).toBe(
    2048,
  );
  const kept = (await place.store.readRecord('key', 'signing'))?.value ?? '';
  expect(kept).toContain(kid);
  expect(kept).not.toMatch(/PRIVATE|"d":/);
});

it('does not sign with keys that another key file has sealed', async () => {
  await openSigningKeys({ store: place.store, seal: passingSeal(), clock }).signer();
  const stranger = openSigningKeys({ store: place.store, seal: passingSeal(), clock });
  await expect(stranger.signer()).rejects.toThrow(/key file does not open/);
});

it('makes a key file that only its owner may read, once', () => {
  const first = openSeal({ file: undefined, data: folder.path });
  expect(statSync(folder.at('keys/seal.key')).mode & 0o777).toBe(0o600);
  const again = openSeal({ file: undefined, data: folder.path });
  expect(again.open('x', first.close('x', 'secret'))).toBe('secret');
  expect(() => again.open('y', first.close('x', 'secret'))).toThrow(/does not open/);
});

it.each([
  ['that others may read', 0o640, '0'.repeat(64), /chmod 600/],
  ['that holds no key', 0o600, 'short', /64 hexadecimal digits/],
])('refuses a key file %s', (_, mode, text, message) => {
  writeFileSync(folder.at('k'), text);
  chmodSync(folder.at('k'), mode);
  expect(() => openSeal({ file: folder.at('k'), data: folder.path })).toThrow(message);
});

it('makes no key file where the operator has named one', () => {
  expect(() => openSeal({ file: folder.at('none'), data: folder.path })).toThrow(/not there/);
});
