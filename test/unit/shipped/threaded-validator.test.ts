import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { afterAll, expect, it } from 'vitest';
import { openThreadedValidator } from '../../../src/shipped/threaded-validator.ts';
import { loadValidator } from '../../../src/shipped/validator.ts';
import { startThread } from '../../../src/thread/start-thread.ts';
import { AbandonedError } from '../../../src/values/turns.ts';

const freely = () => undefined;
const threads: Worker[] = [];
const validator = openThreadedValidator(() => {
  const entry = new URL('../../../src/shipped/validator-thread.js', import.meta.url);
  const thread = startThread(entry);
  threads.push(thread);
  return thread;
});
afterAll(() => validator.close());

const patient = { resourceType: 'Patient', gender: 'none', meta: { profile: ['http://a.example/unknown'] } };
const judge = () => validator.judge(JSON.stringify(patient), { declared: 'warning' }, freely);

it('finds what the validator finds', async () => {
  expect(await judge()).toEqual(loadValidator().validate(patient, { declared: 'warning' }));
});

it('keeps the digits of numbers', async () => {
  const text = '{"resourceType":"Patient","multipleBirthInteger":1.0}';
  const [issue] = await validator.judge(text, {}, freely);
  expect(issue?.text).toContain('1.0 is not written as an integer');
});

it('is started anew when its thread has ended', async () => {
  await threads[0]?.terminate();
  expect(await judge()).not.toEqual([]);
  expect(threads).toHaveLength(2);
});

it('says that it is busy when its thread ends while it judges', async () => {
  const ending = fakeThread(() => setImmediate(() => ending.emit('exit', 1)));
  const { judge: ask } = openThreadedValidator(() => ending as unknown as Worker);
  await expect(ask('{}', {}, freely)).rejects.toMatchObject({ kind: 'busy' });
});

it('refuses what has to wait for a thousand others, and leaves out who has gone meanwhile', async () => {
  const sent: unknown[] = [];
  const slow = fakeThread((message) => sent.push(message));
  const { judge: ask } = openThreadedValidator(() => slow as unknown as Worker);
  const gone = () => {
    throw new AbandonedError('gone');
  };
  const asked = Array.from({ length: 1000 }, (_, n) => ask(`${n}`, {}, n === 0 ? freely : gone));
  await expect(ask('one more', {}, freely)).rejects.toThrow('1000 large resources are waiting');
  slow.emit('message', { kind: 'judged', issues: [] });
  const outcomes = await Promise.allSettled(asked);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(sent).toHaveLength(1);
});

function fakeThread(postMessage: (message: unknown) => unknown) {
  return Object.assign(new EventEmitter(), { ref: freely, unref: freely, postMessage });
}
