import { describe, expect, it } from 'vitest';
import { type WriteRule, withCaller } from '../../src/interaction/context.ts';
import { createResource } from '../../src/interaction/create-resource.ts';
import { updateResource } from '../../src/interaction/update-resource.ts';
import { parseTimeZone, type TimeZone } from '../../src/values/time-zone.ts';
import {
  create,
  decide,
  doseFor,
  entriesOf,
  idsFound,
  parametersOf,
  personIn,
  recordTag,
  referring,
  report,
  twin,
} from './identity-world.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';
import { useServers } from './use-servers.ts';

const open = useServers({ matching: 'automatic', clockStep: 10 });

const tasks = (server: TestServer, query = '') => entriesOf(server, `Task?code=review-duplicate${query}`);

describe('a Patient who is certainly known', () => {
  it('joins the person, reads back as written, and is told whose record it is', async () => {
    const server = await open();
    const first = await create(server, report('a'));
    expect(personIn(first)).toBeUndefined();
    const second = await create(
      server,
      report('b', { telecom: [{ system: 'phone', value: '617-555-0123' }] }),
    );
    const person = personIn(second) as string;
    const { body: source } = await server.get(`/fhir/Patient/${second.body.id}`);
    expect(source).toMatchObject(report('b', { telecom: [{ system: 'phone', value: '617-555-0123' }] }));
    expect(source.link).toEqual([{ other: { reference: `Patient/${person}` }, type: 'refer' }]);
    const { body } = await server.get(`/fhir/Patient/${person}`);
    expect(body.identifier).toHaveLength(3);
    expect(body.telecom).toHaveLength(2);
    expect(await idsFound(server, 'Patient?family=Szymborska')).toEqual([person]);
    expect(await idsFound(server, `Patient?_tag=${recordTag('source')}`)).toEqual(
      [first.body.id, second.body.id].sort(),
    );
  });

  it('shows the doses of all by any id', async () => {
    const server = await open();
    const a = (await create(server, report('a'))).body.id;
    const joined = await create(server, report('b'));
    const [b, person] = [joined.body.id, personIn(joined) as string];
    const doses = [
      (await create(server, doseFor(a, '2022-01-01'))).body.id,
      (await create(server, doseFor(b, '2023-01-01'))).body.id,
    ].sort();
    for (const id of [a, b, person])
      expect(await idsFound(server, `Immunization?patient=${id}`)).toEqual(doses);
    const { body } = await server.get(`/fhir/Immunization/${doses[0]}`);
    expect([a, b]).toContain(body.patient.reference.slice('Patient/'.length));
  });

  it('tells how it was decided, field by field', async () => {
    const server = await open();
    await create(server, report('a'));
    await create(server, report('b'));
    const [task] = await tasks(server);
    expect(task).toMatchObject({ status: 'completed', note: [{ authorString: 'matching' }] });
    const count = async (...codes: readonly string[]) =>
      (await tasks(server, codes.map((code) => `&business-status=${code}`).join(''))).length;
    expect([await count('same', 'by-matching'), await count('by-people'), await count('not-same')]).toEqual([
      1, 0, 0,
    ]);
    await decide(server, task.id, 'not-same');
    expect([await count('same'), await count('by-matching'), await count('not-same', 'by-people')]).toEqual([
      0, 0, 1,
    ]);
    const codes = task.input.map(
      ({ type }: { type: { coding: { code: string }[] } }) => type.coding[0]?.code,
    );
    expect(codes).toEqual(expect.arrayContaining(['score', 'grade', 'points', 'field']));
  });

  it('is computed anew when a source is reported again, and keeps its link', async () => {
    const server = await open();
    const first = await create(server, report('a'));
    const person = personIn(await create(server, report('b'))) as string;
    const address = [{ line: ['9 Oak Road'], city: 'Lynn', state: 'MA', postalCode: '01901' }];
    const put = await server.send('PUT', `/fhir/Patient/${first.body.id}`, {
      ...report('a', { address }),
      id: first.body.id,
    });
    expect(put.status).toBe(200);
    expect(personIn(put)).toBe(person);
    const { body } = await server.get(`/fhir/Patient/${person}`);
    expect(body.address[0]).toEqual(address[0]);
    expect((await server.get(`/fhir/Patient/${first.body.id}`)).body.link).toHaveLength(1);
  });

  it('is not compared with a record that another is to be used instead of, nor is such a one', async () => {
    const server = await open();
    const first = await create(server, report('a'));
    const replaced = { link: [{ other: { reference: `Patient/${first.body.id}` }, type: 'replaced-by' }] };
    const old = await create(server, report('b', { ...replaced, active: false }));
    expect(personIn(old)).toBeUndefined();
    expect(await tasks(server)).toEqual([]);
    const again = await create(server, report('c'));
    const { body } = await server.get(`/fhir/Patient/${personIn(again)}`);
    expect(body.link.map(({ other }: { other: { reference: string } }) => other.reference).sort()).toEqual(
      [first.body.id, again.body.id].map((id) => `Patient/${id}`).sort(),
    );
  });

  it('takes no write by a client to the person itself', async () => {
    const server = await open();
    await create(server, report('a'));
    const person = personIn(await create(server, report('b'))) as string;
    const { body } = await server.get(`/fhir/Patient/${person}`);
    const put = await server.send('PUT', `/fhir/Patient/${person}`, { ...body, gender: 'male' });
    expect([put.status, put.text]).toEqual([422, expect.stringContaining('computed from its sources')]);
    expect((await server.send('DELETE', `/fhir/Patient/${person}`)).status).toBeGreaterThanOrEqual(400);
  });

  it('loses a source that is deleted, where that is allowed', async () => {
    const server = await open({ deleteReferred: 'allow' });
    const first = await create(server, report('a'));
    const person = personIn(await create(server, report('b'))) as string;
    expect((await server.send('DELETE', `/fhir/Patient/${first.body.id}`)).status).toBe(204);
    const { body } = await server.get(`/fhir/Patient/${person}`);
    expect(body.identifier.map(({ system }: { system: string }) => system)).not.toContain('urn:a');
  });

  it('makes one record of two messages at the same moment', async () => {
    const server = await open();
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((clinic) => create(server, report(clinic))));
    const sources = answers.map(({ body }) => body.id).sort();
    expect(await idsFound(server, `Patient?_tag=${recordTag('source')}`)).toEqual(sources);
    expect(await idsFound(server, 'Patient?family=Szymborska')).toHaveLength(1);
  });

  it('is found by who was planned at the same moment, and not joined twice', async () => {
    const server = await open();
    let waiting = 0;
    let release = () => {};
    const both = new Promise<void>((resolve) => {
      release = resolve;
    });
    // Both have looked for somebody before either is written.
    const barrier: WriteRule = async (_system, plan) => {
      if (++waiting === 2) release();
      await both;
      return plan;
    };
    const ctx = { ...server.ctx, writeRules: [...server.ctx.writeRules, barrier] };
    const write = (clinic: string) => createResource(ctx, { resource: report(clinic), exactNumbers: false });
    const [a, b] = await Promise.all([write('a'), write('b')]);
    expect([a.person, b.person].filter((person) => person !== undefined)).toHaveLength(1);
    expect(waiting).toBe(3);
    expect(await idsFound(server, 'Patient?family=Szymborska')).toHaveLength(1);
  });

  it('leaves the other sources as they are', async () => {
    const server = await open();
    const first = await create(server, report('a'));
    await create(server, report('b'));
    const before = (await server.get(`/fhir/Patient/${first.body.id}`)).body.meta.versionId;
    await create(server, report('c'));
    expect((await server.get(`/fhir/Patient/${first.body.id}`)).body.meta.versionId).toBe(before);
  });

  it('stays where an operator has put a source', async () => {
    const server = await open();
    await create(server, report('a'));
    const second = await create(server, report('b'));
    const { body } = await server.get(`/fhir/Patient/${second.body.id}`);
    const link = [{ other: { reference: 'Patient/elsewhere' }, type: 'refer' }];
    const operator = withCaller(server.ctx, { kind: 'system', name: 'cli:test' });
    const key = { type: 'Patient', id: body.id } as const;
    await updateResource(operator, key, { resource: { ...body, link }, exactNumbers: false });
    expect((await server.get(`/fhir/Patient/${second.body.id}`)).body.link).toEqual(link);
  });

  it('is joined inside a transaction and a batch too', async () => {
    const server = await open();
    await create(server, report('a'));
    const entry = (clinic: string) => ({
      resource: report(clinic),
      request: { method: 'POST', url: 'Patient' },
    });
    for (const type of ['transaction', 'batch']) {
      const bundle = { resourceType: 'Bundle', type, entry: [entry(type)] };
      expect((await server.send('POST', '/fhir', bundle)).status).toBe(200);
    }
    expect(await idsFound(server, 'Patient?family=Szymborska')).toHaveLength(1);
    expect(await idsFound(server, `Patient?_tag=${recordTag('source')}`)).toHaveLength(3);
  });

  it('joins all records of one transaction that are one, also with who is known', async () => {
    const server = await open();
    await create(server, report('z'));
    const entry = ['a', 'b', 'c'].map((clinic) => ({
      resource: report(clinic),
      request: { method: 'POST', url: 'Patient' },
    }));
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
    expect((await server.send('POST', '/fhir', bundle)).status).toBe(200);
    expect(await idsFound(server, 'Patient?family=Szymborska')).toHaveLength(1);
    expect(await idsFound(server, `Patient?_tag=${recordTag('source')}`)).toHaveLength(4);
  });

  it('joins two new records of one transaction', async () => {
    const server = await open();
    const entry = ['a', 'b'].map((clinic) => ({
      resource: report(clinic),
      request: { method: 'POST', url: 'Patient' },
    }));
    expect(
      (await server.send('POST', '/fhir', { resourceType: 'Bundle', type: 'transaction', entry })).status,
    ).toBe(200);
    expect(await idsFound(server, 'Patient?family=Szymborska')).toHaveLength(1);
  });
});

describe('a Patient who may be known', () => {
  it('is kept, and people are asked', async () => {
    const server = await open();
    const known = await create(server, report('a'));
    const other = await create(server, twin('b'));
    expect(personIn(other)).toBeUndefined();
    expect(await idsFound(server, 'Patient?family=Szymborska')).toHaveLength(2);
    expect(await tasks(server, '&status=requested')).toMatchObject([
      { for: { reference: `Patient/${other.body.id}` }, focus: { reference: `Patient/${known.body.id}` } },
    ]);
  });

  it('is only asked about where a mode says so, and nothing is done where it is off', async () => {
    const review = await open({ matching: 'review' });
    await create(review, report('a'));
    expect(personIn(await create(review, report('b')))).toBeUndefined();
    expect(await tasks(review, '&status=requested')).toHaveLength(1);
    const off = await open({ matching: 'off' });
    await create(off, report('a'));
    const second = await create(off, report('b'));
    expect(second.body.meta).not.toHaveProperty('tag');
    expect(await tasks(off)).toHaveLength(0);
    expect(await idsFound(off, 'Patient?family=Szymborska')).toHaveLength(2);
  });
});

describe('$merge and $unmerge', () => {
  const two = async (server: TestServer) => {
    const a = (await create(server, report('a'))).body.id as string;
    const b = (await create(server, twin('b'))).body.id as string;
    return { a, b };
  };
  /** A child of another house. */
  const elsewhere = (given: string) =>
    report('far', {
      identifier: [{ system: 'urn:far', value: given }],
      name: [{ family: 'Rosenkrantz', given: [given] }],
      birthDate: '2018-03-14',
      telecom: [{ system: 'phone', value: '413-555-0177' }],
      address: [{ line: ['88 Mill Road'], city: 'Pittsfield', state: 'MA', postalCode: '01201' }],
    });
  const merge = (server: TestServer, source: string, target: string, more: object = {}) =>
    server.send(
      'POST',
      '/fhir/Patient/$merge',
      parametersOf({ 'source-patient': referring(source), 'target-patient': referring(target), ...more }),
    );
  const resultsOf = (body: { parameter: { name: string; resource: { id: string } }[] }) =>
    body.parameter.filter(({ name }) => name === 'result').map(({ resource }) => resource.id);

  it('makes one person of two, and takes it back exactly', async () => {
    const server = await open();
    const { a, b } = await two(server);
    const [ofA, ofB] = [
      (await create(server, doseFor(a, '2022-01-01'))).body.id,
      (await create(server, doseFor(b, '2022-01-02'))).body.id,
    ];
    const before = await server.get(`/fhir/Patient/${b}`);
    const merged = await merge(server, b, a, { reason: { valueString: 'the same card' } });
    expect(merged.status).toBe(200);
    const [person] = resultsOf(merged.body);
    expect(await idsFound(server, `Immunization?patient=${person}`)).toEqual([ofA, ofB].sort());
    const taken = await server.send(
      'POST',
      `/fhir/Patient/${b}/$unmerge`,
      parametersOf({ reason: { valueString: 'twins' } }),
    );
    expect(taken.status).toBe(200);
    expect(await idsFound(server, `Immunization?patient=${b}`)).toEqual([ofB]);
    expect(await idsFound(server, `Immunization?patient=${a}`)).toEqual([ofA]);
    const after = await server.get(`/fhir/Patient/${b}`);
    const bare = ({ meta: _, ...rest }: Record<string, unknown>) => rest;
    expect(bare(after.body)).toEqual(bare(before.body));
    expect(after.body.meta).not.toHaveProperty('tag');
    const [task] = await tasks(server);
    expect(task).toMatchObject({
      status: 'completed',
      note: [{ text: 'same: the same card' }, { text: 'not-same: twins' }],
    });
  });

  it('replaces a person, who is found no more, and reads on', async () => {
    const server = await open();
    await create(server, report('a'));
    const first = personIn(await create(server, report('b'))) as string;
    const other = (members: object) =>
      report('x', {
        identifier: [{ system: 'http://hl7.org/fhir/sid/us-ssn', value: '419-22-8810' }],
        name: [{ family: 'Kowalska', given: ['Olga', 'Anna'] }],
        birthDate: '2019-03-03',
        ...members,
      });
    await create(server, other({}));
    const second = personIn(
      await create(server, other({ telecom: [{ system: 'phone', value: '413-253-0101' }] })),
    ) as string;
    expect((await merge(server, second, first)).status).toBe(200);
    const { status, body } = await server.get(`/fhir/Patient/${second}`);
    expect([status, body.active]).toEqual([200, false]);
    expect(body.link[0]).toMatchObject({ type: 'replaced-by', other: { reference: `Patient/${first}` } });
    expect(await idsFound(server, 'Patient?family=Kowalska')).toEqual([first]);
    expect(await idsFound(server, 'Patient?identifier=419-22-8810')).toEqual([first]);
    expect((await server.send('POST', `/fhir/Patient/${second}/$unmerge`, parametersOf({}))).status).toBe(
      200,
    );
    expect(await idsFound(server, 'Patient?family=Kowalska')).toEqual([second]);
    expect((await server.get(`/fhir/Patient/${second}`)).body.active).toBeUndefined();
  });

  it('finds whom it merges by identifiers too, and shows beforehand what would become', async () => {
    const server = await open();
    const { a, b } = await two(server);
    const answer = await server.send(
      'POST',
      '/fhir/Patient/$merge',
      parametersOf({
        'source-patient-identifier': { valueIdentifier: { system: 'urn:b', value: '4712' } },
        'target-patient-identifier': { valueIdentifier: { system: 'urn:a', value: '4711' } },
        preview: { valueBoolean: true },
      }),
    );
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('would be one person');
    expect(resultsOf(answer.body)).toHaveLength(1);
    expect(await idsFound(server, 'Patient?family=Szymborska')).toEqual([a, b].sort());
  });

  it.each([
    ['nobody named', {}, 400],
    ['who is not there', { 'source-patient': referring('none'), 'target-patient': referring('none') }, 404],
    ['no Patient', { 'source-patient': { valueReference: { reference: 'Group/1' } } }, 400],
    [
      'nobody with the identifier',
      { 'source-patient-identifier': { valueIdentifier: { value: 'zzz' } } },
      404,
    ],
  ])('refuses %s', async (_, members, status) => {
    const server = await open();
    const answer = await server.send('POST', '/fhir/Patient/$merge', parametersOf(members));
    expect(answer.status).toBe(status);
  });

  it('parts who is named, and nobody else, also where the person is named beside', async () => {
    const server = await open({ matching: 'off' });
    const ids: string[] = [];
    for (const clinic of ['a', 'b', 'c']) ids.push((await create(server, report(clinic))).body.id);
    const [a = '', b = '', c = ''] = ids;
    const unlike = (
      await create(server, { resourceType: 'Patient', name: [{ family: 'Lem', given: ['Stanislaw'] }] })
    ).body.id;
    const merged = async (source: string, target: string) => {
      const named = { 'source-patient': referring(source), 'target-patient': referring(target) };
      expect((await server.send('POST', '/fhir/Patient/$merge', parametersOf(named))).status).toBe(200);
    };
    await merged(b, a);
    await merged(c, a);
    // The least alike of all pairs, and not one of b.
    await merged(unlike, c);
    const person = (await server.get(`/fhir/Patient/${a}`)).body.link[0].other.reference.slice(8);
    const from = parametersOf({ 'target-patient': referring(person) });
    expect((await server.send('POST', `/fhir/Patient/${b}/$unmerge`, from)).status).toBe(200);
    expect((await server.get(`/fhir/Patient/${b}`)).body).not.toHaveProperty('link');
    for (const id of [c, unlike]) {
      expect((await server.get(`/fhir/Patient/${id}`)).body.link[0].other.reference).toBe(
        `Patient/${person}`,
      );
    }
    const itself = parametersOf({ 'target-patient': referring(c) });
    const answer = await server.send('POST', `/fhir/Patient/${c}/$unmerge`, itself);
    expect([answer.status, answer.text]).toEqual([422, expect.stringContaining('from itself')]);
  });

  it('refuses to merge one with itself, and to part who was never joined', async () => {
    const server = await open();
    const { a } = await two(server);
    expect((await merge(server, a, a)).status).toBe(422);
    expect((await server.send('POST', `/fhir/Patient/${a}/$unmerge`, parametersOf({}))).status).toBe(422);
  });

  it('tells who vaccinated by the record of two', async () => {
    const server = await open();
    const { a, b } = await two(server);
    await create(server, { resourceType: 'Organization', id: 'o', name: 'Clinic' });
    await merge(server, b, a);
    await create(server, doseFor(b, '2026-02-01'));
    await create(server, doseFor(b, '2020-02-01'));
    await server.send('POST', `/fhir/Patient/${b}/$unmerge`, parametersOf({}));
    expect(await idsFound(server, 'Task?code=check-after-unmerge')).toHaveLength(1);
  });

  it.each([
    ['requested', 1],
    ['completed', 2],
  ])('asks of a dose by the record of three once, while that is %s', async (status, told) => {
    const server = await open({ matching: 'off' });
    const ids: string[] = [];
    for (const clinic of ['a', 'b', 'c']) ids.push((await create(server, report(clinic))).body.id);
    const [a = '', b = '', c = ''] = ids;
    await merge(server, b, a);
    await merge(server, c, a);
    await create(server, doseFor(a, '2026-02-01'));
    const part = (id: string) => server.send('POST', `/fhir/Patient/${id}/$unmerge`, parametersOf({}));
    const checks = () => entriesOf(server, 'Task?code=check-after-unmerge');
    expect((await part(b)).status).toBe(200);
    const [first] = await checks();
    expect((await server.send('PUT', `/fhir/Task/${first.id}`, { ...first, status })).status).toBe(200);
    expect((await part(c)).status).toBe(200);
    expect(await checks()).toHaveLength(told);
  });

  it.each([
    ['2025-12-31', 1],
    ['2025-12-31T19:30:00-05:00', 1],
    ['2025-12', 1],
    ['2025', 1],
    ['2025-12-30', 0],
    ['2025-11', 0],
  ])('tells of a dose of %s, since it may be of the evening on which both became one', async (date, told) => {
    const server = await openTestServer({
      matching: 'automatic',
      clockStep: 10,
      timeZone: parseTimeZone('America/New_York') as TimeZone,
      startsAt: Date.UTC(2026, 0, 1),
    });
    const { a, b } = await two(server);
    await merge(server, b, a);
    await create(server, doseFor(b, date));
    await server.send('POST', `/fhir/Patient/${b}/$unmerge`, parametersOf({}));
    expect(await idsFound(server, 'Task?code=check-after-unmerge')).toHaveLength(told);
    await server.close();
  });

  it.each(['a', 'b'] as const)(
    'closes what is open of Patient %s who is deleted, and asks again of one who comes back',
    async (which) => {
      const server = await open();
      const { [which]: b } = await two(server);
      const { body: before } = await server.get(`/fhir/Patient/${b}`);
      const [{ id }] = await tasks(server);
      expect((await server.send('DELETE', `/fhir/Patient/${b}`)).status).toBe(204);
      const { body: closed } = await server.get(`/fhir/Task/${id}`);
      expect(closed.status).toBe('cancelled');
      expect(closed.note.at(-1)).toMatchObject({
        authorString: 'matching',
        text: `Patient/${b} was deleted`,
      });
      expect((await server.send('PUT', `/fhir/Patient/${b}`, before)).status).toBe(201);
      const asked = await tasks(server, '&status=requested');
      expect(asked).toHaveLength(1);
      expect(asked[0].id).not.toBe(id);
    },
  );

  it('closes a question once where a transaction deletes both, and leaves other questions', async () => {
    const server = await open();
    const { a, b } = await two(server);
    const twins = await Promise.all(['Ewa', 'Zuzanna'].map((given) => create(server, elsewhere(given))));
    const request = (id: string) => ({ request: { method: 'DELETE', url: `Patient/${id}` } });
    const body = { resourceType: 'Bundle', type: 'transaction', entry: [a, b].map(request) };
    expect((await server.send('POST', '/fhir', body)).status).toBe(200);
    expect(await tasks(server, '&status=cancelled')).toHaveLength(1);
    const [left] = await tasks(server, '&status=requested');
    const pair = [left.for.reference, left.focus.reference].sort();
    expect(pair).toEqual(twins.map(({ body: { id } }) => `Patient/${id}`).sort());
  });

  it('keeps what was decided of a Patient who is deleted, and does not ask again', async () => {
    const server = await open();
    const { b } = await two(server);
    const { body: before } = await server.get(`/fhir/Patient/${b}`);
    const [{ id }] = await tasks(server);
    await decide(server, id, 'not-same');
    expect((await server.send('DELETE', `/fhir/Patient/${b}`)).status).toBe(204);
    expect((await server.get(`/fhir/Task/${id}`)).body.status).toBe('completed');
    expect((await server.send('PUT', `/fhir/Patient/${b}`, before)).status).toBe(201);
    expect(await tasks(server, '&status=requested')).toEqual([]);
  });

  it.each(['wanted', 'record-report'])(
    'lets a Task of somebody else (%s) keep a Patient from being deleted',
    async (named) => {
      const server = await open();
      const { b } = await two(server);
      const reference = { reference: `Patient/${b}` };
      const code = { coding: [{ system: 'https://jenner-iis.org/fhir/CodeSystem/task', code: named }] };
      await create(server, {
        resourceType: 'Task',
        status: 'requested',
        intent: 'order',
        code,
        for: reference,
      });
      const { status, text } = await server.send('DELETE', `/fhir/Patient/${b}`);
      expect(status).toBe(409);
      expect(new Set(text.match(/Task\/[\w-]+/g)).size).toBe(1);
      expect(await tasks(server, '&status=requested')).toHaveLength(1);
    },
  );

  it('is never asked again once it was said that two are not one', async () => {
    const server = await open();
    const { b } = await two(server);
    const [task] = await tasks(server);
    const said = (decision: string) => decide(server, task.id, decision);
    expect((await said('later')).body.status).toBe('on-hold');
    expect((await said('not-same')).body.status).toBe('completed');
    expect((await said('same')).status).toBe(200);
    expect(await idsFound(server, 'Patient?family=Szymborska')).toHaveLength(1);
    expect((await said('not-same')).status).toBe(200);
    const found = await idsFound(server, 'Patient?family=Szymborska');
    expect([found.length, found.includes(b)]).toEqual([2, true]);
    expect((await server.get(`/fhir/Task/${task.id}`)).body.note).toHaveLength(4);
    expect((await said('perhaps')).status).toBe(400);
  });

  it('answers with one question whatever else is asked of the same two persons', async () => {
    for (const decision of ['not-same', 'same']) {
      const server = await open();
      const a = (await create(server, report('a'))).body.id;
      const name = [{ family: 'Szymborska', given: ['Wislawa', 'Anna'] }];
      const identifier = [{ system: 'urn:b', value: '9' }];
      const b = (await create(server, report('b', { name, identifier }))).body.id;
      const sister = (await create(server, twin('c'))).body.id;
      const ofSister = await tasks(server, `&patient=${sister}`);
      expect(ofSister).toHaveLength(2);
      const parts = parametersOf({ 'source-patient': referring(b), 'target-patient': referring(a) });
      await server.send('POST', '/fhir/Patient/$merge', parts);
      const [ofA, { id: other }] = ofSister;
      expect((await decide(server, ofA.id, decision, 'seen both')).status).toBe(200);
      const { body } = await server.get(`/fhir/Task/${other}`);
      expect([body.status, body.note?.at(-1)?.text]).toEqual(['completed', `${decision}: seen both`]);
    }
  });
});
