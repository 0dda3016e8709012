import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/access/caller.ts';
import { resourceTypes } from '../../src/fhir/resource-type.ts';
import { openContext } from '../../src/interaction/context.ts';
import { createResource } from '../../src/interaction/create-resource.ts';
import { deleteResource } from '../../src/interaction/delete-resource.ts';
import { patchResource } from '../../src/interaction/patch-resource.ts';
import { runTransaction } from '../../src/interaction/transaction.ts';
import { updateResource } from '../../src/interaction/update-resource.ts';
import { entryOperations } from '../../src/operation/entry-operation.ts';
import { performOperation } from '../../src/operation/perform-operation.ts';
import { everything } from '../../src/search/filter.ts';
import { recordSystem } from '../../src/search/person-link.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer();
});
afterEach(() => server.close());

const grant = {
  create: everything,
  read: everything,
  update: everything,
  delete: everything,
  search: everything,
};
const callers = {
  'an open client': { kind: 'open' },
  "a token's client": {
    kind: 'token',
    name: 't',
    grants: new Map(resourceTypes.map((type) => [type, grant] as const)),
  },
  operator: { kind: 'system', name: 'operator' },
  rules: { kind: 'system', name: 'rules', managesRecords: true },
} as const satisfies Readonly<Record<string, Caller>>;
type Name = keyof typeof callers;
const clients = ['an open client', "a token's client"] as const;

/** What the registry makes of a source is another matter. */
const as = (name: Name) => openContext({ ...server.context, writeRules: [] }, server.store, callers[name]);
const parsed = (resource: object) => ({ resource: resource as never, exactNumbers: false });
const key = (id: string) => ({ type: 'Patient', id: id as ResourceId }) as const;
const tag = (code: string) => ({ system: recordSystem, code });
const other = { system: 'urn:t', code: 'x' };
const link = (type: string, reference: string) => ({ other: { reference }, type });
const patient = (id: string, tags: readonly object[] = [], ...links: readonly object[]) => ({
  resourceType: 'Patient',
  id,
  ...(tags.length > 0 && { meta: { tag: tags } }),
  ...(links.length > 0 && { link: links }),
});
const put = (name: Name, resource: ReturnType<typeof patient>) =>
  updateResource(as(name), key(resource.id), parsed(resource));

async function kept(id: string) {
  const text = (await server.store.read(key(id)))?.text ?? '{}';
  const { meta, link: links } = JSON.parse(text);
  return { tags: meta?.tag, links };
}
async function aliasesOf(id: string): Promise<readonly string[] | undefined> {
  return (await server.store.aliasesOf([id as ResourceId])).get(id);
}

const toPerson = link('refer', 'Patient/p');
const source = patient('s', [tag('source')], toPerson);
const person = patient('p', [tag('person')], link('seealso', 'Patient/s'), link('replaced-by', 'Patient/x'));

describe.each(clients)('which record of a person a Patient is, when %s writes', (client) => {
  it('cannot be said in a first version', async () => {
    for (const id of ['p', 'x', 'victim']) await put('operator', patient(id));
    const forged = patient('new', [other, tag('source')], link('refer', 'Patient/victim'));
    await put(client, forged);
    expect(await kept('new')).toEqual({ tags: [other], links: [link('refer', 'Patient/victim')] });
    const { id: _, ...unnamed } = forged;
    const { version } = await createResource(as(client), parsed(unnamed));
    expect((await kept(version.id)).tags).toEqual([other]);
    expect(await aliasesOf('victim')).toBeUndefined();
    expect(await server.store.hasAliases()).toBe(false);
  });

  it('stays as it is when nothing is sent of it, or something else', async () => {
    for (const id of ['x', 'victim']) await put('operator', patient(id));
    await put('operator', person);
    await put('operator', source);
    await put(client, { ...patient('s'), active: true } as never);
    expect(await kept('s')).toEqual({ tags: [tag('source')], links: [toPerson] });
    const own = link('seealso', 'Patient/x');
    await put(client, patient('s', [other, tag('person')], link('refer', 'Patient/victim'), own));
    expect(await kept('s')).toEqual({ tags: [other, tag('source')], links: [toPerson, own] });
    expect(await aliasesOf('s')).toEqual(['p', 's']);
    await put(client, { ...patient('p'), active: true } as never);
    await put(client, patient('p', [tag('source')], link('refer', 'Patient/victim')));
    expect(await kept('p')).toEqual({ tags: person.meta?.tag, links: person.link });
    expect(await aliasesOf('victim')).toBeUndefined();
    const replaced = patient('old', [tag('replaced')], link('replaced-by', 'Patient/p'));
    await put('operator', replaced);
    await put(client, patient('old', [tag('source')], link('replaced-by', 'Patient/victim')));
    expect(await kept('old')).toEqual({ tags: replaced.meta?.tag, links: replaced.link });
    expect(await aliasesOf('old')).toEqual(['p', 'old', 's']);
  });

  it('leaves a Patient as it was when it is sent back without it', async () => {
    await put('operator', patient('p'));
    const { version } = await put('operator', source);
    expect((await put(client, patient('s'))).version.versionId).toBe(version.versionId);
    const { resource } = parsed(JSON.parse(String((await server.store.read(key('s')))?.text)));
    expect((await updateResource(as(client), key('s'), { resource, exactNumbers: false })).version).toEqual(
      version,
    );
  });

  it('cannot be said of a source of nobody', async () => {
    await put('operator', patient('victim'));
    await put('operator', patient('s', [tag('source')]));
    await put(client, patient('s', [], link('refer', 'Patient/victim')));
    expect(await kept('s')).toEqual({ tags: [tag('source')], links: undefined });
    expect(await aliasesOf('victim')).toBeUndefined();
  });

  it('cannot be said by a patch, by $meta-add, in a transaction, nor by writing after a delete', async () => {
    for (const id of ['p', 'victim']) await put('operator', patient(id));
    await put('operator', patient('lone', [other]));
    await put('operator', source);
    const ctx = as(client);
    const forged = { meta: { tag: [tag('source')] }, link: [link('refer', 'Patient/victim')] };
    await patchResource(ctx, key('lone'), ({ resource }) => parsed({ ...resource, ...forged }));
    const operation = server.operations.find(({ code }) => code === 'meta-add');
    if (!operation) throw new Error('no $meta-add');
    const body = {
      resourceType: 'Parameters',
      parameter: [{ name: 'meta', valueMeta: { tag: [tag('source')] } }],
    };
    const call = { ...key('lone'), code: 'meta-add', query: [], body: () => parsed(body) };
    await performOperation(ctx, operation, call as never);
    const entry = [
      {
        resource: { ...patient('other'), ...forged },
        request: { method: 'PUT', url: 'Patient/other' },
      },
    ];
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
    const services = { operate: entryOperations(server.operations), capabilities: () => '{}' };
    await runTransaction(ctx, parsed(bundle), services);
    expect([(await kept('lone')).tags, (await kept('other')).tags]).toEqual([undefined, undefined]);
    expect((await kept('s')).tags).toEqual([tag('source')]);
    await deleteResource(ctx, key('s'));
    await put(client, patient('s', [tag('source')], link('refer', 'Patient/victim')));
    expect((await kept('s')).tags).toBeUndefined();
    expect(await aliasesOf('victim')).toBeUndefined();
  });
});

describe('which record of a person a Patient is', () => {
  it('is said by operators, and stays when they say nothing', async () => {
    for (const id of ['p', 'q']) await put('operator', patient(id));
    await put('operator', source);
    await put('operator', { ...patient('s'), active: true } as never);
    expect(await aliasesOf('s')).toEqual(['p', 's']);
    await put('operator', patient('s', [tag('source')], link('refer', 'Patient/q')));
    expect(await aliasesOf('s')).toEqual(['q', 's']);
  });

  it('is taken back by the rules of the registry alone', async () => {
    await put('operator', patient('p'));
    await put('operator', source);
    await put('rules', patient('s'));
    expect(await kept('s')).toEqual({ tags: undefined, links: undefined });
    expect(await aliasesOf('p')).toBeUndefined();
  });
});
