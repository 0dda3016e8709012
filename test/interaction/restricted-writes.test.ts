import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ResourceType } from '../../src/fhir/resource-type.ts';
import { runBatch } from '../../src/interaction/batch.ts';
import { type InteractionContext, openContext } from '../../src/interaction/context.ts';
import { createResource } from '../../src/interaction/create-resource.ts';
import { deleteConditionally, deleteResource } from '../../src/interaction/delete-resource.ts';
import { parseQuery } from '../../src/interaction/parse-query.ts';
import { patchConditionally, patchResource } from '../../src/interaction/patch-resource.ts';
import { runTransaction } from '../../src/interaction/transaction.ts';
import { updateConditionally, updateResource } from '../../src/interaction/update-resource.ts';
import type { Patch } from '../../src/interaction/write-plan.ts';
import { entryOperations } from '../../src/operation/entry-operation.ts';
import { everything } from '../../src/search/filter.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';
import { callerFor } from '../unit/access/access-world.ts';
import { fillWorld, type Sample, samples } from './small-world.ts';
import { grant } from './test-callers.ts';
import { answerOf } from './visible-world.ts';

let server: TestServer;
let ctx: InteractionContext;
beforeEach(async () => {
  server = await openTestServer();
  await fillWorld(server.ctx);
});
afterEach(() => server.close());

const own = { kind: 'concerns', anyOf: ['p'] } as const;
const clinic = { kind: 'reach', anyOf: ['care|Organization/a'] } as const;
const callers = {
  'one patient': grant({ Patient: own, Immunization: own, Observation: own }),
  'the patients of a clinic': grant({ Patient: clinic, Immunization: clinic, Observation: clinic }),
  'its organization': callerFor({ organizations: ['a'], scopes: 'system/*.cruds' }),
};
const as = (name: keyof typeof callers) => {
  ctx = openContext(server.context, server.store, callers[name]);
};
const key = (type: ResourceType, id: string) => ({ type, id: id as ResourceId });
const sample = (id: string): Sample => {
  const found = samples.find((one) => one.id === id);
  if (!found) throw new Error(`no sample ${id}`);
  return found;
};
const parsed = (resource: object) => ({ resource: resource as never, exactNumbers: false });
const tagged: Patch = ({ resource, exactNumbers }) => ({
  resource: { ...resource, language: 'en' },
  exactNumbers,
});
const services = ({ operations }: TestServer) => ({
  operate: entryOperations(operations),
  capabilities: () => '{}',
});
const versionsOf = async () => server.store.countHistory({ count: 1 });
const forbidden = { kind: 'forbidden' };
/** The same words but for the name. */
const nameless = (answer: unknown) =>
  JSON.stringify(answer).replaceAll(/(Patient|Immunization)\/[a-z0-9-]+/g, '$1/?');

describe.each(Object.keys(callers) as (keyof typeof callers)[])('a caller who may write for %s', (name) => {
  beforeEach(() => as(name));

  const ways: readonly (readonly [string, (ctx: InteractionContext, id: string) => Promise<unknown>])[] = [
    [
      'update',
      (to, id) =>
        updateResource(to, key('Immunization', id), parsed({ ...sample('i2'), id, lotNumber: 'X' })),
    ],
    ['patch', (to, id) => patchResource(to, key('Immunization', id), tagged)],
    ['delete', (to, id) => deleteResource(to, key('Immunization', id))],
    [
      'stale update',
      (to, id) =>
        updateResource(to, key('Immunization', id), parsed({ ...sample('i2'), id }), { ifMatch: '"9"' }),
    ],
    ['stale delete', (to, id) => deleteResource(to, key('Immunization', id), { ifMatch: '"9"' })],
  ];

  it.each(ways)('is refused the %s of what it may not see just as of what never was', async (_, write) => {
    const before = await versionsOf();
    const invisible = await answerOf(() => write(ctx, 'i2'));
    const deleted = await answerOf(() => write(ctx, 'gone-q'));
    const never = await answerOf(() => write(ctx, 'never'));
    expect(invisible).toMatchObject(forbidden);
    expect(nameless(invisible)).toBe(nameless(never));
    expect(nameless(deleted)).toBe(nameless(never));
    expect(await versionsOf()).toBe(before);
  });

  it('writes what is within its reach', async () => {
    const changed = await updateResource(
      ctx,
      key('Immunization', 'i1'),
      parsed({ ...sample('i1'), lotNumber: 'X' }),
    );
    expect(changed.kind).toBe('updated');
    expect((await patchResource(ctx, key('Immunization', 'i1'), tagged)).kind).toBe('updated');
    const { id: _, ...fresh } = sample('i1');
    const created = await createResource(ctx, parsed(fresh));
    expect(created.kind).toBe('created');
    expect(await deleteResource(ctx, created.version)).toMatchObject({ method: 'DELETE' });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['creates it', () => createResource(ctx, parsed({ ...sample('i2'), id: undefined }))],
    [
      'updates its own to be',
      () => updateResource(ctx, key('Immunization', 'i1'), parsed({ ...sample('i2'), id: 'i1' })),
    ],
    [
      'patches its own to be',
      () =>
        patchResource(ctx, key('Immunization', 'i1'), ({ resource, exactNumbers }) => ({
          resource: { ...resource, patient: { reference: 'Patient/q' } },
          exactNumbers,
        })),
    ],
    [
      'creates it for nobody that is known',
      () =>
        createResource(
          ctx,
          parsed({ ...sample('i2'), id: undefined, patient: { reference: 'Patient/nobody' } }),
        ),
    ],
  ])('is refused what is beyond its reach when it %s', async (_, write) => {
    const before = await versionsOf();
    expect(await answerOf(write)).toMatchObject(forbidden);
    expect(await versionsOf()).toBe(before);
  });

  it('keeps nothing of a transaction that goes beyond its reach', async () => {
    const before = await versionsOf();
    const entry = (resource: object) => ({ resource, request: { method: 'POST', url: 'Immunization' } });
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [entry(sample('i1')), entry(sample('i2'))],
    };
    expect(await answerOf(() => runTransaction(ctx, parsed(bundle), services(server)))).toMatchObject(
      forbidden,
    );
    expect(await versionsOf()).toBe(before);
    const batch = await runBatch(ctx, parsed({ ...bundle, type: 'batch' }), services(server));
    expect(batch.map(({ status }) => status)).toEqual(['201 Created', '403 Forbidden']);
  });

  it('makes no two of what two entries of a transaction make on conditions that both meet', async () => {
    const { id: _, ...fresh } = sample('i1');
    const dose = { ...fresh, lotNumber: 'NEW' };
    const entry = ['lot-number=NEW', 'lot-number=NEW,OTHER'].map((ifNoneExist) => ({
      resource: dose,
      request: { method: 'POST', url: 'Immunization', ifNoneExist },
    }));
    const bundle = parsed({ resourceType: 'Bundle', type: 'transaction', entry });
    expect(await answerOf(() => runTransaction(ctx, bundle, services(server)))).toMatchObject({
      kind: 'invalid-content',
      message: expect.stringContaining('both would make one'),
    });
  });

  it('is not told of the match of a conditional create that it may not see', async () => {
    const { id: _, ...fresh } = sample('i1');
    const ifNoneExist = parseQuery('lot-number=A1&patient=Patient/q');
    expect((await createResource(ctx, parsed(fresh), { ifNoneExist })).kind).toBe('created');
    const known = parseQuery('lot-number=A1&patient=Patient/p&vaccine-code=08');
    expect(await answerOf(() => createResource(ctx, parsed(fresh), { ifNoneExist: known }))).toMatchObject({
      kind: 'multiple-matches',
    });
  });

  it.each<[string, () => Promise<unknown>, object | undefined]>([
    [
      'update',
      () =>
        updateConditionally(
          ctx,
          'Immunization',
          parseQuery('patient=Patient/q'),
          parsed({ ...sample('i1'), id: undefined }),
        ),
      { kind: 'created' },
    ],
    [
      'patch',
      () => patchConditionally(ctx, 'Immunization', parseQuery('patient=Patient/q'), tagged),
      { kind: 'not-found' },
    ],
    ['delete', () => deleteConditionally(ctx, 'Immunization', parseQuery('patient=Patient/q')), undefined],
  ])('finds no match of a conditional %s that it may not see', async (_, write, expected) => {
    const answer = await answerOf(write);
    if (expected) expect(answer).toMatchObject(expected);
    else expect(answer).toBeUndefined();
    expect((await server.store.read(key('Immunization', 'i2')))?.versionId).toBe(1);
  });

  it('is not told in a conflict that others refer whom it may not see, where some whom it may see do', async () => {
    const answer = await answerOf(() => deleteResource(ctx, key('Patient', 'p')));
    expect(answer).toMatchObject({ kind: 'conflict' });
    const { message } = answer as { readonly message: string };
    expect(message).toContain('Immunization/i1');
    expect(message).not.toMatch(/others|Group|List\/list|Task|Patient\/q/);
    // Of the referrers it sees none: only that there are some.
    const blind = openContext(server.context, server.store, grant({ Patient: everything }));
    const other = await answerOf(() => deleteResource(blind, key('Patient', 's')));
    expect(other).toEqual({
      kind: 'conflict',
      message: 'Patient/s cannot be deleted: others refer to it; delete or change those first',
    });
  });

  it('resolves a conditional reference among what it may see', async () => {
    const dose = { ...sample('i1'), id: undefined, patient: { reference: 'Patient?identifier=urn:mrn|q' } };
    const entry = [{ resource: dose, request: { method: 'POST', url: 'Immunization' } }];
    const bundle = parsed({ resourceType: 'Bundle', type: 'transaction', entry });
    const unseen = await answerOf(() => runTransaction(ctx, bundle, services(server)));
    const other = JSON.parse(JSON.stringify(bundle).replaceAll('urn:mrn|q', 'urn:mrn|nobody'));
    const never = await answerOf(() => runTransaction(ctx, other, services(server)));
    expect(unseen).toMatchObject({ kind: 'no-match' });
    expect(JSON.stringify(unseen).replaceAll('urn:mrn|q', '')).toBe(
      JSON.stringify(never).replaceAll('urn:mrn|nobody', ''),
    );
  });
});

describe('a caller whose reach a write could widen', () => {
  const reach = {
    kind: 'reach',
    anyOf: ['care|Organization/b', 'dose|Organization/b', 'roster|Organization/b'],
  } as const;
  const performer = [{ actor: { reference: 'Organization/b' } }];
  beforeEach(() => {
    const grants = grant({ Patient: reach, Immunization: reach, Group: reach });
    ctx = openContext(server.context, server.store, grants);
  });
  const seesStone = async () => (await ctx.view.read(key('Patient', 's'))) !== undefined;

  it.each<[string, object]>([
    ['a dose', { ...sample('i4'), id: undefined, performer }],
    [
      'a roster',
      {
        resourceType: 'Group',
        type: 'person',
        actual: true,
        managingEntity: { reference: 'Organization/b' },
        member: [{ entity: { reference: 'Patient/s' } }],
      },
    ],
    [
      'a roster with one of its own',
      {
        resourceType: 'Group',
        type: 'person',
        actual: true,
        managingEntity: { reference: 'Organization/b' },
        member: [{ entity: { reference: 'Patient/r' } }, { entity: { reference: 'Patient/s' } }],
      },
    ],
  ])('does not come at a person by writing %s of it', async (_, resource) => {
    expect(await answerOf(() => createResource(ctx, parsed(resource)))).toMatchObject(forbidden);
    expect(await seesStone()).toBe(false);
  });

  it('does not come at it by moving a dose of its own there', async () => {
    const moved = { ...sample('i3'), patient: { reference: 'Patient/s' } };
    expect(await answerOf(() => updateResource(ctx, key('Immunization', 'i3'), parsed(moved)))).toMatchObject(
      forbidden,
    );
    expect(await seesStone()).toBe(false);
  });

  it('writes of its own, and of a person who comes with it', async () => {
    expect((await createResource(ctx, parsed({ ...sample('i3'), id: undefined }))).kind).toBe('created');
    const fullUrl = 'urn:uuid:33333333-3333-4333-8333-333333333333';
    const entry = [
      { fullUrl, resource: { ...sample('r'), id: undefined }, request: { method: 'POST', url: 'Patient' } },
      {
        resource: { ...sample('i3'), id: undefined, patient: { reference: fullUrl } },
        request: { method: 'POST', url: 'Immunization' },
      },
    ];
    const bundle = parsed({ resourceType: 'Bundle', type: 'transaction', entry });
    const answers = await runTransaction(ctx, bundle, services(server));
    expect(answers.map(({ status }) => status)).toEqual(['201 Created', '201 Created']);
  });
});

it.each<[string, (to: InteractionContext) => Promise<unknown>]>([
  ['a patch that changes nothing', (to) => patchResource(to, key('Patient', 'q'), (current) => current)],
  ['a patch', (to) => patchResource(to, key('Patient', 'q'), tagged)],
  [
    'the match of a conditional create',
    (to) =>
      createResource(to, parsed({ resourceType: 'Patient' }), {
        ifNoneExist: parseQuery('identifier=urn:mrn|q'),
      }),
  ],
])('shows by %s nothing that it may not read', async (_, write) => {
  const blind = openContext(server.context, server.store, {
    kind: 'token',
    name: 'writer',
    grants: new Map([['Patient', { create: everything, update: everything, search: everything }]]),
  });
  expect(await answerOf(() => write(blind))).toMatchObject(forbidden);
  expect((await server.store.read(key('Patient', 'q')))?.versionId).toBe(1);
});

it('lets a caller put under an id of its own choice what it may write all of', async () => {
  ctx = openContext(server.context, server.store, grant({ Observation: everything }));
  const own = { ...sample('o1'), id: 'chosen' };
  expect((await updateResource(ctx, key('Observation', 'chosen'), parsed(own))).kind).toBe('created');
});

it('is refused what no grant is for', async () => {
  as('one patient');
  const organization = parsed({ resourceType: 'Organization', name: 'X' });
  expect(await answerOf(() => createResource(ctx, organization))).toMatchObject(forbidden);
  const readOnly = openContext(server.context, server.store, {
    kind: 'token',
    name: 'reader',
    grants: new Map([['Patient', { read: everything, search: everything }]]),
  });
  for (const write of [
    () => createResource(readOnly, parsed({ resourceType: 'Patient' })),
    () => updateResource(readOnly, key('Patient', 'p'), parsed(sample('p'))),
    () => patchResource(readOnly, key('Patient', 'p'), tagged),
    () => deleteResource(readOnly, key('Patient', 'p')),
  ]) {
    expect(await answerOf(write)).toMatchObject(forbidden);
  }
});

it('refuses everything to nobody', async () => {
  const nobody = openContext(server.context, server.store, { kind: 'anonymous' });
  for (const write of [
    () => createResource(nobody, parsed({ resourceType: 'Patient' })),
    () => updateResource(nobody, key('Patient', 'p'), parsed(sample('p'))),
    () => patchResource(nobody, key('Patient', 'p'), tagged),
    () => deleteResource(nobody, key('Patient', 'p')),
    () => deleteConditionally(nobody, 'Patient', parseQuery('name=smith')),
    () => runTransaction(nobody, parsed({ resourceType: 'Bundle', type: 'transaction' }), services(server)),
    () => runBatch(nobody, parsed({ resourceType: 'Bundle', type: 'batch' }), services(server)),
  ]) {
    expect(await answerOf(write)).toMatchObject({ kind: 'unauthenticated' });
  }
});
