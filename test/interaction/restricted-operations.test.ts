import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/access/caller.ts';
import type { ResourceType } from '../../src/fhir/resource-type.ts';
import { type InteractionContext, openContext } from '../../src/interaction/context.ts';
import type { ParameterList } from '../../src/interaction/parse-query.ts';
import type { Operation, OperationLevel } from '../../src/operation/operation.ts';
import { performOperation } from '../../src/operation/perform-operation.ts';
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
    .replaceAll(/"date":"[^"]*"/g, '"date":"?"')
    .replaceAll(/"data":"([^"]*)"/g, (_, data: string) => `"data":${withoutHeader(data)}`)
    .replaceAll(/"[\w-]+\.([\w-]{40,})\.[\w-]{40,}"/g, (_, payload: string) => contentOf(payload));

/** A message in a Binary, without its MSH, which has the time and an id. */
const withoutHeader = (data: string) =>
  JSON.stringify(
    Buffer.from(data, 'base64')
      .toString()
      .replace(/^MSH[^\r]*/, 'MSH'),
  );

/** What a signed card tells, without when it was issued and by which key. */
function contentOf(payload: string): string {
  const { vc } = JSON.parse(inflateRawSync(Buffer.from(payload, 'base64url')).toString());
  return JSON.stringify(vc.credentialSubject);
}

type Target = { readonly type?: ResourceType; readonly id?: ResourceId };

/** The inputs without which an operation is not called. */
const needed: Readonly<Record<string, ParameterList>> = {
  'health-cards-issue': [['credentialType', 'Immunization']],
};

const call = (ctx: InteractionContext, operation: Operation, target: Target) =>
  performOperation(ctx, operation, {
    ...target,
    code: operation.code,
    query: needed[operation.code] ?? [],
    body: () => undefined,
  });

/** On what the operation is offered. */
function targetsOf({ levels, types }: Operation): readonly Target[] {
  const onLevel = (level: OperationLevel): readonly Target[] => {
    switch (level) {
      case 'system':
        return [{}];
      case 'type':
        return types.map((type) => ({ type }));
      case 'instance':
        return keys
          .filter(({ type, id }) => types.includes(type) && !id.startsWith('gone'))
          .map(({ type, id }) => ({ type, id }));
    }
  };
  return levels.flatMap(onLevel);
}

const changes = new Set([
  'break-glass',
  'health-cards-revoke',
  'health-link-create',
  'health-link-revoke',
  // It asks for what a write asks for (http/smart/health-links).
  'health-links',
  'meta-add',
  'meta-delete',
]);

describe.each(Object.keys(callers))('the operations of a caller who may see %s', (name) => {
  const caller = callers[name] as Caller;

  const reading = () => server.operations.filter(({ code }) => !changes.has(code));
  const restricted = () => openContext(server.context, server.store, caller);
  const isGranted = ({ type }: Target) => type === undefined || filterOf(caller, type, 'read') !== undefined;

  it('answer as if there were nothing else', async () => {
    const world = worlds.get(name);
    if (!world) throw new Error(`no world for ${name}`);
    const calls = reading().flatMap((operation) =>
      targetsOf(operation).map((target) => ({ operation, target })),
    );
    expect(calls.length).toBeGreaterThan(50);
    for (const { operation, target } of calls.filter((one) => isGranted(one.target))) {
      const answer = steady(await answerOf(() => call(restricted(), operation, target)));
      // What reads a type that is outside all grants says so.
      if (answer?.includes('"kind":"forbidden"')) continue;
      const what = `${target.type ?? ''}/${target.id ?? ''}/$${operation.code}`;
      expect(answer, what).toBe(steady(await answerOf(() => call(world.ctx, operation, target))));
    }
  });

  it.each(['p', 'q', 'never'])('tell nothing of Patient/%s if it may not be seen', async (id) => {
    const target = { type: 'Patient', id: id as ResourceId } as const;
    const seen = await restricted().view.read(target);
    const expected = isGranted(target)
      ? { kind: 'not-found', message: `There is no Patient/${id}` }
      : expect.objectContaining({ kind: 'forbidden' });
    const ofPatients = reading().filter(
      ({ levels, types }) => levels.includes('instance') && types.includes('Patient'),
    );
    for (const operation of ofPatients) {
      const answer = await answerOf(() => call(restricted(), operation, target));
      if (seen) expect(answer).not.toEqual(expected);
      else expect(answer).toEqual(expected);
    }
  });
});

it('answers no operation to nobody', async () => {
  const nobody = openContext(server.context, server.store, { kind: 'anonymous' });
  for (const operation of server.operations) {
    for (const target of targetsOf(operation)) {
      const answer = await answerOf(() => call(nobody, operation, target));
      expect(answer, operation.code).toMatchObject({ kind: 'unauthenticated' });
    }
  }
});
