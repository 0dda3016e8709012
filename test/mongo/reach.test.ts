import fc from 'fast-check';
import { type Db, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Filter } from '../../src/search/filter.ts';
import { objectionMark } from '../../src/search/reach.ts';
import type { Store } from '../../src/store/contract/store.ts';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import { openSettler } from '../../src/store/mongo/settler.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { type Gate, halting } from './halting.ts';
import { type Act, drawingOf, expectRight, resourcesOf, write, writeAndDie } from './reach-world.ts';
import { noMongo, testMongo } from './test-mongo.ts';

const mongo = await testMongo();

/** What somebody may do to the family of `n`: people p and q, doses i and j, a Group and a List of both. */
const acts = fc
  .record({
    what: fc.constantFrom('Patient/p', 'Patient/q', 'Immunization/i', 'Immunization/j', 'Group/g', 'List/l'),
    of: fc.uniqueArray(fc.constantFrom('p', 'q'), { minLength: 1, maxLength: 2 }),
    marks: fc.uniqueArray(fc.constantFrom('care|A', 'dose|X', 'roster|G', objectionMark, 'objects|2026'), {
      maxLength: 2,
    }),
    isDeleted: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
  })
  .map(({ what, of, marks, isDeleted }) => (n: number): Act => {
    const [type, id] = what.split('/') as ['Patient', string];
    const patients = (type === 'Patient' ? [id] : what.startsWith('Imm') ? of.slice(0, 1) : of).map(
      (one) => `${one}${n}`,
    );
    const said = what === 'List/l' ? [] : marks;
    return { type, id: `${id}${n}`, ...(!isDeleted && { says: { patients, marks: said } }) };
  });
const many = fc.array(acts, { minLength: 2, maxLength: 6 });
const few = fc.array(acts, { maxLength: 2 });

const says =
  (what: string, of: string, ...marks: string[]) =>
  (n: number): Act => {
    const [type, id] = what.split('/') as ['Patient', string];
    return { type, id: `${id}${n}`, says: { patients: [...of].map((one) => `${one}${n}`), marks } };
  };
const family = [
  says('Patient/p', 'p', 'care|A'),
  says('Patient/q', 'q', 'care|A'),
  says('Immunization/i', 'p', 'dose|X'),
  says('Group/g', 'pq', 'roster|G'),
  says('List/l', 'pq'),
];

if (!mongo) it.skip(`reach: ${noMongo}`, () => undefined);
else {
  describe('reach', { timeout: 240_000 }, () => {
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
    const [one, other] = [() => stores[0] as Store, () => stores[1] as Store];
    const settled = (store: Store, n: number) => store.marksOf(peopleOf(n));
    const peopleOf = (n: number) => [`p${n}`, `q${n}`] as ResourceId[];

    async function found(before: readonly ((n: number) => Act)[]): Promise<number> {
      const n = families++;
      for (const act of [...family, ...before]) await write(db, one(), act(n));
      await settled(one(), n);
      return n;
    }

    /** Draws what `act` leaves open, as its writer does or as a reader does who finds it; `gate` may end it. */
    async function drawPast(gate: Gate, act: Act, by: 'writer' | 'reader'): Promise<void> {
      const done = await writeAndDie(db, act);
      if (!done) return;
      const settler = openSettler(halting(drawingOf(db), gate));
      const work = by === 'writer' ? settler.later(done.written, done.former) : settler.settle({});
      await work.catch(onlyKilled);
      await settler.drain();
    }

    it('is right whatever several processes write at once', async () => {
      await fc.assert(
        fc.asyncProperty(many, fc.array(many, { minLength: 3, maxLength: 3 }), async (before, lanes) => {
          const n = await found(before);
          const writing = lanes.map(async (lane, i) => {
            for (const act of lane) await write(db, stores[i] as Store, act(n));
          });
          await Promise.all([...writing, ...stores.map((store) => settled(store, n))]);
          await expectRight(db, other(), peopleOf(n));
        }),
        { numRuns: 25 },
      );
    });

    it.each(['writer', 'reader'] as const)('is right when the %s that draws dies at any step', async (by) => {
      await fc.assert(
        fc.asyncProperty(few, acts, fc.integer({ min: 0, max: 16 }), async (before, act, last) => {
          const n = await found(before);
          const gate: Gate = async (command) => {
            if (command >= last) throw new Killed();
          };
          await drawPast(gate, act(n), by);
          await expectRight(db, other(), peopleOf(n));
        }),
        { numRuns: 30 },
      );
    });

    /** Another write, and what is drawn of it: by a reader, by nobody since its writer dies, or by its writer. */
    const others = {
      'is read': async (act: Act, n: number) => {
        await write(db, one(), act);
        await settled(one(), n);
      },
      'is all that its writer does': async (act: Act) => {
        await writeAndDie(db, act);
      },
      'is drawn by its writer': async (act: Act) => {
        const settler = openSettler(drawingOf(db));
        const done = await writeAndDie(db, act);
        if (done) await settler.later(done.written, done.former);
        await settler.drain();
      },
    };
    const rows = Object.entries(others).flatMap(([how, work]) =>
      (['writer', 'reader'] as const).map((by) => [by, how, work] as const),
    );

    it.each(rows)('is right when the %s sleeps at any step while another write %s', async (by, _, work) => {
      await fc.assert(
        fc.asyncProperty(few, acts, acts, fc.integer({ min: 0, max: 14 }), async (before, act, next, at) => {
          const n = await found(before);
          const gate: Gate = async (command) => {
            if (command === at) await work(next(n), n);
          };
          await drawPast(gate, act(n), by);
          await expectRight(db, other(), peopleOf(n));
        }),
        { numRuns: 30 },
      );
    });

    it('is right when somebody dies who took back a mark between any two steps', async () => {
      for (let at = 0; at < 14; at++) {
        const n = await found([]);
        const gate: Gate = async (command) => {
          if (command === at) await writeAndDie(db, says('Immunization/i', 'p')(n));
        };
        await drawPast(gate, says('Patient/p', 'p', 'care|B')(n), 'reader');
        await expectRight(db, other(), peopleOf(n));
      }
    });

    it('lets a roster of hundreds wait for whom its mark is asked, and for nobody else', async () => {
      const n = await found([]);
      const members = Array.from({ length: 600 }, (_, i) => `m${i}-${n}`);
      const patients = [`p${n}`, ...members];
      const mark = `roster|${n}`;
      await writeAndDie(db, { type: 'Group', id: `r${n}`, says: { patients, marks: [mark] } });
      const count = (asked: string) =>
        other().count(['Group', 'Patient'], bearing([`r${n}`, `p${n}`], asked));
      expect(await count('care|A')).toBe(1);
      const open = () => resourcesOf(db).findOne({ _id: `Group/r${n}` }, { projection: { open: 1 } });
      expect((await open())?.open).toMatchObject({
        marks: [mark],
        persons: patients.map((id) => `Patient/${id}`),
      });
      expect(await count(mark)).toBe(2);
      expect((await open())?.open).toBeUndefined();
    });

    it('leaves nothing open when nobody writes any more', async () => {
      const filter = { 'open.persons': { $exists: true } } as object;
      await one().count(['Patient'], { kind: 'reach', anyOf: ['care|A'] });
      expect(await resourcesOf(db).countDocuments(filter)).toBe(0);
    });
  });
}

function bearing(ids: readonly string[], mark: string): Filter {
  return {
    kind: 'and',
    of: [
      { kind: 'id', anyOf: ids },
      { kind: 'reach', anyOf: [mark] },
    ],
  };
}

class Killed extends Error {}

function onlyKilled(error: unknown): void {
  if (!(error instanceof Killed)) throw error;
}
