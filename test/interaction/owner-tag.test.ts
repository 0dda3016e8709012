import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/access/caller.ts';
import { ownedBy, ownerCode, ownerSystem } from '../../src/access/owner.ts';
import { resourceTypes } from '../../src/fhir/resource-type.ts';
import { type InteractionContext, openContext } from '../../src/interaction/context.ts';
import { createResource } from '../../src/interaction/create-resource.ts';
import { deleteResource } from '../../src/interaction/delete-resource.ts';
import { patchResource } from '../../src/interaction/patch-resource.ts';
import { runTransaction } from '../../src/interaction/transaction.ts';
import { updateResource } from '../../src/interaction/update-resource.ts';
import { entryOperations } from '../../src/operation/entry-operation.ts';
import { performOperation } from '../../src/operation/perform-operation.ts';
import { everything } from '../../src/search/filter.ts';
import type { ResourceKey } from '../../src/store/contract/store.ts';
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
const grants = new Map(resourceTypes.map((type) => [type, grant] as const));
const token = (owner?: string): Caller => ({
  kind: 'token',
  name: 't',
  grants,
  ...(owner !== undefined && { owner }),
});
const as = (owner?: string): InteractionContext => openContext(server.context, server.store, token(owner));
const parsed = (resource: object) => ({ resource: resource as never, exactNumbers: false });
const tag = (organization: string) => ({ system: ownerSystem, code: ownerCode(organization) });
const other = { system: 'urn:t', code: 'x' };
const basic = (more: object = {}) => ({ resourceType: 'Location', name: 'Here', ...more });
const tagsOf = async (key: ResourceKey): Promise<unknown> =>
  JSON.parse((await server.store.read(key))?.text ?? '{}').meta.tag;
const forged = { meta: { tag: [other, tag('b')] } };
const key = (id: string): ResourceKey => ({ type: 'Location', id: id as ResourceId });

describe('whose a resource is', () => {
  it('is said by the server in the first version, and found', async () => {
    const { version } = await createResource(as('a'), parsed(basic()));
    expect(await tagsOf(version)).toEqual([tag('a')]);
    const found = (organization: string) => server.store.count(['Location'], ownedBy([organization]));
    expect([await found('a'), await found('b'), await found('A')]).toEqual([1, 0, 0]);
  });

  it('is told apart for ids that differ in a capital', async () => {
    await createResource(as('Ab'), parsed(basic()));
    const found = (organization: string) => server.store.count(['Location'], ownedBy([organization]));
    expect([await found('Ab'), await found('ab')]).toEqual([1, 0]);
  });

  it('stays when another writes, and when nothing is sent of it', async () => {
    await updateResource(as('a'), key('l'), parsed(basic({ id: 'l' })));
    await updateResource(as('b'), key('l'), parsed(basic({ id: 'l', name: 'There' })));
    expect(await tagsOf(key('l'))).toEqual([tag('a')]);
    await updateResource(as(), key('l'), parsed(basic({ id: 'l', name: 'Elsewhere', ...forged })));
    expect(await tagsOf(key('l'))).toEqual([other, tag('a')]);
    await updateResource(server.ctx, key('l'), parsed(basic({ id: 'l', name: 'Nowhere' })));
    expect(await tagsOf(key('l'))).toEqual([tag('a')]);
  });

  it("is nobody's who brings something without an organization, or writes over what has no owner", async () => {
    await updateResource(as(), key('l'), parsed(basic({ id: 'l', ...forged })));
    expect(await tagsOf(key('l'))).toEqual([other]);
    await updateResource(as('b'), key('l'), parsed(basic({ id: 'l', name: 'There' })));
    expect(await tagsOf(key('l'))).toBeUndefined();
  });

  it('is not what a client says, however it writes', async () => {
    const ctx = as('a');
    const { version } = await createResource(ctx, parsed(basic(forged)));
    expect(await tagsOf(version)).toEqual([other, tag('a')]);
    await patchResource(ctx, version, ({ resource }) => parsed({ ...resource, ...forged, name: 'There' }));
    expect(await tagsOf(version)).toEqual([other, tag('a')]);
    const meta = (code: 'meta-add' | 'meta-delete', of: string) => {
      const operation = server.operations.find((one) => one.code === code);
      if (!operation) throw new Error(`no ${code}`);
      const body = {
        resourceType: 'Parameters',
        parameter: [{ name: 'meta', valueMeta: { tag: [tag(of)] } }],
      };
      const call = { type: version.type, id: version.id, code, query: [], body: () => parsed(body) };
      return performOperation(ctx, operation, call as never);
    };
    await meta('meta-add', 'b');
    await meta('meta-delete', 'a');
    expect(await tagsOf(version)).toEqual([other, tag('a')]);
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ resource: basic({ id: 't', ...forged }), request: { method: 'PUT', url: 'Location/t' } }],
    };
    const services = { operate: entryOperations(server.operations), capabilities: () => '{}' };
    await runTransaction(ctx, parsed(bundle), services);
    expect(await tagsOf(key('t'))).toEqual([other, tag('a')]);
  });

  it('makes no new version of what is written back as it was read', async () => {
    const { version } = await createResource(as('a'), parsed(basic()));
    const read = JSON.parse(version.text);
    expect(await updateResource(as('b'), version, parsed(read))).toMatchObject({ kind: 'unchanged' });
    const bare = basic({ id: version.id });
    expect(await updateResource(as('b'), version, parsed(bare))).toMatchObject({ kind: 'unchanged' });
  });

  it('is read from the head of what is kept, whatever stands in it', async () => {
    const tags = [
      { system: 'urn:t', code: 'a}"{\\', display: '"}' },
      { system: 'urn:t', code: 'b' },
    ];
    const meta = { profile: ['http://a.example/{}'], tag: tags };
    const { version } = await createResource(as('a'), parsed(basic({ meta, description: ownerSystem })));
    await updateResource(
      as('b'),
      version,
      parsed(basic({ id: version.id, name: 'There', description: 'x' })),
    );
    expect(await tagsOf(version)).toEqual([tag('a')]);
    // A resource may speak of owners elsewhere, and be nobody's.
    const text = basic({ id: 'l', description: JSON.stringify(tag('b')) });
    await updateResource(server.ctx, key('l'), parsed(text));
    await updateResource(as('b'), key('l'), parsed({ ...text, name: 'There' }));
    expect(await tagsOf(key('l'))).toBeUndefined();
  });

  it('is said anew when it was deleted', async () => {
    await updateResource(as('a'), key('l'), parsed(basic({ id: 'l' })));
    await deleteResource(as('a'), key('l'));
    await updateResource(as('b'), key('l'), parsed(basic({ id: 'l' })));
    expect(await tagsOf(key('l'))).toEqual([tag('b')]);
  });

  it('is what an operator writes', async () => {
    await updateResource(server.ctx, key('l'), parsed(basic({ id: 'l', ...forged })));
    expect(await tagsOf(key('l'))).toEqual([other, tag('b')]);
    await updateResource(server.ctx, key('m'), parsed(basic({ id: 'm' })));
    expect(await tagsOf(key('m'))).toBeUndefined();
  });
});
