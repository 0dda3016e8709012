import fc from 'fast-check';
import { it } from 'vitest';
import { openMatcher } from '../../src/registry/matching/matcher.ts';
import { shippedModel } from '../../src/registry/matching/shipped-model.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { report } from './identity-world.ts';
import { checkJoins } from './joins-check.ts';
import { lookAtTasks } from './joins-look.ts';
import {
  addDose,
  answer,
  type JoinsWorld,
  merge,
  openJoinsWorld,
  put,
  remove,
  unmerge,
} from './joins-world.ts';
import { openTestServer } from './open-test-server.ts';

const given = [['Wislawa', 'Maria'], ['Wislawa'], ['Jadwiga'], ['Olga', 'Anna']];
const towns = ['Boston', 'Lynn', 'Athol'];
const records = Array.from({ length: 6 }, (_, place) => `r${place}`);

/** All of one house and born on one day, so that people are asked of most of them. */
const patientOf = (id: string, looks: number) =>
  report(id, {
    identifier: [{ system: `urn:${id}`, value: `${id}-${looks}` }],
    name: [{ family: 'Szymborska', given: given[looks % given.length] }],
    address: [{ line: ['17 Elm Street'], city: towns[looks % towns.length], state: 'MA' }],
  });

/** A place among all ids that were ever there, of persons too. */
const someId = fc.nat(30);
const kindOf = <Kind extends string>(kind: Kind) => fc.constant(kind);
const decision = fc.constantFrom('same' as const, 'not-same' as const, 'later' as const);
const step = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ kind: kindOf('put'), id: fc.constantFrom(...records), looks: fc.nat(11) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kindOf('remove'), id: someId }) },
  { weight: 5, arbitrary: fc.record({ kind: kindOf('merge'), source: someId, target: someId }) },
  { weight: 3, arbitrary: fc.record({ kind: kindOf('unmerge'), id: someId, from: fc.option(someId) }) },
  { weight: 4, arbitrary: fc.record({ kind: kindOf('answer'), task: someId, decision }) },
  { weight: 1, arbitrary: fc.record({ kind: kindOf('dose'), id: someId }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

async function take(world: JoinsWorld, one: Step): Promise<void> {
  const at = (place: number) => world.ids[place % world.ids.length] as string;
  switch (one.kind) {
    case 'put':
      return put(world, one.id, patientOf(one.id, one.looks));
    case 'remove':
      return remove(world, at(one.id));
    case 'merge':
      return merge(world, at(one.source), at(one.target));
    case 'unmerge':
      return unmerge(world, at(one.id), one.from === null ? undefined : at(one.from));
    case 'answer': {
      const tasks = await lookAtTasks(world.server);
      const task = tasks[one.task % tasks.length];
      return task && answer(world, task, one.decision);
    }
    case 'dose':
      return addDose(world, at(one.id));
  }
}

/** Ids in turn, so that the same sequence comes to the same every time. */
function inTurn(): () => ResourceId {
  let made = 0;
  return () => `made-${++made}` as ResourceId;
}

it('stands where it would stand without what was taken back, whatever came between', async () => {
  const sequence = fc.array(step, { minLength: 8, maxLength: 24 });
  await fc.assert(
    fc.asyncProperty(sequence, async (steps) => {
      const deletes = steps.length % 2 === 0 ? 'allow' : 'refuse';
      const server = await openTestServer({
        matching: 'review',
        deleteReferred: deletes,
        clockStep: 10,
        newId: inTurn(),
      });
      try {
        const world = openJoinsWorld(server, openMatcher(shippedModel), deletes);
        for (const [place, id] of records.entries()) await put(world, id, patientOf(id, place));
        for (const one of steps) {
          await take(world, one);
          await checkJoins(world);
        }
      } finally {
        await server.close();
      }
    }),
    { seed: 20261130, numRuns: 12, endOnFailure: true },
  );
}, 600_000);
