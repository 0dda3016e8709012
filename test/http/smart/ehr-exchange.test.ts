import type { FhirResource, Immunization, Patient } from 'fhir/r4.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FetchError, parseAnswer } from '../../../src/auth/clients/fetch-json.ts';
import { newEhr, openEhrs } from '../../../src/auth/ehr/ehr-records.ts';
import { parseFhirJson } from '../../../src/fhir/fhir-json.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { openContext } from '../../../src/interaction/context.ts';
import { searchAll } from '../../../src/interaction/search-all.ts';
import { updateResource } from '../../../src/interaction/update-resource.ts';
import type { ResourceId } from '../../../src/values/resource-id.ts';
import { openStubEhr, type StubAnswer, type StubEhr } from '../../../src/web/demo/stub-ehr.ts';
import { type Answer, Browser, openSmartServer, type SmartServer } from './smart-server.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers have every shape
type Json = any;
type Asked = { readonly method: string; readonly url: string; readonly body: string | undefined };

const redirect = 'http://localhost:8400/app/launch/callback';
const stubUrl = 'https://lantern.example';
const otherUrl = 'https://beacon.example';

let registry: SmartServer;
let ehrs: readonly StubEhr[];
/** What an EHR answers in place of its own answer, by method and path; undefined: what it would. */
let instead: (asked: Asked) => StubAnswer | 'nothing' | undefined;
let asked: Asked[];

const halfMl = '{"value":0.5,';
const exactHalfMl = '{"value":0.50,';
const cvx = (code: string) => ({ coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code }] });
const mrn = { system: 'http://hl7.org/fhir/sid/us-ssn', value: '529-11-7788' };
const person = (id: string, more: Partial<Patient> = {}): Patient => ({
  resourceType: 'Patient',
  id,
  identifier: [mrn],
  name: [{ family: 'Kowalska', given: ['Miriam', 'Liv'] }],
  birthDate: '2024-09-28',
  gender: 'female',
  telecom: [{ system: 'phone', value: '617-555-0112' }],
  address: [{ line: ['12 Elm Street'], city: 'Salem', state: 'MA', postalCode: '01970' }],
  ...more,
});
const dose = (
  [id, patient]: readonly [id: string, patient: string],
  code: string,
  date: string,
  more: Partial<Immunization> = {},
): Immunization => ({
  resourceType: 'Immunization',
  id,
  status: 'completed',
  vaccineCode: cvx(code),
  patient: { reference: `Patient/${patient}` },
  occurrenceDateTime: date,
  ...more,
});

const route = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration', code: 'IM' }],
};
const site = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActSite', code: 'LT' }] };

/** As an EHR of US Core tells a dose, and more than that. */
const told: Immunization = dose(['1', 'p1'], '146', '2024-11-28', {
  meta: { versionId: '7', profile: ['http://hl7.org/fhir/us/core/StructureDefinition/us-core-immunization'] },
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">a dose</div>' },
  identifier: [{ system: 'urn:oid:1.2.3.4', value: 'IMM-1' }],
  contained: [
    { resourceType: 'Practitioner', id: 'nurse', name: [{ family: 'Okafor', given: ['Ngozi'] }] },
    { resourceType: 'Organization', id: 'nobody', name: 'Not referred to' },
  ],
  encounter: { reference: 'Encounter/e9' },
  lotNumber: 'U7654AA',
  expirationDate: '2026-01-31',
  manufacturer: { reference: 'Organization/mfr', display: 'sanofi pasteur' },
  site,
  route,
  doseQuantity: { value: 0.5, unit: 'mL' },
  primarySource: true,
  location: { reference: `${stubUrl}/fhir/Location/l1` },
  performer: [
    { actor: { reference: '#nurse' } },
    { function: { text: 'ordered' }, actor: { reference: 'Practitioner/d1' } },
    { actor: { reference: 'Organization/gone' } },
  ],
  note: [{ text: 'Cried a little.' }],
  reaction: [{ date: '2024-11-29', reported: true }],
});
const history = dose(['2', 'p1'], '03', '2025-11-20', {
  reportOrigin: { text: 'yellow card' },
});
const refusal = dose(['3', 'p1'], '21', '2025-11-20', {
  status: 'not-done',
  statusReason: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'PATOBJ' }],
  },
});

const staff: readonly FhirResource[] = [
  { resourceType: 'Practitioner', id: 'd1', name: [{ text: 'Dr. Ada Byron' }] },
  { resourceType: 'Location', id: 'l1', name: 'Room 4' },
];

async function put(id: string, resource: FhirResource) {
  const ctx = openContext({ ...registry.context, writeRules: [] }, registry.store, { kind: 'open' });
  await updateResource(
    ctx,
    { type: resource.resourceType as 'Patient', id: id as ResourceId },
    {
      resource: { ...resource, id } as unknown as Resource,
      exactNumbers: false,
    },
  );
}

function answerOf(ehr: StubEhr, one: Asked, authorization: string | undefined): StubAnswer | 'nothing' {
  const { method, url, body } = one;
  return instead(one) ?? ehr.answer({ method, path: url.slice(ehr.url.length), authorization, body });
}

beforeAll(async () => {
  registry = await openSmartServer({
    audit: true,
    fetchEhr: async (url, { method = 'GET', headers = {}, body, isWrite = false } = {}) => {
      const one = { method, url, body };
      asked.push(one);
      const ehr = ehrs.find((each) => url.startsWith(each.url));
      const answer = ehr ? answerOf(ehr, one, headers['authorization']) : 'nothing';
      if (answer === 'nothing') throw new FetchError('no answer');
      const isGood = answer.status === 200 || (isWrite && answer.status === 201);
      if (!isGood) throw new FetchError('the answer is no 200', { status: answer.status });
      return {
        json: parseAnswer(JSON.stringify(answer.json ?? null).replaceAll(halfMl, exactHalfMl)),
        maxAge: undefined,
      };
    },
  });
  const managingOrganization = { reference: 'Organization/a' };
  await put('known', person('known', { managingOrganization }));
  await put(
    'r1',
    dose(['r1', 'known'], '08', '2024-09-28', {
      lotNumber: 'HB1',
      performer: [{ actor: { display: 'Old Mill' } }],
      fundingSource: { text: 'public' },
    }),
  );
  await put('r2', dose(['r2', 'known'], '140', '2025-10-02'));
  await put('r3', dose(['r3', 'known'], '21', '2026-01-02', { status: 'not-done' }));
}, 60_000);
afterAll(() => registry.close());

const openStub = (url: string, patient: Patient, resources: readonly FhirResource[]): StubEhr =>
  openStubEhr({ url, charts: [{ patient, resources }], staff, clientId: 'jenner', redirect });

beforeEach(async () => {
  asked = [];
  // What was sent an hour ago may be sent again.
  registry.at.now += 61 * 60_000;
  instead = () => undefined;
  const records = openEhrs(registry.store);
  for (const { id } of await records.list()) await records.remove(id);
  const common = { clientId: 'jenner', kind: 'public', organization: 'a' } as const;
  const now = registry.auth.clock.now();
  await records.add(newEhr({ ...common, name: 'Lantern', iss: `${stubUrl}/fhir`, write: true }, now));
  await records.add(newEhr({ ...common, name: 'Beacon', iss: `${otherUrl}/fhir` }, now));
  ehrs = [
    openStub(stubUrl, person('p1'), [told, history, refusal]),
    openStub(
      otherUrl,
      person('q1', {
        name: [{ family: 'Nowak', given: ['Jan'] }],
        identifier: [{ system: 'urn:oid:1.2.3', value: '78' }],
        birthDate: '2023-01-01',
      }),
      [dose(['1', 'q1'], '83', '2024-05-05')],
    ),
  ];
});

/** To where the EHR sends the browser back with its code. */
async function answered(browser: Browser, ehr = ehrs[0] as StubEhr, patient = 'p1'): Promise<string> {
  const query = new URLSearchParams({ iss: ehr.iss, launch: ehr.launchFor(patient) ?? '' });
  const sent = await browser.get(`/app/launch?${query}`);
  const to = new URL(String(sent.headers['location']));
  const back = ehr.authorize(to.searchParams) ?? '';
  return back.replace('http://localhost:8400', '');
}
async function launched(browser = new Browser(registry), ehr = ehrs[0] as StubEhr, patient = 'p1') {
  const page = await browser.follow(await browser.get(await answered(browser, ehr, patient)));
  return { page, browser };
}

const boxes = (page: Answer, kind: 'report' | 'write'): string[] =>
  page.body.doses.flatMap((one: Json) => one[kind] ?? []);
const form = (page: Answer, kind: 'report' | 'write', chosen: readonly string[] = boxes(page, kind)) => {
  const fields = new URLSearchParams({ csrf: page.body.csrf, visit: page.body.visit, do: kind });
  for (const one of chosen) fields.append(kind, one);
  return fields;
};
const press = (browser: Browser, fields: URLSearchParams) => browser.post('/app/launch/record', fields);

async function dosesOf(patient: string): Promise<Json[]> {
  const kept = await searchAll(registry.auth.system, 'Immunization', [['patient', `Patient/${patient}`]]);
  return kept.map(({ text }) => JSON.parse(String(text)));
}
const writes = () =>
  asked.filter(({ method, url }) => method === 'POST' && url.endsWith('/fhir/Immunization'));

describe('what is written into the EHR', () => {
  it('is asked for where the EHR was registered so, and offered where it was granted', async () => {
    const scopes: string[] = [];
    for (const ehr of ehrs) {
      const browser = new Browser(registry);
      const sent = await browser.get(`/app/launch?${new URLSearchParams({ iss: ehr.iss, launch: 'x' })}`);
      scopes.push(new URL(String(sent.headers['location'])).searchParams.get('scope') ?? '');
    }
    expect(scopes.map((one) => one.includes('patient/Immunization.write'))).toEqual([true, false]);
    const { page } = await launched();
    expect([page.status, page.body.canWrite]).toEqual([200, true]);
    // What was refused is nothing that was given.
    expect(boxes(page, 'write')).toEqual(['r2', 'r1']);
    const answers: Record<string, object> = {
      '/token': { access_token: 't', patient: 'p1', scope: 'patient/Immunization.read' },
      '/fhir/Patient/p1': person('p1'),
      '/fhir/Immunization?patient=p1': bundle([]),
    };
    instead = ({ url }) => {
      const json = answers[url.slice(stubUrl.length)];
      return json && { status: 200, json };
    };
    const narrow = await launched();
    expect(narrow.page.body.canWrite).toBe(false);
    expect(boxes(narrow.page, 'write')).toEqual([]);
    const answer = await press(narrow.browser, form(narrow.page, 'write', ['r1']));
    expect([answer.status, writes()]).toEqual([403, []]);
  });

  it('is a FHIR create for each ticked dose, as history, once', async () => {
    const { page, browser } = await launched();
    const fields = form(page, 'write');
    const after = await browser.follow(await press(browser, fields));
    expect(after.body.notice).toEqual({ kind: 'written', count: 2, failed: [] });
    expect(boxes(after, 'write')).toEqual([]);
    const sent = writes().map(({ body }) => JSON.parse(String(body)));
    expect(sent).toHaveLength(2);
    expect(sent.find((one) => one.lotNumber === 'HB1')).toEqual({
      resourceType: 'Immunization',
      identifier: [{ system: 'http://localhost:8400/fhir/Immunization', value: 'r1' }],
      status: 'completed',
      vaccineCode: cvx('08'),
      patient: { reference: 'Patient/p1' },
      occurrenceDateTime: '2024-09-28',
      lotNumber: 'HB1',
      performer: [{ actor: { display: 'Old Mill' } }],
      primarySource: false,
      reportOrigin: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/immunization-origin', code: 'record' }],
        text: 'Immunization registry',
      },
    });
    await press(browser, fields);
    expect(writes()).toHaveLength(2);
  });

  it('is written once by two who press at once', async () => {
    const { page, browser } = await launched();
    const fields = form(page, 'write', ['r1']);
    await Promise.all([press(browser, fields), press(browser, fields)]);
    expect(writes()).toHaveLength(1);
  });

  it('is told of dose by dose where it was refused, or nobody knows', async () => {
    let status = 422;
    instead = ({ method, body }) =>
      method === 'POST' && body?.includes('"HB1"') ? { status, json: {} } : undefined;
    const { page, browser } = await launched();
    const after = await press(browser, form(page, 'write'));
    expect([after.status, after.body.notice]).toEqual([
      200,
      {
        kind: 'written',
        count: 1,
        failed: [
          {
            date: '2024-09-28',
            vaccine: 'Hep B, adolescent or pediatric',
            outcome: 'refused',
            why: 'HTTP 422',
          },
        ],
      },
    ]);
    // What was refused may be tried again; of what may have come nobody writes a second one.
    status = 503;
    const fields = form(after, 'write');
    const outcomeOf = async () => (await press(browser, fields)).body.notice.failed[0].outcome;
    expect([await outcomeOf(), await outcomeOf()]).toEqual(['unclear', 'before']);
    expect(writes().filter(({ body }) => body?.includes('"HB1"'))).toHaveLength(2);
  });

  it('is nothing that the form of another patient chose', async () => {
    const { page, browser } = await launched();
    await launched(browser, ehrs[1], 'q1');
    const after = await press(browser, form(page, 'report'));
    expect([after.status, after.body.notice]).toEqual([200, 'other-visit']);
    expect(after.body.person.name).toContain('Nowak');
    expect(await dosesOf('known')).toHaveLength(3);
  });
});

const bundle = (resources: readonly object[], next?: string) => ({
  resourceType: 'Bundle',
  type: 'searchset',
  link: next === undefined ? [] : [{ relation: 'next', url: next }],
  entry: resources.map((resource) => ({ resource, search: { mode: 'match' } })),
});

describe('an EHR that goes wrong', () => {
  const opened = async () => {
    const { page } = await launched();
    return [page.status, page.body.code ?? page.body.view];
  };
  const doses = `${stubUrl}/fhir/Immunization?patient=p1`;

  it.each<[string, StubAnswer | 'nothing']>([
    ['500', { status: 500, json: undefined }],
    ['a page of HTML, or nothing', 'nothing'],
    ['no Bundle', { status: 200, json: { resourceType: 'OperationOutcome' } }],
    ['a list', { status: 200, json: [1, 2] }],
    ['null', { status: 200, json: null }],
    ['doses of another patient', { status: 200, json: bundle([dose(['9', 'p2'], '03', '2025-01-01')]) }],
    ['what is no dose', { status: 200, json: bundle([{ ...told, status: 7 }]) }],
    ['a page that leads to itself', { status: 200, json: bundle([told], doses) }],
    ['a page that leads elsewhere', { status: 200, json: bundle([told], 'https://evil.example/fhir') }],
  ])('is told of where it answers %s in place of the doses', async (_, answer) => {
    instead = ({ url }) => (url === doses ? answer : undefined);
    expect(await opened()).toEqual([502, 'ehr-silent']);
    expect(asked.length).toBeLessThan(40);
    expect(asked.filter(({ url }) => url.includes('evil'))).toEqual([]);
  });

  it('shows a Patient for whom it was not opened to nobody', async () => {
    instead = ({ url }) => (url.endsWith('/Patient/p1') ? { status: 200, json: person('p2') } : undefined);
    expect(await opened()).toEqual([502, 'ehr-silent']);
  });

  it('does not keep the page from what can be made of odd doses', async () => {
    const odd = { resourceType: 'Immunization', id: '7', patient: { reference: 'Patient/p1' } };
    instead = ({ url }) => (url === doses ? { status: 200, json: bundle([odd, told]) } : undefined);
    expect(await opened()).toEqual([200, 'ehrRecord']);
  });

  it('is told of where it does not describe itself, refuses, or names nobody', async () => {
    const browser = new Browser(registry);
    instead = ({ url }) => (url.endsWith('/token') ? { status: 400, json: {} } : undefined);
    expect((await browser.get(await answered(browser))).body.code).toBe('ehr-silent');
    instead = ({ url }) =>
      url.endsWith('/token') ? { status: 200, json: { access_token: 't' } } : undefined;
    expect((await browser.get(await answered(browser))).body).toMatchObject({
      code: 'ehr-refused',
      detail: 'no access token, or no patient in context',
    });
    const denied = await browser.get(
      '/app/launch/callback?state=x&error=invalid_scope&error_description=%3Cb%3E',
    );
    expect(denied.body).toMatchObject({ status: 400, code: 'ehr-refused', detail: 'invalid_scope' });
    instead = ({ url }) => (url.includes('.well-known') ? { status: 200, json: {} } : undefined);
    const query = new URLSearchParams({ iss: `${stubUrl}/fhir`, launch: 'x' });
    expect((await browser.get(`/app/launch?${query}`)).body.code).toBe('ehr-silent');
  });

  it('gets no code of another: a forged state, a code played again, an answer of somebody else', async () => {
    const browser = new Browser(registry);
    const back = await answered(browser);
    expect((await browser.get(back.replace(/state=[^&]*/, 'state=forged'))).body.code).toBe('ehr-expired');
    expect((await browser.get(`${back}&iss=${encodeURIComponent(`${otherUrl}/fhir`)}`)).body.code).toBe(
      'ehr-refused',
    );
    expect((await browser.get(back)).body.code).toBe('ehr-expired');
    const again = await answered(browser);
    expect((await browser.get(again)).status).toBe(303);
    expect((await browser.get(again)).body.code).toBe('ehr-expired');
    instead = ({ url }) =>
      url.includes('.well-known')
        ? {
            status: 200,
            json: {
              authorization_endpoint: `${stubUrl}/authorize`,
              token_endpoint: `${stubUrl}/token`,
              issuer: 'https://login.example',
              authorization_response_iss_parameter_supported: true,
            },
          }
        : undefined;
    expect((await browser.get(await answered(browser))).body.code).toBe('ehr-refused');
    const named = `${await answered(browser)}&iss=${encodeURIComponent('https://login.example')}`;
    expect((await browser.get(named)).status).toBe(303);
  });

  it('is over with its time, and nothing is done by a form of before', async () => {
    const { page, browser } = await launched();
    const later = await answered(browser);
    registry.at.now += 61 * 60_000;
    const after = await press(browser, form(page, 'report'));
    expect([after.status, after.body.code]).toEqual([401, 'ehr-expired']);
    expect((await browser.get(later)).body.code).toBe('ehr-expired');
    expect(await dosesOf('known')).toHaveLength(3);
  });
});

describe('what is reported to the registry', () => {
  it('carries what the EHR says of a dose: who gave it, lot, site, route, and where it comes from', async () => {
    const { page, browser } = await launched();
    expect(boxes(page, 'report').toSorted()).toEqual(['1', '2', '3']);
    const after = await browser.follow(await press(browser, form(page, 'report')));
    expect(after.body.notice).toEqual({ kind: 'reported', count: 3, failed: [] });
    const all = await dosesOf('known');
    const of = (id: string) => all.find((one) => one.identifier?.at(-1)?.value === id);
    const base = `${stubUrl}/fhir`;
    const { id: _, meta: __, ...made } = of('1');
    expect(made).toEqual({
      resourceType: 'Immunization',
      identifier: [
        { system: 'urn:oid:1.2.3.4', value: 'IMM-1' },
        { system: `${base}/Immunization`, value: '1' },
      ],
      contained: [told.contained?.[0]],
      status: 'completed',
      vaccineCode: cvx('146'),
      patient: { reference: 'Patient/known' },
      encounter: { type: 'Encounter', identifier: { system: `${base}/Encounter`, value: 'e9' } },
      occurrenceDateTime: '2024-11-28',
      lotNumber: 'U7654AA',
      expirationDate: '2026-01-31',
      manufacturer: {
        type: 'Organization',
        identifier: { system: `${base}/Organization`, value: 'mfr' },
        display: 'sanofi pasteur',
      },
      site,
      route,
      doseQuantity: { value: 0.5, unit: 'mL' },
      primarySource: true,
      location: {
        type: 'Location',
        identifier: { system: `${base}/Location`, value: 'l1' },
        display: 'Room 4',
      },
      performer: [
        { actor: { reference: '#nurse', display: 'Ngozi Okafor' } },
        {
          function: { text: 'ordered' },
          actor: {
            type: 'Practitioner',
            identifier: { system: `${base}/Practitioner`, value: 'd1' },
            display: 'Dr. Ada Byron',
          },
        },
        { actor: { type: 'Organization', identifier: { system: `${base}/Organization`, value: 'gone' } } },
      ],
      note: [{ text: 'Cried a little.' }],
      reaction: [{ date: '2024-11-29', reported: true }],
    });
    expect(of('2')).toMatchObject({ primarySource: false, reportOrigin: { text: 'yellow card' } });
    expect(of('3')).toMatchObject({ status: 'not-done', statusReason: refusal.statusReason });
    const rows = await registry.auditRows();
    expect(
      rows.filter(({ interaction, action }) => interaction === 'page launch' && action === 'U'),
    ).not.toEqual([]);
  });

  it('gets no name of whom it does not refer to, and goes without where the EHR tells none', async () => {
    const performer = [{ actor: { reference: 'Practitioner/d1' } }];
    ehrs = [openStub(stubUrl, person('p1'), [dose(['m1', 'p1'], '08', '2025-03-05', { performer })])];
    const other = { resourceType: 'Practitioner', id: 'd2', name: [{ text: 'Somebody else' }] };
    instead = ({ url }) => (url.includes('/Practitioner/') ? { status: 200, json: other } : undefined);
    const { page, browser } = await launched();
    await press(browser, form(page, 'report'));
    const made = (await dosesOf('known')).find(
      ({ occurrenceDateTime }) => occurrenceDateTime === '2025-03-05',
    );
    expect(made.performer).toEqual([
      {
        actor: {
          type: 'Practitioner',
          identifier: { system: `${stubUrl}/fhir/Practitioner`, value: 'd1' },
        },
      },
    ]);
  });

  it('is told of dose by dose where the registry refuses it', async () => {
    const bad = dose(['b1', 'p1'], '83', '2025-12-01', { lotNumber: '' });
    ehrs = [openStub(stubUrl, person('p1'), [bad, dose(['b2', 'p1'], '52', '2026-01-20')])];
    const { page, browser } = await launched();
    const after = await press(browser, form(page, 'report'));
    expect(after.body.notice).toMatchObject({
      kind: 'reported',
      count: 1,
      failed: [{ date: '2025-12-01', vaccine: 'Hep A, ped/adol, 2 dose', outcome: 'refused' }],
    });
    expect(after.body.notice.failed[0].why).toContain('lotNumber');
  });

  it('is nothing where nothing was ticked, and no other dose where the EHR has another order by then', async () => {
    const { page, browser } = await launched();
    expect((await press(browser, form(page, 'report', []))).body.notice).toBe('nothing-chosen');
    const first = dose(['n0', 'p1'], '150', '2024-10-10');
    ehrs = [openStub(stubUrl, person('p1'), [first, dose(['n1', 'p1'], '115', '2026-02-02')])];
    const again = await launched(browser);
    const late = dose(['n9', 'p1'], '62', '2026-02-20');
    instead = ({ url }) =>
      url === `${stubUrl}/fhir/Immunization?patient=p1`
        ? { status: 200, json: bundle([late, first]) }
        : undefined;
    await press(browser, form(again.page, 'report', ['n0']));
    const ids = (await dosesOf('known')).map(({ identifier }) => identifier?.at(-1)?.value);
    expect(ids).toContain('n0');
    expect(ids).not.toContain('n9');
  });

  it('carries all that is told of a person whom the registry does not know', async () => {
    const unknown = person('p5', {
      identifier: [{ system: 'urn:oid:1.2.3', value: '77' }],
      name: [{ family: 'Wieczorek', given: ['Ola'] }],
      birthDate: '2022-02-02',
      communication: [{ language: { text: 'Polish' } }],
      contact: [{ relationship: [{ text: 'mother' }], name: { family: 'Wieczorek', given: ['Ewa'] } }],
      generalPractitioner: [{ reference: 'Practitioner/d1' }],
      link: [{ other: { reference: 'Patient/p6' }, type: 'seealso' }],
      photo: [{ contentType: 'image/png', data: 'aGk=' }],
    });
    ehrs = [openStub(stubUrl, unknown, [dose(['w1', 'p5'], '03', '2023-03-03')])];
    const { page, browser } = await launched(new Browser(registry), ehrs[0], 'p5');
    await press(browser, form(page, 'report'));
    const [made] = await searchAll(registry.auth.system, 'Patient', [
      ['identifier', `${stubUrl}/fhir/Patient|p5`],
    ]);
    const { id: _, meta: __, ...patient } = JSON.parse(String(made?.text));
    const { photo: ___, link: ____, ...sent } = unknown;
    expect(patient).toEqual({
      ...sent,
      id: undefined,
      identifier: [
        { system: 'urn:oid:1.2.3', value: '77' },
        { system: `${stubUrl}/fhir/Patient`, value: 'p5' },
      ],
      generalPractitioner: [
        {
          type: 'Practitioner',
          identifier: { system: `${stubUrl}/fhir/Practitioner`, value: 'd1' },
          display: 'Dr. Ada Byron',
        },
      ],
      managingOrganization: { reference: 'Organization/a' },
    });
  });
});

describe('the digits of an amount', () => {
  it('stay in what is reported to the registry', async () => {
    const { page, browser } = await launched();
    await press(browser, form(page, 'report', ['1']));
    const system = openContext(registry.context, registry.store, { kind: 'open' });
    const found = await searchAll(system, 'Immunization', [['identifier', 'urn:oid:1.2.3.4|IMM-1']]);
    expect(found.map(({ text }) => text).join()).toContain(exactHalfMl);
  });

  it('stay in what is written into the EHR', async () => {
    const resource = dose(['r1', 'known'], '08', '2024-09-28', {
      lotNumber: 'HB1',
      performer: [{ actor: { display: 'Old Mill' } }],
      fundingSource: { text: 'public' },
      doseQuantity: { value: 0.5, unit: 'mL' },
    });
    const text = JSON.stringify(resource).replace(halfMl, exactHalfMl);
    const parsed = parseFhirJson(text);
    const ctx = openContext({ ...registry.context, writeRules: [] }, registry.store, { kind: 'open' });
    const sent = { resource: (parsed.ok && parsed.value) as unknown as Resource, exactNumbers: true };
    await updateResource(ctx, { type: 'Immunization', id: 'r1' as ResourceId }, sent);
    const { page, browser } = await launched();
    await press(browser, form(page, 'write', ['r1']));
    const bodies = asked.flatMap(({ method, body = '' }) => (method === 'POST' ? [body] : []));
    expect(bodies.filter((body) => body.includes(exactHalfMl))).toHaveLength(1);
  });
});
