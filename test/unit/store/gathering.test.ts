import { expect, it } from 'vitest';
import { openGathering } from '../../../src/store/sqlite/gathering.ts';

const commit = (answered: number, waiting: number, tookMs = 6, now = 100) => {
  const gathering = openGathering();
  gathering.committed({ answered, waiting, tookMs, now });
  return gathering;
};

it('keeps nobody waiting before anything was committed', () => {
  expect(openGathering().pauseFor(1, 0)).toBe(0);
});

it.each([
  ['the rest of those who were answered', 8, 0, 3, 3],
  ['those who were answered beside those who wait', 8, 8, 8, 3],
  ['nobody once all have come', 8, 8, 16, 0],
  ['nobody where one writes after the other', 1, 0, 1, 0],
  ['nobody where enough have come', 200, 200, 32, 0],
])('waits for %s', (_whom, answered, waiting, come, pause) => {
  expect(commit(answered, waiting).pauseFor(come, 100)).toBe(pause);
});

it('waits half the time of the last commit, counted from its end, and never long', () => {
  expect(commit(8, 0, 6).pauseFor(1, 102)).toBe(1);
  expect(commit(8, 0, 6).pauseFor(1, 104)).toBe(0);
  expect(commit(8, 0, 400).pauseFor(1, 100)).toBe(5);
});
