import { parquetReadObjects } from 'hyparquet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer();
  await put({
    resourceType: 'Patient',
    id: 'p',
    name: [{ family: 'Smith', given: ['Ann', 'May'] }],
    gender: 'female',
    birthDate: '2020-05-17',
    address: [{ city: 'Boston', state: 'MA' }],
  });
  await put({ resourceType: 'Patient', id: 'q', name: [{ family: '=cmd()' }], birthDate: '2020-05' });
  await put(dose('d1', 'p', '2021-05-20'));
  await put(dose('d2', 'q', '2021-06'));
});
afterEach(() => server.close());

const put = async (resource: {
  readonly resourceType: string;
  readonly id: string;
  readonly [name: string]: unknown;
}) => {
  const answer = await server.send('PUT', `/fhir/${resource.resourceType}/${resource.id}`, resource);
  expect(answer.status, answer.text).toBeLessThan(300);
};
const dose = (id: string, person: string, occurrenceDateTime: string) => ({
  resourceType: 'Immunization',
  id,
  status: 'completed',
  vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '03' }], text: 'MMR' },
  patient: { reference: `Patient/${person}` },
  occurrenceDateTime,
  primarySource: true,
  doseQuantity: { value: 0.5, unit: 'mL' },
});

const own = {
  resourceType: 'ViewDefinition',
  status: 'active',
  resource: 'Patient',
  select: [
    {
      column: [
        { name: 'id', path: 'getResourceKey()' },
        { name: 'born', path: 'birthDate' },
      ],
    },
  ],
};
type Parameter = { readonly name: string; readonly [value: string]: unknown };
const parameters = (...parameter: Parameter[]) => ({ resourceType: 'Parameters', parameter });
const reference = (name: string): Parameter => ({
  name: 'viewReference',
  valueReference: { reference: `ViewDefinition/${name}` },
});
const run = (body: unknown, query = '', headers = {}) =>
  server.send('POST', `/fhir/ViewDefinition/$run${query}`, body, headers);
const rowsOf = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('ViewDefinition/$run', () => {
  it('answers the rows of a definition that is the body', async () => {
    const answer = await run(own);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.headers['content-type']).toBe('application/x-ndjson');
    expect(rowsOf(answer.text)).toEqual([
      { id: 'p', born: '2020-05-17' },
      { id: 'q', born: '2020-05' },
    ]);
  });

  it('answers those of one that is named, as CSV, JSON and Parquet', async () => {
    const csv = await run(parameters(reference('patient'), { name: '_format', valueCode: 'csv' }));
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
    const lines = csv.text.split('\r\n');
    expect(lines[0]).toMatch(/^id,active,family_name,given_names,birth_date,birth_date_stated,sex,/);
    expect(lines[1]).toMatch(/^p,,Smith,Ann May,2020-05-17,2020-05-17,female,/);
    expect(lines[2]).toMatch(/^q,,'=cmd\(\),"",,2020-05,,/);

    const headless = await run(parameters(reference('patient')), '?_format=csv&header=false');
    expect(headless.headers['content-type']).toBe('text/csv; charset=utf-8; header=absent');
    expect(headless.text).toBe(lines.slice(1).join('\r\n'));

    const json = await run(parameters(reference('immunization')), '?_format=json');
    expect(json.headers['content-type']).toBe('application/json');
    expect(json.body).toMatchObject([
      { id: 'd1', patient_id: 'p', cvx: '03', occurrence_date: '2021-05-20', dose_quantity: 0.5 },
      { id: 'd2', patient_id: 'q', cvx: '03', occurrence_date: null, occurrence_stated: '2021-06' },
    ]);

    const parquet = await server.app.inject({
      method: 'GET',
      url: '/fhir/ViewDefinition/$run?viewReference=immunization',
      headers: { accept: 'application/vnd.apache.parquet' },
    });
    expect(parquet.headers['content-type']).toBe('application/vnd.apache.parquet');
    const file = new Uint8Array(parquet.rawPayload).buffer;
    const rows = await parquetReadObjects({ file });
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({ id: 'd1', primary_source: true, dose_quantity: 0.5 });
    expect((rows[0] as { occurrence_date: unknown }).occurrence_date).toEqual(
      new globalThis.Date('2021-05-20T00:00:00Z'),
    );
  });

  it('is narrowed by patient, group, _since and _limit', async () => {
    await put({
      resourceType: 'Group',
      id: 'g',
      type: 'person',
      actual: true,
      member: [{ entity: { reference: 'Patient/q' } }],
    });
    const idsOf = async (...more: Parameter[]) => {
      const answer = await run(parameters({ name: 'viewResource', resource: own }, ...more));
      expect(answer.status, answer.text).toBe(200);
      return answer.text === '' ? [] : rowsOf(answer.text).map(({ id }) => id);
    };
    expect(await idsOf({ name: 'patient', valueReference: { reference: 'Patient/p' } })).toEqual(['p']);
    expect(await idsOf({ name: 'group', valueReference: { reference: 'Group/g' } })).toEqual(['q']);
    expect(await idsOf({ name: '_limit', valueInteger: 1 })).toEqual(['p']);
    expect(await idsOf({ name: '_since', valueInstant: '2100-01-01T00:00:00Z' })).toEqual([]);
  });

  it('answers what is forecast for each person on a day', async () => {
    const asOf = { name: 'asOf', valueDate: '2026-11-28' };
    const due = rowsOf((await run(parameters(reference('recommendation'), asOf))).text);
    expect(due.filter((row) => row.vaccine_group === 'MMR')).toMatchObject([
      { patient_id: 'p', as_of: '2026-11-28', status: 'notComplete', urgency: 'due', dose_number: 2 },
    ]);
    // Whose date of birth is not whole is in no forecast, and in the way of nobody else's.
    expect(new Set(due.map((row) => row.patient_id))).toEqual(new Set(['p']));
    const judged = rowsOf((await run(parameters(reference('evaluation'), asOf))).text);
    expect(
      judged.find(({ immunization_id: id, antigen }) => id === 'd1' && antigen === 'Measles'),
    ).toMatchObject({
      patient_id: 'p',
      target_disease: '14189004',
      dose_status: 'valid',
      dose_number: 1,
      series_doses: 2,
    });
  });

  it.each([
    [
      'neither is given',
      parameters({ name: '_limit', valueInteger: 1 }),
      'Either viewResource or viewReference',
    ],
    ['both are given', parameters(reference('patient'), { name: 'viewResource', resource: own }), 'Either'],
    [
      'another resource is sent',
      parameters({ name: 'viewResource', resource: { resourceType: 'Patient' } }),
      'must be a ViewDefinition',
    ],
    ['it is no view', { ...own, select: undefined }, 'select must have at least one item'],
    ['a path is no FHIRPath', { ...own, where: [{ path: '@@' }] }, 'is no FHIRPath'],
    [
      'a column has several values',
      { ...own, select: [{ column: [{ name: 'g', path: 'name.given' }] }] },
      'several values',
    ],
    ['the type is not kept', { ...own, resource: 'Spaceship' }, 'keeps no Spaceship'],
    [
      'the format is not known',
      parameters(reference('patient'), { name: '_format', valueCode: 'orc' }),
      'none of json',
    ],
    [
      'a forecast has no _since',
      parameters(reference('evaluation'), { name: '_since', valueString: '2020-01-01T00:00:00Z' }),
      '_since',
    ],
    ['the day is none', parameters(reference('evaluation'), { name: 'asOf', valueDate: '2020' }), 'asOf'],
  ])('is refused where %s', async (_, body, text) => {
    const answer = await run(body);
    expect(answer.status, answer.text).toBe(400);
    expect(answer.body.issue[0].details.text).toContain(text);
  });

  it('is no entry of a Bundle, and leaves nothing open there', async () => {
    const entry = Array.from({ length: 6 }, () => ({
      request: { method: 'POST', url: 'ViewDefinition/$run' },
      resource: parameters({ name: 'viewResource', resource: own }),
    }));
    const { body } = await server.send('POST', '/fhir', { resourceType: 'Bundle', type: 'batch', entry });
    for (const { response } of body.entry) expect(response.status).toMatch(/^400/);
    expect((await run(own)).status).toBe(200);
  });

  it('is refused while others run, and not longer', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => run(own)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(4);
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect((await run(own)).status).toBe(200);
  });

  it('is 404 for a view that there is none of', async () => {
    expect((await run(parameters(reference('none')))).status).toBe(404);
  });

  it('is an operation of the system too, and none of any other kind', async () => {
    const answer = await server.send('POST', '/fhir/$viewdefinition-run', own);
    expect(answer.status, answer.text).toBe(200);
    expect((await server.send('POST', '/fhir/ViewDefinition/$viewdefinition-run', own)).status).toBe(200);
    expect((await server.send('POST', '/fhir/ViewDefinition/$other', own)).status).toBe(404);
    expect((await server.get('/fhir/ViewDefinition/p')).status).toBe(404);
  });
});
