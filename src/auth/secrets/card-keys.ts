import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { type CardKeys, type PublicCardKey, thumbprintOf } from '../../registry/health-cards/card-keys.ts';
import type { Store } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import { OperatorError } from '../../values/operator-error.ts';
import { type KeptKey, type KeyRing, openKeyRing } from './key-ring.ts';
import type { Seal } from './seal.ts';

/** A key a year for longer than anybody lives; more would make a list that no verifier reads. */
const mostKeys = 100;

type Options = { readonly store: Store; readonly seal: () => Seal; readonly clock: Clock };

/** The keys of health cards (ES256): a card is shown for years, so every key that ever signed stays published. */
export function openCardKeys({
  store,
  seal,
  clock,
}: Options): CardKeys & Pick<KeyRing, 'rotate' | 'replace'> {
  const { signer, all, rotate, replace, kept } = openKeyRing({
    store,
    seal,
    clock,
    name: 'cards',
    purpose: 'card-key',
    make: newKey,
    keep: requireRoom,
  });
  return { signer, all, rotate, replace, publicKeys: async () => (await kept()).map(toJwk) };
}

function requireRoom(keys: readonly KeptKey[]): readonly KeptKey[] {
  if (keys.length < mostKeys) return keys;
  throw new OperatorError(
    `There are ${mostKeys} keys of health cards already, and what they signed needs them`,
  );
}

const generate = promisify(generateKeyPair);

async function newKey() {
  const { publicKey, privateKey } = await generate('ec', { namedCurve: 'P-256' });
  const jwk = publicKey.export({ format: 'jwk' });
  return { kid: thumbprintOf(jwk), privateKey, publicKey: jwk };
}

/** SMART Health Cards, "Determining keys associated with an issuer". */
function toJwk({ kid, publicKey }: KeptKey): PublicCardKey {
  const { kty, crv, x, y } = publicKey;
  return { kty, kid, use: 'sig', alg: 'ES256', crv, x, y };
}
