import type { Store } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import type { EpochMs } from '../../values/instant.ts';
import { openTokenBuckets, type TokenBuckets } from '../../values/token-buckets.ts';
import { newPublicId } from '../secrets/random-secret.ts';

/** Of whom requests are counted. */
export type LimitKind = 'address' | 'client' | 'user';

/** Requests a second; no limit where there is none. */
export type Rates = { readonly [Kind in LimitKind]?: number | undefined };

export type SharedLimits = {
  /** How long it must wait, in seconds; 0 = the request may go on, and counts. */
  readonly take: (kind: LimitKind, name: string) => number;
  /** Resolves when what was begun with the store is done. */
  readonly settled: () => Promise<void>;
};

export type SharedLimitsOptions = {
  readonly store: Pick<Store, 'writeRecords' | 'listRecords'>;
  readonly clock: Clock;
  readonly rates: Rates;
  /** Milliseconds from any fixed moment, never going back. */
  readonly now: () => number;
  /** Told of a store that cannot be asked; requests are counted here alone meanwhile. */
  readonly warn: (thrown: unknown) => void;
};

const collection = 'rate';
const joinedEveryMs = 1000;
/** What was counted stays to be read for so long; what is older is no news. */
const readableMs = 10_000;
/** Of so many names each second is told to others: who asks the most. */
const mostNames = 2000;
const mostWindows = 1000;

type Count = readonly [kind: LimitKind, name: string, count: number];

/**
 * Limits that several processes on one store share: each counts by itself, and writes once a second how often it was asked
 * by whom; what the others wrote is taken off as if it had been asked here. No request waits for the store or writes to
 * it, so for a second each process may give what all may give together.
 */
export function openSharedLimits({ store, clock, rates, now, warn }: SharedLimitsOptions): SharedLimits {
  const self = newPublicId();
  const buckets: { readonly [Kind in LimitKind]?: TokenBuckets } = bucketsOf(rates, now);
  let counted = new Map<string, [LimitKind, string, number]>();
  let seen = new Set<string>();
  let joinedAt = now();
  let joining: Promise<void> | undefined;
  const join = async (): Promise<void> => {
    const told = [...counted.values()].sort(([, , one], [, , other]) => other - one).slice(0, mostNames);
    counted = new Map();
    const at = clock.now();
    const record = {
      collection,
      key: `${at}-${self}`,
      value: JSON.stringify(told),
      expires: (at + readableMs) as EpochMs,
    };
    if (told.length > 0) await store.writeRecords([{ kind: 'put', record }]);
    const { records } = await store.listRecords({ collection, count: mostWindows });
    for (const { key, value } of records) {
      if (seen.has(key) || key.endsWith(self)) continue;
      for (const [kind, name, count] of JSON.parse(value) as readonly Count[])
        buckets[kind]?.charge(name, count);
    }
    seen = new Set(records.map(({ key }) => key));
  };
  const joinNow = () => {
    joinedAt = now();
    joining = join()
      .catch(warn)
      .finally(() => {
        joining = undefined;
      });
  };
  return {
    take: (kind, name) => {
      const wait = buckets[kind]?.take(name) ?? 0;
      if (!buckets[kind]) return 0;
      if (wait === 0) {
        const key = `${kind} ${name}`;
        const known = counted.get(key);
        if (known) known[2]++;
        else counted.set(key, [kind, name, 1]);
      }
      if (!joining && now() - joinedAt >= joinedEveryMs) joinNow();
      return wait;
    },
    settled: async () => joining,
  };
}

function bucketsOf(rates: Rates, now: () => number): { readonly [Kind in LimitKind]?: TokenBuckets } {
  const given = Object.entries(rates).flatMap(([kind, rate]) =>
    rate === undefined ? [] : [[kind, openTokenBuckets(rate, now)] as const],
  );
  return Object.fromEntries(given);
}
