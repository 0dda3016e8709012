import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/access/caller.ts';
import { openContext } from '../../src/interaction/context.ts';
import type { Operation, OperationCall } from '../../src/operation/operation.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';
import { fillWorld, keys } from './small-world.ts';
import { callers, filterOf } from './test-callers.ts';
import { answerOf, visibleWorld } from './visible-world.ts';

let server: TestServer;
const worlds = new Map<string, TestServer>();
beforeAll(async () => {
  server = await openTestServer();
  await fillWorld(server.ctx);
  for (const [name, caller] of Object.entries(callers)) worlds.set(name, await visibleWorld(server, caller));
});
afterAll(async () => {
  for (const world of worlds.values()) await world.close();
  await server.close();
});

/** What changes from call to call: made-up names, and the day on which it is asked. */
const steady = (answer: unknown) =>
  (typeof answer === 'string' ? answer : JSON.stringify(answer))
    ?.replaceAll(/urn:uuid:[0-9a-f-]{36}/g, 'urn:uuid:?')
    .replaceAll(/"date":"[^"]*"/g, '"date":"?"');

/** Every operation on what it is offered on, with the inputs that make it answer of what is stored. */
function callsOf(operation: Operation): readonly OperationCall[] {
  const base = { query: [], strict: false };
  switch (operation.level) {
    case 'system':
      return [base];
    case 'type':
      return operation.types.map((type) => ({ ...base, type }));
    case 'instance':
      return keys
        .filter(({ type }) => operation.types.includes(type))
        .filter(({ id }) => !id.startsWith('gone'))
        .map(({ type, id }) => ({ ...base, type, id: id as ResourceId }));
  }
}

const changes = new Set(['meta-add', 'meta-delete']);

describe.each(Object.keys(callers))('the operations of a caller who may see %s', (name) => {
  const caller = callers[name] as Caller;

  const reading = () => server.operations.filter(({ code }) => !changes.has(code));
  const restricted = () => openContext(server.registry, server.store, caller);
  const isGranted = ({ type }: OperationCall) =>
    type === undefined || filterOf(caller, type, 'read') !== undefined;

  it('answer as if there were nothing else', async () => {
    const world = worlds.get(name);
    if (!world) throw new Error(`no world for ${name}`);
    const calls = reading().flatMap((operation) => callsOf(operation).map((call) => ({ operation, call })));
    expect(calls.length).toBeGreaterThan(50);
    for (const { operation, call } of calls.filter((one) => isGranted(one.call))) {
      const answer = steady(await answerOf(() => operation.run(restricted(), call)));
      // What reads a type that is outside all grants says so.
      if (answer?.includes('"kind":"forbidden"')) continue;
      const what = `${call.type ?? ''}/${call.id ?? ''}/$${operation.code}`;
      expect(answer, what).toBe(steady(await answerOf(() => operation.run(world.ctx, call))));
    }
  });

  it.each(['p', 'q', 'never'])('tell nothing of Patient/%s if it may not be seen', async (id) => {
    const call = { type: 'Patient', id: id as ResourceId, query: [], strict: false } as const;
    const seen = await restricted().view.read(call);
    const expected = isGranted(call)
      ? { kind: 'not-found', message: `There is no Patient/${id}` }
      : expect.objectContaining({ kind: 'forbidden' });
    const ofPatients = reading().filter(
      ({ level, types }) => level === 'instance' && types.includes('Patient'),
    );
    for (const operation of ofPatients) {
      const answer = await answerOf(() => operation.run(restricted(), call));
      if (seen) expect(answer).not.toEqual(expected);
      else expect(answer).toEqual(expected);
    }
  });
});

it('answers no operation that reads the store to nobody', async () => {
  const nobody = openContext(server.registry, server.store, { kind: 'anonymous' });
  for (const operation of server.operations.filter(({ level }) => level === 'instance')) {
    const type = operation.types[0] ?? 'Patient';
    const call = { type, id: 'p' as ResourceId, query: [], strict: false };
    expect(await answerOf(() => operation.run(nobody, call)), operation.code).toMatchObject({
      kind: expect.stringMatching(/unauthenticated|missing-parameter|invalid/),
    });
  }
});
