import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { EpochMs } from '../../../src/values/instant.ts';
import { uuidInOrder } from '../../../src/values/uuid-in-order.ts';

it('is the UUID of RFC 9562, appendix A.6', () => {
  const random = '00000000-0000-4cc3-98c4-dc0c0c07398f';
  expect(uuidInOrder(0x017f22e279b0 as EpochMs, random)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
});

it('sorts by the millisecond, and never comes twice in one', () => {
  const times = [0, 1, 15, 16, 1_767_225_600_000, 1_767_225_600_001, 2 ** 48 - 1] as EpochMs[];
  const made = times.map((now) => uuidInOrder(now, randomUUID()));
  expect(made.toSorted()).toEqual(made);
  for (const one of made)
    expect(one).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const now = 1_767_225_600_000 as EpochMs;
  expect(new Set(Array.from({ length: 1000 }, () => uuidInOrder(now, randomUUID()))).size).toBe(1000);
});
