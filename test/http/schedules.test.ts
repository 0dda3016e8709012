import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operationDefinition } from '../../src/operation/operation-definition.ts';
import { openTestServer, type TestAnswer, type TestServer } from './open-test-server.ts';

// Schedules of several authorities over HTTP: which is followed, and how they are compared.

const scheduleExtension = 'https://jenner-iis.org/fhir/StructureDefinition/schedule';
const iceExtension = 'http://terminology.cdsframework.org/fhir/StructureDefinition/ice-schedule-authority';
const [cdc, aap, ma] = ['USA-CDC-CDSI', 'USA-AAP', 'USA-MA-DPH'];

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ schedules: { states: { MA: 'USA-MA-DPH', NY: 'USA-AAP|2026-01' } } });
});
afterAll(() => server.close());

// A child of 13 months: MMRV and COVID-19 are what the authorities differ in.
const patient = { resourceType: 'Patient', id: 'p', birthDate: '2025-10-28', gender: 'female' };
const dose = {
  resourceType: 'Immunization',
  id: 'd',
  status: 'completed',
  vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '94' }] },
  patient: { reference: 'Patient/p' },
  occurrenceDateTime: '2026-11-01',
};

/** Looked into without knowing its shape. */
type Json = TestAnswer['body'];
type Part = Readonly<Record<string, unknown>> & { readonly name: string };

function body(more: readonly Part[], of: object = patient) {
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'assessmentDate', valueDate: '2026-11-28' },
      { name: 'patient', resource: of },
      ...more,
    ],
  };
}

const asked = (...names: readonly string[]) =>
  names.map((valueString) => ({ name: 'knowledgeBase', valueString }));
const post = (more: readonly Part[], of?: object) =>
  server.send('POST', '/fhir/$immds-forecast', body(more, of));
const named = (parts: readonly Part[], name: string): readonly Json[] =>
  parts.filter((each) => each.name === name);
const parts = ({ body: answer }: TestAnswer): readonly Part[] => answer.parameter;
const used = (answer: TestAnswer) => {
  const [base] = named(parts(answer), 'knowledgeBaseUsed');
  const [version] = named(parts(answer), 'knowledgeBaseVersionUsed');
  return `${base?.valueCodeableConcept.coding[0].code}|${version?.valueString}`;
};
const texts = (answer: TestAnswer) =>
  named(parts(answer), 'operationOutcome').flatMap(({ resource }) =>
    resource.issue.map(({ diagnostics }: { diagnostics: string }) => diagnostics),
  );
const recommended = (answer: TestAnswer, group: string) =>
  named(parts(answer), 'recommendation')[0].resource.recommendation.find(
    ({ vaccineCode }: Json) => vaccineCode[0].text === group,
  );

describe('one schedule', () => {
  it.each([
    ['nothing', [], `${cdc}|4.64-508`],
    ['an id', asked('USA-AAP'), `${aap}|2026-01`],
    ['an id and a version', asked('USA-MA-DPH|2026-01'), `${ma}|2026-01`],
    ['leading numbers', asked('USA-MA-DPH|2026'), `${ma}|2026-01`],
    [
      'a version of its own',
      [...asked('USA-AAP'), { name: 'knowledgeBaseVersion', valueString: '2026-01' }],
      `${aap}|2026-01`,
    ],
    [
      'a concept',
      [{ name: 'knowledgeBase', valueCodeableConcept: { coding: [{ code: 'USA-AAP' }] } }],
      `${aap}|2026-01`,
    ],
  ])('asked for by %s is the one that answers, alone', async (_, more, expected) => {
    const answer = await post(more);
    expect([answer.status, used(answer)]).toEqual([200, expected]);
    expect([...named(parts(answer), 'schedule'), ...named(parts(answer), 'difference')]).toEqual([]);
  });

  it.each([
    [
      'an id that is not there',
      asked('USA-ZZ'),
      'not-supported',
      'The knowledge base "USA-ZZ" is not installed; installed: USA-CDC-CDSI, USA-AAP, USA-MA-DPH',
    ],
    [
      'a version that is not there',
      asked('USA-AAP|1999'),
      'not-supported',
      'Version "1999" of the schedule USA-AAP is not installed',
    ],
    [
      'one twice',
      asked('USA-AAP', 'USA-AAP|2026-01'),
      'value',
      'The knowledge base USA-AAP|2026-01 is asked for twice',
    ],
    [
      'too many',
      asked(...Array.from({ length: 11 }, (_, i) => `USA-X${i}`)),
      'value',
      'knowledgeBase may be given 10 times; it was given 11 times',
    ],
    [
      'a version beside two',
      [...asked('USA-AAP', 'USA-MA-DPH'), { name: 'knowledgeBaseVersion', valueString: '2026-01' }],
      'value',
      'knowledgeBaseVersion goes with one knowledgeBase',
    ],
  ])('asked for by %s is refused', async (_, more, code, text) => {
    const { status, body: outcome } = await post(more);
    expect([status, outcome.issue[0].code]).toEqual([400, code]);
    expect(outcome.issue[0].diagnostics).toContain(text);
  });

  it('names its authorities, as ICE and its clients do', async () => {
    const [resource] = named(parts(await post(asked('USA-MA-DPH'))), 'recommendation').map(
      (each) => each.resource,
    );
    const identifier = {
      system: 'http://terminology.cdsframework.org/ice/schedule-authority',
      value: 'MA-DPH',
    };
    const display = 'Massachusetts Department of Public Health';
    expect(resource.authority).toEqual({ identifier, display });
    expect(resource.meta.tag).toEqual([
      { system: 'https://ivci.org/knowledge-base', code: 'USA-MA-DPH', version: '2026-01' },
    ]);
    for (const { extension } of resource.recommendation) {
      expect(extension.filter(({ url }: { url: string }) => url === iceExtension)).toEqual([
        { url: iceExtension, valueReference: { type: 'Organization', identifier, display } },
      ]);
    }
  });

  it('names CDC as before, and its authority on each evaluation', async () => {
    const answer = await post([{ name: 'immunization', resource: dose }]);
    const [resource] = named(parts(answer), 'recommendation').map((each) => each.resource);
    expect(resource.authority.display).toBe('ACIP');
    expect(resource.authority.identifier.value).toBe('ACIP_CDC');
    const authorities = named(parts(answer), 'evaluation').map((each) => each.resource.authority.display);
    expect(authorities).toEqual(['ACIP', 'ACIP', 'ACIP', 'ACIP']);
  });
});

describe('what patient and clinician decide', () => {
  it('says so, and is never overdue', async () => {
    const answer = await post([], { ...patient, birthDate: '1999-12-01' });
    const { forecastReason, forecastStatus } = recommended(answer, 'COVID-19');
    expect(forecastReason).toEqual([
      {
        coding: [
          {
            system: 'https://jenner-iis.org/fhir/CodeSystem/forecast-reason',
            code: 'shared-clinical-decision-making',
          },
        ],
        text: 'For patient and clinician to decide',
      },
    ]);
    expect(forecastStatus.coding.map(({ code }: { code: string }) => code)).toEqual([
      'notComplete',
      'due',
      'LA13422-3',
    ]);
  });

  it.each([
    ['USA-CDC-CDSI', 'due'],
    ['USA-AAP', 'overdue'],
  ])('is not overdue where the schedule has a date for it: %s', async (base, status) => {
    const vaccineCode = { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '311' }] };
    const first = { ...dose, vaccineCode, occurrenceDateTime: '2026-08-30' };
    const answer = await post([...asked(base), { name: 'immunization', resource: first }]);
    const { forecastStatus, dateCriterion } = recommended(answer, 'COVID-19');
    const overdueAfter = dateCriterion.find(({ code }: Json) => code.coding[0].code === '59778-1');
    expect(overdueAfter.value).toBe('2026-10-24');
    expect(forecastStatus.coding[1].code).toBe(status);
  });
});

describe('code errata', () => {
  const coded = (code: string) => ({ coding: [{ system: 'http://snomed.info/sct', code }] });
  const child = { ...patient, birthDate: '2014-10-28' };

  it.each(['219088009', '2219088009'])('%s is a reaction to meningococcal vaccine', async (code) => {
    const resource = {
      resourceType: 'AllergyIntolerance',
      id: 'a',
      code: coded(code),
      patient: { reference: 'Patient/p' },
    };
    const answer = await post([{ name: 'allergyIntolerance', resource }], child);
    expect(recommended(answer, 'Meningococcal').forecastStatus.text).toBe('Contraindicated');
  });

  it.each(['371112003', '341112003'])('%s is immunity to mumps', async (code) => {
    const resource = { resourceType: 'Observation', id: 'o', status: 'final', code: coded(code) };
    const answer = await post([{ name: 'observation', resource }], child);
    const needed = recommended(answer, 'MMR').extension.filter(({ url }: Json) =>
      url.endsWith('/antigen-needed'),
    );
    expect(needed.map(({ valueCodeableConcept }: Json) => valueCodeableConcept.text)).toEqual([
      'Measles',
      'Rubella',
    ]);
  });
});

describe('several schedules in one call', () => {
  const three = asked('USA-CDC-CDSI', 'USA-AAP', 'USA-MA-DPH');
  const withDose = [...three, { name: 'immunization', resource: dose }];

  it('answer at the top as the first alone, and each in a part', async () => {
    const [alone, together] = [await post([...asked(cdc ?? ''), ...withDose.slice(3)]), await post(withDose)];
    for (const name of ['recommendation', 'evaluation', 'knowledgeBaseUsed', 'knowledgeBaseVersionUsed']) {
      expect(named(parts(together), name)).toEqual(named(parts(alone), name));
    }
    const schedules = named(parts(together), 'schedule');
    expect(schedules.map(({ part }) => part[0].valueCodeableConcept.coding[0].code)).toEqual([cdc, aap, ma]);
    expect(schedules.map(({ part }) => part[1])).toEqual([
      { name: 'version', valueString: '4.64-508' },
      { name: 'version', valueString: '2026-01' },
      { name: 'version', valueString: '2026-01' },
    ]);
    for (const { part } of schedules) {
      expect(named(part, 'evaluation')).toHaveLength(4);
      expect(named(part, 'recommendation')).toHaveLength(1);
    }
    expect(named(schedules[0].part, 'recommendation')).toEqual(named(parts(together), 'recommendation'));
    const authority = named(schedules[1].part, 'recommendation')[0].resource.authority.identifier.value;
    expect(authority).toBe('AAP');
  });

  it('differ in what is told, and in nothing else', async () => {
    const differences = named(parts(await post(withDose)), 'difference').map(({ part }) => ({
      group: named(part, 'vaccineGroup')[0].valueString,
      base: named(part, 'knowledgeBase')[0].valueCodeableConcept.coding[0].code,
      differs: named(part, 'differs').map(({ valueString }) => valueString.replace(/:.*/, '')),
      texts: named(part, 'change').map(({ valueString }) => valueString),
      sources: named(part, 'source').map(({ valueString }) => valueString),
    }));
    const groups = ['COVID-19', 'MMR', 'Varicella'];
    expect(differences.map(({ group, base }) => [group, base]).sort()).toEqual(
      groups
        .flatMap((group) => [
          [group, aap],
          [group, ma],
        ])
        .sort(),
    );
    const [covid] = differences.filter(({ group, base }) => group === 'COVID-19' && base === aap);
    expect(covid?.differs).toEqual(['forecastReason']);
    expect(covid?.texts).toEqual([
      'COVID-19 vaccine is for all children of 6 to 23 months',
      'COVID-19 vaccine is for all who are pregnant; the series stands for all who have had no dose',
    ]);
    expect(covid?.sources.join()).toContain('American Academy of Pediatrics');
    const [mmr] = differences.filter(({ group, base }) => group === 'MMR' && base === ma);
    expect(mmr?.differs).toContain('doseStatus of Immunization/d for Measles');
    expect(mmr?.texts).toHaveLength(2);
    for (const text of mmr?.texts ?? []) expect(text).toMatch(/^MMRV may be chosen /);
  });

  it('of which the answers agree have no difference', async () => {
    // A boy of 11 years who is complete but for what all three say alike, and COVID-19.
    const answer = await post(asked('USA-CDC-CDSI', 'USA-AAP'), { ...patient, birthDate: '2015-11-28' });
    expect(named(parts(answer), 'schedule')).toHaveLength(2);
    expect(named(parts(answer), 'difference')).toEqual([]);
  });

  it('tell what was left out by any of them, once', async () => {
    const seen = texts(await post(three));
    expect(new Set(seen).size).toBe(seen.length);
    expect(
      seen.some((text: string) => text.startsWith('Schedule USA-AAP 2026-01 dates no season of Influenza')),
    ).toBe(true);
  });
});

describe('the schedule of a patient', () => {
  const organization = (id: string, more: object = {}) =>
    server.send('PUT', `/fhir/Organization/${id}`, { resourceType: 'Organization', id, name: id, ...more });
  const names = (valueString: string) => ({ extension: [{ url: scheduleExtension, valueString }] });
  const within = (id: string) => ({ partOf: { reference: `Organization/${id}` } });
  const belonging = (id: string) => ({ managingOrganization: { reference: `Organization/${id}` } });
  const livesIn = (state: string, more: object = {}) => ({ address: [{ use: 'home', state, ...more }] });

  beforeAll(async () => {
    await organization('state', names('USA-MA-DPH'));
    await organization('hospital', within('state'));
    await organization('clinic', within('hospital'));
    await organization('pediatrics', { ...names('USA-AAP|2026-01'), ...within('state') });
    await organization('broken', names('USA-ZZ'));
    await organization('a', {});
    await organization('b', within('a'));
    await organization('a', within('b'));
  });

  it.each([
    ['of its organization', belonging('pediatrics'), aap, 'Organization/pediatrics names USA-AAP|2026-01'],
    ['of the nearest above it', belonging('clinic'), ma, 'Organization/state names USA-MA-DPH'],
    [
      'of the organization before that of the state',
      { ...belonging('pediatrics'), ...livesIn('MA') },
      aap,
      'Organization/pediatrics',
    ],
    ['of the state', livesIn(' ma '), ma, 'the patient lives in MA'],
    ['of the state that is written out', livesIn('Massachusetts', { country: 'USA' }), ma, 'lives in MA'],
    [
      'of an organization within the patient',
      {
        contained: [{ resourceType: 'Organization', id: 'o', name: 'o', ...names('USA-MA-DPH') }],
        managingOrganization: { reference: '#o' },
      },
      ma,
      'Patient.managingOrganization names USA-MA-DPH',
    ],
    ['of the state by its ISO code', livesIn('US-MA'), ma, 'lives in MA'],
    ['of a state and a version', livesIn('NY'), aap, 'the patient lives in NY'],
    [
      'of the home before other addresses',
      {
        address: [
          { use: 'work', state: 'NY' },
          { use: 'home', state: 'MA' },
        ],
      },
      ma,
      'MA',
    ],
    [
      'of the state where organizations go round in a circle',
      { ...belonging('a'), ...livesIn('MA') },
      ma,
      'MA',
    ],
    ['of the state until its year ends', livesIn('MA', { period: { end: '2026' } }), ma, 'MA'],
    [
      'of the state where there is no such organization',
      { ...belonging('nobody'), ...livesIn('MA') },
      ma,
      'MA',
    ],
  ])('is that %s, and the answer says why', async (_, more, base, because) => {
    const answer = await post([], { ...patient, ...more });
    expect(used(answer)).toMatch(`${base}|`);
    expect(
      texts(answer).some((text: string) => text.includes('is followed, since') && text.includes(because)),
    ).toBe(true);
  });

  it.each([
    ['of an old address', livesIn('MA', { use: 'old' })],
    ['of an address that has ended', livesIn('MA', { period: { end: '2026-11-27' } })],
    ['of a state that has none', livesIn('VT')],
    ['of a state of another country', livesIn('MA', { country: 'MX' })],
    ['of nobody', {}],
  ])('%s is that of the server, and nothing is said', async (_, more) => {
    const answer = await post([], { ...patient, ...more });
    expect(used(answer)).toBe(`${cdc}|4.64-508`);
    expect(texts(answer).join()).not.toContain('is followed');
  });

  it('is not asked for where the request names one', async () => {
    const answer = await post(asked('USA-CDC-CDSI'), { ...patient, ...belonging('pediatrics') });
    expect(used(answer)).toBe(`${cdc}|4.64-508`);
  });

  it('is never replaced by another: what the organization names has to be there', async () => {
    const { status, body: outcome } = await post([], { ...patient, ...belonging('broken') });
    expect(status).toBe(422);
    expect(outcome.issue[0].diagnostics).toContain('Organization/broken names the schedule "USA-ZZ"');
  });

  it('is not guessed where the organization says it in another way, or twice', async () => {
    const url = scheduleExtension;
    for (const extension of [
      [{ url, valueInteger: 1 }],
      [1, 2].map(() => ({ url, valueString: 'USA-AAP' })),
    ]) {
      await organization('odd', { extension });
      const { status, body: outcome } = await post([], { ...patient, ...belonging('odd') });
      expect([status, outcome.issue[0].diagnostics]).toEqual([422, expect.stringContaining('expected one')]);
    }
  });

  it('says of a stored patient that the organization is not here', async () => {
    await server.send('PUT', '/fhir/Patient/lost', { ...patient, id: 'lost', ...belonging('nobody') });
    const answer = await server.get('/fhir/Patient/lost/$immds-forecast?assessmentDate=2026-11-28');
    const text = 'Organization/nobody is not kept here: its schedule is not known';
    expect(texts(answer)).toContain(text);
    expect(texts(await post([], { ...patient, ...belonging('nobody') }))).not.toContain(text);
  });

  it('is followed for a stored patient too', async () => {
    await server.send('PUT', '/fhir/Patient/kept', { ...patient, id: 'kept', ...belonging('clinic') });
    const answer = await server.get('/fhir/Patient/kept/$immds-forecast?assessmentDate=2026-11-28');
    expect(used(answer)).toBe(`${ma}|2026-01`);
    const two = await server.get(
      '/fhir/Patient/kept/$immds-forecast?assessmentDate=2026-11-28&knowledgeBase=USA-AAP&knowledgeBase=USA-CDC-CDSI',
    );
    expect(used(two)).toBe(`${aap}|2026-01`);
    expect(named(parts(two), 'schedule')).toHaveLength(2);
  });
});

it('is that of the setting where nothing else names one', async () => {
  const other = await openTestServer({ schedules: { schedule: 'USA-AAP' } });
  try {
    expect(used(await other.send('POST', '/fhir/$immds-forecast', body([])))).toBe(`${aap}|2026-01`);
  } finally {
    await other.close();
  }
});

it.each(['ImmDSForecastOperation', 'Patient-immds-forecast'])(
  'the OperationDefinition %s tells of it',
  (name) => {
    const row = server.operations.find(({ definition }) => definition.endsWith(`/${name}`));
    const { parameter = [] } = row ? operationDefinition(row) : {};
    const byName = new Map(parameter.map((each) => [each.name, each]));
    expect(byName.get('knowledgeBase')).toMatchObject({ use: 'in', max: '*' });
    expect(byName.get('schedule')).toMatchObject({ use: 'out', max: '*' });
    expect(byName.get('difference')?.part?.map((part) => part.name)).toEqual([
      'vaccineGroup',
      'knowledgeBase',
      'differs',
      'change',
      'source',
    ]);
  },
);
