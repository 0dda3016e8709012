import { afterEach, describe, expect, it } from 'vitest';
import { as, callersByName, type Given } from './entitled.ts';
import {
  create,
  decide,
  doseFor,
  entriesOf,
  parametersOf,
  personIn,
  referring,
  report,
  twin,
} from './identity-world.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';
import { useServers } from './use-servers.ts';

const open = useServers({ clockStep: 10 });

const made = async (server: TestServer, resource: object) =>
  (await create(server, resource)).body.id as string;
const merge = (server: TestServer, source: string, target: string) => {
  const named = { 'source-patient': referring(source), 'target-patient': referring(target) };
  return server.send('POST', '/fhir/Patient/$merge', parametersOf(named));
};
const part = (server: TestServer, id: string, more: Readonly<Record<string, unknown>> = {}) =>
  server.send('POST', `/fhir/Patient/${id}/$unmerge`, parametersOf(more));
const reviews = (server: TestServer, query = '') => entriesOf(server, `Task?code=review-duplicate${query}`);
const checks = (server: TestServer) => entriesOf(server, 'Task?code=check-after-unmerge');
const referencesIn = (task: { for: { reference: string }; focus: { reference: string } }) =>
  [task.for.reference, task.focus.reference].map((one) => one.slice('Patient/'.length)).sort();

describe('what people are asked', () => {
  it('is of five at the most who may be one record', async () => {
    const server = await open({ matching: 'review' });
    const given = ['Ewa', 'Ina', 'Ola', 'Zofia', 'Hanna', 'Teresa', 'Wislawa'];
    let last = '';
    for (const [place, name] of given.entries()) {
      const child = { identifier: [{ value: `n${place}` }], name: [{ family: 'Szymborska', given: [name] }] };
      last = await made(server, report('a', child));
    }
    expect(await reviews(server, `&patient=${last}`)).toHaveLength(5);
  });

  it('is closed too where somebody put it aside, when the Patient is deleted', async () => {
    const server = await open({ matching: 'review' });
    await made(server, report('a'));
    const b = await made(server, report('b'));
    const [task] = await reviews(server);
    expect((await decide(server, task.id, 'later')).body.status).toBe('on-hold');
    expect((await server.send('DELETE', `/fhir/Patient/${b}`)).status).toBe(204);
    expect((await server.get(`/fhir/Task/${task.id}`)).body.status).toBe('cancelled');
  });

  it('answers nothing anew that was answered', async () => {
    const server = await open({ matching: 'review' });
    const a = await made(server, report('a'));
    const name = [{ family: 'Szymborska', given: ['Wislawa', 'Anna'] }];
    const b = await made(server, report('b', { name, identifier: [{ system: 'urn:b', value: '9' }] }));
    const sister = await made(server, twin('c'));
    const [ofOne, ofOther] = await reviews(server, `&patient=${sister}`);
    await merge(server, b, a);
    expect((await decide(server, ofOne.id, 'not-same', 'seen both')).status).toBe(200);
    expect((await decide(server, ofOne.id, 'not-same', 'seen both again')).status).toBe(200);
    expect((await server.get(`/fhir/Task/${ofOne.id}`)).body.note).toHaveLength(2);
    expect((await server.get(`/fhir/Task/${ofOther.id}`)).body.note).toMatchObject([
      { text: 'not-same: seen both' },
    ]);
  });

  it('is remembered of two who hung together by one that was deleted', async () => {
    const server = await open({ deleteReferred: 'allow' });
    const [a, b, c] = [
      await made(server, report('a')),
      await made(server, report('b')),
      await made(server, report('c')),
    ];
    await merge(server, b, a);
    await merge(server, c, b);
    await server.send('DELETE', `/fhir/Patient/${b}`);
    expect((await part(server, c, { 'target-patient': referring(a) })).status).toBe(200);
    const between = (await reviews(server)).filter(
      (task: Parameters<typeof referencesIn>[0]) => referencesIn(task).join() === [a, c].sort().join(),
    );
    expect(between).toMatchObject([{ status: 'completed', output: [{ valueCode: 'not-same' }] }]);
  });
});

describe('who vaccinated by the record of two', () => {
  const pair = async (server: TestServer) => {
    const [a, b] = [await made(server, report('a')), await made(server, twin('b'))];
    await create(server, { resourceType: 'Organization', id: 'o', name: 'Clinic' });
    return { a, b };
  };
  const given = { performer: [{ actor: { reference: 'Organization/o' } }] };

  it('is told of a dose that was given since, by any record or of the person, as its owner', async () => {
    const server = await open();
    const { a, b } = await pair(server);
    await server.send('PUT', '/fhir/Organization/o', {
      resourceType: 'Organization',
      id: 'o',
      name: 'Clinic',
    });
    const merged = await merge(server, b, a);
    const person = merged.body.parameter.at(-1).resource.id;
    for (const id of [a, b, person]) await create(server, doseFor(id, '2026-02-01', given));
    await part(server, b);
    const told = await checks(server);
    expect(told).toHaveLength(3);
    for (const task of told) expect(task.owner).toEqual({ reference: 'Organization/o' });
  });

  it('is told nothing of what was not given, or known before', async () => {
    const server = await open();
    const { a, b } = await pair(server);
    await create(server, doseFor(b, '2026-01-01'));
    await merge(server, b, a);
    const reason = {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'PATOBJ' }],
    };
    await create(server, doseFor(b, '2026-02-01', { status: 'not-done', statusReason: reason }));
    await part(server, b);
    expect(await checks(server)).toEqual([]);
  });
});

describe('$merge and $unmerge', () => {
  it('show beforehand what would be parted, and write nothing', async () => {
    const server = await open();
    const [a, b] = [await made(server, report('a')), await made(server, report('b'))];
    await merge(server, b, a);
    const before = (await server.get(`/fhir/Patient/${b}`)).body;
    const shown = await part(server, b, { preview: { valueBoolean: true } });
    expect([shown.status, shown.text]).toEqual([200, expect.stringContaining('would be two persons')]);
    expect((await server.get(`/fhir/Patient/${b}`)).body).toEqual(before);
  });

  it('refuse a number that several have, and a reason that is a book', async () => {
    const server = await open();
    const [a, b] = [await made(server, report('a')), await made(server, report('b'))];
    const number = { valueIdentifier: { system: 'http://hl7.org/fhir/sid/us-ssn', value: '527-61-3904' } };
    const named = { 'source-patient-identifier': number, 'target-patient': referring(a) };
    expect((await server.send('POST', '/fhir/Patient/$merge', parametersOf(named))).status).toBe(412);
    await merge(server, b, a);
    const long = await part(server, b, { reason: { valueString: 'x'.repeat(1001) } });
    expect([long.status, long.text]).toEqual([400, expect.stringContaining('1000')]);
  });

  it('leave a replaced person to nobody’s writes', async () => {
    const server = await open({ matching: 'automatic' });
    await made(server, report('a'));
    const first = personIn(await create(server, report('b'))) as string;
    const other = (clinic: string) =>
      report(clinic, {
        identifier: [{ system: 'urn:x', value: '1' }],
        name: [{ family: 'Kowalska', given: ['Olga', 'Anna'] }],
        birthDate: '2019-03-03',
      });
    await made(server, other('x'));
    const second = personIn(await create(server, other('y'))) as string;
    await merge(server, second, first);
    const { body } = await server.get(`/fhir/Patient/${second}`);
    for (const method of ['PUT', 'DELETE'] as const) {
      const { status, text } = await server.send(
        method,
        `/fhir/Patient/${second}`,
        method === 'PUT' ? { ...body, gender: 'male' } : undefined,
      );
      expect([status, text]).toEqual([422, expect.stringContaining('found to be another person')]);
    }
  });

  it('let two sources of one person be corrected in one transaction', async () => {
    const server = await open({ matching: 'automatic' });
    const a = await made(server, report('a'));
    const b = await made(server, report('b'));
    const address = [{ line: ['9 Oak Road'], city: 'Lynn', state: 'MA', postalCode: '01901' }];
    const put = (id: string, clinic: string) => ({
      resource: report(clinic, { id, address }),
      request: { method: 'PUT', url: `Patient/${id}` },
    });
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry: [put(a, 'a'), put(b, 'b')] };
    expect((await server.send('POST', '/fhir', bundle)).status).toBe(200);
    expect((await server.get(`/fhir/Patient/${a}`)).body.link).toHaveLength(1);
  });
});

describe('who may say who is one person', () => {
  const entitled = {
    first: { organizations: ['a'], scopes: 'system/*.cruds', matching: 'automatic' },
    stranger: { role: 'clinician', organizations: ['b'] },
    staff: { role: 'programme-staff' },
    reader: { role: 'programme-staff', scopes: 'user/*.rs' },
    blind: { role: 'programme-staff', scopes: 'user/Patient.u' },
    sender: { organizations: ['b'], scopes: 'system/*.cruds', matching: 'automatic' },
    narrow: { organizations: ['a'], scopes: 'system/Immunization.rs' },
    doses: { organizations: ['a'], scopes: 'system/Patient.rs system/Immunization.rs' },
  } as const satisfies Readonly<Record<string, Given>>;
  type Name = keyof typeof entitled;
  let server: TestServer;
  afterEach(() => server.close());
  const openWorld = async () => {
    server = await openTestServer({
      auth: 'smart',
      callerOf: callersByName(entitled),
      audit: true,
      clockStep: 10,
    });
    for (const id of ['a', 'b']) {
      const organization = { resourceType: 'Organization', id, name: id };
      await server.send('PUT', `/fhir/Organization/${id}`, organization, as('staff'));
    }
  };
  const of = (id: string) => ({ managingOrganization: { reference: `Organization/${id}` } });
  const post = (name: Name, url: string, body: object) => server.send('POST', `/fhir/${url}`, body, as(name));

  it('is told 404 of whom it does not see, and of what its scopes lack', async () => {
    await openWorld();
    const one = (await post('first', 'Patient', report('a', of('a')))).body.id;
    const two = (await post('sender', 'Patient', { ...twin('b'), ...of('b') })).body.id;
    const pair = parametersOf({ 'source-patient': referring(one), 'target-patient': referring(two) });
    const [task] = (await server.get('/fhir/Task?code=review-duplicate', as('staff'))).body.entry;
    const asked = `Task/${task.resource.id}/$decide`;
    const same = parametersOf({ decision: { valueCode: 'same' } });
    const statuses = async (name: Name) => [
      (await post(name, 'Patient/$merge', pair)).status,
      (await post(name, `Patient/${one}/$unmerge`, parametersOf({}))).status,
      (await post(name, asked, same)).status,
    ];
    expect(await statuses('stranger')).toEqual([404, 404, 404]);
    expect(await statuses('blind')).toEqual([403, 403, 403]);
    const { text } = await post('reader', 'Patient/$merge', pair);
    expect(text).toContain('no scope for update of Patient');
  });

  it('is told in the Provenance which clinic brought it', async () => {
    await openWorld();
    await post('first', 'Patient', report('a', of('a')));
    const joined = await post('sender', 'Patient', report('b', of('b')));
    const query = `/fhir/Provenance?target=Patient/${joined.body.id}`;
    const { body } = await server.get(query, as('staff'));
    expect(body.entry[0].resource.agent[1].who).toEqual({ reference: 'Organization/b' });
  });

  it.each([
    ['for', { reference: 'Patient/x' }],
    ['focus', { reference: 'Patient/x' }],
    ['note', [{ text: 'not what was said' }]],
    ['input', [{ type: { text: 'points' }, valueInteger: 999 }]],
    ['authoredOn', '2020-01-01T00:00:00Z'],
    ['status', 'completed'],
  ])('writes no %s of a question', async (name, value) => {
    await openWorld();
    await post('first', 'Patient', report('a', of('a')));
    await post('first', 'Patient', { ...twin('a'), ...of('a') });
    const [{ resource: task }] = (await server.get('/fhir/Task?code=review-duplicate', as('staff'))).body
      .entry;
    const url = `/fhir/Task/${task.id}`;
    const changed = await server.send('PUT', url, { ...task, [name]: value }, as('staff'));
    expect([changed.status, changed.text]).toEqual([422, expect.stringContaining('$decide')]);
    const owned = await server.send('PUT', url, { ...task, priority: 'urgent' }, as('staff'));
    expect(owned.status).toBe(200);
  });

  it('counts for whoever reads the doses, also where it may not see what was asked', async () => {
    await openWorld();
    const id = (await post('first', 'Patient', report('a', of('a')))).body.id;
    const rabies = { vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '90' }] } };
    for (const [date, primarySource] of [
      ['2025-01-01', true],
      ['2025-01-04', false],
    ] as const)
      await post('first', 'Immunization', doseFor(id, date, { ...rabies, primarySource }));
    const kinds = async (name: Name) => {
      const { body } = await server.get(`/fhir/Patient/${id}/$consolidated-record`, as(name));
      return body.entry
        .map(({ resource }: { resource: { resourceType: string } }) => resource.resourceType)
        .slice(1);
    };
    const before = await kinds('doses');
    expect((await server.get(`/fhir/Patient/${id}/$consolidated-record`, as('narrow'))).status).toBe(403);
    const [{ resource: task }] = (await server.get('/fhir/Task?code=review-dose', as('staff'))).body.entry;
    expect(
      (await post('staff', `Task/${task.id}/$decide`, parametersOf({ decision: { valueCode: 'same' } })))
        .status,
    ).toBe(200);
    expect(await kinds('doses')).toEqual(['Immunization', 'Linkage']);
    expect(before.filter((kind: string) => kind === 'Immunization')).toHaveLength(2);
  });
});
