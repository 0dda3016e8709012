import type { Store } from '../store/contract/store.ts';
import { openRecords } from './records/open-records.ts';
import { newPublicId } from './secrets/random-secret.ts';

/** Another process learns within so many milliseconds that something was revoked. */
const askedEveryMs = 1000;

/** What every process that remembers tokens looks at: when it changes, nothing that is remembered counts any more. */
export type Epoch = {
  /** To be called after whatever takes access from somebody is kept. */
  readonly advance: () => Promise<void>;
  /** The present epoch, as it was at most a second ago; at once when it need not be asked for. */
  readonly present: () => string | Promise<string>;
};

const name = 'access';

/** `now` answers milliseconds from any fixed moment, and never goes back. */
export function openEpoch(store: Store, now: () => number = () => performance.now()): Epoch {
  const records = openRecords<string>({ store, collection: 'epoch' });
  let known = '';
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<string> | undefined;
  const ask = async (): Promise<string> => {
    const at = now();
    try {
      known = (await records.read(name)) ?? '';
      askedAt = at;
      return known;
    } finally {
      asking = undefined;
    }
  };
  return {
    advance: async () => {
      await records.put(name, newPublicId());
      // What is being read now may be what was there before.
      await asking?.catch(() => undefined);
      askedAt = Number.NEGATIVE_INFINITY;
    },
    present: () => {
      if (now() - askedAt < askedEveryMs) return known;
      asking ??= ask();
      return asking;
    },
  };
}
