import type { Store } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import type { EpochMs } from '../../values/instant.ts';
import { openRecords } from '../records/open-records.ts';
import { hashSecret, newSecret } from '../secrets/random-secret.ts';
import type { LaunchContext } from './grant.ts';

/** An app that an EHR is about to open: for whom, and with what in view. */
export type Launch = {
  /** The app; nobody else can use it. */
  readonly client: string;
  /** Login of who works at the EHR, where it says so. */
  readonly user?: string;
  readonly context: LaunchContext;
  readonly until: EpochMs;
};

export type Launches = {
  /** The handle, which is told once. */
  readonly add: (launch: Omit<Launch, 'until'>) => Promise<string>;
  readonly read: (handle: string) => Promise<Launch | undefined>;
  /** Of several who use it one gets it. */
  readonly take: (handle: string) => Promise<Launch | undefined>;
};

/** Long enough to sign in meanwhile. */
const lifeMs = 5 * 60_000;

export function openLaunches(store: Store, clock: Clock): Launches {
  const records = openRecords<Launch>({ store, collection: 'launch', expiresOf: ({ until }) => until });
  return {
    add: async (launch) => {
      const handle = newSecret();
      await records.put(hashSecret(handle), { ...launch, until: (clock.now() + lifeMs) as EpochMs });
      return handle;
    },
    read: (handle) => records.read(hashSecret(handle)),
    take: (handle) => records.take(hashSecret(handle)),
  };
}
