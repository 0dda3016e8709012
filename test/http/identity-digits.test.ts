import { expect, it } from 'vitest';
import { create, personIn, report } from './identity-world.ts';
import { useServers } from './use-servers.ts';

const open = useServers({ matching: 'automatic', clockStep: 10 });

it('keeps the digits of what a person has from a source', async () => {
  const server = await open();
  await create(server, report('a'));
  const geolocation = '"extension":[{"url":"urn:latitude","valueDecimal":42.50}]';
  const [address] = report('b').address;
  const second = report('b', { address: [{ ...address, line: ['9 Oak Street'] }] });
  const text = JSON.stringify(second).replace('"line"', `${geolocation},"line"`);
  const answer = await server.send('POST', '/fhir/Patient', text);
  expect(answer.status).toBe(201);
  const person = personIn(answer) as string;
  const shown = () => server.get(`/fhir/Patient/${person}`);
  expect((await shown()).text).toContain(geolocation);
  // Of another source, which has no such number, once more.
  await create(server, report('c'));
  expect((await shown()).text).toContain(geolocation);
});
