import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataSharingObjection } from '../../src/search/reach.ts';
import { as, callersByName, type Given } from './entitled.ts';
import { doseFor, parametersOf, personIn, referring, report, twin } from './identity-world.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const entitled = {
  first: { organizations: ['a'], scopes: 'system/*.cruds', matching: 'automatic' },
  second: { organizations: ['b'], scopes: 'system/*.cruds', matching: 'automatic' },
  clinician: { role: 'clinician', organizations: ['a'] },
  stranger: { role: 'clinician', organizations: ['b'] },
  staff: { role: 'programme-staff' },
} as const satisfies Readonly<Record<string, Given>>;
type Name = keyof typeof entitled;

let server: TestServer;
beforeEach(async () => {
  const callerOf = callersByName(entitled);
  server = await openTestServer({ auth: 'smart', callerOf, audit: true, clockStep: 10 });
  for (const id of ['a', 'b']) {
    await server.send(
      'PUT',
      `/fhir/Organization/${id}`,
      { resourceType: 'Organization', id, name: id },
      as('staff'),
    );
  }
});
afterEach(() => server.close());

const of = (organization: string) => ({
  managingOrganization: { reference: `Organization/${organization}` },
});
const post = (name: Name, resource: { resourceType?: string }) =>
  server.send('POST', `/fhir/${resource.resourceType}`, resource, as(name));
const made = async (name: Name, resource: { resourceType?: string }) => {
  const answer = await post(name, resource);
  if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
  return answer;
};
const seen = async (name: Name, query: string) => {
  const { body } = await server.get(`/fhir/${query}`, as(name));
  const count = await server.get(`/fhir/${query}${query.includes('?') ? '&' : '?'}_summary=count`, as(name));
  expect(count.body.total).toBe(body.entry?.length ?? 0);
  return (body.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id);
};
const rabies = (patient: string, on: string, by: string, primarySource: boolean) =>
  doseFor(patient, on, {
    vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '90' }] },
    primarySource,
    performer: [{ actor: { reference: `Organization/${by}` } }],
  });
const object = (patient: string) =>
  made('staff', {
    resourceType: 'Consent',
    status: 'active',
    patient: { reference: `Patient/${patient}` },
    scope: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
    },
    category: [{ coding: [dataSharingObjection] }],
    policyRule: { text: 'law' },
  } as object);

const queues = ['Task', 'Task?code=review-dose', 'Task?code=review-duplicate', 'Provenance'];

describe('who objects to the sharing of data', () => {
  it('is told to nobody by what is asked of doses, nor by what tells of joins', async () => {
    const first = await made('first', report('a', of('a')));
    const second = await made('second', report('b', of('b')));
    const person = personIn(second) as string;
    await made('first', rabies(first.body.id, '2025-01-01', 'a', true));
    await made('second', rabies(second.body.id, '2025-01-04', 'b', false));
    for (const name of ['first', 'second', 'clinician', 'staff'] as const) {
      expect(await seen(name, 'Task?code=review-dose')).toHaveLength(1);
      expect(await seen(name, `Provenance?target=Patient/${person}`)).toHaveLength(1);
    }
    await object(first.body.id);
    for (const query of queues) expect(await seen('clinician', query)).toEqual([]);
    const [task] = await seen('staff', 'Task?code=review-dose');
    const answer = await server.send(
      'POST',
      `/fhir/Task/${task}/$decide`,
      parametersOf({ decision: { valueCode: 'same' } }),
      as('clinician'),
    );
    expect([answer.status, answer.text]).toEqual([404, expect.not.stringContaining('Immunization')]);
  });
});

describe('two who were one', () => {
  it('are each told nothing of the other once they are parted', async () => {
    const first = await made('first', report('a', of('a')));
    const second = await made('second', { ...twin('b'), ...of('b') });
    const pair = { 'source-patient': referring(second.body.id), 'target-patient': referring(first.body.id) };
    await server.send('POST', '/fhir/Patient/$merge', parametersOf(pair), as('staff'));
    await made('first', rabies(first.body.id, '2025-01-01', 'a', true));
    await made('second', rabies(second.body.id, '2025-01-04', 'b', false));
    expect(await seen('clinician', 'Task?code=review-dose')).toHaveLength(1);
    expect(await seen('stranger', 'Provenance')).toHaveLength(1);
    const url = `/fhir/Patient/${second.body.id}/$unmerge`;
    expect((await server.send('POST', url, undefined, as('staff'))).status).toBe(200);
    for (const name of ['clinician', 'stranger', 'first', 'second'] as const) {
      for (const query of queues.slice(1)) expect(await seen(name, query), `${name} ${query}`).toEqual([]);
    }
    expect(await seen('staff', 'Provenance')).toHaveLength(2);
  });
});

describe('what is decided of doses', () => {
  it('is decided by who may change every Patient', async () => {
    const first = await made('first', report('a', of('a')));
    await made('first', rabies(first.body.id, '2025-01-01', 'a', true));
    await made('first', rabies(first.body.id, '2025-01-04', 'a', false));
    const [task] = await seen('first', 'Task?code=review-dose');
    const decide = (name: Name) =>
      server.send(
        'POST',
        `/fhir/Task/${task}/$decide`,
        parametersOf({ decision: { valueCode: 'same' } }),
        as(name),
      );
    const statuses = [];
    for (const name of ['first', 'clinician', 'second', 'staff'] as const) {
      statuses.push((await decide(name)).status);
    }
    expect(statuses).toEqual([403, 403, 404, 200]);
    const { body } = await server.get(`/fhir/Task/${task}`, as('staff'));
    expect(body.note).toHaveLength(1);
  });

  it('is kept where two decide at the same moment', async () => {
    const first = await made('first', report('a', of('a')));
    await made('first', rabies(first.body.id, '2025-01-01', 'a', true));
    await made('first', rabies(first.body.id, '2025-01-04', 'a', false));
    const [task] = await seen('first', 'Task?code=review-dose');
    const words = ['same', 'not-same', 'later', 'same'];
    const answers = await Promise.all(
      words.map((word) =>
        server.send(
          'POST',
          `/fhir/Task/${task}/$decide`,
          parametersOf({ decision: { valueCode: word } }),
          as('staff'),
        ),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { body } = await server.get(`/fhir/Task/${task}`, as('staff'));
    expect(body.note).toHaveLength(4);
    expect(body.output).toHaveLength(1);
    const last = body.note.at(-1).text;
    expect(body.output[0].valueCode).toBe(last);
  });
});

describe('what tells of joins', () => {
  it('is written by nobody but the registry', async () => {
    await made('first', report('a', of('a')));
    const second = await made('second', report('b', of('b')));
    const [id] = await seen('staff', `Provenance?target=Patient/${second.body.id}`);
    const { body } = await server.get(`/fhir/Provenance/${id}`, as('staff'));
    const { id: _, meta: _meta, ...bare } = body;
    const statuses = [
      await post('staff', bare),
      await server.send(
        'PUT',
        `/fhir/Provenance/${id}`,
        { ...bare, id, recorded: '2020-01-01T00:00:00Z' },
        as('staff'),
      ),
      await server.send(
        'PUT',
        `/fhir/Provenance/${id}`,
        { ...bare, id, activity: { text: 'x' } },
        as('staff'),
      ),
      await server.send('DELETE', `/fhir/Provenance/${id}`, undefined, as('staff')),
    ].map(({ status }) => status);
    expect(statuses).toEqual([422, 422, 422, 422]);
    const { activity: _activity, entity: _entity, ...own } = bare;
    expect((await post('staff', own)).status).toBe(201);
  });
});
