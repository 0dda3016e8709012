import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Job, Json } from '../../src/job/job.ts';
import { type JobRecords, openJobRecords } from '../../src/job/job-records.ts';
import { type JobRunner, openJobRunner } from '../../src/job/job-runner.ts';
import type { JobKind, JobWork } from '../../src/job/job-work.ts';
import type { EpochMs } from '../../src/values/instant.ts';
import { openTestStore, type TestStore } from '../http/open-test-server.ts';

const pace = { leaseMs: 1_000, heartbeatMs: 5, pauseMs: 5 };

let test: TestStore;
let records: JobRecords;
let now = 0;
const clock = { now: () => now as EpochMs };
let told: string[];

beforeEach(async () => {
  now = 1_000_000;
  test = await openTestStore(undefined, clock);
  records = openJobRecords(test.store, clock);
  told = [];
});
afterEach(() => test.dispose());

const kind = (run: JobKind['run'], resumes = true): JobKind => ({ kind: 'count', resumes, run });
function runner(
  owner: string,
  work: JobKind,
  publish?: (job: Job) => Promise<void>,
  heartbeatMs = pace.heartbeatMs,
): JobRunner {
  return openJobRunner({
    store: test.store,
    clock,
    kinds: [work],
    owner,
    pace: { ...pace, heartbeatMs },
    log: (line) => void told.push(line),
    ...(publish && { publish }),
  });
}
const submit = (to: JobRunner, id = 'j') => to.submit({ id, kind: 'count', input: { to: 3 } });
const until = (check: () => Promise<unknown> | unknown) =>
  vi.waitFor(async () => expect(await check()).toBeTruthy(), { timeout: 5_000 });
/** Work that goes on until it is stopped. */
const endless = kind(async ({ signal }) => {
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  throw signal.reason;
});

describe('a job', () => {
  it('is run, and keeps its result and how far it came', async () => {
    const done = runner(
      'a',
      kind(async ({ job, progress, keep }) => {
        progress({ done: 2, total: 3, note: 'things' });
        await keep(2);
        return { counted: (job.input as { readonly to: number }).to };
      }),
    );
    expect(await submit(done)).toBe(true);
    expect(await done.runNext()).toBe(true);
    expect(await records.read('j')).toMatchObject({
      state: 'finished',
      result: { counted: 3 },
      checkpoint: 2,
      attempts: 1,
      progress: { done: 2, total: 3, note: 'things' },
    });
    expect((await records.read('j'))?.lease).toBeUndefined();
    expect(await done.runNext()).toBe(false);
  });

  it('is begun at once when it is submitted to a runner that pauses', async () => {
    const slow = openJobRunner({
      store: test.store,
      clock,
      kinds: [kind(async () => null)],
      owner: 'a',
      pace: { ...pace, pauseMs: 600_000 },
      log: () => {},
    });
    slow.start();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await submit(slow);
    await until(async () => (await records.read('j'))?.state === 'finished');
    await slow.stop();
  });

  it('is forgotten when its kind says so', async () => {
    const short = runner('a', { ...kind(async () => null), keptMs: 1000 });
    await submit(short);
    await short.runNext();
    expect((await records.read('j'))?.expires).toBe(now + 1000);
    now += 1001;
    expect(await records.read('j')).toBeUndefined();
  });

  it('is forgotten when somebody takes its record away', async () => {
    const any = runner(
      'a',
      kind(async () => null),
    );
    await submit(any);
    await records.remove('j');
    expect(await any.runNext()).toBe(false);
  });

  it('fails with the reason that its work throws, and the runner goes on', async () => {
    const failing = runner(
      'a',
      kind(async ({ job }) => {
        if (job.id === 'bad') throw new Error('the disk is gone');
        return null;
      }),
    );
    await submit(failing, 'bad');
    now++;
    await submit(failing, 'good');
    expect(await failing.runNext()).toBe(true);
    expect(await failing.runNext()).toBe(true);
    expect(await records.read('bad')).toMatchObject({ state: 'failed', reason: 'the disk is gone' });
    expect(await records.read('good')).toMatchObject({ state: 'finished' });
  });

  it('is not added twice while it has not ended, and again after it', async () => {
    const one = runner(
      'a',
      kind(async () => null),
    );
    expect(await submit(one)).toBe(true);
    expect(await submit(one)).toBe(false);
    await one.runNext();
    expect(await submit(one)).toBe(true);
    expect(await records.read('j')).toMatchObject({ state: 'queued', attempts: 0 });
  });

  it('is published as it is, though who submitted it publishes last', async () => {
    const shown: string[] = [];
    let isRun = () => {};
    const ran = new Promise<void>((resolve) => {
      isRun = resolve;
    });
    const slow = runner('a', endless, async ({ state }) => {
      if (state === 'queued') await ran;
      shown.push(state);
    });
    const quick = runner(
      'b',
      kind(async () => null),
      async ({ state }) => void shown.push(state),
    );
    const submitted = submit(slow);
    await until(() => quick.runNext());
    isRun();
    await submitted;
    expect(shown).toEqual(['running', 'finished', 'queued', 'finished']);
  });

  it('is left to others by a runner that does not know its kind', async () => {
    const one = runner('a', { ...endless, kind: 'other' });
    await submit(one);
    expect(await one.runNext()).toBe(false);
    expect(await records.read('j')).toMatchObject({ state: 'queued', attempts: 0 });
  });

  it('is at one of many runners', async () => {
    const seen: string[] = [];
    const workers = Array.from({ length: 8 }, (_, n) =>
      runner(
        `w${n}`,
        kind(async ({ job }) => {
          seen.push(job.id);
          return null;
        }),
      ),
    );
    const [first] = workers;
    for (let n = 0; n < 6; n++) await submit(first as JobRunner, `j${n}`);
    const drain = async (worker: JobRunner) => {
      while (await worker.runNext());
    };
    await Promise.all(workers.map(drain));
    expect(seen.sort()).toEqual(['j0', 'j1', 'j2', 'j3', 'j4', 'j5']);
  });
});

describe('a job whose process is gone', () => {
  /** As a killed process leaves it: running, and nobody gives a sign of life. */
  async function killed(checkpoint: Json, attempts = 1): Promise<void> {
    const lease = { owner: 'dead', until: (now + pace.leaseMs) as EpochMs };
    const job: Job = {
      id: 'j',
      kind: 'count',
      input: null,
      state: 'running',
      created: clock.now(),
      updated: clock.now(),
      attempts,
      progress: { done: 1 },
      lease,
      checkpoint,
    };
    await records.add(job);
  }

  it('is taken over when its lease has run out, not before, and goes on at its checkpoint', async () => {
    const begun: unknown[] = [];
    const next = runner(
      'b',
      kind(async ({ checkpoint }) => {
        begun.push(checkpoint);
        return null;
      }),
    );
    await killed(7);
    now += pace.leaseMs - 1;
    expect(await next.runNext()).toBe(false);
    now += 1;
    expect(await next.runNext()).toBe(true);
    expect(begun).toEqual([7]);
    expect(await records.read('j')).toMatchObject({ state: 'finished', attempts: 2 });
  });

  it.each<[string, boolean, number]>([
    ['fails when its kind cannot go on', false, 1],
    ['fails when it was tried too often', true, 5],
  ])('%s', async (_, resumes, attempts) => {
    const next = runner(
      'b',
      kind(async () => null, resumes),
    );
    await killed(null, attempts);
    now += pace.leaseMs;
    expect(await next.runNext()).toBe(false);
    expect(await records.read('j')).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('stopped'),
    });
  });

  it('is ended by who took it over, though the first comes back', async () => {
    let finish: (() => void) | undefined;
    const slow = runner(
      'a',
      kind(async () => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return 'late';
      }),
      undefined,
      // It gives no sign of life, as one that hangs.
      60_000,
    );
    const quick = runner(
      'b',
      kind(async () => 'taken over'),
    );
    await submit(slow);
    const first = slow.runNext();
    await until(() => finish);
    await records.change('j', (job) => ({ ...job, lease: { owner: 'a', until: now as EpochMs } }));
    expect(await quick.runNext()).toBe(true);
    finish?.();
    await first;
    expect(await records.read('j')).toMatchObject({ state: 'finished', result: 'taken over' });
  });
});

describe('a running job', () => {
  it('keeps its lease by signs of life', async () => {
    const one = runner('a', endless);
    await submit(one);
    const running = one.runNext();
    await until(async () => (await records.read('j'))?.state === 'running');
    for (let n = 0; n < 5; n++) {
      now += pace.leaseMs / 2;
      await until(async () => ((await records.read('j'))?.lease?.until ?? 0) > now + pace.leaseMs / 2);
      expect(await runner('b', endless).runNext()).toBe(false);
    }
    await one.stop();
    await running;
  });

  it('stops at the next sign of life when it is to be cancelled, whoever asks', async () => {
    const one = runner('a', endless);
    await submit(one);
    const running = one.runNext();
    await until(async () => (await records.read('j'))?.state === 'running');
    await records.change('j', (job) => ({ ...job, cancelAsked: true }));
    await running;
    expect(await records.read('j')).toMatchObject({ state: 'cancelled' });
  });

  it('stops when another has taken it over', async () => {
    const why: unknown[] = [];
    const one = runner(
      'a',
      kind(async ({ signal }) => {
        await until(() => signal.aborted);
        why.push((signal.reason as { readonly why?: unknown }).why);
        throw signal.reason;
      }),
    );
    await submit(one);
    const running = one.runNext();
    await until(async () => (await records.read('j'))?.state === 'running');
    await records.change('j', (job) => ({ ...job, lease: { owner: 'b', until: (now + 1) as EpochMs } }));
    await running;
    expect(why).toEqual(['taken-over']);
    expect(await records.read('j')).toMatchObject({ state: 'running', lease: { owner: 'b' } });
  });

  it('keeps nothing more once it is stopped', async () => {
    const kept: string[] = [];
    const one = runner(
      'a',
      kind(async (work: JobWork) => {
        await records.change('j', (job) => ({ ...job, cancelAsked: true }));
        await until(() => work.signal.aborted);
        await work.keep('beyond').catch((thrown: Error) => kept.push(thrown.name));
        throw work.signal.reason;
      }),
    );
    await submit(one);
    await one.runNext();
    expect(kept).toEqual(['JobStoppedError']);
    expect((await records.read('j'))?.checkpoint).toBeUndefined();
  });

  it.each([
    [true, 'queued'],
    [false, 'failed'],
  ])('is left for another when its runner stops (%s: %s)', async (resumes, state) => {
    const one = runner('a', { ...endless, resumes });
    await submit(one);
    one.start();
    await until(async () => (await records.read('j'))?.state === 'running');
    await one.stop();
    expect(await records.read('j')).toMatchObject({ state });
    expect((await records.read('j'))?.lease).toBeUndefined();
  });
});

it('passes over a record that is no job', async () => {
  const one = runner(
    'a',
    kind(async () => null),
  );
  for (const value of [
    '{}',
    'null',
    '7',
    '{oops',
    '{"id":"x"}',
    '{"id":"x","state":"queued","progress":{}}',
  ]) {
    await test.store.writeRecords([{ kind: 'put', record: { collection: 'job', key: value, value } }]);
  }
  await submit(one);
  expect(await one.runNext()).toBe(true);
  expect(await records.list()).toMatchObject([{ id: 'j', state: 'finished' }]);
});

it('cancels a job that waits', async () => {
  const one = runner(
    'a',
    kind(async () => null),
  );
  await submit(one);
  await records.change('j', (job) => ({ ...job, cancelAsked: true }));
  expect(await one.runNext()).toBe(false);
  expect(await records.read('j')).toMatchObject({ state: 'cancelled' });
});

it('looks for jobs until it is stopped, and outlasts a store that fails', async () => {
  const one = runner(
    'a',
    kind(async () => null),
  );
  const fault = vi.spyOn(test.store, 'listRecords').mockRejectedValueOnce(new Error('gone'));
  one.start();
  await submit(one);
  await until(async () => (await records.read('j'))?.state === 'finished');
  expect(told.join()).toContain('gone');
  fault.mockRestore();
  await one.stop();
});

it('tells of every change of state, and is not harmed by who is told', async () => {
  const states: string[] = [];
  const one = runner(
    'a',
    kind(async () => null),
    async ({ state }) => {
      states.push(state);
      throw new Error('no Task today');
    },
  );
  await submit(one);
  await one.runNext();
  expect(states).toEqual(['queued', 'running', 'finished']);
  expect(await records.read('j')).toMatchObject({ state: 'finished' });
  expect(told.join()).toContain('no Task today');
});

it('forgets an ended job after a month', async () => {
  const one = runner(
    'a',
    kind(async () => null),
  );
  await submit(one);
  await one.runNext();
  now += 31 * 24 * 3600 * 1000;
  expect(await records.read('j')).toBeUndefined();
  expect(await records.list()).toEqual([]);
});
