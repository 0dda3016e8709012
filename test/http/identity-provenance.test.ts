import { expect, it } from 'vitest';
import { create, entriesOf, parametersOf, personIn, referring, report, twin } from './identity-world.ts';
import type { TestServer } from './open-test-server.ts';
import { useServers } from './use-servers.ts';

const open = useServers({ matching: 'automatic', clockStep: 10 });

const activitySystem = 'https://jenner-iis.org/fhir/CodeSystem/record-activity';
const provenanceOf = (server: TestServer, patient: string) =>
  entriesOf(server, `Provenance?target=Patient/${patient}&_sort=recorded`);
const onePerson = async (server: TestServer, code: string) => {
  const { body } = await server.get(`/fhir/${code}`);
  return body.entry[0].resource;
};

it('tells of a join who decided it, when, and by which message', async () => {
  const server = await open();
  const first = await create(server, report('a'));
  const second = await create(server, report('b'));
  const person = personIn(second) as string;
  const task = await onePerson(server, 'Task?code=review-duplicate');
  for (const id of [person, first.body.id, second.body.id]) {
    expect(await provenanceOf(server, id)).toMatchObject([
      {
        target: [person, first.body.id, second.body.id].map((one) => ({ reference: `Patient/${one}` })),
        recorded: expect.stringMatching(/^2026-/),
        reason: [{ text: 'certain by the model' }],
        activity: { coding: [{ system: activitySystem, code: 'join' }] },
        agent: [{ who: { display: 'matching' } }],
        entity: [
          { role: 'derivation', what: { reference: `Task/${task.id}` } },
          { role: 'source', what: { reference: `Patient/${second.body.id}/_history/1` } },
        ],
      },
    ]);
  }
  const message = `/fhir/Patient/${second.body.id}/_history/1`;
  expect((await server.get(message)).body.identifier).toEqual(report('b').identifier);
});

it('tells of a merge and of its end, who said so and why', async () => {
  const server = await open();
  const a = (await create(server, report('a'))).body.id;
  const b = (await create(server, twin('b'))).body.id;
  const pair = { 'source-patient': referring(b), 'target-patient': referring(a) };
  const why = (text: string) => ({ reason: { valueString: text } });
  await server.send('POST', '/fhir/Patient/$merge', parametersOf({ ...pair, ...why('one card') }));
  await server.send('POST', `/fhir/Patient/${b}/$unmerge`, parametersOf(why('twins')));
  const told = await provenanceOf(server, b);
  expect(told).toMatchObject([
    {
      activity: { coding: [{ code: 'join' }] },
      reason: [{ text: 'one card' }],
      agent: [{ who: { display: 'open' } }],
    },
    {
      activity: { coding: [{ code: 'part' }] },
      reason: [{ text: 'twins' }],
      entity: [{ role: 'derivation' }],
    },
  ]);
  const preview = { ...pair, preview: { valueBoolean: true } };
  await server.send('POST', '/fhir/Patient/$merge', parametersOf(preview));
  expect(await provenanceOf(server, b)).toHaveLength(2);
});
