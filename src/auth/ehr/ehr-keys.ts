import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { Store } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import { type KeptKey, type KeyRing, openKeyRing } from '../secrets/key-ring.ts';
import { newPublicId } from '../secrets/random-secret.ts';
import type { Seal } from '../secrets/seal.ts';

/** By what Jenner is known to EHRs (ES384): they sign nothing but its assertions. */
export type EhrKeys = Pick<KeyRing, 'signer'> & {
  readonly publicKeys: () => Promise<{ readonly keys: readonly object[] }>;
};

const mostKeys = 5;

type Options = { readonly store: Store; readonly seal: Seal; readonly clock: Clock };

export function openEhrKeys({ store, seal, clock }: Options): EhrKeys {
  const { signer, kept } = openKeyRing({
    store,
    seal: () => seal,
    clock,
    name: 'ehr',
    purpose: 'ehr-key',
    make: newKey,
    keep: (keys) => keys.slice(0, mostKeys - 1),
  });
  return {
    signer,
    publicKeys: async () => {
      await signer();
      return { keys: (await kept()).map(toJwk) };
    },
  };
}

const generate = promisify(generateKeyPair);

async function newKey() {
  const { publicKey, privateKey } = await generate('ec', { namedCurve: 'P-384' });
  return { kid: newPublicId(), privateKey, publicKey: publicKey.export({ format: 'jwk' }) };
}

function toJwk({ kid, publicKey: { kty, crv, x, y } }: KeptKey): object {
  return { kty, crv, x, y, kid, use: 'sig', alg: 'ES384', key_ops: ['verify'] };
}
