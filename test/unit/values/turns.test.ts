import { setImmediate as nextRound } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import { AbandonedError, laterTurn, nextTurn, paceFor } from '../../../src/values/turns.ts';

beforeEach(async () => {
  await nextRound();
});

it('lets work go on as long as the turn is short', () => {
  expect(nextTurn()).toBeUndefined();
  expect(nextTurn()).toBeUndefined();
});

it('lets those who wait go on one a turn, in their order, and others in between', async () => {
  void nextTurn();
  workFor(40);
  const order: string[] = [];
  const tasks = ['a', 'b', 'c'].map(async (name) => {
    await nextTurn();
    order.push(name);
  });
  const rounds = (async () => {
    for (let round = 0; round < 4; round++) {
      await nextRound();
      order.push('round');
    }
  })();
  await Promise.all([...tasks, rounds]);
  expect(order.filter((each) => each !== 'round')).toEqual(['a', 'b', 'c']);
  expect(order.join(' ')).not.toMatch(/a b|b c/);
});

it('goes on in a later turn, however short this one was, in line with who waits', async () => {
  await nextRound();
  const order: string[] = [];
  const round = () => nextRound().then(() => order.push('round'));
  const rounds = round().then(round).then(round);
  const later = laterTurn().then(() => order.push('later'));
  await Promise.resolve();
  expect(order).toEqual([]);
  await later;
  expect(order).toEqual(['round', 'round', 'later']);
  await rounds;
});

it('ends work for somebody who has gone, before its turn and in it', async () => {
  let hasGone = false;
  const pace = paceFor(() => hasGone);
  expect(pace()).toBeUndefined();
  workFor(40);
  const waited = pace();
  hasGone = true;
  await expect(waited).rejects.toThrow(AbandonedError);
  expect(() => pace()).toThrow(AbandonedError);
});

function workFor(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}
