import { expect, it, vi } from 'vitest';
import { oldestKept, watchAuditExpiry } from '../../../../src/interaction/audit/audit-expiry.ts';
import type { EpochMs } from '../../../../src/values/instant.ts';

it.each([
  ['2026-11-29', 6, '202011'],
  ['2026-01-01', 1, '202501'],
  ['2000-12-31', 99, '190112'],
])('keeps on %s, for %d years, the months from %s on', (day, years, month) => {
  expect(oldestKept(Date.parse(day) as EpochMs, years)).toBe(month);
});

it('drops at once and every day what is older, and says when that fails', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const dropAudit = vi.fn(async () => {});
  const warn = vi.fn();
  const clock = { now: () => Date.UTC(2026, 10, 29) as EpochMs };
  const stop = watchAuditExpiry({ store: { dropAudit }, clock, years: 6, warn });
  expect(dropAudit).toHaveBeenCalledWith('202011');
  dropAudit.mockRejectedValue(new Error('locked'));
  await vi.advanceTimersByTimeAsync(25 * 60 * 60 * 1000);
  expect(dropAudit).toHaveBeenCalledTimes(2);
  expect(warn).toHaveBeenCalledTimes(1);
  stop();
  await vi.advanceTimersByTimeAsync(50 * 60 * 60 * 1000);
  expect(dropAudit).toHaveBeenCalledTimes(2);
  vi.useRealTimers();
});
