import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

/** Answers are read as a client reads them. */
// biome-ignore lint/suspicious/noExplicitAny: answers have every shape
type Json = any;

const cvx = (code: string) => ({ coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code }] });
const child = { resourceType: 'Patient', id: 'p', birthDate: '2025-05-01', gender: 'female' };
const dose = (id: string, code: string, date: string, more: object = {}) => ({
  name: 'immunization',
  resource: {
    resourceType: 'Immunization',
    id,
    status: 'completed',
    vaccineCode: cvx(code),
    patient: { reference: 'Patient/p' },
    occurrenceDateTime: date,
    primarySource: true,
    ...more,
  },
});
const asked = (parameter: readonly object[], patient: object = child) => ({
  resourceType: 'Parameters',
  parameter: [
    { name: 'assessmentDate', valueDate: '2025-11-10' },
    { name: 'patient', resource: patient },
    ...parameter,
  ],
});
const forecast = (body: unknown, query = '', headers: Record<string, string> = {}) =>
  server.send('POST', `/fhir/$immds-forecast${query}`, body, headers);
const named = (body: Json, name: string): Json[] =>
  body.parameter.filter((parameter: Json) => parameter.name === name);
const groupOf = (body: Json, name: string): Json =>
  named(body, 'recommendation')[0].resource.recommendation.find(
    (group: Json) => group.vaccineCode[0].text === name,
  );
const notesOf = (body: Json) =>
  (named(body, 'operationOutcome')[0]?.resource.issue ?? []).map((issue: Json) => [
    issue.expression[0],
    issue.details.text,
  ]);

describe('$immds-forecast on the system (ImmDS OperationDefinition ImmDSForecastOperation)', () => {
  it('answers evaluations, one recommendation and the schedule used', async () => {
    const { status, body } = await forecast(asked([dose('i1', '08', '2025-05-01')]));
    expect(status).toBe(200);
    expect(body.resourceType).toBe('Parameters');
    expect(named(body, 'recommendation')).toHaveLength(1);
    const [evaluation] = named(body, 'evaluation');
    expect(evaluation.resource).toMatchObject({
      resourceType: 'ImmunizationEvaluation',
      status: 'completed',
      patient: { reference: 'Patient/p' },
      date: '2025-11-10',
      targetDisease: { coding: [{ system: 'http://snomed.info/sct', code: '66071002' }] },
      immunizationEvent: { reference: 'Immunization/i1' },
      doseStatus: {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/immunization-evaluation-dose-status',
            code: 'valid',
          },
          { system: 'https://jenner-iis.org/fhir/CodeSystem/dose-status', code: 'valid' },
        ],
      },
      doseNumberPositiveInt: 1,
      seriesDosesPositiveInt: 3,
    });
    const hepB = groupOf(body, 'HepB');
    expect(hepB.vaccineCode[0].coding[0].code).toBe('45');
    expect(hepB.forecastStatus.coding.map((coding: { code: string }) => coding.code)).toEqual([
      'notComplete',
      'overdue',
      'LA13423-1',
    ]);
    expect(hepB.dateCriterion.map((criterion: Json) => criterion.code.coding[0].code)).toEqual([
      '30981-5',
      '30980-7',
      '59778-1',
    ]);
    expect(hepB.doseNumberPositiveInt).toBe(2);
    expect(hepB.supportingImmunization).toEqual([{ reference: 'Immunization/i1' }]);
    expect(named(body, 'knowledgeBaseVersionUsed')[0].valueString).toBe('4.64-508');
    expect(named(body, 'operationOutcome')).toHaveLength(0);
  });

  it('says which season it forecasts for, and when nobody has dated it', async () => {
    const parameters = (date: string) => ({
      resourceType: 'Parameters',
      parameter: [
        { name: 'assessmentDate', valueDate: date },
        { name: 'patient', resource: { ...child, birthDate: '2020-11-01' } },
      ],
    });
    const seasonOf = (body: Json) => {
      const url = 'https://jenner-iis.org/fhir/StructureDefinition/season';
      const extension = groupOf(body, 'Influenza').extension.find((each: Json) => each.url === url);
      return extension.extension.map(({ url: _, ...value }: Json) => Object.values(value)[0]);
    };
    const dated = (await forecast(parameters('2026-06-30'))).body;
    expect(seasonOf(dated)).toEqual([{ start: '2025-07-01', end: '2026-06-30' }, false]);
    const assumed = (await forecast(parameters('2026-11-28'))).body;
    expect(seasonOf(assumed)).toEqual([{ start: '2026-07-01', end: '2027-06-30' }, true]);
    const [, issue] = named(assumed, 'operationOutcome')[0].resource.issue;
    expect(issue).toMatchObject({ severity: 'warning', expression: ['Parameters'] });
    expect(issue.details.text).toContain('no season of Influenza after 2025-07-01 to 2026-06-30');
  });

  it('calls due what may be given today, and nothing that lies ahead', async () => {
    const { body } = await forecast(asked([]));
    const systemOf = 'http://terminology.hl7.org/CodeSystem/immunization-recommendation-status';
    const codeOf = (name: string) =>
      groupOf(body, name).forecastStatus.coding.find((each: Json) => each.system === systemOf)?.code;
    // Six months old; nothing was given.
    expect(['HepB', 'Influenza', 'MMR', 'HPV'].map(codeOf)).toEqual(['overdue', 'due', undefined, undefined]);
    expect(groupOf(body, 'MMR').forecastStatus.coding[0].code).toBe('notComplete');
  });

  it.each([
    ['deceasedBoolean', true],
    ['deceasedDateTime', '2025-11-09T22:00:00Z'],
    ['deceasedDateTime', '2025'],
  ])('says that nothing is due to who has died, %s', async (member, value) => {
    const { body } = await forecast(asked([], { ...child, [member]: value }));
    const { recommendation } = named(body, 'recommendation')[0].resource;
    const statuses = recommendation.map((group: Json) => group.forecastStatus.coding[0].code);
    expect(new Set(statuses)).toEqual(new Set(['notRecommended', 'agedOut']));
    for (const group of recommendation) {
      expect(group.dateCriterion).toBeUndefined();
      if (group.forecastStatus.text === 'Aged Out') continue;
      expect(group.forecastReason[0].text).toBe('Patient is deceased');
      expect(group.vaccineCode).toHaveLength(1);
    }
  });

  it.each(['2026', '2025-11-11', '2025-12'])('forecasts for a day before the death in %s', async (died) => {
    const { body } = await forecast(asked([], { ...child, deceasedDateTime: died }));
    expect(groupOf(body, 'HepB').forecastStatus.text).toBe('Not Complete');
  });

  it('leaves out what is due in decades, and says so, unless it is asked for', async () => {
    const recommended = async (query: string) =>
      named((await forecast(asked([]), query)).body, 'recommendation')[0].resource;
    const near = await recommended('');
    const names = (resource: Json) => resource.recommendation.map((group: Json) => group.vaccineCode[0].text);
    expect(names(near)).not.toContain('Zoster');
    expect(near.extension).toEqual(
      ['Pneumococcal', 'RSV', 'Zoster'].map((group) => ({
        url: 'https://jenner-iis.org/fhir/StructureDefinition/due-in-decades',
        valueString: group,
      })),
    );
    const all = await recommended('?includeDistant=true');
    expect(names(all)).toContain('Zoster');
    expect(all.extension).toBeUndefined();
    expect(all.recommendation.length).toBe(near.recommendation.length + 3);
  });

  it('never prints a sentinel date', async () => {
    const { text } = await forecast(asked([]));
    expect(text).not.toMatch(/1900-01-01|2999-12-31/);
  });

  it('tells one evaluation per target disease of a combination vaccine', async () => {
    const { body } = await forecast(asked([dose('i1', '110', '2025-07-01')]));
    const diseases = named(body, 'evaluation').map(({ resource }) => resource.targetDisease.text);
    expect(new Set(diseases)).toEqual(new Set(['Diphtheria', 'Tetanus', 'Pertussis', 'HepB', 'Polio']));
  });

  it('invents references for immunizations and patients without an id', async () => {
    const { id: _, ...nameless } = child;
    const immunization = dose('x', '08', '2025-05-01');
    const { id: __, ...resource } = { ...immunization.resource, patient: { display: 'the child' } };
    const { body } = await forecast(asked([{ name: 'immunization', resource }], nameless));
    const [evaluation] = named(body, 'evaluation');
    expect(evaluation.resource.immunizationEvent.reference).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
    expect(evaluation.resource.patient.reference).toMatch(/^urn:uuid:/);
  });

  it('takes a masked patient and a contained one', async () => {
    const masked = {
      extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }],
    };
    const patient = {
      ...child,
      identifier: [{ _system: masked, _value: masked }],
      name: [{ _family: masked, _given: [masked] }],
    };
    const contained = dose('i1', '08', '2025-05-01', {
      contained: [{ ...child, id: 'inside' }],
      patient: { reference: '#inside' },
    });
    expect((await forecast(asked([contained], patient))).status).toBe(200);
  });

  it('reads conditions, allergies and observations, and names what a status rests on', async () => {
    const allergy = {
      name: 'allergyIntolerance',
      resource: {
        resourceType: 'AllergyIntolerance',
        id: 'a1',
        patient: { reference: 'Patient/p' },
        code: {
          coding: [{ system: 'https://jenner-iis.org/fhir/CodeSystem/cdsi-observation', code: '080' }],
        },
      },
    };
    const { body } = await forecast(asked([allergy]));
    const rotavirus = groupOf(body, 'Rotavirus');
    expect(rotavirus.forecastStatus.text).toBe('Contraindicated');
    expect(rotavirus.supportingPatientInformation).toMatchObject([{ reference: 'AllergyIntolerance/a1' }]);
  });

  it('reports what it did not evaluate, and why', async () => {
    const { status, body } = await forecast(
      asked([
        dose('partial', '08', '2025-05'),
        dose('text', '08', '', { occurrenceDateTime: undefined, occurrenceString: 'at birth' }),
        dose('unknown', '999', '2025-06-01'),
        dose('early', '08', '2025-04-01'),
        dose('late', '08', '2025-12-01'),
        dose('refused', '20', '2025-07-01', { status: 'not-done' }),
      ]),
    );
    expect(status).toBe(200);
    expect(notesOf(body)).toEqual([
      [place(0), 'Immunization/partial was not evaluated: its date 2025-05 is not a whole date'],
      [place(1), 'Immunization/text was not evaluated: it has no date (occurrenceDateTime)'],
      [place(5), 'Immunization/refused was left out: its status is not-done'],
      [place(2), 'Immunization/unknown was not evaluated: the schedule does not know its CVX code'],
      [place(3), 'Immunization/early was not evaluated: it was given before the patient was born'],
      [place(4), 'Immunization/late was not evaluated: it was given after the assessment date'],
    ]);
    const reasons = named(body, 'evaluation').map(({ resource }) => resource.doseStatusReason);
    expect(reasons).toHaveLength(5);
    expect(JSON.stringify(reasons[0])).toContain('notevaluated');
  });

  it('explains itself on request', async () => {
    const { body } = await forecast(asked([dose('i1', '08', '2025-05-01')]), '?explain=true');
    const [explanation] = named(body, 'explanation');
    expect(explanation.part.some(({ name }: Json) => name === 'antigens')).toBe(true);
    expect(JSON.stringify(explanation)).toContain('"valueDate"');
    expect(named((await forecast(asked([]))).body, 'explanation')).toHaveLength(0);
  });
});

const place = (index: number) => `Parameters.parameter.where(name='immunization')[${index}].resource`;
const at = (name: string) => `Parameters.parameter.where(name='${name}')`;
const assessment = { name: 'assessmentDate', valueDate: '2025-11-10' };
const patient = { name: 'patient', resource: child };

describe('$immds-forecast refuses', () => {
  it.each`
    what                                 | parameter                                                                                                | status | code               | expression
    ${'no assessmentDate'}               | ${[patient]}                                                                                             | ${400} | ${'required'}      | ${at('assessmentDate')}
    ${'two assessmentDates'}             | ${[assessment, assessment, patient]}                                                                     | ${400} | ${'invalid'}       | ${at('assessmentDate')}
    ${'an assessmentDate as string'}     | ${[{ name: 'assessmentDate', valueString: '2025-11-10' }, patient]}                                      | ${400} | ${'invalid'}       | ${at('assessmentDate')}
    ${'a partial assessmentDate'}        | ${[{ name: 'assessmentDate', valueDate: '2025-11' }, patient]}                                           | ${400} | ${'value'}         | ${at('assessmentDate')}
    ${'a day that does not exist'}       | ${[{ name: 'assessmentDate', valueDate: '2025-02-30' }, patient]}                                        | ${400} | ${'value'}         | ${at('assessmentDate')}
    ${'no patient'}                      | ${[assessment]}                                                                                          | ${400} | ${'required'}      | ${at('patient')}
    ${'two patients'}                    | ${[assessment, patient, patient]}                                                                        | ${400} | ${'invalid'}       | ${at('patient')}
    ${'a patient of another type'}       | ${[assessment, { name: 'patient', resource: { resourceType: 'Group' } }]}                                | ${400} | ${'invalid'}       | ${`${at('patient')}.resource`}
    ${'a patient without a resource'}    | ${[assessment, { name: 'patient', valueString: 'x' }]}                                                   | ${400} | ${'invalid'}       | ${`${at('patient')}.resource`}
    ${'an immunization of another type'} | ${[assessment, patient, { name: 'immunization', resource: child }]}                                      | ${400} | ${'invalid'}       | ${place(0)}
    ${'no birthDate'}                    | ${[assessment, { name: 'patient', resource: { resourceType: 'Patient' } }]}                              | ${422} | ${'required'}      | ${`${at('patient')}.resource.birthDate`}
    ${'a partial birthDate'}             | ${[assessment, { name: 'patient', resource: { ...child, birthDate: '2025-05' } }]}                       | ${422} | ${'value'}         | ${`${at('patient')}.resource.birthDate`}
    ${'an assessment before birth'}      | ${[{ name: 'assessmentDate', valueDate: '2025-04-30' }, patient]}                                        | ${422} | ${'business-rule'} | ${`${at('patient')}.resource.birthDate`}
    ${'doses of somebody else'}          | ${[assessment, patient, dose('i', '08', '2025-05-01', { patient: { reference: 'Patient/q' } })]}         | ${422} | ${'business-rule'} | ${`${place(0)}.patient`}
    ${'one id for two doses'}            | ${[assessment, patient, dose('i', '08', '2025-05-01'), dose('i', '08', '2025-07-01')]}                   | ${400} | ${'invalid'}       | ${place(1)}
    ${'an unknown knowledge base'}       | ${[assessment, patient, { name: 'knowledgeBase', valueCodeableConcept: { coding: [{ code: 'WHO' }] } }]} | ${400} | ${'not-supported'} | ${at('knowledgeBase')}
    ${'an unknown version'}              | ${[assessment, patient, { name: 'knowledgeBaseVersion', valueString: '1.0' }]}                           | ${400} | ${'not-supported'} | ${at('knowledgeBaseVersion')}
  `('$what with $status', async ({ parameter, status, code, expression }) => {
    const answer = await forecast({ resourceType: 'Parameters', parameter });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', code, expression: [expression] }],
    });
  });

  it('another body than Parameters, and no body', async () => {
    expect((await forecast(child)).body.issue[0]).toMatchObject({
      code: 'invalid',
      expression: ['resourceType'],
    });
    expect((await forecast(undefined)).status).toBe(400);
    expect((await forecast({ resourceType: 'Parameters', parameter: 'x' })).status).toBe(400);
    expect((await forecast({ resourceType: 'Parameters', parameter: ['x'] })).status).toBe(400);
  });

  it('unknown parameters only when handling is strict', async () => {
    const extra = asked([{ name: 'scheduleFlag', valueString: 'x' }]);
    const lenient = await forecast(extra);
    expect(notesOf(lenient.body)).toEqual([
      [at('scheduleFlag'), 'The parameter "scheduleFlag" is not known and was ignored'],
    ]);
    expect((await forecast(extra, '', { prefer: 'handling=strict' })).status).toBe(400);
  });

  it('nothing when the version asked for is installed', async () => {
    for (const version of ['4.64', '4.64-508']) {
      const { status } = await forecast(asked([{ name: 'knowledgeBaseVersion', valueString: version }]));
      expect(status).toBe(200);
    }
  });
});

describe('Patient/[id]/$immds-forecast', () => {
  const url = '/fhir/Patient/stored/$immds-forecast';

  beforeAll(async () => {
    await server.send('PUT', '/fhir/Patient/stored', { ...child, id: 'stored' });
    const { resource } = dose('s1', '08', '2025-05-01', { patient: { reference: 'Patient/stored' } });
    await server.send('PUT', '/fhir/Immunization/s1', resource);
    await server.send('PUT', '/fhir/Immunization/other', {
      ...resource,
      id: 'other',
      patient: { reference: 'Patient/p' },
    });
  });

  it('forecasts the stored history by GET and by POST, alike to the system operation', async () => {
    const byGet = await server.get(`${url}?assessmentDate=2025-11-10`);
    expect(byGet.status).toBe(200);
    expect(named(byGet.body, 'evaluation')).toHaveLength(1);
    const byPost = await server.send('POST', url, { resourceType: 'Parameters', parameter: [assessment] });
    expect(byPost.body).toEqual(byGet.body);
    const sent = await forecast(asked([dose('s1', '08', '2025-05-01')]));
    expect(groupOf(byGet.body, 'HepB')).toEqual(groupOf(sent.body, 'HepB'));
  });

  it('takes today for want of an assessmentDate', async () => {
    const { body } = await server.get(url);
    expect(named(body, 'recommendation')[0].resource.date).toBe('2026-01-01');
    expect((await server.send('POST', url)).body).toEqual(body);
  });

  it('sees conditions of the store', async () => {
    await server.send('PUT', '/fhir/Condition/c1', {
      resourceType: 'Condition',
      id: 'c1',
      subject: { reference: 'Patient/stored' },
      code: { coding: [{ system: 'https://jenner-iis.org/fhir/CodeSystem/cdsi-observation', code: '013' }] },
    });
    expect(groupOf((await server.get(url)).body, 'Rotavirus').forecastStatus.text).toBe('Contraindicated');
    await server.send('DELETE', '/fhir/Condition/c1');
    expect(groupOf((await server.get(url)).body, 'Rotavirus').forecastStatus.text).not.toBe(
      'Contraindicated',
    );
  });

  it.each`
    url                                       | status
    ${'/fhir/Patient/nobody/$immds-forecast'} | ${404}
    ${`${url}?assessmentDate=soon`}           | ${400}
    ${`${url}?assessmentDate=2025-01-01`}     | ${422}
    ${`${url}?explain=true&explain=true`}     | ${400}
    ${`${url}?unknown=1`}                     | ${400}
    ${`${url}?knowledgeBaseVersion=9`}        | ${400}
  `('answers $status to $url', async ({ url: asking, status }) => {
    expect((await server.get(asking)).status).toBe(status);
  });
});

describe('with JENNER_IMMDS_FITS=on', () => {
  it('puts first what the FITS client reads', async () => {
    const fits = await openTestServer({ fitsCompatible: true });
    const { body } = await fits.send(
      'POST',
      '/fhir/$immds-forecast',
      asked([dose('i1', '08', '2025-05-01')]),
    );
    const [evaluation] = named(body, 'evaluation');
    expect(evaluation.resource.doseStatus.coding[0].code).toBe('Valid');
    expect(evaluation.resource.targetDisease.coding[0].code).toBe('08');
    const recommendation = named(body, 'recommendation')[0].resource;
    const hepB = recommendation.recommendation.find((group: Json) => group.vaccineCode[0].text === '45');
    expect(hepB).toMatchObject({
      doseNumberString: '2',
      forecastStatus: { coding: [{ code: 'overdue' }, {}, {}, {}] },
    });
    await fits.close();
  });
});
