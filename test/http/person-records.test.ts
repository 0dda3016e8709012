import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seenOf } from '../../src/interaction/audit/seen.ts';
import { withCaller } from '../../src/interaction/context.ts';
import { searchAbout } from '../../src/interaction/search-all.ts';
import { dataSharingObjection } from '../../src/search/reach.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { callerFor } from '../unit/access/access-world.ts';
import { as, callersByName, type Given } from './entitled.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';
import {
  annAsAll,
  dose,
  dosesOfAnn,
  fillPersonWorld,
  number,
  source,
  taggedAs,
  to,
  writeAsSystem,
} from './person-world.ts';

let server: TestServer;
afterEach(() => server.close());

type Entry = {
  readonly resource: { readonly resourceType: string; readonly id: string };
  readonly search?: { readonly mode?: string };
};

async function entriesOf(url: string, headers = {}): Promise<readonly Entry[]> {
  const { status, body, text } = await server.get(`/fhir/${url}`, headers);
  expect(status, text).toBe(200);
  return body.entry ?? [];
}

/** The ids of the type among the entries. */
async function found(url: string, type?: string, headers = {}): Promise<readonly string[]> {
  const wanted = type ?? url.split('?')[0]?.split('/').at(-1);
  const entries = await entriesOf(url, headers);
  return entries
    .flatMap(({ resource: { resourceType, id } }) => (resourceType === wanted ? [id] : []))
    .sort();
}

describe('a person who has several records, on an open server', () => {
  beforeEach(async () => {
    server = await openTestServer();
    await fillPersonWorld(server);
  });

  it.each(annAsAll)('has all doses, by the id of %s', async (id) => {
    expect(await found(`Immunization?patient=${id}`)).toEqual(dosesOfAnn);
    expect(await found(`Immunization?patient=Patient/${id}&date=ge2024`)).toEqual(['dose-b', 'dose-p']);
    expect(await found(`Patient/${id}/Immunization`)).toEqual(dosesOfAnn);
    expect(await found(`Immunization?patient._id=${id}`)).toEqual(dosesOfAnn);
    expect(await found(`Group?member=Patient/${id}`)).toEqual(['roster']);
    const { body } = await server.get(`/fhir/Immunization?patient=${id}&_summary=count`);
    expect(body.total).toBe(3);
  });

  it.each([
    ['patient.identifier=urn:a|1', dosesOfAnn],
    ['patient.identifier=urn:b|2', dosesOfAnn],
    ['patient.given=Annette', dosesOfAnn],
    ['patient.family=smyth', ['dose-b']],
    ['patient.birthdate=2020-03-01', ['dose-bob']],
  ])('is found behind a dose: %s', async (query, expected) => {
    expect(await found(`Immunization?${query}`)).toEqual(expected);
  });

  it.each([
    ['Patient', ['ann', 'bob']],
    ['Patient?family=smith', ['ann', 'bob']],
    ['Patient?identifier=urn:a|1', ['ann']],
    ['Patient?family=smyth', []],
    ['Patient?_has:Immunization:patient:date=2021-03-01', ['ann', 'bob']],
    ['Patient?_has:Immunization:patient:performer=Organization/a', ['ann']],
    ['Patient?_has:Group:member:managing-entity=Organization/school', ['ann']],
    ['Patient?_id=ann-a', ['ann-a']],
    ['Patient?_id=ann-a,ann,bob', ['ann', 'ann-a', 'bob']],
    ['Patient?link=ann', ['ann-a', 'ann-b']],
    ['Patient?link:Patient._id=ann', ['ann-a', 'ann-b']],
    ['Patient?_has:Patient:link:_id=ann', ['ann-a', 'ann-b']],
    ['Patient?_id=ann-a&_has:Immunization:patient:_id=dose-b', ['ann-a']],
    ['Patient?_id=ann-a,bob&_has:Immunization:patient:_id=dose-p', ['ann-a']],
    ['Patient?_id=ann-a,bob&_has:Immunization:patient:_id=dose-bob', ['bob']],
    ['Patient?_id=ann&_has:Immunization:patient:_id=dose-b', ['ann']],
    ['Patient?_id=ann-b&_has:Group:member:managing-entity=Organization/school', ['ann-b']],
    ['Patient?_tag=https://jenner-iis.org/fhir/CodeSystem/record|source', ['ann-a', 'ann-b']],
    ['Patient?_tag=https://jenner-iis.org/fhir/CodeSystem/record|source&identifier=urn:b|2', ['ann-b']],
  ])('is answered once: %s', async (url, expected) => {
    expect(await found(url)).toEqual(expected);
    const { body } = await server.get(`/fhir/${url}${url.includes('?') ? '&' : '?'}_summary=count`);
    expect(body.total).toBe(expected.length);
  });

  it('is answered once among other types', async () => {
    const entries = await entriesOf('?_type=Patient,Immunization');
    expect(entries.map(({ resource }) => resource.id).sort()).toEqual(
      ['ann', 'bob', 'dose-bob', ...dosesOfAnn].sort(),
    );
  });

  it('is included instead of its sources, with what refers to any of them', async () => {
    expect(await found('Immunization?_include=Immunization:patient', 'Patient')).toEqual(['ann', 'bob']);
    expect(await found('Patient?given=Annette&_revinclude=Immunization:patient', 'Immunization')).toEqual(
      dosesOfAnn,
    );
    expect(await found('Patient?_id=ann-b&_revinclude=Immunization:patient', 'Immunization')).toEqual(
      dosesOfAnn,
    );
    expect(await found('Patient?_id=ann&_include=Patient:link', 'Patient')).toEqual(annAsAll);
    expect(await found('Group?_include=Group:member', 'Patient')).toEqual(['ann']);
  });

  it.each(annAsAll)('is told with everything, by the id of %s', async (id) => {
    const entries = await entriesOf(`Patient/${id}/$everything`);
    const ids = entries.filter(({ search }) => search?.mode === 'match').map(({ resource }) => resource.id);
    expect(ids[0]).toBe(id);
    expect([...ids].sort()).toEqual([...annAsAll, ...dosesOfAnn, 'roster'].sort());
  });

  it('stands once in everything of all, and of a Group', async () => {
    expect(await found('Patient/$everything', 'Immunization')).toEqual(['dose-bob', ...dosesOfAnn].sort());
    const all = await entriesOf('Patient/$everything?_count=1000');
    expect(new Set(all.map(({ resource }) => resource.id)).size).toBe(all.length);
    expect(await found('Group/roster/$everything', 'Immunization')).toEqual(dosesOfAnn);
    expect((await found('Group/roster/$everything?_type=Patient', 'Patient'))[0]).toBe('ann');
  });

  it('is forecast with all doses, as the person that it is', async () => {
    const states = async (id: string) => {
      const answer = await server.get(`/fhir/Patient/${id}/$immds-forecast?assessmentDate=2024-07-01`);
      expect(answer.status, answer.text).toBe(200);
      return answer.body.parameter;
    };
    const [person, ...sources] = await Promise.all(annAsAll.map(states));
    const plain = (told: unknown, id: string) =>
      JSON.stringify(told)
        .replaceAll(`Patient/${id}"`, 'Patient/x"')
        .replaceAll(/urn:uuid:[^"]+/g, '');
    expect(plain(person, 'ann')).toContain('dose-a');
    for (const [n, told] of sources.entries()) {
      expect(plain(told, annAsAll[n + 1] ?? '')).toBe(plain(person, 'ann'));
    }
  });

  it('is forecast with what only one of the records tells, by the id of any', async () => {
    const allergy = {
      resourceType: 'AllergyIntolerance',
      id: 'allergy-a',
      clinicalStatus: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' },
        ],
      },
      patient: to('Patient/ann-a'),
      code: { text: 'gelatine' },
    };
    await writeAsSystem(server, allergy);
    for (const id of annAsAll) {
      const found = await searchAbout(server.ctx, [id as ResourceId], ['AllergyIntolerance', 'Procedure']);
      const ids = [...found].map(([type, matches]) => [type, matches.map((match) => match.id)]);
      expect(ids).toEqual([
        ['AllergyIntolerance', ['allergy-a']],
        ['Procedure', []],
      ]);
    }
  });

  it('leaves what was written as it was written', async () => {
    const read = await server.get('/fhir/Patient/ann-b');
    expect(read.body).toMatchObject({ id: 'ann-b', name: [{ family: 'Smyth' }], link: [{ type: 'refer' }] });
    expect((await server.get('/fhir/Patient/ann-b/_history/1')).text).toBe(read.text);
    expect((await server.get('/fhir/Immunization/dose-a')).body.patient).toEqual(to('Patient/ann-a'));
    const history = await server.get('/fhir/Patient/ann-b/_history');
    expect(history.body.total).toBe(1);
  });

  it('is not what a condition of a write is about: that is the source of who asks', async () => {
    const patient = { resourceType: 'Patient', identifier: [number('a', '1')] };
    const again = await server.send('POST', '/fhir/Patient', patient, {
      'if-none-exist': 'identifier=urn:a|1',
    });
    expect([again.status, again.headers['location']]).toEqual([
      200,
      expect.stringContaining('/Patient/ann-a/_history/1'),
    ]);
    const both = { 'if-none-exist': 'given=Ann' };
    expect((await server.send('POST', '/fhir/Patient', patient, both)).status).toBe(412);
    // Nobody wrote this name: it was computed.
    const other = await server.send('POST', '/fhir/Patient', patient, { 'if-none-exist': 'given=Annette' });
    expect(other.status).toBe(201);
    const sent = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          resource: { ...dose('new', 'x', 'b', '2024-08-01'), patient: to('Patient?identifier=urn:b|2') },
          request: { method: 'POST', url: 'Immunization' },
        },
      ],
    };
    const written = await server.send('POST', '/fhir', sent);
    expect(written.status, written.text).toBe(200);
    const [, id] = /Immunization\/([^/]+)/.exec(written.body.entry[0].response.location) ?? [];
    expect((await server.get(`/fhir/Immunization/${id}`)).body.patient).toEqual(to('Patient/ann-b'));
    const updated = await server.send('PUT', '/fhir/Immunization?patient=ann-a&performer=Organization/b', {
      ...dose('of-nobody', 'ann-a', 'b', '2024-08-02'),
    });
    expect(updated.status).toBe(201);
  });

  it('answers for a person that was found to be it', async () => {
    await writeAsSystem(server, {
      resourceType: 'Patient',
      id: 'old',
      active: false,
      ...taggedAs('replaced'),
      identifier: [number('a', '1')],
      name: [{ family: 'Smith', given: ['Nettie'] }],
      link: [{ other: to('Patient/ann'), type: 'replaced-by' }],
    });
    await writeAsSystem(server, dose('dose-old', 'old', 'c', '2024-07-01'));
    expect(await found('Immunization?patient=ann-b')).toEqual(['dose-a', 'dose-b', 'dose-old', 'dose-p']);
    expect(await found('Immunization?patient=old')).toEqual(['dose-a', 'dose-b', 'dose-old', 'dose-p']);
    expect(await found('Patient?identifier=urn:a|1')).toEqual(['ann']);
    expect(await found('Patient?_id=old')).toEqual(['old']);
    const patient = { resourceType: 'Patient', identifier: [number('a', '1')] };
    const condition = { 'if-none-exist': 'identifier=urn:a|1' };
    const again = await server.send('POST', '/fhir/Patient', patient, condition);
    expect(again.headers['location']).toContain('/Patient/ann-a/');
  });

  it('follows a source that moves, and is exact when it moves back', async () => {
    const before = await Promise.all([
      entriesOf('Immunization?patient=ann'),
      entriesOf('Immunization?patient=bob'),
    ]);
    const moved = { identifier: [number('b', '2')], managingOrganization: to('Organization/b') };
    await writeAsSystem(server, source('ann-b', 'bob', moved));
    expect(await found('Immunization?patient=ann')).toEqual(['dose-a', 'dose-p']);
    expect(await found('Immunization?patient=ann-b')).toEqual(['dose-b', 'dose-bob']);
    await writeAsSystem(server, source('ann-b', 'ann', moved));
    const after = await Promise.all([
      entriesOf('Immunization?patient=ann'),
      entriesOf('Immunization?patient=bob'),
    ]);
    expect(after).toEqual(before);
  });
});

const entitled = {
  clinic: { role: 'clinician', organizations: ['a'] },
  third: { role: 'clinician', organizations: ['c'] },
  stranger: { role: 'clinician', organizations: ['x'] },
  school: { role: 'school-nurse', organizations: ['school'] },
  ann: { role: 'individual', ownPersons: ['ann-a'], fhirUser: 'Patient/ann-a' },
  bob: { role: 'individual', ownPersons: ['bob'], fhirUser: 'Patient/bob' },
  launched: { role: 'programme-staff', patient: 'ann-b', scopes: 'patient/*.rs' },
  launchedOwn: { role: 'individual', ownPersons: ['ann'], patient: 'ann-b', scopes: 'patient/*.rs' },
  launchedOther: { role: 'individual', ownPersons: ['bob'], patient: 'ann-b', scopes: 'patient/*.rs' },
  staff: { role: 'programme-staff' },
} as const satisfies Readonly<Record<string, Given>>;
type Name = keyof typeof entitled;

describe('who may see a person who has several records', () => {
  beforeEach(async () => {
    server = await openTestServer({ auth: 'smart', callerOf: callersByName(entitled), audit: true });
    await fillPersonWorld(server);
  });

  it('stands once in the pages of everything of all, for a token as for nobody', async () => {
    const met: string[] = [];
    let next: string | undefined = 'Patient/$everything?_count=1&_type=Immunization';
    while (next !== undefined) {
      const { status, body, text } = await server.get(`/fhir/${next}`, as('staff'));
      expect(status, text).toBe(200);
      const doses = (body.entry ?? []).filter(
        ({ resource }: Entry) => resource.resourceType === 'Immunization',
      );
      met.push(...doses.map(({ resource }: Entry) => resource.id));
      const link = body.link.find(({ relation }: { relation: string }) => relation === 'next');
      next = link?.url.slice(link.url.indexOf('/fhir/') + '/fhir/'.length);
    }
    expect(met.sort()).toEqual(['dose-bob', ...dosesOfAnn].sort());
  });

  const all = [...annAsAll, ...dosesOfAnn];
  const keys = [...annAsAll.map((id) => `Patient/${id}`), ...dosesOfAnn.map((id) => `Immunization/${id}`)];

  it.each<[string, Name, boolean]>([
    ['who manages a source', 'clinic', true],
    ['who gave the person a dose', 'third', true],
    ['who did neither', 'stranger', false],
    ['whose roster has a source', 'school', true],
    ['who is the person, by a source', 'ann', true],
    ['who is somebody else', 'bob', false],
    ['an app that was launched for a source', 'launched', true],
    ['an app that the person gave a source of its own', 'launchedOwn', true],
    ['an app that somebody else gave it', 'launchedOther', false],
  ])('%s', async (_, name, isSeen) => {
    const statuses = await Promise.all(
      keys.map(async (key) => (await server.get(`/fhir/${key}`, as(name))).status),
    );
    expect(new Set(statuses)).toEqual(new Set([isSeen ? 200 : 404]));
    const histories = await Promise.all(
      keys.map(async (key) => (await server.get(`/fhir/${key}/_history`, as(name))).status),
    );
    expect(new Set(histories)).toEqual(new Set([isSeen ? 200 : 404]));
    const expected = isSeen ? dosesOfAnn : [];
    for (const id of annAsAll)
      expect(await found(`Immunization?patient=${id}`, undefined, as(name))).toEqual(expected);
    expect((await found('Patient', undefined, as(name))).includes('ann')).toBe(isSeen);
    expect(all).toHaveLength(keys.length);
  });

  it('sees none of it once an objection was written of one record, but what is its own', async () => {
    await writeAsSystem(server, {
      resourceType: 'Consent',
      id: 'objection',
      status: 'active',
      scope: { text: 'privacy' },
      category: [{ coding: [dataSharingObjection] }],
      policyRule: { text: 'law' },
      patient: to('Patient/ann-b'),
    });
    for (const name of ['clinic', 'third', 'school'] as const) {
      const statuses = await Promise.all(
        keys.map(async (key) => (await server.get(`/fhir/${key}`, as(name))).status),
      );
      expect(statuses).toEqual(keys.map(() => 404));
      expect(await found('Immunization?patient=ann', undefined, as(name))).toEqual([]);
    }
    expect(await found('Immunization?patient=ann', undefined, as('ann'))).toEqual(dosesOfAnn);
  });

  it('is told who saw any of the records', async () => {
    await server.get('/fhir/Patient/ann-b', as('clinic'));
    await server.get('/fhir/Immunization/dose-p', as('third'));
    await server.get('/fhir/Patient/bob', as('staff'));
    const ctx = withCaller(server.ctx, callerFor(entitled.ann));
    await server.auditRows();
    for (const id of annAsAll) {
      const { rows } = await seenOf(ctx, id);
      expect(rows.map(({ what, organization }) => [what, organization])).toEqual([
        ['read', 'c'],
        ['read', 'a'],
      ]);
      const events = await entriesOf(`AuditEvent?patient=Patient/${id}`, as('ann'));
      expect(events.length).toBeGreaterThanOrEqual(2);
    }
    const others = await seenOf(withCaller(server.ctx, callerFor(entitled.bob)), 'ann');
    expect(others.rows).toEqual([]);
  });
});

describe('an export of a person who has several records', () => {
  beforeEach(async () => {
    server = await openTestServer();
    server.startExports();
    await fillPersonWorld(server);
  });

  const pathOf = (url: unknown) => String(url).replace('http://jenner.test', '');

  /** The ids in the files of each type. */
  async function exported(kick: { readonly url: string; readonly body?: object }) {
    const headers = { accept: 'application/fhir+json', prefer: 'respond-async' };
    const kicked = kick.body
      ? await server.send('POST', `/fhir/${kick.url}`, kick.body, headers)
      : await server.get(`/fhir/${kick.url}`, headers);
    expect(kicked.status, kicked.text).toBe(202);
    let answer = await server.get(pathOf(kicked.headers['content-location']));
    for (let poll = 0; poll < 400 && answer.status === 202; poll++) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      answer = await server.get(pathOf(kicked.headers['content-location']));
    }
    const ids: Record<string, string[]> = {};
    for (const { type, url } of answer.body.output) {
      const response = await server.app.inject({ url: pathOf(url) });
      const raw = response.rawPayload;
      const text = raw[0] === 0x1f ? gunzipSync(raw).toString() : raw.toString();
      const lines = text.trim().split('\n');
      ids[type] = [...(ids[type] ?? []), ...lines.map((line) => String(JSON.parse(line).id))].sort();
    }
    return ids;
  }
  const named = (id: string) => ({
    resourceType: 'Parameters',
    parameter: [{ name: 'patient', valueReference: to(`Patient/${id}`) }],
  });
  const whole = { Patient: annAsAll, Immunization: dosesOfAnn };

  it.each(annAsAll)('has all of them, by the id of %s', async (id) => {
    const url = 'Patient/$export?_type=Patient,Immunization';
    expect(await exported({ url: 'Patient/$export', body: named(id) })).toMatchObject(whole);
    expect(url).toContain('Immunization');
  });

  it('has all of a member of a Group', async () => {
    expect(await exported({ url: 'Group/roster/$export?_type=Patient,Immunization' })).toEqual(whole);
  });

  it('asks of persons what _typeFilter asks', async () => {
    const filter = encodeURIComponent('Immunization?patient=ann-b');
    expect(await exported({ url: `Patient/$export?_type=Immunization&_typeFilter=${filter}` })).toEqual({
      Immunization: dosesOfAnn,
    });
  });
});
