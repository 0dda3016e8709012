import { describe, expect, it } from 'vitest';
import { withCaller } from '../../src/interaction/context.ts';
import { createResource } from '../../src/interaction/create-resource.ts';
import { updateResource } from '../../src/interaction/update-resource.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import {
  create,
  decide,
  entriesOf,
  idsFound,
  parametersOf,
  personIn,
  recordTag,
  referring,
  report,
  twin,
} from './identity-world.ts';
import type { TestServer } from './open-test-server.ts';
import { useServers } from './use-servers.ts';

const open = useServers({ matching: 'automatic', clockStep: 10 });

const put = (server: TestServer, id: string, resource: object) =>
  server.send('PUT', `/fhir/Patient/${id}`, { ...resource, id });

const tasks = (server: TestServer, query = '') => entriesOf(server, `Task?code=review-duplicate${query}`);

/** Nobody like those of `report`. */
const stranger = (clinic: string) => ({
  resourceType: 'Patient',
  identifier: [{ system: `urn:${clinic}`, value: '99' }],
  name: [{ family: 'Kowalska', given: ['Olga', 'Anna'] }],
  birthDate: '2019-03-03',
  gender: 'female',
});

describe('a record that is corrected', () => {
  it('joins the person whom it is certain to be now', async () => {
    const server = await open();
    const known = (await create(server, report('a'))).body.id;
    const other = (await create(server, stranger('b'))).body.id;
    const answer = await put(server, other, report('b'));
    expect([answer.status, personIn(answer)]).toEqual([200, expect.any(String)]);
    const { body } = await server.get(`/fhir/Patient/${personIn(answer)}`);
    expect(body.link.map(({ other: { reference } }: { other: { reference: string } }) => reference)).toEqual([
      `Patient/${known}`,
      `Patient/${other}`,
    ]);
    expect(await tasks(server)).toMatchObject([
      { status: 'completed', note: [{ authorString: 'matching' }] },
    ]);
  });

  it('is asked about where it only may be, or where a mode says so, and not where it is off', async () => {
    for (const [matching, becomes, asked] of [
      ['automatic', twin('b'), 1],
      ['review', report('b'), 1],
      ['off', report('b'), 0],
    ] as const) {
      const server = await open({ matching });
      await create(server, report('a'));
      const other = (await create(server, stranger('b'))).body.id;
      expect(personIn(await put(server, other, becomes))).toBeUndefined();
      expect(await tasks(server, '&status=requested')).toHaveLength(asked);
      // The same once more asks nothing more.
      await put(server, other, { ...becomes, telecom: [{ system: 'email', value: 'x@example.org' }] });
      expect(await tasks(server)).toHaveLength(asked);
    }
  });

  it('closes what was asked before where it is certain now', async () => {
    const server = await open();
    await create(server, report('a'));
    const other = (await create(server, twin('b'))).body.id;
    expect(await tasks(server, '&status=requested')).toHaveLength(1);
    expect(personIn(await put(server, other, report('b')))).toBeDefined();
    expect(await tasks(server)).toMatchObject([{ status: 'completed' }]);
  });

  it.each(['not-same', 'later'])('leaves it to people who said %s', async (decision) => {
    const server = await open();
    await create(server, report('a'));
    const other = (await create(server, twin('b'))).body.id;
    const [task] = await tasks(server);
    await decide(server, task.id, decision);
    expect(personIn(await put(server, other, report('b')))).toBeUndefined();
    expect(await idsFound(server, 'Patient?family=Szymborska')).toHaveLength(2);
    expect(await tasks(server)).toHaveLength(1);
  });

  it('is not compared where it says nothing else of who it is', async () => {
    const server = await open();
    const other = (await create(server, stranger('b'))).body.id;
    // Past the rules, as before matching was on.
    const bare = { ...server.ctx, writeRules: [] };
    await createResource(bare, { resource: { ...stranger('c') } as never, exactNumbers: false });
    expect((await put(server, other, { ...stranger('b'), language: 'pl' })).status).toBe(200);
    expect(await tasks(server)).toHaveLength(0);
    await put(server, other, { ...stranger('b'), gender: 'male' });
    expect(await tasks(server)).toHaveLength(1);
  });
});

describe('a joined record that is changed', () => {
  const joined = async (server: TestServer) => {
    await create(server, report('a'));
    const answer = await create(server, report('b'));
    return { id: answer.body.id as string, person: personIn(answer) as string };
  };

  it('stays, and people are asked, where it is not certainly of its person any more; once', async () => {
    const server = await open();
    const { id, person } = await joined(server);
    const answer = await put(server, id, twin('b'));
    expect(personIn(answer)).toBe(person);
    const [asked, ...more] = await tasks(server, '&status=requested');
    expect([asked.for.reference, more]).toEqual([`Patient/${id}`, []]);
    await put(server, id, { ...twin('b'), birthDate: '2021-07-03' });
    expect(await tasks(server, '&status=requested')).toHaveLength(1);
    expect((await decide(server, asked.id, 'not-same')).status).toBe(200);
    expect(await idsFound(server, 'Patient?family=Szymborska')).toHaveLength(2);
  });

  it('is not asked about where people have joined it, or nothing else is said', async () => {
    const server = await open();
    const a = (await create(server, report('a'))).body.id;
    const b = (await create(server, stranger('b'))).body.id;
    const merged = await server.send(
      'POST',
      '/fhir/Patient/$merge',
      parametersOf({
        'source-patient': { valueReference: { reference: `Patient/${b}` } },
        'target-patient': { valueReference: { reference: `Patient/${a}` } },
      }),
    );
    expect(merged.status).toBe(200);
    await put(server, b, report('b'));
    await put(server, b, stranger('b'));
    expect(await tasks(server, '&status=requested')).toHaveLength(0);
    expect(await idsFound(server, 'Patient?birthdate=gt2000')).toHaveLength(1);
  });

  it('is asked about once, however often it is changed until people have answered', async () => {
    const server = await open();
    const { id } = await joined(server);
    for (const resource of [twin('b'), report('b'), twin('b')]) await put(server, id, resource);
    expect(await tasks(server, '&status=requested')).toHaveLength(1);
  });

  it('is not asked about where an operator had put it there, unlike as it was', async () => {
    const server = await open();
    const operator = withCaller(server.ctx, { kind: 'system', name: 'cli:test' });
    const tag = (code: string) => ({ tag: [{ system: recordTag('').slice(0, -1), code }] });
    const link = (id: string, type: string) => ({ other: { reference: `Patient/${id}` }, type });
    const write = (id: string, resource: object) =>
      updateResource(
        { ...operator, writeRules: [] },
        { type: 'Patient', id: id as ResourceId },
        {
          resource: { resourceType: 'Patient', id, ...resource } as never,
          exactNumbers: false,
        },
      );
    await write('p', { meta: tag('person'), link: [link('s', 'seealso'), link('t', 'seealso')] });
    await write('s', { ...report('a'), meta: tag('source'), link: [link('p', 'refer')] });
    await write('t', { ...stranger('b'), meta: tag('source'), link: [link('p', 'refer')] });
    expect(personIn(await put(server, 't', { ...stranger('b'), birthDate: '2019-03-04' }))).toBe('p');
    expect(await tasks(server)).toHaveLength(0);
  });

  it('is not compared with others where it says nothing else, nor where its app does not match', async () => {
    const server = await open();
    const { id } = await joined(server);
    const phones = ['617-253-0198', '413-253-0144'].map((value) => ({ system: 'phone', value }));
    const bare = { ...server.ctx, writeRules: [] };
    await createResource(bare, { resource: twin('c') as never, exactNumbers: false });
    await put(server, id, { ...report('b'), language: 'pl' });
    expect(await tasks(server, '&status=requested')).toHaveLength(0);
    await put(server, id, report('b', { telecom: phones }));
    expect(await tasks(server, '&status=requested')).toHaveLength(1);
    const off = await open({ matching: 'off' });
    const ids = [];
    for (const clinic of ['a', 'b']) ids.push((await create(off, report(clinic))).body.id as string);
    await create(off, twin('c'));
    const [source = '', target = ''] = ids;
    const pair = { 'source-patient': referring(source), 'target-patient': referring(target) };
    expect((await off.send('POST', '/fhir/Patient/$merge', parametersOf(pair))).status).toBe(200);
    await put(off, source, report('a', { telecom: phones }));
    expect(await tasks(off, '&status=requested')).toHaveLength(0);
  });

  it('brings nobody else to its person by taking the name of another', async () => {
    const server = await open();
    const { id, person } = await joined(server);
    const ssn = { system: 'http://hl7.org/fhir/sid/us-ssn', value: '419-22-8810' };
    const number = { system: 'urn:c', value: '99' };
    const other = (await create(server, { ...stranger('c'), identifier: [ssn, number] })).body.id;
    await put(server, id, { ...stranger('c'), identifier: [ssn, number] });
    const { body } = await server.get(`/fhir/Patient/${person}`);
    expect(body.link).toHaveLength(2);
    expect((await server.get(`/fhir/Patient/${other}`)).body).not.toHaveProperty('link');
    const asked = (await tasks(server, '&status=requested')).map(
      (task: { focus: { reference: string } }) => task.focus.reference,
    );
    expect([asked.length, asked.includes(`Patient/${other}`)]).toEqual([2, true]);
  });
});
