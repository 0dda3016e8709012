import { type AuditMonth, auditMonthOf } from '../../store/contract/audit.ts';
import type { Store } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import type { EpochMs } from '../../values/instant.ts';

/** Once a day is often enough for what is kept for years. */
const lookMs = 24 * 60 * 60 * 1000;

export type Expiry = {
  readonly store: Pick<Store, 'dropAudit'>;
  readonly clock: Clock;
  /** How long each month is kept after its end, at the least. */
  readonly years: number;
  readonly warn: (cause: unknown) => void;
};

/** Drops the months whose time is over, now and every day; answers what ends that. */
export function watchAuditExpiry({ store, clock, years, warn }: Expiry): () => void {
  const drop = () => void store.dropAudit(oldestKept(clock.now(), years)).catch(warn);
  drop();
  const timer = setInterval(drop, lookMs).unref();
  return () => clearInterval(timer);
}

/** The last day of a month has lain for so many years when the same month of the present year begins to end: one more is kept. */
export function oldestKept(now: EpochMs, years: number): AuditMonth {
  return String(Number(auditMonthOf(now)) - years * 100).padStart(6, '0') as AuditMonth;
}
