import { EventEmitter } from 'node:events';
import { beforeEach, expect, it } from 'vitest';
import type { ToWriter } from '../../../src/store/sqlite/writer.ts';
import { type FromHub, writerBeyond } from '../../../src/store/sqlite/writer-end.ts';
import { openWriterHub, type WriterHub } from '../../../src/store/sqlite/writer-hub.ts';

/** Threads that say nothing by themselves. */
let threads: (EventEmitter & {
  readonly heard: ToWriter[];
  readonly postMessage: (message: ToWriter) => void;
})[];
let hub: WriterHub;
beforeEach(() => {
  threads = [];
  hub = openWriterHub('x', undefined, () => {
    const heard: ToWriter[] = [];
    const thread = Object.assign(new EventEmitter(), {
      heard,
      postMessage: (message: ToWriter) => void heard.push(message),
    });
    threads.push(thread);
    return thread;
  });
});

const thread = (n = 0) => threads[n] ?? expect.fail('no thread');

function joined() {
  const told: FromHub[] = [];
  const member = hub.join((message) => void told.push(message));
  return { ...member, told };
}

const batch = (...names: readonly string[]): ToWriter => ({
  kind: 'batch',
  ops: names.map((name) => ({ kind: 'drop-audit', before: name }) as never),
});
const answer = (name: string): FromHub => ({ kind: 'batch', results: [{ kind: 'failed', reason: name }] });

it('has one thread for all, and tells each when it is ready', () => {
  const [one, other] = [joined(), joined()];
  one.hear({ kind: 'open' });
  other.hear({ kind: 'open' });
  expect([threads.length, one.told, other.told]).toEqual([1, [], []]);
  thread().emit('message', { kind: 'ready' });
  expect([one.told, other.told]).toEqual([[{ kind: 'ready' }], [{ kind: 'ready' }]]);
  const late = joined();
  late.hear({ kind: 'open' });
  expect(late.told).toEqual([{ kind: 'ready' }]);
});

it('answers each what it asked, in the order in which all asked', () => {
  const [one, other] = [joined(), joined()];
  for (const member of [one, other]) member.hear({ kind: 'open' });
  thread().emit('message', { kind: 'ready' });
  one.hear(batch('a'));
  other.hear(batch('b'));
  one.hear(batch('c'));
  for (const name of ['a', 'b', 'c']) thread().emit('message', answer(name));
  expect(one.told.slice(1)).toEqual([answer('a'), answer('c')]);
  expect(other.told.slice(1)).toEqual([answer('b')]);
});

it('answers nobody for a process that is gone, and the others as before', () => {
  const [one, other] = [joined(), joined()];
  for (const member of [one, other]) member.hear({ kind: 'open' });
  one.hear({ kind: 'portion', id: 1, portion: [] });
  one.hear(batch('a'));
  other.hear(batch('b'));
  one.leave();
  thread().emit('message', answer('a'));
  thread().emit('message', answer('b'));
  expect(other.told).toEqual([answer('b')]);
  expect(thread().heard.at(-1)).toEqual({ kind: 'forget', id: 1 });
});

it('keeps the portions of several processes apart', () => {
  const [one, other] = [joined(), joined()];
  for (const member of [one, other]) {
    member.hear({ kind: 'open' });
    member.hear({ kind: 'portion', id: 1, portion: [] });
  }
  other.hear({ kind: 'portion', id: 1, portion: [] });
  other.hear({ kind: 'batch', ops: [{ kind: 'packed', portions: 1 } as never] });
  one.hear({ kind: 'forget', id: 1 });
  other.hear({ kind: 'portion', id: 2, portion: [] });
  const numbers = thread().heard.map((message) =>
    message.kind === 'batch'
      ? (message.ops[0] as { readonly portions?: number }).portions
      : 'id' in message && message.id,
  );
  expect(numbers).toEqual([1, 2, 2, 2, 1, 3]);
});

it('closes for one when it has its answers, and goes on for the others', () => {
  const [one, other] = [joined(), joined()];
  for (const member of [one, other]) member.hear({ kind: 'open' });
  one.hear(batch('a'));
  one.hear({ kind: 'close' });
  expect(one.told).toEqual([]);
  thread().emit('message', answer('a'));
  expect(one.told).toEqual([answer('a'), { kind: 'closed' }, { kind: 'ended' }]);
  one.hear(batch('late'));
  other.hear(batch('b'));
  expect(thread().heard).toEqual([batch('a'), batch('b')]);
});

it('tells all of a thread that ended, and starts another for who asks', () => {
  const [one, other] = [joined(), joined()];
  for (const member of [one, other]) member.hear({ kind: 'open' });
  one.hear(batch('a'));
  thread().emit('exit');
  expect([one.told, other.told]).toEqual([[{ kind: 'ended' }], [{ kind: 'ended' }]]);
  other.hear(batch('lost'));
  other.hear({ kind: 'open' });
  other.hear(batch('b'));
  thread(1).emit('message', { kind: 'ready' });
  thread(1).emit('message', answer('b'));
  expect(other.told.slice(1)).toEqual([{ kind: 'ready' }, answer('b')]);
  expect(one.told).toEqual([{ kind: 'ended' }]);
});

it('waits when it closes until the thread has ended', async () => {
  joined().hear({ kind: 'open' });
  const closed = hub.close();
  expect(thread().heard).toEqual([{ kind: 'close' }]);
  thread().emit('exit');
  await closed;
});

it('is to a process as a thread of its own', async () => {
  let hear: (message: FromHub) => void = () => expect.fail('not heard');
  const sent: unknown[] = [];
  const stopped: string[] = [];
  const end = writerBeyond({
    send: (message) => void sent.push(message),
    listen: (call) => {
      hear = call;
      return () => void stopped.push('stopped');
    },
  });
  await new Promise((resolve) => setImmediate(resolve));
  const heard: unknown[] = [];
  end.on('message', (message) => heard.push(message));
  end.once('exit', () => heard.push('exit'));
  hear({ kind: 'ready' });
  end.postMessage(batch('a'));
  hear({ kind: 'ended' });
  expect(sent).toEqual([{ kind: 'open' }, batch('a')]);
  expect([heard, stopped]).toEqual([[{ kind: 'ready' }, 'exit'], ['stopped']]);
});
