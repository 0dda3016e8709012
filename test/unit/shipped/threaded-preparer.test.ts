import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { afterAll, expect, it } from 'vitest';
import { placeId } from '../../../src/interaction/place-id.ts';
import { prepareAhead } from '../../../src/interaction/prepare-ahead.ts';
import { loadServerContext } from '../../../src/shipped/server-context.ts';
import { openThreadedPreparer } from '../../../src/shipped/threaded-preparer.ts';
import { parseTimeZone } from '../../../src/values/time-zone.ts';

const timeZone = parseTimeZone('America/New_York') ?? expect.fail('there is no such zone');
const settings = {
  baseUrl: 'http://test.example/fhir',
  profiles: [],
  declaredProfiles: 'error',
  timeZone,
} as const;
const caller = { kind: 'system', name: 'cli:test' } as const;
const data = { settings, caller };
const many = Array.from({ length: 1001 }, () => '');

const preparer = openThreadedPreparer(data);
afterAll(() => preparer.close());

it('prepares what is prepared here, once its thread is ready', async () => {
  const texts = [
    '{"resourceType":"Patient","id":"p1","name":[{"family":"Quinn"}],"birthDate":"2020-01"}',
    '{"resourceType":"Patient","id":"p2","gender":"x"}',
    '{"resourceType":"Location","position":{"longitude":1.50,"latitude":2.0}}',
  ];
  const places = ['a', 'b', 'c'];
  const ctx = { ...(await loadServerContext(settings)), caller };
  const here = texts.map((text, i) => prepareAhead(ctx, text, () => placeId(places[i] ?? '')));
  expect(await preparer.prepare(many, many)).toEqual([]);
  let there = await preparer.prepare(texts, places);
  for (; there.length === 0; there = await preparer.prepare(texts, places))
    await new Promise((resolve) => setTimeout(resolve, 50));
  const untimed = (ahead: typeof there) =>
    JSON.stringify(ahead).replaceAll(/lastUpdated\\?":(?:\d+|\\"[^"]*\\")/g, '');
  expect(untimed(there)).toBe(untimed(here));
  expect(there[1]).toBeUndefined();
}, 60_000);

function withThread() {
  const sent: unknown[] = [];
  const thread = Object.assign(new EventEmitter(), {
    postMessage: (message: unknown) => sent.push(message),
    terminate: async () => 0,
  });
  let starts = 0;
  const { prepare } = openThreadedPreparer(data, () => {
    starts++;
    return thread as unknown as Worker;
  });
  return { prepare, thread, sent, starts: () => starts };
}

it('starts no thread for few, nor a second one, and waits for none', async () => {
  const { prepare, starts, sent } = withThread();
  expect(await prepare(many.slice(1), [])).toEqual([]);
  expect(starts()).toBe(0);
  expect(await prepare([''], [''])).toEqual([]);
  expect(await prepare([''], [''])).toEqual([]);
  expect([starts(), sent]).toEqual([1, []]);
});

it('answers each what it asked, in order', async () => {
  const { prepare, thread, sent } = withThread();
  await prepare(many, []);
  thread.emit('message', { kind: 'ready' });
  const [one, other] = [prepare(['a'], ['x']), prepare(['b'], ['y'])];
  expect(sent).toEqual([
    { texts: ['a'], places: ['x'] },
    { texts: ['b'], places: ['y'] },
  ]);
  for (const kind of ['a', 'b']) thread.emit('message', { kind: 'prepared', ahead: [kind] });
  expect([await one, await other]).toEqual([['a'], ['b']]);
});

it.each([
  ['ends', 'has stopped', (thread: EventEmitter) => thread.emit('exit', 1)],
  ['breaks', 'broken', (thread: EventEmitter) => thread.emit('error', new Error('broken'))],
  [
    'fails',
    'no room',
    (thread: EventEmitter) => thread.emit('message', { kind: 'failed', reason: 'no room' }),
  ],
])('tells who waits, and who comes, when its thread %s', async (_how, told, happen) => {
  const { prepare, thread } = withThread();
  await prepare(many, []);
  thread.emit('message', { kind: 'ready' });
  const waiting = prepare(['a'], ['x']);
  happen(thread);
  await expect(waiting).rejects.toThrow(told);
  await expect(prepare(['b'], ['y'])).rejects.toThrow(told);
});
