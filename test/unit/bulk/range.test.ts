import { describe, expect, it } from 'vitest';
import { openPollLimit } from '../../../src/bulk/poll-limit.ts';
import { acceptsGzip, namesTag, readRange } from '../../../src/bulk/range.ts';

describe('a range (RFC 9110, 14.2)', () => {
  it.each([
    [undefined, 'whole'],
    ['bytes=0-', { first: 0, last: 99 }],
    ['bytes=10-19', { first: 10, last: 19 }],
    ['bytes=90-1000', { first: 90, last: 99 }],
    ['bytes=-10', { first: 90, last: 99 }],
    ['bytes=-1000', { first: 0, last: 99 }],
    ['bytes=-0', 'outside'],
    ['bytes=100-', 'outside'],
    ['bytes=9-3', 'whole'],
    ['bytes=-', 'whole'],
    ['bytes=0-1,4-5', 'whole'],
    ['lines=0-1', 'whole'],
  ])('%s of a hundred bytes', (header, range) => {
    expect(readRange(header, 100)).toEqual(range);
  });

  it.each([
    [undefined, false],
    ['gzip', true],
    ['br, GZIP;q=0.5', true],
    ['gzip;q=0', false],
    ['gzip; q=0.000', false],
    ['identity', false],
    ['*', true],
    ['gzip;q=0, *', false],
  ])('accepts gzip by %s: %s', (header, accepts) => {
    expect(acceptsGzip(header)).toBe(accepts);
  });

  it.each([
    [undefined, false],
    ['"a"', true],
    ['"b", W/"a"', true],
    ['*', true],
    ['"b"', false],
    ['a', false],
  ])('If-None-Match: %s names "a": %s', (header, names) => {
    expect(namesTag(header, '"a"')).toBe(names);
  });

  it('lets the state be asked for now and then, each for itself', () => {
    let now = 0;
    const limit = openPollLimit(() => now);
    for (let i = 0; i < 50; i++) expect(limit.take('a')).toBe(0);
    expect(limit.take('a')).toBe(1);
    expect(limit.take('b')).toBe(0);
    now += 200;
    expect(limit.take('a')).toBe(0);
    expect(limit.take('a')).toBe(1);
    limit.forget('a');
    expect(limit.take('a')).toBe(0);
  });
});
