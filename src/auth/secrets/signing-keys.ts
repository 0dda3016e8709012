import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { Store } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import { type KeptKey, type KeyRing, openKeyRing } from './key-ring.ts';
import { newPublicId } from './random-secret.ts';
import type { Seal } from './seal.ts';

/** The server's own keys (RS256). */
export type SigningKeys = Pick<KeyRing, 'signer' | 'rotate'> & {
  /** RFC 7517; public parts alone. */
  readonly publicKeys: () => Promise<{ readonly keys: readonly object[] }>;
};

/** A key that signs no longer is published so long. */
const publishedMs = 30 * 24 * 3600 * 1000;
const mostKeys = 10;

type Options = { readonly store: Store; readonly seal: Seal; readonly clock: Clock };

export function openSigningKeys({ store, seal, clock }: Options): SigningKeys {
  const { signer, rotate, kept } = openKeyRing({
    store,
    seal: () => seal,
    clock,
    name: 'signing',
    purpose: 'signing-key',
    make: newKey,
    keep: (keys) => stillPublished(keys, clock),
  });
  return { signer, rotate, publicKeys: async () => ({ keys: (await kept()).map(toJwk) }) };
}

/** One that was replaced signed until its successor came. */
function stillPublished(keys: readonly KeptKey[], clock: Clock): readonly KeptKey[] {
  const now = clock.now();
  return keys
    .filter((_, i) => i === 0 || now - (keys[i - 1]?.created ?? now) < publishedMs)
    .slice(0, mostKeys - 1);
}

const generate = promisify(generateKeyPair);

async function newKey() {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 });
  return { kid: newPublicId(), privateKey, publicKey: publicKey.export({ format: 'jwk' }) };
}

function toJwk({ kid, publicKey }: KeptKey): object {
  const { kty, n, e } = publicKey;
  return { kty, n, e, kid, use: 'sig', alg: 'RS256' };
}
