import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { Store } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import type { EpochMs } from '../../values/instant.ts';
import { openRecords } from '../records/open-records.ts';
import type { Seal } from './seal.ts';

/** The newest signs; the others are published as long as something that they signed may be looked at. */
type KeptRing = { readonly keys: readonly KeptKey[] };

export type KeptKey = {
  readonly kid: string;
  readonly created: EpochMs;
  readonly publicKey: JsonWebKey;
  /** PKCS #8, sealed. */
  readonly sealed: string;
};

export type SigningKey = { readonly kid: string; readonly privateKey: KeyObject };

export type MadeKey = SigningKey & { readonly publicKey: JsonWebKey };

/** Keys of one use; they are kept in the store so that several servers sign with the same. */
export type KeyRing = {
  /** Made where there is none yet. */
  readonly signer: () => Promise<SigningKey>;
  readonly all: () => Promise<readonly SigningKey[]>;
  readonly kept: () => Promise<readonly KeptKey[]>;
  /** The name of the key that signs from now on. */
  readonly rotate: () => Promise<string>;
  /** The same, and the old ones are published no more: what they signed is worth nothing. */
  readonly replace: () => Promise<string>;
};

type Options = {
  readonly store: Store;
  /** Asked for when a key is made or signs. */
  readonly seal: () => Seal;
  readonly clock: Clock;
  /** The name of the record. */
  readonly name: string;
  /** What the keys are sealed for. */
  readonly purpose: string;
  readonly make: () => Promise<MadeKey>;
  /** Those of the keys up to now that stay when another comes. */
  readonly keep: (keys: readonly KeptKey[]) => readonly KeptKey[];
};

export function openKeyRing({ store, seal, clock, name, purpose, make, keep }: Options): KeyRing {
  const records = openRecords<KeptRing>({ store, collection: 'key' });
  const opened = new Map<string, KeyObject>();
  const newKey = async (): Promise<KeptKey> => {
    const { kid, publicKey, privateKey } = await make();
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { kid, created: clock.now(), publicKey, sealed: seal().close(purpose, pem) };
  };
  const ringThere = async (): Promise<KeptRing> => {
    const there = await records.read(name);
    if (there) return there;
    const made = { keys: [await newKey()] };
    // Of two servers that start at once, both use what the first has kept.
    if (await records.add(name, made)) return made;
    return ringThere();
  };
  const open = ({ kid, sealed }: KeptKey): SigningKey => {
    const privateKey = opened.get(kid) ?? createPrivateKey(seal().open(purpose, sealed));
    opened.set(kid, privateKey);
    return { kid, privateKey };
  };
  const add = async (stays: Options['keep']) => {
    await ringThere();
    const next = await newKey();
    await records.change(name, ({ keys }) => ({ keys: [next, ...stays(keys)] }));
    return next.kid;
  };
  return {
    signer: async () => {
      const [newest] = (await ringThere()).keys;
      if (!newest) throw new Error('there is no key to sign with');
      return open(newest);
    },
    all: async () => (await ringThere()).keys.map(open),
    kept: async () => (await ringThere()).keys,
    rotate: () => add(keep),
    replace: () => add(() => []),
  };
}
