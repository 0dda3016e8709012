import { describe, expect, it } from 'vitest';
import { withCaller } from '../../src/interaction/context.ts';
import { updateResource } from '../../src/interaction/update-resource.ts';
import { openDedupe } from '../../src/registry/identity/dedupe-patient.ts';
import { openMatcher } from '../../src/registry/matching/matcher.ts';
import { shippedModel } from '../../src/registry/matching/shipped-model.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import {
  create,
  doseFor,
  entriesOf,
  idsFound,
  parametersOf,
  personIn,
  referring,
  report,
  twin,
} from './identity-world.ts';
import type { TestServer } from './open-test-server.ts';
import { useServers } from './use-servers.ts';

const open = useServers({ matching: 'automatic', clockStep: 10 });

const bundle = (type: 'batch' | 'transaction', ...entry: readonly object[]) => ({
  resourceType: 'Bundle',
  type,
  entry,
});
const deleteOf = (id: string) => ({ request: { method: 'DELETE', url: `Patient/${id}` } });
const inBundle = async (server: TestServer, type: 'batch' | 'transaction', id: string) => {
  const { status, body } = await server.send('POST', '/fhir', bundle(type, deleteOf(id)));
  return status === 200 ? Number(body.entry[0].response.status.slice(0, 3)) : status;
};

/** Every way to delete a source of a clinic. */
const entrances = [
  [
    'a delete',
    async (server: TestServer, id: string) => (await server.send('DELETE', `/fhir/Patient/${id}`)).status,
  ],
  [
    'a conditional delete',
    async (server: TestServer, _: string, clinic: string) =>
      (await server.send('DELETE', `/fhir/Patient?identifier=urn:${clinic}|4711`)).status,
  ],
  ['a batch', (server: TestServer, id: string) => inBundle(server, 'batch', id)],
  ['a transaction', (server: TestServer, id: string) => inBundle(server, 'transaction', id)],
] as const;

/** One child of two clinics. */
async function joined(options: Parameters<typeof open>[0] = {}) {
  const server = await open(options);
  const a: string = (await create(server, report('a'))).body.id;
  const second = await create(server, report('b'));
  return { server, a, b: second.body.id as string, person: personIn(second) as string };
}
const clinicsOf = (patient: { readonly identifier: readonly { readonly system: string }[] }) =>
  patient.identifier.map(({ system }) => system).filter((system) => system.startsWith('urn:'));
const linksOf = (patient: {
  readonly link?: readonly { readonly other: { readonly reference: string } }[];
}) => (patient.link ?? []).map(({ other }) => other.reference);
const remove = (server: TestServer, id: string) => server.send('DELETE', `/fhir/Patient/${id}`);
const statusOf = async (server: TestServer, id: string) => (await server.get(`/fhir/Patient/${id}`)).status;
const told = ({
  body,
}: {
  readonly body: { readonly issue: readonly { readonly details: { readonly text: string } }[] };
}) => body.issue[0]?.details.text;

describe('a source that is deleted', () => {
  it.each(entrances)('leaves its person, and the last one takes it along, by %s', async (_, send) => {
    const { server, a, b, person } = await joined();
    const before = (await server.get(`/fhir/Patient/${b}`)).body;
    expect([200, 204]).toContain(await send(server, a, 'a'));
    const { body } = await server.get(`/fhir/Patient/${person}`);
    expect([clinicsOf(body), linksOf(body)]).toEqual([['urn:b'], [`Patient/${b}`]]);
    expect(body.extension.filter(({ url }: { url: string }) => url.endsWith('/joined'))).toEqual([]);
    expect((await server.get(`/fhir/Patient/${b}`)).body).toEqual(before);
    expect(await idsFound(server, 'Patient?family=Szymborska')).toEqual([person]);
    expect([200, 204]).toContain(await send(server, b, 'b'));
    for (const id of [a, b, person]) expect(await statusOf(server, id)).toBe(410);
    expect(await idsFound(server, 'Patient?family=Szymborska')).toEqual([]);
  });

  it('takes its person along too where all go at once', async () => {
    const { server, a, b, person } = await joined();
    const { status } = await server.send('POST', '/fhir', bundle('transaction', deleteOf(a), deleteOf(b)));
    expect(status).toBe(200);
    for (const id of [a, b, person]) expect(await statusOf(server, id)).toBe(410);
  });

  it('can be deleted after all others were parted from it', async () => {
    const { server, a, b, person } = await joined();
    expect((await server.send('POST', `/fhir/Patient/${b}/$unmerge`, parametersOf({}))).status).toBe(200);
    expect((await remove(server, a)).status).toBe(204);
    expect(await statusOf(server, person)).toBe(410);
    expect(await statusOf(server, b)).toBe(200);
  });

  it('is kept by a dose of its own, which is named, and not by one of another source', async () => {
    const { server, a, b, person } = await joined();
    const own = (await create(server, doseFor(a, '2024-03-01'))).body.id;
    const other = (await create(server, doseFor(b, '2024-04-01'))).body.id;
    const refused = await remove(server, a);
    expect([refused.status, told(refused)]).toEqual([
      409,
      `Patient/${a} cannot be deleted: Immunization/${own} refer to it; delete or change those first`,
    ]);
    expect((await server.get(`/fhir/Patient/${a}/$validate?mode=delete`)).body.issue[0].code).toBe(
      'conflict',
    );
    expect((await server.send('DELETE', `/fhir/Immunization/${own}`)).status).toBe(204);
    expect((await server.get(`/fhir/Patient/${a}/$validate?mode=delete`)).body.issue[0].severity).toBe(
      'information',
    );
    expect((await remove(server, a)).status).toBe(204);
    expect(await idsFound(server, `Immunization?patient=${person}`)).toEqual([other]);
  });

  it('is kept by a Patient that a reporter has linked with it', async () => {
    const { server, a } = await joined();
    const link = [{ other: { reference: `Patient/${a}` }, type: 'seealso' }];
    const linking = (await create(server, report('c', { link }))).body.id;
    const refused = await remove(server, a);
    expect([refused.status, told(refused)]).toEqual([
      409,
      expect.stringContaining(`cannot be deleted: Patient/${linking} refer to it`),
    ]);
  });

  it('is kept, where it is the last one, by what refers to its person, or to whom that has replaced', async () => {
    const { server, a, b, person } = await joined();
    const far = {
      identifier: [{ system: 'urn:far', value: '1' }],
      name: [{ family: 'Lem' }],
      birthDate: '1950-01-01',
    };
    const [c, d] = [await create(server, report('c', far)), await create(server, report('d', far))];
    const merge = (source: string, target: string) =>
      server.send(
        'POST',
        '/fhir/Patient/$merge',
        parametersOf({ 'source-patient': referring(source), 'target-patient': referring(target) }),
      );
    expect((await merge(c.body.id, d.body.id)).status).toBe(200);
    const replaced = (await server.get(`/fhir/Patient/${c.body.id}`)).body.link[0].other.reference.slice(8);
    expect((await merge(replaced, person)).status).toBe(200);
    for (const id of [a, c.body.id, d.body.id]) expect((await remove(server, id)).status).toBe(204);
    for (const patient of [person, replaced]) {
      const dose = (await create(server, doseFor(patient, '2024-03-01'))).body.id;
      const refused = await remove(server, b);
      expect([refused.status, told(refused)]).toEqual([
        409,
        `Patient/${b} cannot be deleted: Immunization/${dose} refer to the person that goes with it; delete or change those first`,
      ]);
      expect(await statusOf(server, person)).toBe(200);
      expect((await server.send('DELETE', `/fhir/Immunization/${dose}`)).status).toBe(204);
    }
    expect((await remove(server, b)).status).toBe(204);
    for (const id of [person, replaced]) expect(await statusOf(server, id)).toBe(410);
  });

  it('goes with what refers to its person in one transaction, and not with what comes to refer to it', async () => {
    const { server, a, b, person } = await joined();
    await remove(server, a);
    const dose = (await create(server, doseFor(person, '2024-03-01'))).body.id;
    const more = {
      resource: doseFor(person, '2024-05-01'),
      request: { method: 'POST', url: 'Immunization' },
    };
    const doseToo = { request: { method: 'DELETE', url: `Immunization/${dose}` } };
    const refused = await server.send('POST', '/fhir', bundle('transaction', deleteOf(b), doseToo, more));
    expect([refused.status, told(refused)]).toEqual([
      409,
      expect.stringContaining('refer to the person that goes with it'),
    ]);
    expect(await statusOf(server, b)).toBe(200);
    const { status } = await server.send('POST', '/fhir', bundle('transaction', deleteOf(b), doseToo));
    expect(status).toBe(200);
    expect(await statusOf(server, person)).toBe(410);
  });

  it('takes its person along where two are deleted at the same moment', async () => {
    const { server, a, b, person } = await joined();
    const statuses = (await Promise.all([a, b].map((id) => remove(server, id)))).map(({ status }) => status);
    expect(statuses).toEqual([204, 204]);
    for (const id of [a, b, person]) expect(await statusOf(server, id)).toBe(410);
  });

  it('leaves nobody with a person who is gone where somebody comes at the same moment', async () => {
    const { server, a, b } = await joined();
    await remove(server, a);
    const [gone, coming] = await Promise.all([remove(server, b), create(server, report('c'))]);
    expect(gone.status).toBe(204);
    const { body } = await server.get(`/fhir/Patient/${coming.body.id}`);
    const whole = linksOf(body)[0]?.slice('Patient/'.length) ?? coming.body.id;
    expect(clinicsOf((await server.get(`/fhir/Patient/${whole}`)).body)).toEqual(['urn:c']);
    expect(await idsFound(server, 'Patient?family=Szymborska')).toEqual([whole]);
  });

  it('is not made up for by a person of whom no record is left', async () => {
    const server = await open();
    const system = withCaller(server.ctx, { kind: 'system', name: 'operator' });
    const left = {
      ...report('a'),
      id: 'left',
      meta: { tag: [{ system: 'https://jenner-iis.org/fhir/CodeSystem/record', code: 'person' }] },
      link: [{ other: { reference: 'Patient/gone' }, type: 'seealso' }],
    };
    const key = { type: 'Patient', id: left.id as ResourceId } as const;
    await updateResource(system, key, { resource: left as never, exactNumbers: false });
    const { body } = await create(server, report('b'));
    expect(body).not.toHaveProperty('link');
    const look = openDedupe(system, openMatcher(shippedModel), 'automatic');
    for (const id of [body.id, key.id]) expect(await look(id)).toEqual([]);
    expect(await entriesOf(server, 'Task?code=review-duplicate')).toEqual([]);
    const both = parametersOf({ 'source-patient': referring(body.id), 'target-patient': referring('left') });
    const refused = await server.send('POST', '/fhir/Patient/$merge', both);
    expect([refused.status, told(refused)]).toEqual([422, expect.stringContaining('no record is left')]);
  });

  it('goes whatever refers to its person where the setting allows it', async () => {
    const { server, a, b, person } = await joined({ deleteReferred: 'allow' });
    await create(server, doseFor(person, '2024-03-01'));
    const more = {
      resource: doseFor(person, '2024-05-01'),
      request: { method: 'POST', url: 'Immunization' },
    };
    const all = bundle('transaction', deleteOf(a), deleteOf(b), more);
    expect((await server.send('POST', '/fhir', all)).status).toBe(200);
    expect(await statusOf(server, person)).toBe(410);
  });

  it('is not joined by who comes in the same transaction', async () => {
    for (const isJoined of [false, true]) {
      const server = await open();
      const a = (await create(server, report('a'))).body.id;
      const gone = isJoined ? [a, (await create(server, report('b'))).body.id] : [a];
      const coming = { resource: report('c'), request: { method: 'POST', url: 'Patient' } };
      const entries = [...gone.map(deleteOf), coming];
      const { status, body } = await server.send('POST', '/fhir', bundle('transaction', ...entries));
      expect(status).toBe(200);
      const id = /Patient\/([^/]+)/.exec(body.entry.at(-1).response.location)?.[1] ?? '';
      expect((await server.get(`/fhir/Patient/${id}`)).body).not.toHaveProperty('link');
      expect(await idsFound(server, 'Patient?family=Szymborska')).toEqual([id]);
    }
  });

  it('leaves a Provenance, and closes what was asked of a person who goes', async () => {
    const { server, a, b, person } = await joined();
    const asking = (await create(server, twin('c'))).body.id;
    const [task] = await entriesOf(server, `Task?code=review-duplicate&patient=${asking}`);
    expect(task.focus.reference).toBe(`Patient/${person}`);
    await remove(server, a);
    const [first] = await entriesOf(server, `Provenance?target=Patient/${a}&_sort=-recorded`);
    expect(first).toMatchObject({
      target: [{ reference: `Patient/${person}` }, { reference: `Patient/${a}` }],
      activity: { coding: [{ code: 'part' }] },
      reason: [{ text: `Patient/${a} was deleted` }],
      agent: [{ who: { display: 'open' } }],
      entity: [{ role: 'source', what: { reference: `Patient/${a}/_history/3` } }],
    });
    expect((await server.get(`/fhir/Task/${task.id}`)).body.status).toBe('requested');
    await remove(server, b);
    expect(await entriesOf(server, `Provenance?target=Patient/${b}`)).toHaveLength(2);
    expect((await server.get(`/fhir/Task/${task.id}`)).body.status).toBe('cancelled');
  });

  it.each(['a', 'b'] as const)('is judged as a new one when %s comes back', async (which) => {
    const { server, [which]: id, person } = await joined();
    await remove(server, id);
    const back = await server.send('PUT', `/fhir/Patient/${id}`, { ...report(which), id });
    expect([back.status, personIn(back)]).toEqual([201, person]);
    const { body } = await server.get(`/fhir/Patient/${person}`);
    expect([...clinicsOf(body)].sort()).toEqual(['urn:a', 'urn:b']);
  });

  it('says of the person how it is deleted', async () => {
    const { server, person } = await joined();
    const refused = await remove(server, person);
    expect([refused.status, told(refused)]).toEqual([
      422,
      `Patient/${person} is computed from its sources (Patient.link, seealso): delete those, and it goes with the last one`,
    ]);
  });
});
