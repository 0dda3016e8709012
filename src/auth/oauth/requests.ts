import type { Store } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import type { EpochMs } from '../../values/instant.ts';
import { openRecords } from '../records/open-records.ts';
import { hashSecret, newSecret } from '../secrets/random-secret.ts';
import type { Session } from '../session/sessions.ts';
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
  /** Who began it, and when they had signed in: they go on with it, then or signed in anew, and nobody else. */
  readonly subject: string;
  readonly since: EpochMs;
  /** What is searched for in the picker. */
  readonly search?: string;
  readonly until: EpochMs;
};

/** Whoever has signed in. */
type Asker = Pick<Session, 'subject' | 'since'>;

export type Requests = {
  /** Its handle. */
  readonly add: (request: Omit<PendingRequest, 'until'>) => Promise<string>;
  readonly read: (handle: string, asker: Asker) => Promise<PendingRequest | undefined>;
  readonly change: (
    handle: string,
    asker: Asker,
    change: (request: PendingRequest) => PendingRequest,
  ) => Promise<PendingRequest | undefined>;
  /** Ends it; of two who answer one is heard. */
  readonly take: (handle: string, asker: Asker) => Promise<PendingRequest | undefined>;
};

const lifeMs = 30 * 60_000;

export function openRequests(store: Store, clock: Clock): Requests {
  const records = openRecords<PendingRequest>({
    store,
    collection: 'consent-request',
    expiresOf: ({ until }) => until,
  });
  const read = async (handle: string, asker: Asker) => {
    const request = await records.read(hashSecret(handle));
    return request && isOf(request, asker) ? request : undefined;
  };
  return {
    add: async (request) => {
      const handle = newSecret();
      await records.put(hashSecret(handle), { ...request, until: (clock.now() + lifeMs) as EpochMs });
      return handle;
    },
    read,
    change: (handle, asker, change) =>
      records.change(hashSecret(handle), (request) => (isOf(request, asker) ? change(request) : undefined)),
    take: async (handle, asker) => (await read(handle, asker)) && (await records.take(hashSecret(handle))),
  };
}

function isOf({ subject, since }: PendingRequest, asker: Asker): boolean {
  return subject === asker.subject && since <= asker.since;
}
