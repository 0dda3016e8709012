import { afterAll, beforeAll, expect, it } from 'vitest';
import { createResource } from '../../../src/interaction/create-resource.ts';
import { deleteResource } from '../../../src/interaction/delete-resource.ts';
import { updateResource } from '../../../src/interaction/update-resource.ts';
import type { ResourceId } from '../../../src/values/resource-id.ts';
import { parseTimeZone, type TimeZone } from '../../../src/values/time-zone.ts';
import { launch, openSmartServer, type SmartServer } from './smart-server.ts';

/** Answers are read as a client reads them. */
// biome-ignore lint/suspicious/noExplicitAny: answers have every shape
type Json = any;

let server: SmartServer;
beforeAll(async () => {
  server = await openSmartServer({ audit: true });
  await server.addUser('ann', { role: 'individual', patient: 'p' });
  await server.addUser('doc', { role: 'clinician', organization: ['a'], practitioner: 'doc' });
}, 60_000);
afterAll(() => server.close());

const parsed = (resource: object) => ({ resource: resource as never, exactNumbers: false });
const put = (type: 'Patient' | 'RelatedPerson', id: string, more: object) =>
  updateResource(server.auth.system, { type, id: id as never }, parsed({ resourceType: type, id, ...more }));

async function tokenOf(login: string, at = server): Promise<string> {
  const client = await at.addClient();
  at.at.now += 1000;
  const isDoc = login === 'doc';
  const scope = isDoc
    ? 'user/Patient.rus user/Immunization.rs'
    : 'user/Patient.r user/Immunization.rs user/Consent.c';
  return (await launch(at, { client, login, scope })).access_token;
}

const call = (token: string, operation: string, patient: string, parameter: readonly object[] = []) =>
  server.inject({
    method: 'POST',
    url: `/fhir/Patient/${patient}/$${operation}`,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    payload: JSON.stringify({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) }),
  });

async function made(token: string, patient: string): Promise<{ readonly id: string; readonly url: string }> {
  const { status, body, text } = await call(token, 'health-link-create', patient);
  expect([status, text.slice(0, 200)]).toEqual([200, expect.any(String)]);
  const part = (name: string) => body.parameter.find((one: Json) => one.name === name);
  const payload = Buffer.from(part('link').valueUri.replace('shlink:/', ''), 'base64url').toString();
  return { id: part('id').valueId, url: new URL(JSON.parse(payload).url).pathname };
}

const open = (url: string, embeddedLengthMax?: number) =>
  server.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify({ recipient: 'Elm School', embeddedLengthMax }),
  });

async function locationIn(url: string): Promise<string> {
  const { body } = await open(url, 0);
  return new URL(body.files[0].location).pathname;
}

let count = 0;
/** A child with a parent who has an account. */
async function family(child: object = {}) {
  const [patient, parent, login] = [`child-${++count}`, `parent-${count}`, `mum-${count}`];
  const born = { name: [{ family: 'Smith', given: ['Eve'] }], birthDate: '2010-01-01' };
  await put('Patient', patient, { ...born, ...child });
  const relation = { patient: { reference: `Patient/${patient}` } };
  await put('RelatedPerson', parent, relation);
  await server.addUser(login, { role: 'individual', relatedPerson: [parent] });
  return { patient, parent, relation, born, token: await tokenOf(login) };
}

it.each([
  ['the child turns out to be of age', { birthDate: '2000-01-01' }, {}],
  ['the relation is over', {}, { active: false }],
])('opens no link of a parent, and no file of it, any more when %s', async (_, child, link) => {
  const { patient, parent, relation, born, token } = await family();
  const { url } = await made(token, patient);
  const file = await locationIn(url);
  expect((await server.get(file)).status).toBe(200);
  await put('Patient', patient, { ...born, ...child });
  await put('RelatedPerson', parent, { ...relation, ...link });
  server.at.now += 1000;
  expect((await open(url)).status).toBe(404);
  expect((await server.get(file)).status).toBe(404);
});

it('opens no link of a parent once the child comes of age', async () => {
  const day = new Date(server.at.now + 3 * 24 * 3_600_000).toISOString().slice(5, 10);
  const { patient, token } = await family({ birthDate: `2008-${day}` });
  const { url } = await made(token, patient);
  server.at.now += 2 * 24 * 3_600_000;
  expect((await open(url)).status).toBe(200);
  server.at.now += 2 * 24 * 3_600_000;
  expect((await open(url)).status).toBe(404);
});

it('fetches no file of a clinic any more once the person objects to sharing', async () => {
  const [own, doc] = [await tokenOf('ann'), await tokenOf('doc')];
  const [ofClinic, ofPerson] = [
    await locationIn((await made(doc, 'p')).url),
    await locationIn((await made(own, 'p')).url),
  ];
  const system = 'https://jenner-iis.org/fhir/CodeSystem/consent-category';
  const consent = await createResource(
    server.auth.system,
    parsed({
      resourceType: 'Consent',
      status: 'active',
      scope: { text: 'privacy' },
      category: [{ coding: [{ system, code: 'data-sharing-objection' }] }],
      patient: { reference: 'Patient/p' },
      policyRule: { text: 'M.G.L. c.111 §24M' },
    }),
  );
  expect((await server.get(ofClinic)).status).toBe(404);
  expect((await server.get(ofPerson)).status).toBe(200);
  await deleteResource(server.auth.system, { type: 'Consent', id: consent.version.id });
  await call(own, 'health-link-revoke', 'p');
});

it('opens no link of a person who was deleted, and no file of it', async () => {
  const id = 'gone' as ResourceId;
  await put('Patient', id, {
    name: [{ family: 'Nowak' }],
    birthDate: '2000-01-01',
    managingOrganization: { reference: 'Organization/a' },
  });
  const { url } = await made(await tokenOf('doc'), id);
  const file = await locationIn(url);
  await deleteResource(server.auth.system, { type: 'Patient', id });
  expect((await open(url)).status).toBe(404);
  expect((await server.get(file)).status).toBe(404);
});

it('counts no use where it is asked as what it is not', async () => {
  const own = await tokenOf('ann');
  const { id, url } = await made(own, 'p');
  expect((await server.get(`${url}?recipient=Elm`)).status).toBe(404);
  const { body } = await call(own, 'health-links', 'p');
  const link = body.parameter.find((one: Json) => one.part.some(({ valueId }: Json) => valueId === id));
  expect(link.part).toContainEqual({ name: 'uses', valueInteger: 0 });
  await call(own, 'health-link-revoke', 'p');
});

it('lists, counts and ends every link, however many were made before it', async () => {
  const own = await tokenOf('ann');
  const { id, url } = await made(own, 'p');
  const { records } = await server.store.listRecords({
    collection: 'health-link-of',
    prefix: 'p|',
    count: 500,
  });
  const owner = records.find(({ key }) => key === `p|${id}`);
  // As of links that are over, whose ids come before.
  const others = Array.from({ length: 500 }, (_, n) => ({
    kind: 'put' as const,
    record: { collection: 'health-link-of', key: `p|!${n}`, value: '{"hash":"none"}' },
  }));
  await server.store.writeRecords(others);
  expect(owner).toBeDefined();
  const { body } = await call(own, 'health-link-revoke', 'p');
  expect(body.parameter).toContainEqual({ name: 'revoked', valueId: id });
  expect((await open(url)).status).toBe(404);
});

it('has no more in use when many are made at once', async () => {
  const own = await tokenOf('ann');
  const create = async () => (await call(own, 'health-link-create', 'p')).status;
  for (let n = 0; n < 18; n++) expect(await create()).toBe(200);
  const statuses = await Promise.all(Array.from({ length: 5 }, create));
  expect(statuses.toSorted()).toEqual([200, 200, 422, 422, 422]);
});

it.each([
  ['2026-05-31', '2026-06-01T03:59:59.999Z'],
  ['2026-12', '2027-01-01T04:59:59.999Z'],
  ['2026-06-01T10:00:00Z', '2026-06-01T10:00:00.000Z'],
])('ends with the day of the registry: %s', async (expires, until) => {
  // In New York it is the evening of May 31.
  const other = await openSmartServer({ timeZone: parseTimeZone('America/New_York') as TimeZone });
  try {
    await other.addUser('ann', { role: 'individual', patient: 'p' });
    const { body } = await other.inject({
      method: 'POST',
      url: '/fhir/Patient/p/$health-link-create',
      headers: {
        authorization: `Bearer ${await tokenOf('ann', other)}`,
        'content-type': 'application/fhir+json',
      },
      payload: JSON.stringify({
        resourceType: 'Parameters',
        parameter: [{ name: 'expires', valueDateTime: expires }],
      }),
    });
    const end = body.parameter.find(({ name }: Json) => name === 'expires');
    expect(end.valueInstant.slice(0, 19)).toBe(until.slice(0, 19));
  } finally {
    await other.close();
  }
});
