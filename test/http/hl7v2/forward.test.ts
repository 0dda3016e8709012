import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { retryDead, showOutbox } from '../../../src/cli/outbox-command.ts';
import { forwardJob, forwardJobId } from '../../../src/hl7v2/forward/forward-job.ts';
import { bury, countTry, listDead, nextWaiting, settle } from '../../../src/hl7v2/forward/outbox.ts';
import { type Delivery, deliver } from '../../../src/hl7v2/forward/soap-client.ts';
import { openAccount } from '../../../src/hl7v2/open-account.ts';
import { openContext } from '../../../src/interaction/context.ts';
import { openJobRunner } from '../../../src/job/job-runner.ts';
import { answersOf } from '../../../src/open-messages.ts';
import { shippedGuide } from '../../../src/shipped/v2-guide.ts';
import { shippedMapping } from '../../../src/shipped/v2-mapping.ts';
import { systemClock } from '../../../src/values/clock.ts';
import { messageSettings, openTestServer, type TestServer } from '../open-test-server.ts';
import { openSmartServer, type SmartServer } from '../smart/smart-server.ts';
import { sampleVxu, toldIn } from './sample-vxu.ts';

let here: TestServer;
beforeEach(async () => {
  here = await openTestServer();
});
afterEach(() => here.close());

/** A server that is told to send on. */
async function receive(message: string): Promise<string> {
  const answer = answersOf({
    config: { ...messageSettings, publicUrl: 'http://jenner.test', hl7ForwardUrl: 'https://there.test' },
    store: here.store,
    context: here.context,
    contextFor: (caller) => openContext(here.context, here.store, caller),
    guide: shippedGuide(),
    mapping: shippedMapping(),
    operations: [],
    log: { warn: () => undefined, failed: (thrown) => expect.fail(String(thrown)) },
  });
  return answer({ account: openAccount, bytes: Buffer.from(message), from: '127.0.0.1' });
}

async function forward(send: (message: string, signal: AbortSignal) => Promise<Delivery>) {
  const warnings: string[] = [];
  const job = forwardJob({
    store: here.store,
    clock: systemClock,
    deliver: send,
    warn: (text) => warnings.push(text),
    pauses: { first: 1, longest: 4 },
  });
  const runner = openJobRunner({
    store: here.store,
    clock: systemClock,
    kinds: [job],
    owner: 'test',
    log: () => undefined,
  });
  await runner.submit({ id: forwardJobId, kind: 'hl7v2-forward', input: {} });
  const ended = await runner.run(forwardJobId);
  return { warnings, state: ended?.state, result: ended?.result };
}

const controlIdOf = (message: string) => message.split('|')[9];
const acknowledged = (code: string): Delivery => ({
  kind: 'answered',
  code,
  answer: `MSH|^~\\&|\rMSA|${code}|1\rERR||PID^1^7|101^Required^HL70357|E||||secret\r`,
});

async function outbox() {
  let text = '';
  await showOutbox({ store: here.store, json: true, output: { write: (part) => (text += part) } });
  return JSON.parse(text) as { waiting: number; dead: { id: string; reason: string }[] };
}

describe('what is kept of messages', () => {
  it('is sent on, once each, in the order in which it came; what was refused is not', async () => {
    for (const n of [1, 2, 3])
      expect(toldIn(await receive(sampleVxu({ controlId: `S${n}`, mrn: `s${n}` })))).toEqual(['AA']);
    await receive(sampleVxu({ controlId: 'S1', mrn: 's1' }));
    await receive(sampleVxu({ controlId: 'BAD', family: '' }));
    const sent: (string | undefined)[] = [];
    const { state, result } = await forward(async (message) => {
      sent.push(controlIdOf(message));
      return acknowledged('AA');
    });
    expect(sent).toEqual(['S1', 'S2', 'S3']);
    expect([state, result]).toEqual(['finished', { sent: 3, dead: 0 }]);
    expect(await nextWaiting(here.store)).toBeUndefined();
  });

  it('waits while nobody answers, and keeps its order', async () => {
    for (const n of [1, 2]) await receive(sampleVxu({ controlId: `W${n}`, mrn: `w${n}` }));
    const sent: (string | undefined)[] = [];
    const { warnings } = await forward(async (message) => {
      sent.push(controlIdOf(message));
      return sent.length <= 3 ? { kind: 'unreachable', reason: 'connect ECONNREFUSED' } : acknowledged('AA');
    });
    expect(sent).toEqual(['W1', 'W1', 'W1', 'W1', 'W2']);
    expect(warnings).toEqual(Array(3).fill('messages cannot be sent on at present: connect ECONNREFUSED'));
  });

  it('is put aside where it is not taken, with the reason and no word of whom it is about, and goes again when told', async () => {
    for (const n of [1, 2]) await receive(sampleVxu({ controlId: `D${n}`, mrn: `d${n}` }));
    const first = await forward(async (message) => acknowledged(controlIdOf(message) === 'D1' ? 'AE' : 'AA'));
    expect(first.result).toEqual({ sent: 1, dead: 1 });
    const { waiting, dead } = await outbox();
    expect([waiting, dead.map(({ reason }) => reason)]).toEqual([0, ['it was answered AE: 101 at PID^1^7']]);
    expect(first.warnings.join()).not.toContain('secret');
    const said: string[] = [];
    const command = { store: here.store, json: false, output: { write: (text: string) => said.push(text) } };
    await expect(retryDead(command, 'none')).rejects.toThrow('none: no message of this id');
    await retryDead(command, dead[0]?.id);
    expect(said).toEqual(['1 messages wait again\n']);
    expect((await forward(async () => acknowledged('AA'))).result).toEqual({ sent: 1, dead: 0 });
  });

  it('that is answered AR is sent five times', async () => {
    await receive(sampleVxu({ controlId: 'R1', mrn: 'r1' }));
    let times = 0;
    await forward(async () => {
      times++;
      return acknowledged('AR');
    });
    expect([times, (await outbox()).dead.length]).toEqual([5, 1]);
  });
});

describe('another server that takes messages by SOAP', () => {
  let there: SmartServer;
  let url: string;
  beforeEach(async () => {
    there = await openSmartServer({ messages: true });
    await there.addUser('jenner', { role: 'interface', organization: ['a'] });
    await there.app.listen({ host: '127.0.0.1', port: 0 });
    url = `http://127.0.0.1:${(there.app.server.address() as AddressInfo).port}/soap/cdc`;
  });
  afterEach(() => there.close());
  const signal = new AbortController().signal;
  const to = (password = 'password of jenner', at = url) => ({
    url: at,
    login: 'jenner',
    password,
    facility: 'b',
  });

  it('gets them as they came', async () => {
    await receive(sampleVxu({ controlId: 'T1', mrn: 't1', family: 'Onward \\T\\ Söhne' }));
    const { result } = await forward((message, stop) => deliver(to(), message, stop));
    expect(result).toEqual({ sent: 1, dead: 0 });
    const { matches } = await there.store.scan({ type: 'Patient', count: 100 });
    expect(matches.some(({ text }) => text.includes('Onward & Söhne'))).toBe(true);
  });

  it.each([
    ['a wrong password', () => to('wrong'), /it answered with a fault: .*Security/],
    [
      'nobody there',
      () => to(undefined, 'http://127.0.0.1:9/soap'),
      /fetch failed: connect ECONNREFUSED|bad port/,
    ],
    [
      'something else there',
      () => to(undefined, url.replace('/soap/cdc', '/health/live')),
      /it answered \d+, and no SOAP/,
    ],
  ])('is unreachable with %s', async (_, destination, reason) => {
    expect(await deliver(destination(), sampleVxu(), signal)).toEqual({
      kind: 'unreachable',
      reason: expect.stringMatching(reason),
    });
  });

  it('refuses what is no single message for good', async () => {
    expect(await deliver(to(), sampleVxu() + sampleVxu(), signal)).toMatchObject({ kind: 'refused' });
  });

  it('is not waited for when the work must stop', async () => {
    const stop = new AbortController();
    const waiting = deliver(to(), sampleVxu(), stop.signal);
    stop.abort(new Error('stopping'));
    await expect(waiting).rejects.toThrow('stopping');
    await sleep(10);
  });
});

it('is not sent again by a server that was thought dead, once another has sent it', async () => {
  await receive(sampleVxu({ controlId: 'L1', mrn: 'l1' }));
  const read = await nextWaiting(here.store);
  if (!read) throw new Error('nothing waits');
  await settle(here.store, read);
  await countTry(here.store, read);
  await bury(here.store, read, { id: 'x', reason: 'refused', at: systemClock.now() });
  expect(await nextWaiting(here.store)).toBeUndefined();
  expect(await listDead(here.store)).toEqual([]);
});
