import { expect, it } from 'vitest';
import { openPlaces } from '../../../src/store/mongo/places.ts';

/** Work that ends when it is told to. */
function held() {
  const ends: (() => void)[] = [];
  const begun: number[] = [];
  const work = (n: number) => () => {
    begun.push(n);
    return new Promise<number>((resolve) => ends.push(() => resolve(n)));
  };
  return { ends, begun, work };
}

const settled = () => new Promise(setImmediate);

it('lets so many work at once, and the next in the order they came', async () => {
  const { ends, begun, work } = held();
  const inPlace = openPlaces(2);
  const all = [0, 1, 2, 3].map((n) => inPlace(work(n)));
  await settled();
  expect(begun).toEqual([0, 1]);
  ends[1]?.();
  await settled();
  expect(begun).toEqual([0, 1, 2]);
  for (const n of [0, 2]) ends[n]?.();
  await settled();
  expect(begun).toEqual([0, 1, 2, 3]);
  ends[3]?.();
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3]);
});

it('frees the place of what failed, and of what ended while nobody waited', async () => {
  const { begun, work } = held();
  const inPlace = openPlaces(1);
  await expect(inPlace(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await inPlace(async () => undefined);
  void inPlace(work(1));
  void inPlace(work(2));
  await settled();
  expect(begun).toEqual([1]);
});
