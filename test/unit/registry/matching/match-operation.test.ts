import { afterAll, beforeAll, expect, it } from 'vitest';
import { updateResource } from '../../../../src/interaction/update-resource.ts';
import { performOperation } from '../../../../src/operation/perform-operation.ts';
import { matchOperation } from '../../../../src/registry/matching/match-operation.ts';
import { shippedModel } from '../../../../src/registry/matching/shipped-model.ts';
import type { ResourceId } from '../../../../src/values/resource-id.ts';
import { openTestServer, type TestServer } from '../../../http/open-test-server.ts';
import { ada } from './people.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  for (const id of ['source-a', 'source-b', 'person', 'alone'] as ResourceId[]) {
    await updateResource(
      server.ctx,
      { type: 'Patient', id },
      { resource: { ...ada, id } as never, exactNumbers: false },
    );
  }
});
afterAll(() => server.close());

const joined = new Map([
  ['source-a', 'person'],
  ['source-b', 'person'],
]);
const operation = matchOperation(shippedModel, async () => joined);

async function match(...more: readonly object[]) {
  const resource = { resourceType: 'Parameters', parameter: [{ name: 'resource', resource: ada }, ...more] };
  const answer = await performOperation(server.ctx, operation, {
    code: 'match',
    type: 'Patient',
    query: [],
    body: () => ({ resource: resource as never, exactNumbers: false }),
  });
  if (answer.kind !== 'text') throw new Error(answer.kind);
  return JSON.parse([answer.text].flat().join(''));
}

it('answers a person of several records once, and none of the records', async () => {
  const { total, entry } = await match();
  const ids = entry.map(({ resource }: { readonly resource: { readonly id: string } }) => resource.id);
  expect([total, ids.sort()]).toEqual([2, ['alone', 'person']]);
});

it('takes several records of one person for one who is certain', async () => {
  joined.set('alone', 'person');
  const { entry } = await match({ name: 'onlyCertainMatches', valueBoolean: true });
  expect(entry).toHaveLength(1);
  expect(entry[0].resource.id).toBe('person');
});
