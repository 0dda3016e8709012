import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readVisitView } from '../../src/registry/forecasting/record-view/read-visit-view.ts';
import { loadKnowledgeBases } from '../../src/shipped/knowledge-bases.ts';
import { scheduleSettings } from '../../src/shipped/schedule-settings.ts';
import { formatEpochDay } from '../../src/values/epoch-day.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

/** Answers are read as a client reads them. */
// biome-ignore lint/suspicious/noExplicitAny: answers have every shape
type Json = any;

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  const put = (resource: Json) =>
    server.send('PUT', `/fhir/${resource.resourceType}/${resource.id}`, resource);
  await put({ resourceType: 'Patient', id: 'miles', birthDate: '2024-09-28', gender: 'male' });
  await put({ resourceType: 'Patient', id: 'new', birthDate: '2026-11-01', gender: 'female' });
  await put({ resourceType: 'Patient', id: 'dead', birthDate: '2024-11-01', deceasedBoolean: true });
  await put({ resourceType: 'Patient', id: 'twin', birthDate: '2026-07-20', gender: 'male' });
  await put({ resourceType: 'Patient', id: 'allergic', birthDate: '2026-07-20', gender: 'male' });
  await put({ resourceType: 'Patient', id: 'four', birthDate: '2022-11-01', gender: 'male' });
  await put({ resourceType: 'Patient', id: 'four-allergic', birthDate: '2022-11-01', gender: 'male' });
  for (const [patient, code] of [
    ['allergic', '097'],
    ['four-allergic', '091'],
  ]) {
    await put({
      resourceType: 'Condition',
      id: `severe-${patient}`,
      subject: { reference: `Patient/${patient}` },
      code: { coding: [{ system: 'https://jenner-iis.org/fhir/CodeSystem/cdsi-observation', code }] },
    });
  }
  const given = [
    ['08', '2024-09-28'],
    ['146', '2024-11-28'],
    ['133', '2024-11-28'],
    ['146', '2025-01-30'],
    ['133', '2025-01-30'],
  ] as const;
  for (const [i, [cvx, date]] of given.entries()) await put(dose('miles', cvx, date, { id: `m${i}` }));
});
afterAll(() => server.close());

const coding = (code: string, system = 'http://hl7.org/fhir/sid/cvx') => ({ coding: [{ system, code }] });
const dose = (patient: string, code: string, date: string, more: object = {}) => ({
  resourceType: 'Immunization',
  status: 'completed',
  vaccineCode: coding(code),
  patient: { reference: `Patient/${patient}` },
  occurrenceDateTime: date,
  ...more,
});
const supposed = (cvx: string, date?: string) => ({
  name: 'dose',
  part: [
    { name: 'vaccineCode', valueCodeableConcept: coding(cvx) },
    ...(date === undefined ? [] : [{ name: 'date', valueDate: date }]),
  ],
});
const on = (date: string) => ({ name: 'assessmentDate', valueDate: date });
const ask = (id: string, ...parameter: object[]) =>
  server.send('POST', `/fhir/Patient/${id}/$immds-what-if`, { resourceType: 'Parameters', parameter });

const named = (items: Json[] = [], name: string): Json[] => items.filter((item) => item.name === name);
const valueIn = (item: Json, name: string) => {
  const [found] = named(item.part, name);
  return found?.valueString ?? found?.valueDate ?? found?.valuePositiveInt;
};
const planOf = (body: Json): Json => named(body.parameter, 'fewestInjections')[0];
const dueOf = (body: Json) => named(planOf(body)?.part, 'due').map((item) => valueIn(item, 'vaccineGroup'));
const injectionsOf = (body: Json) =>
  named(planOf(body)?.part, 'injection').map((item) => [
    named(item.part, 'vaccineCode')[0].valueCodeableConcept.coding[0].code,
    named(item.part, 'vaccineGroup').map((group) => group.valueString),
  ]);
const groupOf = (body: Json, name: string): Json =>
  named(body.parameter, 'recommendation')[0].resource.recommendation.find(
    (group: Json) => group.vaccineCode[0].text === name,
  );
const dateOf = (group: Json, loinc: string) =>
  group.dateCriterion?.find((each: Json) => each.code.coding[0].code === loinc)?.value;

describe('Patient/[id]/$immds-what-if', () => {
  const today = '2026-11-28';

  it('covers all that is due with the fewest injections, each part of which counts', async () => {
    const { status, body } = await ask('miles', on(today));
    expect(status).toBe(200);
    const due = dueOf(body);
    expect(due).toEqual(expect.arrayContaining(['DTaP/Tdap/Td', 'Hib', 'HepA', 'MMR', 'Varicella']));
    const injections = injectionsOf(body);
    expect(injections.flatMap(([, groups]) => groups).sort()).toEqual([...due].sort());
    expect(injections.length).toBeLessThan(due.length);
    expect(named(planOf(body).part, 'notCovered')).toEqual([]);
    // What was proposed leaves nothing due, says the forecaster itself.
    const after = await ask('miles', on(today), ...injections.map(([cvx]) => supposed(cvx)));
    expect(dueOf(after.body)).toEqual([]);
    for (const { resource } of named(after.body.parameter, 'evaluation')) {
      if (!resource.immunizationEvent.reference.startsWith('urn:')) continue;
      expect(resource.doseStatus.coding[0].code).toBe('valid');
    }
  });

  it('says of each due group which dose it is and since when it is overdue', async () => {
    const { body } = await ask('miles', on(today));
    const mmr = named(planOf(body).part, 'due').find((item) => valueIn(item, 'vaccineGroup') === 'MMR');
    expect(valueIn(mmr, 'doseNumber')).toBe(1);
    const pastDue = dateOf(groupOf(body, 'MMR'), '59778-1');
    expect(valueIn(mmr, 'overdueSince') > pastDue).toBe(true);
    const flu = named(planOf(body).part, 'due').find((item) => valueIn(item, 'vaccineGroup') === 'Influenza');
    expect(valueIn(flu, 'vaccineGroup')).toBe('Influenza');
  });

  it('proposes nothing that holds what is withheld, and no visit for it', async () => {
    const names = ['MMR', 'DTaP/Tdap/Td', 'Influenza', 'COVID-19'];
    const withheld = names.map((valueString) => ({ name: 'withheld', valueString }));
    const { status, body } = await ask('miles', on(today), ...withheld);
    expect(status).toBe(200);
    const all = (await ask('miles', on(today))).body;
    const left = dueOf(all).filter((group: string) => !names.includes(group));
    expect(dueOf(body)).toEqual(left);
    // MMRV, and combinations with DTaP, would bring it all the same.
    const given = injectionsOf(body).map(([cvx]) => cvx);
    expect(given.filter((cvx) => ['03', '94', '20', '110', '120', '130', '146'].includes(cvx))).toEqual([]);
    expect(injectionsOf(body).flatMap(([, groups]) => groups)).toContain('Varicella');
    const [next] = named(planOf(body).part, 'nextVisit');
    for (const group of names) expect(JSON.stringify(next)).not.toContain(group);
    const other = named(planOf(all).part, 'nextVisit')[0];
    expect(valueIn(next, 'recommended') > valueIn(other, 'recommended')).toBe(true);
  });

  it('tells the next visit by the forecast after these injections, and not by a rule of thumb', async () => {
    const { body } = await ask('miles', on(today));
    const [next] = named(planOf(body).part, 'nextVisit');
    const doses = injectionsOf(body).map(([cvx]) => supposed(cvx));
    const after = (await ask('miles', on(today), ...doses)).body;
    const { recommendation } = named(after.parameter, 'recommendation')[0].resource;
    const days = recommendation
      .filter((group: Json) => group.forecastStatus.coding[0].code === 'notComplete' && !group.forecastReason)
      .map((group: Json) => dateOf(group, '30980-7'))
      .sort();
    expect(valueIn(next, 'recommended')).toBe(days[0]);
    expect(valueIn(next, 'earliest') > today).toBe(true);
    expect(valueIn(next, 'earliest') <= valueIn(next, 'recommended')).toBe(true);
    const [dose] = named(next.part, 'dose');
    expect(dateOf(groupOf(after, valueIn(dose, 'vaccineGroup')), '30980-7')).toBe(days[0]);
    // While something is due there is no other next visit; of one who has had it all it is the same.
    expect(named(body.parameter, 'nextVisit')).toEqual([]);
    expect(named(after.parameter, 'nextVisit')[0]).toEqual(next);
  });

  it('forecasts with the doses that are supposed and writes none of them', async () => {
    const before = (await server.get(`/fhir/Patient/miles/$immds-forecast?assessmentDate=${today}`)).body;
    expect(groupOf(before, 'MMR').doseNumberPositiveInt).toBe(1);
    const { body } = await ask('miles', on(today), supposed('03'), supposed('21', today));
    expect(groupOf(body, 'MMR').doseNumberPositiveInt).toBe(2);
    expect(dateOf(groupOf(body, 'MMR'), '30981-5')).toBe('2026-12-26');
    expect(groupOf(body, 'Varicella').doseNumberPositiveInt).toBe(2);
    expect(dueOf(body)).not.toContain('MMR');
    const kept = (await server.get('/fhir/Immunization?patient=miles&_summary=count')).body;
    expect(kept.total).toBe(5);
  });

  it('supposes products by NDC, Codings, plain CVX codes and Immunizations alike', async () => {
    const withValue = (value: object) => ({ name: 'dose', part: [{ name: 'vaccineCode', ...value }] });
    const ways = [
      supposed('03'),
      withValue({ valueCode: '03' }),
      withValue({ valueCoding: { system: 'http://hl7.org/fhir/sid/cvx', code: '03' } }),
      withValue({ valueCodeableConcept: coding('0006-4681-00', 'http://hl7.org/fhir/sid/ndc') }),
      { name: 'immunization', resource: dose('miles', '03', today) },
      { name: 'immunization', resource: dose('miles', '03', today, { id: 'own' }) },
    ];
    for (const way of ways) {
      const { status, body } = await ask('miles', on(today), way);
      expect([status, groupOf(body, 'MMR').doseNumberPositiveInt]).toEqual([200, 2]);
    }
  });

  it('counts what another system knows too, and each dose once', async () => {
    const elsewhere = ['08', '03'].map((code, i) => ({
      name: 'immunization',
      resource: dose('miles', code, i === 0 ? '2024-09-28' : '2026-01-05', { id: `ehr-${i}` }),
    }));
    const allergy = {
      resourceType: 'Condition',
      subject: { reference: 'Patient/miles' },
      code: { coding: [{ system: 'https://jenner-iis.org/fhir/CodeSystem/cdsi-observation', code: '098' }] },
    };
    const { body } = await ask('miles', on(today), ...elsewhere, { name: 'condition', resource: allergy });
    expect(groupOf(body, 'MMR').doseNumberPositiveInt).toBe(2);
    expect(groupOf(body, 'Hib').forecastStatus.text).toBe('Contraindicated');
    const issues = named(body.parameter, 'operationOutcome')[0].resource.issue.map(
      (i: Json) => i.details.text,
    );
    expect(issues.join()).toMatch(
      /Immunization\/(ehr-0|m0) (tells of the same dose|was not evaluated: the same vaccine)/,
    );
  });

  it('supposes a dose of another day where the visit is on another', async () => {
    const { body } = await ask('miles', on('2026-12-30'), supposed('03', today));
    expect(dateOf(groupOf(body, 'MMR'), '30981-5')).toBe('2026-12-26');
  });

  it('proposes only what is at hand, and says what that does not cover', async () => {
    const available = ['03', '20', '10'].map((valueCode) => ({ name: 'available', valueCode }));
    const { body } = await ask('miles', on(today), ...available);
    const codes = injectionsOf(body).map(([cvx]) => cvx);
    expect(codes).toEqual(expect.arrayContaining(['03', '20']));
    expect(codes.every((cvx) => ['03', '20', '10'].includes(cvx))).toBe(true);
    const open = named(planOf(body).part, 'notCovered').map((item) => item.valueString);
    expect(open).toContain('Varicella');
    expect(open).not.toContain('MMR');
  });

  it('proposes no combination with a part that must not be given', async () => {
    const { body } = await ask('allergic', on(today));
    expect(groupOf(body, 'HepB').forecastStatus.text).toBe('Contraindicated');
    // DTaP-IPV-Hib-HepB and DTaP-HepB-IPV would need fewer or as many injections.
    const codes = injectionsOf(body).map(([cvx]) => cvx);
    expect(codes).toContain('120');
    expect(codes.filter((cvx) => ['146', '110', '102', '08'].includes(cvx))).toEqual([]);
    const only = { name: 'available', valueCode: '94' };
    expect(injectionsOf((await ask('four', on(today), only)).body)).toEqual([['94', ['MMR', 'Varicella']]]);
    expect(injectionsOf((await ask('four-allergic', on(today), only)).body)).toEqual([]);
    const withHepB = injectionsOf((await ask('twin', on(today))).body).map(([cvx]) => cvx);
    expect(withHepB).toContain('146');
  });

  it('proposes no combination a part of which would not count', async () => {
    const polio = ['2023-01-02', '2023-03-02', '2023-05-02', '2026-11-20'].map((d) => supposed('10', d));
    const dtap = ['2023-01-02', '2023-03-02', '2023-05-02', '2024-02-02'].map((d) => supposed('20', d));
    const only = (valueCode: string, ...doses: object[]) =>
      ask('four', on(today), ...doses, { name: 'available', valueCode });
    // DTaP-IPV is for both, and not where no polio vaccine is needed any more.
    const both = injectionsOf((await only('130', ...polio.slice(0, 3), ...dtap)).body);
    expect(both).toEqual([['130', ['DTaP/Tdap/Td', 'Polio']]]);
    expect(injectionsOf((await only('130', ...polio, ...dtap)).body)).toEqual([]);
    expect(injectionsOf((await only('20', ...polio, ...dtap)).body)).toEqual([['20', ['DTaP/Tdap/Td']]]);
  });

  it('does not take for due what only may be given already, or is for patient and clinician to decide', async () => {
    const { body } = await ask('miles', on(today), supposed('03', '2025-10-05'));
    expect(dateOf(groupOf(body, 'MMR'), '30981-5') < today).toBe(true);
    expect(dueOf(body)).not.toContain('MMR');
    expect(groupOf(body, 'COVID-19').forecastReason[0].coding[0].code).toContain('shared');
    expect(dateOf(groupOf(body, 'COVID-19'), '30980-7') < today).toBe(true);
    expect(dueOf(body)).not.toContain('COVID-19');
  });

  it('takes for the next visit no day on which it is asked', async () => {
    const { body } = await ask('new', on('2026-11-01'), { name: 'available', valueCode: '03' });
    expect(dateOf(groupOf(body, 'HepB'), '30980-7')).toBe('2026-11-01');
    const [next] = named(planOf(body).part, 'nextVisit');
    expect(valueIn(next, 'recommended') > '2026-11-01').toBe(true);
  });

  it('tells a newborn of the next visit where nothing more can be given', async () => {
    const { body } = await ask(
      'new',
      on('2026-11-10'),
      supposed('08', '2026-11-01'),
      supposed('306', '2026-11-02'),
    );
    expect(injectionsOf(body).filter(([, groups]) => groups.includes('HepB'))).toEqual([]);
    const [next] = named(body.parameter, 'nextVisit');
    expect(valueIn(next, 'earliest')).toBe('2026-11-29');
    expect(named(next.part, 'mayBeGiven').map((item) => item.valueString)).toEqual(['HepB']);
  });

  it('proposes nothing to who has died', async () => {
    const { status, body } = await ask('dead', on(today));
    expect(status).toBe(200);
    expect(planOf(body)).toBeUndefined();
    expect(named(body.parameter, 'nextVisit')).toEqual([]);
  });

  it('answers for today by GET', async () => {
    const { status, body } = await server.get('/fhir/Patient/miles/$immds-what-if?available=03');
    expect(status).toBe(200);
    expect(named(body.parameter, 'recommendation')[0].resource.date).toBe('2026-01-01');
    expect(injectionsOf(body).map(([cvx]) => cvx)).toEqual(['03']);
  });

  const many = Array.from({ length: 201 }, () => supposed('03'));
  it.each([
    ['an unknown person', 'nobody', [on(today)], 404, 'Patient/nobody'],
    ['a day that is none', 'miles', [on('2026-02')], 400, 'assessmentDate'],
    [
      'a dose without a vaccine',
      'miles',
      [{ name: 'dose', part: [{ name: 'date', valueDate: today }] }],
      400,
      'vaccineCode',
    ],
    ['a dose of a month', 'miles', [supposed('03', '2026-11')], 400, '2026-11'],
    [
      'a dose of somebody else',
      'miles',
      [{ name: 'immunization', resource: dose('new', '03', today) }],
      422,
      'Patient/new',
    ],
    [
      'a dose that is kept already',
      'miles',
      [{ name: 'immunization', resource: dose('miles', '08', today, { id: 'm0' }) }],
      400,
      'Immunization/m0',
    ],
    [
      'what is no Immunization',
      'miles',
      [{ name: 'immunization', resource: { ...dose('miles', '03', today), status: 5 } }],
      400,
      'status',
    ],
    ['too many doses', 'miles', many, 413, '200'],
    [
      'two schedules',
      'miles',
      ['USA-AAP', 'USA-CDC-CDSI'].map((valueString) => ({ name: 'knowledgeBase', valueString })),
      400,
      'knowledgeBase',
    ],
  ])('refuses %s', async (_, id, parameter, status, text) => {
    const answer = await ask(id, ...(parameter as object[]));
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(text)]);
  });

  it('answers the visit alone where no more is asked for, and still says what was not judged', async () => {
    const asked = [on(today), supposed('9999'), supposed('03', '2027-01-01')] as const;
    const whole = await ask('miles', ...asked);
    const visit = await ask('miles', ...asked, { name: 'onlyVisit', valueBoolean: true });
    expect(visit.status).toBe(200);
    expect(planOf(visit.body)).toEqual(planOf(whole.body));
    const names = visit.body.parameter.map(({ name }: Json) => name);
    expect(names).toEqual([
      'knowledgeBaseUsed',
      'knowledgeBaseVersionUsed',
      'operationOutcome',
      'fewestInjections',
    ]);
    const [outcome] = named(visit.body.parameter, 'operationOutcome');
    const texts = outcome.resource.issue.map((issue: Json) => issue.details.text);
    expect(texts).toEqual([
      expect.stringContaining('"9999" is no CVX code'),
      expect.stringContaining('given after the assessment date'),
    ]);
    const closed = await ask('dead', { name: 'onlyVisit', valueBoolean: true });
    expect(named(closed.body.parameter, 'recommendation')).toEqual([]);
  });

  it('tells that a supposed dose of an unknown vaccine was not judged', async () => {
    const { status, body } = await ask('miles', on(today), supposed('9999'), supposed('03', '2027-01-01'));
    expect(status).toBe(200);
    const issues = named(body.parameter, 'operationOutcome')[0].resource.issue.map(
      (i: Json) => i.details.text,
    );
    expect(issues.join('\n')).toContain('"9999" is no CVX code');
    expect(issues.join('\n')).toContain('given after the assessment date');
  });
});

describe('the chart', () => {
  const settings = {
    ...scheduleSettings(loadKnowledgeBases('none'), { schedule: undefined, scheduleStates: new Map() }),
    fitsCompatible: false,
  };
  const people = ['miles', 'four', 'four-allergic', 'grown-up'];

  beforeAll(async () => {
    const grownUp = { resourceType: 'Patient', id: 'grown-up', birthDate: '1967-08-20', gender: 'female' };
    await server.send('PUT', '/fhir/Patient/grown-up', grownUp);
  });

  it.each(people.flatMap((id) => [[id], [id, 'Influenza', 'MMR']]))(
    'proposes for %s what the operation does, without %s %s',
    async (id, ...withheld) => {
      const { ctx } = server;
      const { view, visit } = await readVisitView(ctx, id as ResourceId, {
        settings,
        withheldBy: () => withheld,
      });
      expect(view.day).toBe(formatEpochDay(ctx.clock.today()));
      const { body } = await ask(
        id,
        { name: 'onlyVisit', valueBoolean: true },
        ...withheld.map((group) => ({ name: 'withheld', valueString: group })),
      );
      const plan = planOf(body);
      const injections = named(plan.part, 'injection').map((each) => [
        named(each.part, 'vaccineCode')[0].valueCodeableConcept.coding[0].code,
        named(each.part, 'vaccineCode')[0].valueCodeableConcept.coding[0].display,
        named(each.part, 'vaccineGroup').map(({ valueString }) => valueString),
      ]);
      expect(visit?.injections.map(({ cvx, name, groups }) => [cvx, name, groups])).toEqual(injections);
      expect(injections).not.toEqual([]);
      const [next] = named(plan.part, 'nextVisit');
      expect([visit?.next?.earliest, visit?.next?.recommended]).toEqual([
        valueIn(next, 'earliest'),
        valueIn(next, 'recommended'),
      ]);
      const doses = named(next.part, 'dose');
      expect(visit?.next?.doses.map(({ group, doseNumber }) => [group, doseNumber])).toEqual(
        doses.map((each) => [valueIn(each, 'vaccineGroup'), valueIn(each, 'doseNumber')]),
      );
      expect(visit?.next?.mayBeGiven).toEqual(
        named(next.part, 'mayBeGiven').map(({ valueString }) => valueString),
      );
    },
  );

  it('proposes nothing where that is asked for', async () => {
    const asked = { settings, withheldBy: () => undefined };
    expect(await readVisitView(server.ctx, 'miles' as ResourceId, asked)).not.toHaveProperty('visit');
  });
});
