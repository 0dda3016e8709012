import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Caller } from '../../src/access/caller.ts';
import { ownerCode, ownerSystem } from '../../src/access/owner.ts';
import { parseScope, type Scope } from '../../src/access/scope.ts';
import { toCaller } from '../../src/access/to-caller.ts';
import { organizationsBelow } from '../../src/auth/bearer/organizations-below.ts';
import { ownPersons } from '../../src/auth/bearer/own-persons.ts';
import type { User } from '../../src/auth/users/user.ts';
import { Problem } from '../../src/fhir/problem.ts';
import { openContext } from '../../src/interaction/context.ts';
import { createResource } from '../../src/interaction/create-resource.ts';
import { deleteResource } from '../../src/interaction/delete-resource.ts';
import { updateResource } from '../../src/interaction/update-resource.ts';
import { everything } from '../../src/search/filter.ts';
import { dataSharingObjection } from '../../src/search/reach.ts';
import { fillAccessWorld } from '../http/access-world.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';
import { testMongoUrl } from '../mongo/test-mongo.ts';
import { definitions, entitled } from '../unit/access/access-world.ts';

const to = (reference: string) => ({ reference });
const patients = fc.constantFrom('mine', 'theirs', 'objecting').map((id) => to(`Patient/${id}`));
const houses = fc.constantFrom('a', 'b', 'school').map((id) => to(`Organization/${id}`));
const consent = { resourceType: 'Consent', scope: { text: 'privacy' }, policyRule: { text: 'law' } };

/** Whatever has something to do with who sees whom, with what stands there meant at times. */
const resources: fc.Arbitrary<object> = fc.oneof(
  fc.record({
    resourceType: fc.constant('Organization'),
    id: fc.constantFrom('a', 'b'),
    name: fc.constant('x'),
    partOf: fc.option(houses, { nil: undefined }),
    address: fc.constantFrom([{ city: 'Boston' }], [{ city: 'Salem' }], undefined),
  }),
  fc.record({
    resourceType: fc.constant('RelatedPerson'),
    id: fc.constantFrom('mother', 'new'),
    patient: patients,
  }),
  fc.record({
    resourceType: fc.constant('Patient'),
    id: fc.constantFrom('mine', 'theirs', 'objecting'),
    managingOrganization: houses,
    generalPractitioner: houses.map((one) => [one]),
    address: fc.constantFrom([{ city: 'Boston' }], [{ city: 'Salem' }]),
  }),
  fc.record({
    resourceType: fc.constant('Group'),
    id: fc.constantFrom('roster', 'new'),
    type: fc.constant('person'),
    actual: fc.constant(true),
    managingEntity: houses,
    member: fc.array(
      patients.map((entity) => ({ entity })),
      { minLength: 1, maxLength: 2 },
    ),
  }),
  fc.record({
    ...Object.fromEntries(Object.entries(consent).map(([name, value]) => [name, fc.constant(value)])),
    id: fc.constantFrom('objection', 'of-clinic', 'new'),
    status: fc.constantFrom('active', 'inactive'),
    category: fc.constantFrom([{ coding: [dataSharingObjection] }], [{ text: 'other' }]),
    patient: patients,
  }),
  fc.record({
    resourceType: fc.constant('Immunization'),
    id: fc.constantFrom('dose-mine', 'dose-objecting', 'new'),
    status: fc.constant('completed'),
    vaccineCode: fc.constant({ text: 'some' }),
    occurrenceDateTime: fc.constant('2024-01-01'),
    patient: patients,
    performer: houses.map((actor) => [{ actor }]),
  }),
);

/** Who may write more stands there more often. */
const hats = [
  'site-administrator',
  'clinician',
  'school-nurse',
  'board-of-health',
  'backend',
  'parent',
] as const;
const writes = fc.array(
  fc.record({
    hat: fc.constantFrom(...hats, 'backend', 'backend', 'backend', 'clinician'),
    way: fc.constantFrom('create', 'update', 'update', 'delete'),
    resource: resources,
  }),
  { minLength: 3, maxLength: 8 },
);

/** Somebody of organization a with every account that it gives, who is the mother of `mine` besides. */
async function callersNow({ ctx }: TestServer): Promise<ReadonlyMap<string, Caller>> {
  const { ids, towns } = await organizationsBelow(ctx, ['a']);
  const mother = { fhirUser: 'RelatedPerson/mother', related: ['mother'] } as unknown as User;
  const own = await ownPersons(ctx, mother, 18);
  const scopes = [parseScope('user/*.cruds'), parseScope('system/*.cruds')] as readonly Scope[];
  return new Map(
    hats.map((hat) => {
      const role = hat === 'parent' ? 'individual' : hat;
      const given = entitled({
        ...(role !== 'backend' && { role }),
        organizations: hat === 'parent' ? [] : ids,
        ownPersons: hat === 'parent' ? own : [],
        towns: hat === 'board-of-health' ? towns : [],
      });
      return [hat, toCaller({ ...given, scopes }, definitions)];
    }),
  );
}

/** All of these types that one of the callers sees, but what they brought themselves. */
async function seen(server: TestServer, brought: ReadonlySet<string>): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const caller of (await callersNow(server)).values()) {
    const { view } = openContext(server.context, server.store, caller);
    for (const type of ['Patient', 'Immunization', 'Consent', 'RelatedPerson', 'Group'] as const) {
      const { matches } = await view.search({ types: [type], filter: everything, sort: [], count: 100 });
      for (const { id } of matches) names.add(`${type}/${id}`);
    }
  }
  return [...names].filter((name) => !brought.has(name)).sort();
}

type Tried = { readonly hat: string; readonly way: string; readonly resource: object };

/** The name of what was written; undefined when it was refused. */
async function write(server: TestServer, { hat, way, resource }: Tried): Promise<string | undefined> {
  const caller = (await callersNow(server)).get(hat) as Caller;
  const ctx = openContext(server.context, server.store, caller);
  const { resourceType: type, id } = resource as never;
  const parsed = { resource: JSON.parse(JSON.stringify(resource)), exactNumbers: false };
  try {
    if (way === 'create') return `${type}/${(await createResource(ctx, parsed)).version.id}`;
    if (way === 'update') await updateResource(ctx, { type, id }, parsed);
    else await deleteResource(ctx, { type, id });
    return `${type}/${id}`;
  } catch (thrown) {
    if (thrown instanceof Problem) return undefined;
    throw thrown;
  }
}

async function openWorld(): Promise<TestServer> {
  const server = await openTestServer({ deleteReferred: 'allow' });
  await fillAccessWorld(server);
  const put = (resource: object) => {
    const { resourceType: type, id } = resource as never;
    return updateResource(server.ctx, { type, id }, { resource: resource as never, exactNumbers: false });
  };
  await put({ resourceType: 'RelatedPerson', id: 'mother', patient: to('Patient/mine') });
  const category = [{ coding: [dataSharingObjection] }];
  const meta = { tag: [{ system: ownerSystem, code: ownerCode('a') }] };
  const patient = to('Patient/objecting');
  await put({ ...consent, id: 'of-clinic', status: 'active', category, patient, meta });
  return server;
}

it('lets nobody see more by what they write', { timeout: 240_000 }, async () => {
  let written = 0;
  const property = fc.asyncProperty(writes, async (all) => {
    const server = await openWorld();
    const brought = new Set<string>();
    const before = await seen(server, brought);
    for (const tried of all) {
      const name = await write(server, tried);
      if (name === undefined) continue;
      written++;
      if (tried.way === 'create') brought.add(name);
      for (const one of await seen(server, brought)) expect(before).toContain(one);
    }
    await server.close();
  });
  const numRuns = testMongoUrl() === undefined ? 100 : 40;
  await fc.assert(property, { numRuns });
  expect(written).toBeGreaterThan(0.4 * numRuns);
});
