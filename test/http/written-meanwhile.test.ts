import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refreshMembers } from '../../src/export/refresh-members.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import { commit } from '../../src/interaction/commit.ts';
import { parseStored } from '../../src/interaction/parse-stored.ts';
import { readResource } from '../../src/interaction/read-resource.ts';
import { closedQuestion } from '../../src/operation/close-questions.ts';
import { type Decided, withDecision } from '../../src/operation/decision-task.ts';
import { regroup } from '../../src/registry/identity/regroup-commit.ts';
import { closedByModel } from '../../src/registry/identity/review-changes.ts';
import type { Change } from '../../src/store/contract/store.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer({ clockStep: 10 });
});
afterEach(() => server.close());

async function put(resource: { readonly resourceType: string; readonly id: string }): Promise<void> {
  const { status, text } = await server.send(
    'PUT',
    `/fhir/${resource.resourceType}/${resource.id}`,
    resource,
  );
  if (status >= 300) throw new Error(`${status} ${text}`);
}

const stored = (type: 'Task' | 'Group', id: string) =>
  readResource(server.ctx, { type, id: id as ResourceId });

describe('what is decided while somebody else decides', () => {
  const question = { resourceType: 'Task', id: 't', status: 'requested', intent: 'proposal' } as const;
  const decided: Decided = { decision: 'same', by: 'one', at: '2026-01-02T00:00:00Z' };
  const read = async () => parseStored(await stored('Task', 't')).resource;
  /** Somebody else, who comes once, after the Task was read. */
  const elsewhere = () => {
    let isOver = false;
    return async () => {
      if (isOver) return;
      isOver = true;
      const { resource } = parseStored(await stored('Task', 't'));
      await put(withDecision(resource, { ...decided, decision: 'later', by: 'other' }) as never);
    };
  };
  const whoDecided = async () => {
    const { body } = await server.get('/fhir/Task/t');
    return [body.status, body.note.map(({ authorString }: { authorString: string }) => authorString)];
  };
  const closing = async (close: (task: Resource) => Promise<readonly Change[]>) => {
    const meanwhile = elsewhere();
    await commit(server.ctx, async () => {
      const task = await read();
      await meanwhile();
      return { steps: [], guards: [], added: await close(task), records: [] };
    });
  };

  it('keeps both decisions', async () => {
    await put(question);
    const meanwhile = elsewhere();
    await regroup(server.ctx, async () => {
      const task = await read();
      await meanwhile();
      return { result: undefined, others: [withDecision(task, decided)] };
    });
    expect(await whoDecided()).toEqual(['completed', ['other', 'one']]);
  });

  it('is kept where the question is closed, since it needs no answer any more', async () => {
    await put(question);
    await closing(async (task) => [await closedQuestion(server.ctx, task, 'Patient/p was deleted')]);
    expect(await whoDecided()).toEqual(['cancelled', ['other', 'matching']]);
  });

  it.each([
    [
      'is closed',
      async (task: Resource) => [await closedQuestion(server.ctx, task, 'Patient/p was deleted')],
    ],
    ['is closed by the model', (task: Resource) => closedByModel(server.ctx, [task])],
  ])('leaves the digits of a question that %s', async (_, close) => {
    const digits = '"extension":[{"url":"urn:x","valueDecimal":0.50}]';
    const payload = JSON.stringify(question).replace('"id"', `${digits},"id"`);
    const { status } = await server.send('PUT', '/fhir/Task/t', payload);
    expect(status).toBe(201);
    await commit(server.ctx, async () => ({
      steps: [],
      guards: [],
      added: await close(await read()),
      records: [],
    }));
    expect((await server.get('/fhir/Task/t')).text).toContain(digits);
  });

  it('is kept where the model closes the question', async () => {
    await put(question);
    await closing((task) => closedByModel(server.ctx, [task]));
    expect(await whoDecided()).toEqual(['completed', ['other', 'matching']]);
  });
});

describe('a Group that is changed while its members are looked for', () => {
  const group = (gender: string, name: string) => ({
    resourceType: 'Group',
    id: 'g',
    type: 'person',
    actual: true,
    name,
    modifierExtension: [
      {
        url: 'http://hl7.org/fhir/uv/bulkdata/StructureDefinition/member-filter',
        valueExpression: { language: 'application/x-fhir-query', expression: `Patient?gender=${gender}` },
      },
    ],
  });
  const refreshed = async (changed: { readonly resourceType: string; readonly id: string }) => {
    await put({ resourceType: 'Patient', id: 'he', gender: 'male' } as never);
    await put({ resourceType: 'Patient', id: 'she', gender: 'female' } as never);
    await put(group('male', 'Before'));
    const before = await stored('Group', 'g');
    await put(changed);
    await refreshMembers(server.ctx, before, undefined);
    const { body } = await server.get('/fhir/Group/g');
    return [body.name, body.member.map((one: { entity: { reference: string } }) => one.entity.reference)];
  };

  it('keeps what was written', async () => {
    expect(await refreshed(group('male', 'After'))).toEqual(['After', ['Patient/he']]);
  });

  it('has the members that its criteria mean then', async () => {
    expect(await refreshed(group('female', 'After'))).toEqual(['After', ['Patient/she']]);
  });
});
