import type { FromHub, ToHub } from './open-store.ts';
import type { MetricsShare } from './rest/metrics.ts';

// What the processes of one server say to each other.

export type FromWorker =
  | { readonly to: 'writer'; readonly message: ToHub }
  /** What have all counted? */
  | { readonly to: 'metrics'; readonly kind: 'gather'; readonly id: number }
  | { readonly to: 'metrics'; readonly kind: 'share'; readonly id: number; readonly share: MetricsShare };

export type FromPrimary =
  | { readonly to: 'writer'; readonly message: FromHub }
  /** What have you counted? */
  | { readonly to: 'metrics'; readonly kind: 'ask'; readonly id: number }
  | {
      readonly to: 'metrics';
      readonly kind: 'gathered';
      readonly id: number;
      readonly shares: readonly MetricsShare[];
    };
