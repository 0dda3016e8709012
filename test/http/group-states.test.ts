import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withCaller } from '../../src/interaction/context.ts';
import { groupStatesBy, type PersonStates } from '../../src/registry/forecasting/group-states.ts';
import { loadKnowledgeBases } from '../../src/shipped/knowledge-bases.ts';
import { scheduleSettings } from '../../src/shipped/schedule-settings.ts';
import { toEpochDay } from '../../src/values/epoch-day.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { callerFor } from '../unit/access/access-world.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';
import { annAsAll, dose, fillPersonWorld, to, writeAsSystem } from './person-world.ts';

const settings = {
  ...scheduleSettings(loadKnowledgeBases('none'), { schedule: undefined, scheduleStates: new Map() }),
  fitsCompatible: false,
};
const statesOf = groupStatesBy(settings);
const day = toEpochDay(2026, 3, 1);

const fact = (resourceType: string, id: string, about: object, code: object) => ({
  resourceType,
  id,
  ...about,
  code,
});
const snomed = (code: string) => ({ coding: [{ system: 'http://snomed.info/sct', code }] });
const active = {
  clinicalStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
  },
};

const allergy = {
  resourceType: 'AllergyIntolerance',
  id: 'neomycin',
  clinicalStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
  },
};

/** More than are read at once, with everything that a forecast looks at. */
const others = [
  ...Array.from({ length: 12 }, (_, n) => ({
    resourceType: 'Patient',
    id: `child-${n}`,
    birthDate: `20${String(10 + n)}-05-0${(n % 9) + 1}`,
    gender: n % 2 === 0 ? 'female' : 'male',
    managingOrganization: to(`Organization/${n % 3 === 0 ? 'ma' : 'b'}`),
  })),
  ...Array.from({ length: 12 }, (_, n) =>
    dose(`child-dose-${n}`, `child-${n}`, 'b', `2023-0${(n % 9) + 1}-11`),
  ),
  dose('child-again', 'child-3', 'a', '2023-04-12'),
  fact('Condition', 'hiv', { ...active, subject: to('Patient/child-4') }, snomed('86406008')),
  fact('Condition', 'varicella', { ...active, subject: to('Patient/ann-b') }, snomed('38907003')),
  { ...allergy, patient: to('Patient/ann-a'), code: snomed('294466005') },
  { resourceType: 'Patient', id: 'year-alone', birthDate: '2020' },
  { resourceType: 'Patient', id: 'dead', birthDate: '2015-02-03', deceasedDateTime: '2024-01-01' },
];
const everybody = [...annAsAll, 'bob', ...Array.from({ length: 12 }, (_, n) => `child-${n}`), 'dead'];

async function all(ids: readonly string[], ctx = server.ctx): Promise<readonly PersonStates[]> {
  const found: PersonStates[] = [];
  for await (const states of statesOf(ctx, ids as readonly ResourceId[], day)) found.push(states);
  return found;
}

type Said = {
  readonly vaccineCode: { readonly text: string }[];
  readonly forecastStatus: { readonly coding: { readonly code: string }[] };
};

/** What the operation answers of each vaccine group: the first of a group. */
async function asked(id: string): Promise<Readonly<Record<string, string>>> {
  const { body } = await server.get(`/fhir/Patient/${id}/$immds-forecast?assessmentDate=2026-03-01`);
  const { resource } = body.parameter.find(
    (each: { readonly name: string }) => each.name === 'recommendation',
  );
  const said: Record<string, string> = {};
  for (const { vaccineCode, forecastStatus } of resource.recommendation as Said[])
    said[vaccineCode[0]?.text ?? ''] ??= forecastStatus.coding[0]?.code ?? '';
  return said;
}

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  await fillPersonWorld(server);
  const url = 'https://jenner-iis.org/fhir/StructureDefinition/schedule';
  await writeAsSystem(server, {
    resourceType: 'Organization',
    id: 'ma',
    name: 'Boston',
    extension: [{ url, valueString: 'USA-MA-DPH' }],
  });
  for (const each of others) await writeAsSystem(server, each);
});
afterAll(() => server.close());

describe('the states of many persons', () => {
  it('are those that $immds-forecast answers of each, in the order in which they are asked for', async () => {
    const found = await all(everybody);
    expect(found.map(({ id }) => id)).toEqual(everybody);
    for (const { id, groups } of found) {
      const states = Object.fromEntries(groups.map(({ group, forecastStatus }) => [group, forecastStatus]));
      expect(states, id).toEqual(await asked(id));
      expect(Object.keys(states).length, id).toBeGreaterThan(5);
    }
  });

  it('tell of a person with several records the same by the id of any', async () => {
    const [person, ...sources] = await all(annAsAll);
    for (const each of sources) expect(each.groups).toEqual(person?.groups);
    expect(person?.groups).toContainEqual({ group: 'MMR', forecastStatus: 'complete', status: 'complete' });
    expect(person?.groups).toContainEqual({ group: 'Varicella', forecastStatus: 'immune', status: 'immune' });
  });

  it('say of whom nothing can be worked out, and why', async () => {
    const [found] = await all(['year-alone']);
    expect(found).toMatchObject({ id: 'year-alone', groups: [] });
    expect(found?.problem?.message).toContain('birthDate 2020 is not a whole date');
  });

  it('leave out who is not there', async () => {
    expect((await all(['nobody', 'bob', 'no-one'])).map(({ id }) => id)).toEqual(['bob']);
  });

  it('leave out whom the caller does not see, and are refused to who does not see all that they rest on', async () => {
    const of = (scopes: string) =>
      withCaller(server.ctx, callerFor({ role: 'programme-staff', patient: 'bob', scopes }));
    const whole = of('patient/*.rs');
    expect((await all(['child-1', 'bob', 'child-2'], whole)).map(({ id }) => id)).toEqual(['bob']);
    await expect(all(['bob'], of('patient/Patient.rs patient/Immunization.rs'))).rejects.toThrow(
      'for Condition.s, Observation.s, AllergyIntolerance.s, Procedure.s',
    );
    await expect(all(['bob'], of('patient/Immunization.rs'))).rejects.toThrow('for Patient.r, Condition.s');
    const ofOne = of('user/Patient.rs patient/*.rs');
    expect((await all(['bob'], ofOne)).map(({ id }) => id)).toEqual(['bob']);
    await expect(all(['bob', 'child-1'], ofOne)).rejects.toThrow('for Immunization.s, Condition.s');
  });
});
