import type { Store } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import type { EpochMs } from '../../values/instant.ts';
import { openRecords } from '../records/open-records.ts';
import type { Seal } from '../secrets/seal.ts';

/** The secret of a second factor between its being shown and its being confirmed, by the session. */
export type Setups = {
  readonly begin: (session: string, secret: string) => Promise<void>;
  readonly read: (session: string) => Promise<string | undefined>;
  readonly end: (session: string) => Promise<void>;
};

type Setup = { readonly sealed: string; readonly until: EpochMs };

const lifeMs = 15 * 60_000;
const purpose = 'totp-setup';

export function openSetups(store: Store, seal: Seal, clock: Clock): Setups {
  const records = openRecords<Setup>({ store, collection: 'setup', expiresOf: ({ until }) => until });
  return {
    begin: (session, secret) =>
      records.put(session, {
        sealed: seal.close(purpose, secret),
        until: (clock.now() + lifeMs) as EpochMs,
      }),
    read: async (session) => {
      const setup = await records.read(session);
      return setup && seal.open(purpose, setup.sealed);
    },
    end: (session) => records.remove(session),
  };
}
