import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

/** Answers are read as an EHR reads them. */
// biome-ignore lint/suspicious/noExplicitAny: answers have every shape
type Json = any;

let server: TestServer;
/** What the EHR's FHIR server has, by URL; and what was asked of it. */
let served: Record<string, unknown>;
let fetched: (readonly [url: string, token: string | undefined])[];
beforeAll(async () => {
  server = await openTestServer({
    // The clock of a day on which flu vaccine is given.
    clockStep: 0,
    fetchFhir: async (url, token) => {
      fetched.push([url, token]);
      const answer = served[url];
      if (answer === undefined) throw new Error('no answer');
      return answer;
    },
  });
  const put = (resource: Json) =>
    server.send('PUT', `/fhir/${resource.resourceType}/${resource.id}`, resource);
  await put({ ...child, id: 'kept' });
  await put({ ...dose('kept', '03', '2025-11-20'), id: 'kept-mmr' });
});
afterAll(() => server.close());
beforeEach(() => {
  served = {};
  fetched = [];
});

const cvx = 'http://hl7.org/fhir/sid/cvx';
const ehr = 'https://ehr.example/fhir';
const child = {
  resourceType: 'Patient',
  id: 'e1',
  identifier: [{ system: 'urn:oid:2.16.840.1.113883.4.1', value: '529-11-7788' }],
  name: [{ family: 'Kowalska', given: ['Miriam', 'Liv'] }],
  birthDate: '2024-09-28',
  gender: 'female',
  telecom: [{ system: 'phone', value: '617-555-0112' }],
  address: [{ line: ['12 Elm Street'], city: 'Salem', state: 'MA', postalCode: '01970' }],
};
/** Nobody whom the registry knows. */
const stranger = {
  ...child,
  identifier: [],
  name: [{ family: 'Nobody', given: ['Ned'] }],
  birthDate: '2024-09-20',
  telecom: [],
  address: [],
};
const dose = (patient: string, code: string, date: string, more: object = {}) => ({
  resourceType: 'Immunization',
  status: 'completed',
  vaccineCode: { coding: [{ system: cvx, code }] },
  patient: { reference: `Patient/${patient}` },
  occurrenceDateTime: date,
  ...more,
});
const pregnancyOf = (patient: string) => ({
  resourceType: 'Condition',
  subject: { reference: `https://ehr.example/fhir/Patient/${patient}` },
  code: { coding: [{ system: 'http://snomed.info/sct', code: '77386006' }] },
});
const bundle = (resources: readonly object[], more: object = {}) => ({
  resourceType: 'Bundle',
  type: 'searchset',
  entry: resources.map((resource) => ({ resource, search: { mode: 'match' } })),
  ...more,
});
const given = [
  dose('e1', '08', '2024-09-28'),
  dose('e1', '146', '2024-11-28'),
  dose('e1', '133', '2024-11-28'),
];
const withoutEmpty = (patient: Json) =>
  Object.fromEntries(
    Object.entries(patient).filter(([, value]) => !Array.isArray(value) || value.length > 0),
  );
const whole = (patient: object = stranger, doses: readonly object[] = given, more: object = {}) => ({
  patient: withoutEmpty(patient),
  immunizations: bundle(doses),
  conditions: bundle([]),
  observations: bundle([]),
  allergies: bundle([]),
  procedures: bundle([]),
  ...more,
});
const view = (prefetch: object | undefined, more: object = {}) => ({
  hook: 'patient-view',
  hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
  context: { userId: 'Practitioner/p7', patientId: 'e1', encounterId: 'enc1' },
  ...(prefetch && { prefetch }),
  ...more,
});
const call = (body: unknown, id = 'immunizations-due', headers: Record<string, string> = {}) =>
  server.send('POST', `/cds-services/${id}`, body, { 'content-type': 'application/json', ...headers });
const cardsFor = async (body: unknown, id?: string): Promise<Json[]> => {
  const answer = await call(body, id);
  expect([answer.status, answer.text.slice(0, 300)]).toEqual([200, expect.stringContaining('"cards"')]);
  return answer.body.cards;
};

const ordersIn = (cards: readonly Json[]): string[] =>
  cards.flatMap(({ suggestions = [] }) => suggestions.map(({ label }: Json) => label));

describe('discovery (CDS Hooks 2.0)', () => {
  it('names the services, their hooks and what they need, to any site', async () => {
    const { status, body, headers } = await server.get('/cds-services');
    expect([status, headers['access-control-allow-origin']]).toEqual([200, '*']);
    expect(body.services.map(({ id, hook }: Json) => [id, hook])).toEqual([
      ['immunizations-due', 'patient-view'],
      ['immunization-order', 'order-select'],
    ]);
    for (const service of body.services) {
      expect(service.description).not.toBe('');
      expect(service.prefetch.immunizations).toBe('Immunization?patient={{context.patientId}}');
    }
  });
});

describe('patient-view', () => {
  it('tells what is overdue and what is due, a card each, with orders to take over', async () => {
    const cards = await cardsFor(view(whole()));
    expect(cards.map(({ indicator }) => indicator)).toEqual(['warning', 'info']);
    for (const card of cards) {
      expect(card.summary.length).toBeLessThan(140);
      expect(card.uuid).toMatch(/^[0-9a-f-]{36}$/);
      expect(card.source).toEqual({
        label: expect.stringMatching(/^ACIP schedule 4\.64-508, by Jenner$/),
        url: 'http://jenner.test',
      });
      expect(card.selectionBehavior).toBe('any');
      expect(card.overrideReasons.map(({ code }: Json) => code)).toContain('PATOBJ');
    }
    const [overdue] = cards;
    expect(overdue.summary).toMatch(/^Overdue: .*DTaP\/Tdap\/Td/);
    expect(overdue.detail).toMatch(/- \*\*DTaP\/Tdap\/Td\*\*, dose 2: overdue since 2025-\d\d-\d\d \(/);
    expect(overdue.detail).toContain('By what the EHR sent alone, for 2026-01-01.');
    const [suggestion] = overdue.suggestions;
    expect(suggestion).toMatchObject({ label: 'Order DTaP/Tdap/Td, dose 2', isRecommended: true });
    const [{ type, resource }] = suggestion.actions;
    expect(type).toBe('create');
    expect(resource).toMatchObject({
      resourceType: 'MedicationRequest',
      status: 'draft',
      subject: { reference: 'Patient/e1' },
      encounter: { reference: 'Encounter/enc1' },
      requester: { reference: 'Practitioner/p7' },
      authoredOn: '2026-01-01',
    });
    expect(resource.medicationCodeableConcept.coding[0].system).toBe(cvx);
  });

  it('joins the record of the registry where it is certain who the person is', async () => {
    const cards = await cardsFor(view(whole(child)));
    const [overdue] = cards;
    expect(overdue.detail).toContain('the record of the EHR and that of the registry');
    // The registry alone knows of the MMR, the EHR alone of the others.
    expect(ordersIn(cards).join()).not.toContain('MMR');
    expect(ordersIn(cards)).toContain('Order DTaP/Tdap/Td, dose 2');
    const alone = await cardsFor(view(whole(stranger)));
    expect(ordersIn(alone)).toContain('Order MMR, dose 1');
    expect((await server.get('/fhir/Immunization?_summary=count')).body.total).toBe(1);
  });

  it('leads to the app from an EHR that opens it', async () => {
    const [card] = await cardsFor(view(whole(), { fhirServer: ehr }));
    expect(card.links).toEqual([
      { label: 'Open the vaccine record', url: 'http://jenner.test/app/launch', type: 'smart' },
    ]);
    const [other] = await cardsFor(view(whole(), { fhirServer: 'https://other.example/fhir' }));
    expect(other.links).toBeUndefined();
  });

  it('tells of nothing that is for patient and clinician to decide', async () => {
    const cards = await cardsFor(view(whole()));
    const { body } = await server.send('POST', '/fhir/$immds-forecast', {
      resourceType: 'Parameters',
      parameter: [
        { name: 'assessmentDate', valueDate: '2026-01-01' },
        { name: 'patient', resource: { ...withoutEmpty(stranger), id: 'ehr' } },
      ],
    });
    const { recommendation } = body.parameter.find((one: Json) => one.name === 'recommendation').resource;
    const covid = recommendation.find((one: Json) => one.vaccineCode[0].text === 'COVID-19');
    expect(covid.forecastReason[0].coding[0].code).toBe('shared-clinical-decision-making');
    expect(covid.forecastStatus.coding[1].code).toBe('due');
    expect(ordersIn(cards).join()).not.toContain('COVID-19');
  });

  it('does not join where the person may be another', async () => {
    const { identifier: _, address: __, telecom: ___, ...rest } = child;
    const twin = { ...rest, name: [{ family: 'Kowalska', given: ['Marta'] }] };
    const [overdue] = await cardsFor(view(whole(twin)));
    expect(overdue.detail).toContain('By what the EHR sent alone');
  });

  it('tells what it could not use, and of seasons, on the first card alone', async () => {
    const vague = dose('e1', '03', '2025');
    const [first, second] = await cardsFor(view(whole(stranger, [...given, vague])));
    expect(first.detail).toContain('its date 2025 is not a whole date.');
    expect(second.detail).toMatch(/By what the EHR sent alone, for 2026-01-01\.$/);
    const many = Array.from({ length: 9 }, () => vague);
    const [long] = await cardsFor(view(whole(stranger, [...given, ...many])));
    expect(long.detail.match(/is not a whole date/g).length).toBeLessThanOrEqual(5);
    expect(long.detail).toMatch(/ \d+ more notes are not shown\.$/);
  });

  it('says nothing where nothing is due', async () => {
    expect(await cardsFor(view(whole({ ...stranger, deceasedBoolean: true })))).toEqual([]);
  });

  it('fetches by the token what was not sent, page by page', async () => {
    const of = (type: string) => `${ehr}/${type}?patient=e1`;
    const link = [{ relation: 'next', url: `${ehr}?page=2` }];
    served = {
      [`${ehr}/Patient/e1`]: withoutEmpty(stranger),
      [of('Immunization')]: bundle(given.slice(0, 1), { link }),
      [`${ehr}?page=2`]: bundle([...given.slice(1), dose('e1', '03', '2025-12-01')]),
      [of('Condition')]: bundle([]),
      [of('AllergyIntolerance')]: bundle([]),
      [of('Procedure')]: bundle([]),
    };
    const fhirAuthorization = {
      access_token: 'secret',
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'patient/*.rs',
      subject: 'cds',
    };
    const cards = await cardsFor(view(undefined, { fhirServer: `${ehr}/`, fhirAuthorization }));
    const [overdue] = cards;
    expect(ordersIn(cards).join()).not.toContain('MMR');
    expect(overdue.detail).toContain('Not sent, or not whole: observations.');
    expect(new Set(fetched.map(([, token]) => token))).toEqual(new Set(['secret']));
  });

  it('takes the resources of the type alone, and says what was not whole', async () => {
    const link = [{ relation: 'next', url: 'https://ehr.example/fhir?page=2' }];
    const beside = [
      ...given,
      { resourceType: 'OperationOutcome', id: 'o' },
      { resourceType: 'Organization' },
    ];
    const more = { immunizations: bundle(beside), conditions: bundle([], { link }) };
    const [card] = await cardsFor(view(whole(stranger, [], more)));
    expect(card.detail).toContain('Not sent, or not whole: conditions.');
  });

  it('ends where the pages of a server do not', async () => {
    const first = `${ehr}/Immunization?patient=e1`;
    served = { [first]: bundle(given, { link: [{ relation: 'next', url: first }] }) };
    const prefetch = { ...whole(), immunizations: undefined };
    expect((await call(view(prefetch, { fhirServer: ehr }))).status).toBe(412);
    // The first, and the next of each of twenty pages.
    expect(fetched).toHaveLength(21);
  });

  it('takes no dose of the EHR for one of the registry, whatever their ids are', async () => {
    const cards = await cardsFor(
      view(
        whole(
          child,
          given.map((one) => ({ ...one, id: 'kept-mmr' })),
        ),
      ),
    );
    expect(cards[0].detail).toContain('that of the registry');
    expect(ordersIn(cards).join()).not.toContain('MMR');
    expect(ordersIn(cards)).toContain('Order DTaP/Tdap/Td, dose 2');
  });

  it('knows the patient by a reference too, and names no requester who is no practitioner', async () => {
    const context = { userId: 'Patient/e1', patientId: 'Patient/e1' };
    const [card] = await cardsFor(view(whole(), { context }));
    const { resource } = card.suggestions[0].actions[0];
    expect([resource.subject.reference, resource.requester]).toEqual(['Patient/e1', undefined]);
  });

  it('sends the token to no other server', async () => {
    const link = [{ relation: 'next', url: 'https://evil.example/fhir?page=2' }];
    const prefetch = whole(stranger, [], { immunizations: bundle(given, { link }) });
    const answer = await call(
      view(prefetch, { fhirServer: ehr, fhirAuthorization: { access_token: 'secret' } }),
    );
    expect(answer.status).toBe(412);
    expect(fetched).toEqual([]);
    const nearby = whole(stranger, [], {
      immunizations: bundle(given, {
        link: [{ relation: 'next', url: 'https://ehr.example/fhir-other?page=2' }],
      }),
    });
    expect((await call(view(nearby, { fhirServer: ehr }))).status).toBe(412);
    expect(fetched).toEqual([]);
  });

  it.each([
    ['no Patient', { ...whole(), patient: null }, 412, 'the Patient'],
    ['no Immunizations', { ...whole(), immunizations: null }, 412, 'all Immunizations'],
    [
      'another resource for Immunizations',
      { ...whole(), immunizations: { resourceType: 'Basic', id: 'b' } },
      412,
      'all Immunizations',
    ],
    ['another Patient', whole({ ...stranger, id: 'e2' }), 400, 'e2'],
    ['a dose of another', whole(stranger, [...given, dose('e2', '03', '2025-11-20')]), 400, 'Patient/e2'],
    [
      'a Condition of another',
      whole(stranger, given, { conditions: bundle([pregnancyOf('e2')]) }),
      400,
      'e2',
    ],
    ['a dose of a broken shape', whole(stranger, [{ ...given[0], status: 5 }]), 400, 'status'],
    ['a Patient without a birth date', whole({ ...stranger, birthDate: '2024' }), 422, 'birthDate'],
  ])('refuses %s', async (_, prefetch, status, text) => {
    const answer = await call(view(prefetch));
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(text)]);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
  it.each([
    ['no JSON', '{"hook":', 400, 'not JSON'],
    ['a list', [], 400, 'JSON object'],
    ['deep nesting', `{"hook":"patient-view","prefetch":${deep}}`, 400, '100 levels'],
    ['another hook', { ...view(whole()), hook: 'order-sign' }, 400, 'order-sign'],
    ['no hookInstance', { ...view(whole()), hookInstance: undefined }, 400, 'hookInstance'],
    ['no patient', { ...view(whole()), context: { userId: 'Practitioner/p7' } }, 400, 'context.patientId'],
    ['a server that is none', view(whole(), { fhirServer: 'file:///etc/passwd' }), 400, 'fhirServer'],
  ])('refuses %s', async (_, body, status, text) => {
    const answer = await call(body);
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(text)]);
  });

  it('knows no other service, and no page of another site where the server is open', async () => {
    expect((await call(view(whole()), 'nothing')).status).toBe(404);
    const answer = await call(view(whole()), 'immunizations-due', { origin: 'https://evil.example' });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([403, undefined]);
    const own = await call(view(whole()), 'immunizations-due', {
      origin: 'http://localhost:80',
      host: 'localhost:80',
    });
    expect(own.status).toBe(200);
  });
});

describe('order-select', () => {
  const order = (code: string, id = 'o1', system = cvx) => ({
    resourceType: 'MedicationRequest',
    id,
    status: 'draft',
    intent: 'order',
    medicationCodeableConcept: { coding: [{ system, code, display: `vaccine ${code}` }] },
    subject: { reference: 'Patient/e1' },
  });
  const select = (orders: readonly Json[], selections: readonly string[], prefetch: object = whole()) => ({
    ...view(prefetch),
    hook: 'order-select',
    context: { userId: 'Practitioner/p7', patientId: 'e1', selections, draftOrders: bundle(orders) },
  });
  const cards = (body: Json) => cardsFor(body, 'immunization-order');

  it('has nothing to say of an order that is no vaccine, and asks for nothing', async () => {
    const other = order('860975', 'o1', 'http://www.nlm.nih.gov/research/umls/rxnorm');
    expect(await cards(select([other], ['MedicationRequest/o1'], {}))).toEqual([]);
    expect(await cards(select([order('03')], [], {}))).toEqual([]);
  });

  it('tells what else is due, without what is ordered', async () => {
    const found = await cards(select([order('03'), order('21', 'o2')], ['MedicationRequest/o1']));
    expect(found.map(({ indicator }) => indicator)).toEqual(['warning', 'info']);
    const all = found.flatMap(({ suggestions }) => suggestions.map(({ label }: Json) => label)).join();
    expect(all).toContain('HepA');
    expect(all).not.toMatch(/MMR|Varicella/);
  });

  const recent = whole(stranger, [...given, dose('e1', '03', '2025-12-20')]);
  const summaries = async (orders: readonly Json[], prefetch: object = recent) =>
    (await cards(select(orders, [`${orders[0].resourceType}/${orders[0].id}`], prefetch))).map(
      ({ summary }) => summary,
    );
  const varivax = 'Would not count today: Varivax';
  const { medicationCodeableConcept: _, ...unnamed } = order('21');
  const code = { coding: [{ system: cvx, code: '21', display: 'Varivax' }] };

  it.each([
    ['an NDC as labels write it', 'http://hl7.org/fhir/sid/ndc', '0006-4827-00'],
    ['an NDC as claims write it', 'http://hl7.org/fhir/sid/ndc', '00006482700'],
    ['the OID of CVX', 'urn:oid:2.16.840.1.113883.12.292', '21'],
  ])('knows a vaccine by %s', async (_, system, code) => {
    const [summary] = await summaries([
      { ...unnamed, medicationCodeableConcept: { coding: [{ system, code }] } },
    ]);
    expect(summary).toMatch(/^Would not count today: .*varicella/i);
  });

  it.each<readonly [string, Json, readonly Json[]]>([
    ['contains', { contained: [{ resourceType: 'Medication', id: 'm', code }], reference: '#m' }, []],
    ['drafts beside it', { reference: 'Medication/m' }, [{ resourceType: 'Medication', id: 'm', code }]],
  ])('knows a vaccine by the Medication that an order %s', async (_, { contained, reference }, more) => {
    const ordered = { ...unnamed, contained, medicationReference: { reference } };
    expect((await summaries([ordered, ...more]))[0]).toBe(varivax);
  });

  it.each<readonly [string, Json]>([
    ['another person', { subject: { reference: 'Patient/e2' } }],
    ['another person of another server', { subject: { reference: 'https://ehr.example/fhir/Patient/e2' } }],
    ['a group', { subject: { reference: 'Group/e1' } }],
    ['nobody: it is not to be done', { doNotPerform: true }],
    ['nobody: it was not done', { status: 'not-done' }],
    ['another person, as a Task', { subject: undefined, for: { reference: 'Patient/e2' } }],
  ])('has nothing to say of an order for %s', async (_, more) => {
    const named = { ...unnamed, medicationCodeableConcept: code };
    expect((await summaries([named]))[0]).toBe(varivax);
    expect(await summaries([{ ...named, ...more }], {})).toEqual([]);
  });

  it('takes an order for the patient of the hook however that is written, and one that names nobody', async () => {
    const named = { ...unnamed, medicationCodeableConcept: code };
    const written = ['https://ehr.example/fhir/Patient/e1', 'Patient/e1/_history/2', 'urn:uuid:1'];
    for (const subject of [...written.map((reference) => ({ reference })), undefined]) {
      expect((await summaries([{ ...named, subject }]))[0]).toBe(varivax);
    }
  });

  it('judges what is selected alone, and nothing of which the schedule does not know whether it counts', async () => {
    const named = { ...unnamed, medicationCodeableConcept: code };
    expect(await summaries([order('10', 'o2'), named])).not.toContainEqual(expect.stringContaining('count'));
    expect(await summaries([order('19', 'o2')])).not.toContainEqual(expect.stringContaining('count'));
  });

  it('looks at a hundred drafts', async () => {
    const others = Array.from({ length: 100 }, (_, nth) => order('none', `n${nth}`));
    const ordered = [...others, { ...unnamed, medicationCodeableConcept: code }];
    expect(await cards(select(ordered, ['MedicationRequest/o1'], recent))).toEqual([]);
    expect(await cards(select(ordered.slice(1), ['MedicationRequest/o1'], recent))).not.toEqual([]);
  });

  it('takes no offence at an order of an odd shape', async () => {
    const odd = [{ coding: 'x' }, { coding: [null, { system: 5 }] }, 'x', null];
    for (const medicationCodeableConcept of odd) {
      expect(await summaries([{ ...unnamed, medicationCodeableConcept }], {})).toEqual([]);
    }
  });

  it('warns of a vaccine that would not count today, and why', async () => {
    const [first] = await cards(select([order('21')], ['MedicationRequest/o1'], recent));
    expect(first).toMatchObject({ indicator: 'warning', summary: 'Would not count today: vaccine 21' });
    expect(first.detail).toContain('Too soon after another live vaccine');
    expect(first.detail).toContain('Varicella may be given from 2026-01-17 on.');
  });

  it('warns of a vaccine that must not be given', async () => {
    const condition = {
      resourceType: 'Condition',
      subject: { reference: 'Patient/e1' },
      code: { coding: [{ system: 'https://jenner-iis.org/fhir/CodeSystem/cdsi-observation', code: '091' }] },
    };
    const prefetch = whole(stranger, given, { conditions: bundle([condition]) });
    const [first] = await cards(select([order('03')], ['MedicationRequest/o1'], prefetch));
    expect(first).toMatchObject({ indicator: 'critical', summary: 'Contraindicated: vaccine 03' });
    expect(first.detail).toContain('On record: ');
    expect(first.detail).toMatch(/On record: .*(allerg|reaction|MMR)/i);
  });

  it('refuses a call without selections', async () => {
    const answer = await call({ ...view(whole()), hook: 'order-select' }, 'immunization-order');
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('selections')]);
  });
});

describe('feedback', () => {
  const send = (feedback: unknown) =>
    server.send(
      'POST',
      '/cds-services/immunizations-due/feedback',
      { feedback },
      { 'content-type': 'application/json' },
    );
  const at = '2026-01-01T10:00:00.000Z';

  it('keeps what became of a card', async () => {
    const accepted = {
      card: 'c1',
      outcome: 'accepted',
      acceptedSuggestions: [{ id: 's1' }],
      outcomeTimestamp: at,
    };
    const overridden = {
      card: 'c2',
      outcome: 'overridden',
      overrideReason: { reason: { code: 'PATOBJ', system: 'x' }, userComment: 'not today' },
      outcomeTimestamp: at,
    };
    const answer = await send([accepted, overridden]);
    expect([answer.status, answer.text]).toEqual([200, '']);
    const kept = await server.store.listRecords({ collection: 'cds-feedback', prefix: '', count: 10 });
    expect(kept.records.map(({ key, value }) => [key, JSON.parse(value)])).toEqual([
      [
        'open|c1',
        expect.objectContaining({
          outcome: 'accepted',
          acceptedSuggestions: ['s1'],
          service: 'immunizations-due',
        }),
      ],
      ['open|c2', expect.objectContaining({ outcome: 'overridden', reason: 'PATOBJ', comment: 'not today' })],
    ]);
  });

  it('keeps no more than it says, for 400 days, and a reason that is a code alone', async () => {
    const overrideReason = { reason: 'IMMUNE', userComment: 'x'.repeat(2000) };
    await send([{ card: 'c3', outcome: 'overridden', overrideReason, outcomeTimestamp: at }]);
    const long = { reason: { code: 'y'.repeat(200) } };
    await send([{ card: 'c4', outcome: 'overridden', overrideReason: long, outcomeTimestamp: at }]);
    const { records } = await server.store.listRecords({
      collection: 'cds-feedback',
      prefix: 'open|',
      count: 9,
    });
    const [third, fourth] = records.filter(({ key }) => key > 'open|c2');
    const kept = JSON.parse(third?.value ?? '{}');
    expect([kept.reason, kept.comment.length]).toEqual(['IMMUNE', 1000]);
    expect(JSON.parse(fourth?.value ?? '{}').reason).toHaveLength(100);
    expect((third?.expires ?? 0) - kept.received).toBe(400 * 24 * 3600 * 1000);
  });

  it.each([
    ['nothing', []],
    ['a card that would be of another app', [{ card: 'c|1', outcome: 'accepted', outcomeTimestamp: at }]],
    ['the name of no card', [{ card: 'x'.repeat(65), outcome: 'accepted', outcomeTimestamp: at }]],
    ['no list', 'x'],
    ['another outcome', [{ card: 'c1', outcome: 'seen', outcomeTimestamp: at }]],
    ['no card', [{ outcome: 'accepted', outcomeTimestamp: at }]],
    ['no time', [{ card: 'c1', outcome: 'accepted' }]],
    [
      'too much',
      Array.from({ length: 101 }, () => ({ card: 'c1', outcome: 'accepted', outcomeTimestamp: at })),
    ],
  ])('refuses %s', async (_, feedback) => {
    expect((await send(feedback)).status).toBe(400);
  });
});
