import { openSharedLimits } from './auth/limits/shared-limits.ts';
import type { Config } from './config.ts';
import type { ServerContext } from './interaction/context.ts';
import { readTls } from './open-authorization.ts';
import { openRateLimiter, type RateLimiter } from './rest/rate-limit.ts';
import type { Store } from './store/contract/store.ts';

type OnStore = { readonly store: Store; readonly context: ServerContext };

/** How the server meets the network: its certificate, whom it believes, and how often an address may ask. */
export function networkOf(config: Config, ground: OnStore) {
  const { trustProxy, metricsToken } = config;
  return { tls: readTls(config), trustProxy, rateLimiter: rateLimiterOf(config, ground), metricsToken };
}

/** What several processes answer together is counted together. */
function rateLimiterOf(
  { rateLimit, workers }: Config,
  { store, context: { clock } }: OnStore,
): RateLimiter | undefined {
  if (rateLimit === undefined) return undefined;
  const now = () => performance.now();
  if (workers === 1) return openRateLimiter(rateLimit, now);
  // Should the store not answer, each counts by itself meanwhile.
  const limits = openSharedLimits({
    store,
    clock,
    rates: { address: rateLimit },
    now,
    warn: () => undefined,
  });
  return (address) => limits.take('address', address);
}
