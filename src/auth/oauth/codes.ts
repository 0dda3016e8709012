import type { Store } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import type { EpochMs } from '../../values/instant.ts';
import { openRecords } from '../records/open-records.ts';
import { hashSecret, newSecret } from '../secrets/random-secret.ts';

/** RFC 6749, 4.1.2: what an authorization code was given for. */
export type Code = {
  readonly client: string;
  readonly redirect: string;
  readonly challenge: string;
  /** Key of the grant, which is there before the code. */
  readonly grant: string;
  readonly nonce?: string;
  readonly authTime: EpochMs;
  readonly until: EpochMs;
  readonly used?: true;
};

export type Codes = {
  readonly issue: (code: Omit<Code, 'until'>) => Promise<string>;
  readonly read: (secret: string) => Promise<Code | undefined>;
  /** True for exactly one of all who ask, in whatever process. */
  readonly use: (secret: string) => Promise<boolean>;
};

const lifeMs = 60_000;

/** A code that is used again shows a theft as long as what came of it may be in use. */
const rememberedMs = 24 * 3600 * 1000;

export function openCodes(store: Store, clock: Clock): Codes {
  const records = openRecords<Code>({ store, collection: 'code', expiresOf: ({ until }) => until });
  return {
    issue: async (code) => {
      const secret = newSecret();
      await records.put(hashSecret(secret), { ...code, until: (clock.now() + lifeMs) as EpochMs });
      return secret;
    },
    read: async (secret) => {
      const code = await records.read(hashSecret(secret));
      return code && code.until > clock.now() ? code : undefined;
    },
    use: async (secret) => {
      const until = (clock.now() + rememberedMs) as EpochMs;
      const used = await records.change(hashSecret(secret), (code) =>
        code.used ? undefined : { ...code, used: true, until },
      );
      return used !== undefined;
    },
  };
}
