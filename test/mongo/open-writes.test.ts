import { once } from 'node:events';
import { type AddressInfo, connect as connectTo, createServer, type Socket } from 'node:net';
import { MongoClient } from 'mongodb';
import { afterEach, describe, expect, it } from 'vitest';
import { everything } from '../../src/search/filter.ts';
import type { Store } from '../../src/store/contract/store.ts';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import { type OpenWrites, openOpenWrites, type WriterDocument } from '../../src/store/mongo/open-writes.ts';
import { systemClock } from '../../src/values/clock.ts';
import { at, change, write } from '../contract/fixtures.ts';
import { noMongo, testMongo } from './test-mongo.ts';

const mongo = await testMongo();
const pace = { look: 20, gone: 1200, patience: 4000 };
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

if (!mongo) it.skip(`writes that are under way: ${noMongo}`, () => undefined);
else {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  describe('which writes are under way', () => {
    /** Of as many processes. */
    const openSeveral = async (count: number) => {
      const client = await new MongoClient(mongo.freshUrl()).connect();
      closing.push(() => client.close());
      const writers = client.db().collection<WriterDocument>('writer');
      const all = Array.from({ length: count }, () => openOpenWrites(writers, pace));
      closing.push(() => Promise.all(all.map((one) => one.close())));
      return { writers, all: all as [OpenWrites, OpenWrites] };
    };
    /** A write of this time that lasts until it is released. */
    const begin = async (writes: OpenWrites, stamp: number) => {
      let release = () => {};
      let begun = () => {};
      const isBegun = new Promise<void>((resolve) => {
        begun = resolve;
      });
      const written = writes.during(stamp, () => {
        begun();
        return new Promise<string>((resolve) => {
          release = () => resolve('kept');
        });
      });
      await isBegun;
      return { written, release: () => release() };
    };
    const isSettled = async (work: Promise<unknown>, ms = 300) =>
      Promise.race([work.then(() => true), sleep(ms).then(() => false)]);

    it('are waited for by another process, and by their own', async () => {
      const { all } = await openSeveral(2);
      for (const asking of all) {
        const moment = asking === all[0] ? 1000 : 2000;
        const { written, release } = await begin(all[0], moment);
        const settling = asking.settle(moment);
        expect(await isSettled(settling)).toBe(false);
        release();
        expect(await written).toBe('kept');
        expect(await isSettled(settling)).toBe(true);
      }
    });

    it('are not waited for where they bear a later time', async () => {
      const { all } = await openSeveral(2);
      const { written, release } = await begin(all[0], 1001);
      expect(await isSettled(all[1].settle(1000))).toBe(true);
      release();
      await written;
    });

    it('do not begin where they bear the time of a moment that was told, in no process, new ones too', async () => {
      const { all, writers } = await openSeveral(2);
      await all[0].during(1, async () => undefined);
      await all[1].settle(1000);
      const late = openOpenWrites(writers, pace);
      closing.push(() => late.close());
      for (const each of [...all, late]) {
        expect(await each.during(1000, async () => 'written')).toEqual({ kind: 'late', moment: 1000 });
        expect(await each.during(1001, async () => 'written')).toBe('written');
      }
    });

    it('of a process that is gone are given up, and a moment is not told as long as one does not end', async () => {
      const { all, writers } = await openSeveral(2);
      await writers.insertOne({ _id: 'killed', settled: -1, beat: 7 });
      const began = performance.now();
      await all[1].settle(1000);
      expect(performance.now() - began).toBeGreaterThan(pace.gone);
      await all[0].during(1001, async () => undefined);
      const { written, release } = await begin(all[0], 1500);
      await expect(all[1].settle(2000)).rejects.toThrow('does not end');
      release();
      await written;
    });

    it('do not begin while the database is too slow for others to know of them', async () => {
      const { writers } = await openSeveral(0);
      const slow = new Proxy(writers, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name);
          if (name !== 'updateOne') return typeof value === 'function' ? value.bind(target) : value;
          return async (...args: Parameters<typeof target.updateOne>) => {
            await sleep(pace.gone / 2);
            return target.updateOne(...args);
          };
        },
      });
      const late = openOpenWrites(slow, pace);
      await expect(late.during(1, async () => 'written')).rejects.toThrow('too slowly');
      await late.close();
    });

    it('show that they are there again when they were taken for gone', async () => {
      const { all, writers } = await openSeveral(2);
      await all[0].during(1, async () => undefined);
      await writers.deleteMany({ _id: { $ne: 'moment' } });
      await sleep(pace.gone);
      const { written, release } = await begin(all[0], 5);
      const settling = all[1].settle(10);
      expect(await isSettled(settling, 150)).toBe(false);
      release();
      await written;
      await settling;
    });

    it('leave nothing behind in a process that writes no more', async () => {
      const { all, writers } = await openSeveral(2);
      await all[0].during(1, async () => undefined);
      expect(await writers.countDocuments()).toBe(1);
      await sleep(pace.gone * 2);
      expect(await writers.countDocuments()).toBe(0);
      await all[1].during(1, async () => undefined);
      await all[1].close();
      expect(await writers.countDocuments()).toBe(0);
    });
  });

  it('a write that another server holds open for long is in the snapshot, or is stamped anew', async () => {
    const url = mongo.freshUrl();
    const line = await openSlowLine(new URL(url.replace(/,[^/]*/, '')));
    closing.push(line.close);
    const open = async (at: string): Promise<Store> => {
      const store = await openMongoStore({ url: at });
      closing.push(() => store.close());
      return store;
    };
    const direct = await open(url);
    const slow = await open(line.url);
    await write(slow, change({ id: 'before', lastUpdated: systemClock.now() }));
    const stamp = systemClock.now();
    line.hold();
    const writing = slow.write({ changes: [change({ id: 'slow', lastUpdated: stamp })], guards: [] });
    await sleep(20);
    const taking = direct.snapshot();
    await sleep(1500);
    line.release();
    const { position, time } = await taking;
    expect(time).toBeGreaterThanOrEqual(stamp);
    expect(await writing).toEqual({ kind: 'committed' });
    const query = { type: 'Patient', at: position, filter: everything, count: 10 } as const;
    expect((await direct.scanSnapshot(query)).count).toBe(2);
    const late = { changes: [change({ id: 'late', lastUpdated: at(stamp) })], guards: [] };
    expect(await slow.write(late)).toEqual({ kind: 'late', moment: time });
    expect(await direct.read({ type: 'Patient', id: 'late' as never })).toBeUndefined();
  });
}

/** A line to the database on which nothing goes out as long as it is held. */
async function openSlowLine(to: URL) {
  const sockets = new Set<Socket>();
  let isHeld = false;
  const server = createServer((near) => {
    const far = connectTo(Number(to.port), to.hostname);
    for (const each of [near, far]) {
      sockets.add(each);
      each.on('error', () => undefined);
    }
    near.pipe(far);
    far.pipe(near);
    if (isHeld) near.pause();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(to);
  url.port = String((server.address() as AddressInfo).port);
  url.searchParams.set('directConnection', 'true');
  const each = (work: (socket: Socket) => void) => {
    for (const socket of sockets) work(socket);
  };
  return {
    url: url.href,
    hold: () => {
      isHeld = true;
      each((socket) => socket.pause());
    },
    release: () => {
      isHeld = false;
      each((socket) => socket.resume());
    },
    close: async () => {
      each((socket) => socket.destroy());
      server.close();
    },
  };
}
