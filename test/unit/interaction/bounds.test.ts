import { expect, it } from 'vitest';
import { hasMoreValues } from '../../../src/fhir/has-more-values.ts';
import { openBundleRoom } from '../../../src/interaction/bundle-room.ts';
import { parseResourceBody, readResourceBody } from '../../../src/interaction/parse-body.ts';

const freely = () => undefined;

it('counts every value, and no more than it must', () => {
  const value = { a: [1, 2, { b: 'c' }], d: null };
  expect(hasMoreValues(value, 6)).toBe(true);
  expect(hasMoreValues(value, 7)).toBe(false);
});

it('lets a Bundle fill its room once, and no further', () => {
  const room = openBundleRoom(1024 * 1024);
  room.require();
  room.take('x'.repeat(1024 * 1024 - 1));
  room.require();
  room.take('x');
  room.take(undefined);
  expect(() => room.require()).toThrow('more than 1 MiB; send fewer in one');
});

const listOf = (count: number) => `{"resourceType":"List","x":[${'1,'.repeat(count - 1)}1]}`;

it.each([
  [499_000, undefined],
  [500_000, 'A resource may have 500000 values'],
  [2_100_000, 'The JSON has more than 2000000 values'],
])('reads a resource of %d values over HTTP: %s', async (count, refusal) => {
  const read = readResourceBody(listOf(count), freely);
  if (refusal === undefined) expect((await read).resource.resourceType).toBe('List');
  else await expect(read).rejects.toThrow(refusal);
});

it('reads any resource that does not come over HTTP', () => {
  expect(parseResourceBody(listOf(2_100_000)).resource.resourceType).toBe('List');
});
