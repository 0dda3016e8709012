import { describe, expect, it } from 'vitest';
import { openRateLimiter } from '../../../src/rest/rate-limit.ts';
import { networkOf } from '../../../src/values/network-of.ts';

describe('openRateLimiter', () => {
  it('lets ten seconds of requests through at once, then one at a time as they are earned', () => {
    let now = 0;
    const limiter = openRateLimiter(2, () => now);
    const waits = Array.from({ length: 21 }, () => limiter('a'));
    expect(waits.slice(0, 20).every((wait) => wait === 0)).toBe(true);
    expect(waits[20]).toBe(0.5);
    expect(limiter('b')).toBe(0);
    now += 500;
    expect(limiter('a')).toBe(0);
    expect(limiter('a')).toBe(0.5);
    now += 1_000_000;
    expect(Array.from({ length: 21 }, () => limiter('a')).filter((wait) => wait > 0)).toHaveLength(1);
  });

  it('forgets who was silent the longest, so that it needs bounded memory', () => {
    const limiter = openRateLimiter(1, () => 0);
    for (let n = 0; n < 10; n++) limiter('first');
    expect(limiter('first')).toBeGreaterThan(0);
    for (let n = 0; n < 10_000; n++) limiter(String(n));
    expect(limiter('first')).toBe(0);
  });
});

describe('networkOf', () => {
  it.each`
    address               | client
    ${'192.0.2.1'}        | ${'192.0.2.1'}
    ${'::ffff:192.0.2.1'} | ${'::ffff:192.0.2.1'}
    ${'2001:db8:1:2::5'}  | ${'2001:db8:1:2::/64'}
    ${'2001:db8:1:2:3::'} | ${'2001:db8:1:2::/64'}
    ${'2001:db8::1'}      | ${'2001:db8:0:0::/64'}
    ${'::1'}              | ${'0:0:0:0::/64'}
    ${'1:2:3:4:5:6:7:8'}  | ${'1:2:3:4::/64'}
  `('is $client for $address', ({ address, client }) => {
    expect(networkOf(address)).toBe(client);
  });
});
