import { afterAll, beforeAll, expect, it } from 'vitest';
import { followCanonicals } from '../../src/interaction/canonical-includes.ts';
import type { StoredResource } from '../../src/store/contract/store.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

/** A definition that is bound to so many value sets. */
function boundTo(count: number): StoredResource {
  const element = Array.from({ length: count }, (_, n) => ({
    path: `Patient.e${n}`,
    binding: { strength: 'required', valueSet: `http://a.example/set/${n}` },
  }));
  const text = JSON.stringify({ resourceType: 'StructureDefinition', id: 's', snapshot: { element } });
  return {
    type: 'StructureDefinition',
    id: 's',
    versionId: 1,
    lastUpdated: 0,
    method: 'POST',
    text,
  } as never;
}

it.each([
  [199, 199],
  [201, 200],
])('of %d canonicals of a page follows %d', async (count, followed) => {
  let searches = 0;
  const { view } = server.ctx;
  const search: typeof view.search = (query) => {
    searches++;
    return view.search(query);
  };
  const counting = { ...view, search };
  await followCanonicals({ ...server.ctx, view: counting }, [boundTo(count)], ['valueset']);
  expect(searches).toBe(followed);
});
