import { expect, it } from 'vitest';
import { watchAliases } from '../../../src/store/contract/alias-watch.ts';
import type { ResourceId } from '../../../src/values/resource-id.ts';

const person = 'p' as ResourceId;

function watched(answers: (boolean | Promise<boolean>)[]) {
  let now = 0;
  let looks = 0;
  const look = () => answers[looks++] ?? false;
  return {
    ...watchAliases(look, () => now),
    pass: (ms: number) => {
      now += ms;
    },
    looks: () => looks,
  };
}

it('looks once in a second as long as there are none', () => {
  const watch = watched([false, false]);
  expect([watch.has(), watch.has()]).toEqual([false, false]);
  watch.pass(999);
  expect(watch.has()).toBe(false);
  expect(watch.looks()).toBe(1);
  watch.pass(1);
  expect(watch.has()).toBe(false);
  expect(watch.looks()).toBe(2);
});

it('learns within a second what another process wrote, and looks no more', () => {
  const watch = watched([false, true]);
  watch.has();
  watch.pass(1000);
  expect([watch.has(), watch.has()]).toEqual([true, true]);
  watch.pass(5000);
  expect(watch.has()).toBe(true);
  expect(watch.looks()).toBe(2);
});

it('knows at once what is written here, also while it looks', async () => {
  const watch = watched([false]);
  watch.has();
  watch.note([{}]);
  expect(watch.has()).toBe(false);
  watch.note([{}, { person }]);
  expect(watch.has()).toBe(true);
  const looking = watched([Promise.resolve(false)]);
  const asked = looking.has();
  looking.note([{ person }]);
  expect(await asked).toBe(true);
});

it('shares a look that is under way, and looks again after one that failed', async () => {
  const watch = watched([Promise.reject(new Error('gone')), Promise.resolve(true)]);
  const asked = watch.has();
  expect(watch.has()).toBe(asked);
  await expect(asked).rejects.toThrow('gone');
  expect(await watch.has()).toBe(true);
});
