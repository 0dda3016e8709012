import type { Store } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import type { EpochMs } from '../../values/instant.ts';
import type { Epoch } from '../epoch.ts';
import { openRecords } from '../records/open-records.ts';
import { hashSecret, newSecret } from '../secrets/random-secret.ts';

/** What is kept of a token under the hash of it: a copy of the store is worth nothing to a thief. */
export type Token = {
  readonly kind: 'access' | 'refresh';
  readonly client: string;
  /** Of an access token: at most what the grant holds, or what a backend was given. */
  readonly scopes: readonly string[];
  /** Key of the grant that it stands for; a backend's own has none. */
  readonly grant?: string;
  readonly issued: EpochMs;
  readonly until: EpochMs;
};

export type Tokens = {
  /** The token itself, which is told once. */
  readonly issue: (token: Omit<Token, 'issued'>) => Promise<string>;
  readonly read: (secret: string) => Promise<Token | undefined>;
  readonly readByHash: (hash: string) => Promise<Token | undefined>;
  readonly revoke: (secret: string) => Promise<void>;
};

export function openTokens(store: Store, clock: Clock, epoch: Epoch): Tokens {
  const records = openRecords<Token>({ store, collection: 'token', expiresOf: ({ until }) => until });
  return {
    issue: async (token) => {
      const secret = newSecret();
      await records.put(hashSecret(secret), { ...token, issued: clock.now() });
      return secret;
    },
    read: (secret) => (isToken(secret) ? records.read(hashSecret(secret)) : Promise.resolve(undefined)),
    readByHash: records.read,
    revoke: async (secret) => {
      await records.remove(hashSecret(secret));
      await epoch.advance();
    },
  };
}

/** What cannot be one of ours is not looked for, however long it is. */
export function isToken(text: string): boolean {
  return /^[\w-]{43}$/.test(text);
}
