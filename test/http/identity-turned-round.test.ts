import { describe, expect, it } from 'vitest';
import {
  create,
  decide,
  entriesOf,
  idsFound,
  parametersOf,
  personIn,
  referring,
  report,
} from './identity-world.ts';
import type { TestServer } from './open-test-server.ts';
import { useServers } from './use-servers.ts';

const open = useServers({ clockStep: 10 });

/** A child of another house, unlike all others by the name. */
const child = (given: string, members: object = {}) =>
  report('far', {
    identifier: [{ system: 'urn:far', value: given }],
    name: [{ family: 'Rosenkrantz', given: [given] }],
    birthDate: '2018-03-14',
    telecom: [{ system: 'phone', value: '413-555-0177' }],
    address: [{ line: ['88 Mill Road'], city: 'Pittsfield', state: 'MA', postalCode: '01201' }],
    ...members,
  });
const tasks = (server: TestServer, query = '') => entriesOf(server, `Task?code=review-duplicate${query}`);
/** By whatever record a search asks, it is answered with what was asked of the whole person. */
const taskOf = async (server: TestServer, record: string, other?: string) =>
  (await tasks(server)).find(
    (task: { for: { reference: string }; focus: { reference: string } }) =>
      task.for.reference === `Patient/${record}` &&
      (other === undefined || task.focus.reference === `Patient/${other}`),
  );
const merge = async (server: TestServer, source: string, target: string) => {
  const named = { 'source-patient': referring(source), 'target-patient': referring(target) };
  const answer = await server.send('POST', '/fhir/Patient/$merge', parametersOf(named));
  expect(answer.status).toBe(200);
};
const part = (server: TestServer, id: string, from?: string) =>
  server.send(
    'POST',
    `/fhir/Patient/${id}/$unmerge`,
    parametersOf(from === undefined ? {} : { 'target-patient': referring(from) }),
  );
const personOf = async (server: TestServer, id: string): Promise<string> => {
  const { body } = await server.get(`/fhir/Patient/${id}`);
  return body.link?.[0].other.reference.slice('Patient/'.length) ?? id;
};
const made = async (server: TestServer, resource: object) =>
  (await create(server, resource)).body.id as string;
const decisionOf = async (server: TestServer, task: string) =>
  (await server.get(`/fhir/Task/${task}`)).body.output[0].valueCode;

describe('a decision that is turned round', () => {
  it('takes back what it has joined, whoever has come since', async () => {
    const server = await open({ matching: 'automatic' });
    const first = await made(server, report('a'));
    const person = personIn(await create(server, report('b'))) as string;
    // As everybody is found: by the person.
    const third = await made(server, report('c'));
    const task = await taskOf(server, third, person);
    const unlike = await made(server, child('Ewa'));
    await merge(server, unlike, third);
    expect((await decide(server, task.id, 'not-same', 'another child')).status).toBe(200);
    const parted = await personOf(server, third);
    expect(parted).not.toBe(person);
    expect(await personOf(server, unlike)).toBe(parted);
    expect(await personOf(server, first)).toBe(person);
    // And once more: the pair that it joined the last time.
    expect((await decide(server, task.id, 'same')).status).toBe(200);
    expect((await decide(server, task.id, 'not-same')).status).toBe(200);
    expect(await personOf(server, third)).toBe(parted);
  });

  it('takes it back too where the person has been replaced since', async () => {
    const server = await open({ matching: 'automatic' });
    await create(server, report('a'));
    const person = personIn(await create(server, report('b'))) as string;
    const third = await made(server, report('c'));
    const task = await taskOf(server, third, person);
    const [ewa, ina] = [await made(server, child('Ewa')), await made(server, child('Ina'))];
    await merge(server, ewa, ina);
    const other = await personOf(server, ewa);
    await merge(server, person, other);
    expect((await decide(server, task.id, 'not-same')).status).toBe(200);
    expect(await personOf(server, third)).toBe(third);
    expect(await personOf(server, person)).toBe(other);
  });

  it('leaves what else was decided of those who stay one', async () => {
    const server = await open({ matching: 'review' });
    const [a, b] = [await made(server, report('a')), await made(server, report('b'))];
    const [task] = await tasks(server);
    expect((await decide(server, task.id, 'same')).status).toBe(200);
    const unlike = await made(server, child('Ewa'));
    await merge(server, unlike, a);
    expect((await part(server, unlike)).status).toBe(200);
    expect(await personOf(server, a)).toBe(await personOf(server, b));
    expect(await decisionOf(server, task.id)).toBe('same');
  });
});

describe('an un-merge of one of three', () => {
  it.each([
    ['the first in a person', false],
    ['the last in a person', true],
  ])('turns the Task of the join that it takes back alone (%s)', async (_, isTurned) => {
    const server = await open({ matching: 'automatic' });
    const one = await made(server, report('b'));
    const two = await made(server, report('a'));
    const three = await made(server, report('a', { identifier: report('a').identifier.slice(0, 1) }));
    const person = await personOf(server, one);
    expect([await personOf(server, two), await personOf(server, three)]).toEqual([person, person]);
    const [ofTwo, ofThree] = [await taskOf(server, two), await taskOf(server, three)];
    const [out, from] = isTurned ? [three, two] : [two, three];
    expect((await part(server, out, from)).status).toBe(200);
    const apart = [];
    for (const id of [one, two, three]) if ((await personOf(server, id)) !== person) apart.push(id);
    expect(apart).toHaveLength(1);
    expect(await decisionOf(server, ofTwo.id)).toBe(apart[0] === two ? 'not-same' : 'same');
    expect(await decisionOf(server, ofThree.id)).toBe(apart[0] === three ? 'not-same' : 'same');
    expect(await tasks(server)).toHaveLength(2);
  });
});

describe('a source that is deleted', () => {
  const threeMerged = async () => {
    const server = await open({ deleteReferred: 'allow' });
    const ids = [];
    for (const clinic of ['a', 'b', 'c']) ids.push(await made(server, report(clinic)));
    const [a = '', b = '', c = ''] = ids;
    await merge(server, b, a);
    await merge(server, c, b);
    return { server, a, b, c };
  };
  const back = (server: TestServer, id: string) =>
    server.send('PUT', `/fhir/Patient/${id}`, { ...report('b'), id });

  it('comes back as nobody’s, and is parted again from who it was joined to then, and nobody else', async () => {
    const { server, a, b, c } = await threeMerged();
    const person = await personOf(server, a);
    expect((await server.send('DELETE', `/fhir/Patient/${b}`)).status).toBe(204);
    expect((await back(server, b)).status).toBe(201);
    expect(await personOf(server, b)).toBe(b);
    await merge(server, b, c);
    expect((await part(server, b)).status).toBe(200);
    expect(await personOf(server, b)).toBe(b);
    expect([await personOf(server, a), await personOf(server, c)]).toEqual([person, person]);
    // Who hung together by it does so still, and can be parted.
    expect((await part(server, c, a)).status).toBe(200);
    expect(await personOf(server, a)).not.toBe(await personOf(server, c));
  });

  it('takes its person along where it was the last one, and what was asked of it', async () => {
    const server = await open({ deleteReferred: 'allow', matching: 'review' });
    const [a, b] = [await made(server, report('a')), await made(server, report('b'))];
    const [ewa, ina] = [await made(server, child('Ewa')), await made(server, child('Ina'))];
    await merge(server, b, a);
    await merge(server, ina, ewa);
    const [person, other] = [await personOf(server, a), await personOf(server, ewa)];
    await merge(server, other, person);
    const asking = await made(server, report('c'));
    const task = await taskOf(server, asking, person);
    const gone = [a, b, ewa, ina];
    for (const id of gone) expect((await server.send('DELETE', `/fhir/Patient/${id}`)).status).toBe(204);
    for (const id of [person, other]) expect((await server.get(`/fhir/Patient/${id}`)).status).toBe(410);
    expect(await idsFound(server, 'Patient?family=Szymborska')).toEqual([asking]);
    expect((await server.get(`/fhir/Task/${task.id}`)).body.status).toBe('cancelled');
  });

  it.each(['automatic', 'review'] as const)(
    'is looked for anew when it comes back (%s)',
    async (matching) => {
      const server = await open({ matching, deleteReferred: 'allow' });
      const [a, b] = [await made(server, report('a')), await made(server, report('b'))];
      const [task] = await tasks(server);
      await decide(server, task.id, 'same', 'people say so');
      expect((await server.send('DELETE', `/fhir/Patient/${b}`)).status).toBe(204);
      expect((await back(server, b)).status).toBe(201);
      if (matching === 'automatic') expect(await personOf(server, b)).toBe(await personOf(server, a));
      else expect(await tasks(server, '&status=requested')).toHaveLength(1);
    },
  );
});
