import type { EpochMs } from './instant.ts';

/** RFC 9562, UUID version 7: the time in milliseconds, and 74 bits of a random UUID behind it. */
export function uuidInOrder(now: EpochMs, random: string): string {
  const time = now.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`;
}
