import { createPrivateKey, generateKeyPair, type JsonWebKey, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { Store } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import type { EpochMs } from '../../values/instant.ts';
import { openRecords } from '../records/open-records.ts';
import { newPublicId } from './random-secret.ts';
import type { Seal } from './seal.ts';

/** The newest signs; the others are published as long as something that they signed may be looked at. */
type KeyRing = { readonly keys: readonly KeptKey[] };

type KeptKey = {
  readonly kid: string;
  readonly created: EpochMs;
  readonly publicKey: JsonWebKey;
  /** PKCS #8, sealed. */
  readonly sealed: string;
};

export type SigningKey = { readonly kid: string; readonly privateKey: KeyObject };

/** The server's own keys (RS256), kept in the store so that several servers sign with the same. */
export type SigningKeys = {
  readonly signer: () => Promise<SigningKey>;
  /** RFC 7517; public parts alone. */
  readonly publicKeys: () => Promise<{ readonly keys: readonly object[] }>;
  /** The name of the key that signs from now on. */
  readonly rotate: () => Promise<string>;
};

/** A key that signs no longer is published so long. */
const publishedMs = 30 * 24 * 3600 * 1000;
const mostKeys = 10;
const name = 'signing';
const purpose = 'signing-key';

type Options = { readonly store: Store; readonly seal: Seal; readonly clock: Clock };

export function openSigningKeys({ store, seal, clock }: Options): SigningKeys {
  const records = openRecords<KeyRing>({ store, collection: 'key' });
  const opened = new Map<string, KeyObject>();
  const ringThere = async (): Promise<KeyRing> => {
    const there = await records.read(name);
    if (there) return there;
    const made = { keys: [await newKey(seal, clock)] };
    // Of two servers that start at once, both use what the first has kept.
    if (await records.add(name, made)) return made;
    return ringThere();
  };
  return {
    signer: async () => {
      const [newest] = (await ringThere()).keys;
      if (!newest) throw new Error('there is no key to sign with');
      const privateKey = opened.get(newest.kid) ?? createPrivateKey(seal.open(purpose, newest.sealed));
      opened.set(newest.kid, privateKey);
      return { kid: newest.kid, privateKey };
    },
    publicKeys: async () => ({ keys: (await ringThere()).keys.map(toJwk) }),
    rotate: async () => {
      await ringThere();
      const next = await newKey(seal, clock);
      await records.change(name, ({ keys }) => ({ keys: [next, ...stillPublished(keys, clock)] }));
      return next.kid;
    },
  };
}

/** One that was replaced signed until its successor came. */
function stillPublished(keys: readonly KeptKey[], clock: Clock): readonly KeptKey[] {
  const now = clock.now();
  return keys
    .filter((_, i) => i === 0 || now - (keys[i - 1]?.created ?? now) < publishedMs)
    .slice(0, mostKeys - 1);
}

const generate = promisify(generateKeyPair);

async function newKey(seal: Seal, clock: Clock): Promise<KeptKey> {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return {
    kid: newPublicId(),
    created: clock.now(),
    publicKey: publicKey.export({ format: 'jwk' }),
    sealed: seal.close(purpose, pem),
  };
}

function toJwk({ kid, publicKey }: KeptKey): object {
  const { kty, n, e } = publicKey;
  return { kty, n, e, kid, use: 'sig', alg: 'RS256' };
}
