import type { Store } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import type { EpochMs } from '../../values/instant.ts';
import { openRecords } from '../records/open-records.ts';
import { hashSecret, newSecret } from '../secrets/random-secret.ts';
import type { LaunchContext } from './grant.ts';

/** What an app asks for, while the person who has signed in picks a patient and consents. */
export type PendingRequest = {
  readonly client: string;
  readonly redirect: string;
  readonly state: string;
  readonly scopes: readonly string[];
  readonly challenge: string;
  readonly nonce?: string;
  readonly context: LaunchContext;
  /** Key of the session that it belongs to: nobody else can go on with it. */
  readonly session: string;
  /** What is searched for in the picker. */
  readonly search?: string;
  readonly until: EpochMs;
};

export type Requests = {
  /** Its handle. */
  readonly add: (request: Omit<PendingRequest, 'until'>) => Promise<string>;
  readonly read: (handle: string, session: string) => Promise<PendingRequest | undefined>;
  readonly change: (
    handle: string,
    session: string,
    change: (request: PendingRequest) => PendingRequest,
  ) => Promise<PendingRequest | undefined>;
  /** Ends it; of two who answer one is heard. */
  readonly take: (handle: string, session: string) => Promise<PendingRequest | undefined>;
};

const lifeMs = 30 * 60_000;

export function openRequests(store: Store, clock: Clock): Requests {
  const records = openRecords<PendingRequest>({
    store,
    collection: 'consent-request',
    expiresOf: ({ until }) => until,
  });
  const read = async (handle: string, session: string) => {
    const request = await records.read(hashSecret(handle));
    return request?.session === session ? request : undefined;
  };
  return {
    add: async (request) => {
      const handle = newSecret();
      await records.put(hashSecret(handle), { ...request, until: (clock.now() + lifeMs) as EpochMs });
      return handle;
    },
    read,
    change: (handle, session, change) =>
      records.change(hashSecret(handle), (request) =>
        request.session === session ? change(request) : undefined,
      ),
    take: async (handle, session) =>
      (await read(handle, session)) && (await records.take(hashSecret(handle))),
  };
}
