import fc from 'fast-check';
import { type Db, MongoClient, MongoServerError } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectionMark } from '../../src/search/reach.ts';
import type { Store } from '../../src/store/contract/store.ts';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import type { Person } from '../../src/store/mongo/person.ts';
import { openSettler } from '../../src/store/mongo/settler.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { type Gate, halting } from './halting.ts';
import { type Act, drawingOf, expectRight, resourcesOf, write, writeAndDie } from './reach-world.ts';
import { noMongo, testMongo } from './test-mongo.ts';

const mongo = await testMongo();

type ActOf = (n: number) => Act;

const act =
  (what: string, of: readonly string[], marks: readonly string[], person?: string): ActOf =>
  (n) => {
    const [type, id] = what.split('/') as ['Patient', string];
    const patients = of.map((one) => `${one}${n}`);
    const belonging = person === undefined || person === id ? {} : { person: `${person}${n}` };
    return { type, id: `${id}${n}`, says: { patients, marks, ...belonging } };
  };
const removal =
  (what: string): ActOf =>
  (n) => {
    const [type, id] = what.split('/') as ['Patient', string];
    return { type, id: `${id}${n}` };
  };

const people = ['p', 'q', 's', 't'];
const marks = fc.uniqueArray(fc.constantFrom('care|A', 'dose|X', objectionMark, 'objects|2026'), {
  maxLength: 2,
});
const one = fc.constantFrom(...people);
/** What somebody may do to the family of `n`: persons p and q, sources s and t that belong to one of them, or to nobody. */
const acts: fc.Arbitrary<ActOf> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom('s', 't'), marks, fc.constantFrom('p', 'p', 'q', undefined))
      .map(([id, some, person]) => act(`Patient/${id}`, [id], some, person)),
  },
  // A person that says that it belongs to another, too.
  fc
    .tuple(fc.constantFrom('p', 'q'), marks, fc.constantFrom(undefined, undefined, 'q', 's'))
    .map(([id, some, person]) => act(`Patient/${id}`, [id], some, person)),
  fc
    .tuple(fc.constantFrom('i', 'j'), one, marks)
    .map(([id, of, some]) => act(`Immunization/${id}`, [of], some)),
  fc.uniqueArray(one, { minLength: 1, maxLength: 3 }).map((of) => act('List/l', of, [])),
  fc.uniqueArray(one, { minLength: 1, maxLength: 3 }).map((of) => act('Group/g', of, ['roster|G'])),
  fc.constantFrom('Patient/s', 'Patient/t', 'Patient/p', 'Immunization/i').map(removal),
);
const many = fc.array(acts, { minLength: 2, maxLength: 6 });
const few = fc.array(acts, { maxLength: 2 });

const family: readonly ActOf[] = [
  act('Patient/p', ['p'], ['care|A']),
  act('Patient/q', ['q'], []),
  act('Patient/s', ['s'], ['care|S'], 'p'),
  act('Patient/t', ['t'], [], 'p'),
  act('Immunization/i', ['s'], ['dose|X']),
  act('Immunization/j', ['t'], []),
  act('List/l', ['s', 'q'], []),
];

if (!mongo) it.skip(`reach of aliases: ${noMongo}`, () => undefined);
else {
  describe('reach of who is known under several ids', { timeout: 400_000 }, () => {
    const url = mongo.freshUrl();
    const client = new MongoClient(url);
    const stores: Store[] = [];
    let db: Db;
    let families = 0;

    beforeAll(async () => {
      await client.connect();
      db = client.db();
      for (let n = 0; n < 3; n++) stores.push(await openMongoStore({ url }));
    });
    afterAll(async () => {
      for (const store of stores) await store.close();
      await client.close();
    });
    const [writing, other] = [() => stores[0] as Store, () => stores[1] as Store];
    const peopleOf = (n: number) => people.map((id) => `${id}${n}`);
    const settled = (store: Store, n: number) => store.marksOf(peopleOf(n) as ResourceId[]);

    async function found(before: readonly ActOf[]): Promise<number> {
      const n = families++;
      for (const each of [...family, ...before]) await write(db, writing(), each(n));
      await settled(writing(), n);
      return n;
    }

    /** Draws what the act leaves open, as its writer does or as a reader does who finds it; `gate` may end it. */
    async function drawPast(gate: Gate, done: Act, by: 'writer' | 'reader'): Promise<void> {
      const written = await writeAndDie(db, done);
      if (!written) return;
      const settler = openSettler(halting(drawingOf(db), gate));
      const work = by === 'writer' ? settler.later(written.written, written.former) : settler.settle({});
      await work.catch(onlyKilled);
      await settler.drain();
    }

    it('is right whatever several processes write at once', async () => {
      await fc.assert(
        fc.asyncProperty(many, fc.array(many, { minLength: 3, maxLength: 3 }), async (before, lanes) => {
          const n = await found(before);
          const lanesWriting = lanes.map(async (lane, i) => {
            for (const each of lane) await write(db, stores[i] as Store, each(n));
          });
          await Promise.all([...lanesWriting, ...stores.map((store) => settled(store, n))]);
          await expectRight(db, other(), peopleOf(n));
        }),
        { numRuns: 25 },
      );
    });

    it.each(['writer', 'reader'] as const)('is right when the %s that draws dies at any step', async (by) => {
      await fc.assert(
        fc.asyncProperty(few, acts, fc.integer({ min: 0, max: 22 }), async (before, done, last) => {
          const n = await found(before);
          const gate: Gate = async (command) => {
            if (command >= last) throw new Killed();
          };
          await drawPast(gate, done(n), by);
          await expectRight(db, other(), peopleOf(n));
        }),
        { numRuns: 30 },
      );
    });

    it('is drawn although others are in the way', async () => {
      await fc.assert(
        fc.asyncProperty(few, acts, fc.integer({ min: 0, max: 22 }), async (before, done, at) => {
          const n = await found(before);
          const codes = [16_908_292, 112];
          const gate: Gate = async (command, name) => {
            const code = command < at || name.startsWith('find') ? undefined : codes.shift();
            if (code !== undefined) throw new MongoServerError({ message: 'in conflict', code });
          };
          await drawPast(gate, done(n), 'reader');
          expect(await openOf(n)).toEqual([]);
          await expectRight(db, other(), peopleOf(n));
        }),
        { numRuns: 30 },
      );
    });

    function openOf(n: number): Promise<readonly string[]> {
      const persons = peopleOf(n).map((id) => `Patient/${id}` as Person);
      return resourcesOf(db).distinct('_id', { 'open.persons': { $in: persons } });
    }

    /** Another write, and what is drawn of it: by a reader, or by nobody since its writer dies. */
    const others = {
      'is read': async (done: Act, n: number) => {
        await write(db, writing(), done);
        await settled(writing(), n);
      },
      'is all that its writer does': async (done: Act) => {
        await writeAndDie(db, done);
      },
      'is drawn by its writer': async (done: Act) => {
        const settler = openSettler(drawingOf(db));
        const written = await writeAndDie(db, done);
        if (written) await settler.later(written.written, written.former);
        await settler.drain();
      },
    };
    const rows = Object.entries(others).flatMap(([how, work]) =>
      (['writer', 'reader'] as const).map((by) => [by, how, work] as const),
    );

    it.each(rows)('is right when the %s sleeps at any step while another write %s', async (by, _, work) => {
      await fc.assert(
        fc.asyncProperty(few, acts, acts, fc.integer({ min: 0, max: 20 }), async (before, done, next, at) => {
          const n = await found(before);
          const gate: Gate = async (command) => {
            if (command === at) await work(next(n), n);
          };
          await drawPast(gate, done(n), by);
          await expectRight(db, other(), peopleOf(n));
        }),
        { numRuns: 30 },
      );
    });

    it.each([
      ['a source that joins', act('Patient/t', ['t'], ['care|T'], 'p')],
      ['a source that leaves', act('Patient/s', ['s'], ['care|S'])],
      ['a dose that another source is given', act('Immunization/j', ['t'], ['dose|Y'])],
    ])('is right with %s between any two steps', async (_, next) => {
      for (let at = 0; at < 20; at++) {
        const n = await found([act('Patient/t', ['t'], [])]);
        const gate: Gate = async (command) => {
          if (command === at) await others['is read'](next(n), n);
        };
        await drawPast(gate, act('Immunization/i', ['s'], ['dose|Z'])(n), 'reader');
        await expectRight(db, other(), peopleOf(n));
      }
    });
  });
}

class Killed extends Error {}

function onlyKilled(error: unknown): void {
  if (!(error instanceof Killed)) throw error;
}
