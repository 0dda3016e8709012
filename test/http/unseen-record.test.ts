import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { as, callersByName, type Given } from './entitled.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';
import { writeAll } from './write-all.ts';

const entitled = {
  clinician: { role: 'clinician', organizations: ['b'] },
  nurse: { role: 'school-nurse', organizations: ['school'] },
  person: { role: 'individual', ownPersons: ['near'], patient: 'near', scopes: 'patient/*.cruds' },
  backend: { organizations: ['b'], scopes: 'system/*.cruds' },
} as const satisfies Readonly<Record<string, Given>>;

const to = (reference: string) => ({ reference });
const text = (words: string) => ({ text: words });
const measured = { status: 'complete', measure: 'http://example.org/m', period: { start: '2021' } };
const patient = (id: string, organization: string, more: object) => ({
  resourceType: 'Patient',
  id,
  managingOrganization: to(`Organization/${organization}`),
  birthDate: '2020-05-17',
  ...more,
});
const dose = (id: string, of: string, organization: string) => ({
  resourceType: 'Immunization',
  id,
  status: 'completed',
  vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '03' }] },
  occurrenceDateTime: '2021-06-01',
  lotNumber: `lot-${of}`,
  patient: to(`Patient/${of}`),
  performer: [{ actor: to(`Organization/${organization}`) }],
});
const group = (id: string, organization: string, ...members: readonly string[]) => ({
  resourceType: 'Group',
  id,
  type: 'person',
  actual: true,
  managingEntity: to(`Organization/${organization}`),
  member: members.map((member) => ({ entity: to(`Patient/${member}`) })),
});

/** What all may see refers to what nobody of them may, as far as that is there. */
const seen = [
  ...['a', 'b', 'school'].map((id) => ({ resourceType: 'Organization', id, name: id })),
  { resourceType: 'Practitioner', id: 'doctor' },
  patient('near', 'b', { name: [{ family: 'Near' }] }),
  dose('dose-near', 'near', 'b'),
  group('roster', 'school', 'near'),
  {
    resourceType: 'Task',
    id: 'task-near',
    status: 'requested',
    intent: 'order',
    for: to('Patient/near'),
    focus: to('Immunization/dose-far'),
  },
  {
    resourceType: 'Observation',
    id: 'observation-near',
    status: 'final',
    code: text('x'),
    subject: to('Patient/near'),
    hasMember: [to('Observation/observation-far')],
  },
  {
    resourceType: 'List',
    id: 'list-near',
    status: 'current',
    mode: 'working',
    subject: to('Patient/near'),
    entry: [{ item: to('Immunization/dose-far') }, { item: to('Immunization/dose-near') }],
  },
];
const hidden = [
  patient('far', 'a', { name: [{ family: 'Faraway' }], generalPractitioner: [to('Practitioner/doctor')] }),
  dose('dose-far', 'far', 'a'),
  group('mixed', 'a', 'near', 'far'),
  {
    resourceType: 'Observation',
    id: 'observation-far',
    status: 'final',
    code: text('x'),
    subject: to('Patient/far'),
    performer: [to('Practitioner/doctor')],
  },
  {
    resourceType: 'MeasureReport',
    id: 'report-far',
    ...measured,
    type: 'individual',
    subject: to('Patient/far'),
    reporter: to('Organization/b'),
  },
  {
    resourceType: 'DocumentReference',
    id: 'document-far',
    status: 'current',
    subject: to('Patient/far'),
    content: [{ attachment: { url: 'Binary/binary-far' } }],
  },
  {
    resourceType: 'Binary',
    id: 'binary-far',
    contentType: 'text/plain',
    securityContext: to('Patient/far'),
    data: 'aGVsbG8=',
  },
  {
    resourceType: 'Task',
    id: 'task-far',
    status: 'requested',
    intent: 'order',
    focus: to('Patient/far'),
    owner: to('Organization/b'),
  },
];
const keys = hidden.map(({ resourceType, id }) => `${resourceType}/${id}`);
const types = [...new Set(hidden.map(({ resourceType }) => resourceType))];

const reads = [
  ...keys.flatMap((key) => [key, `${key}/_history`, `${key}/_history/1`, `${key}/$meta`]),
  ...types.flatMap((type) => [`${type}?_include=*&_revinclude=*&_total=accurate`, `${type}/_history`]),
  ...types.map((type) => `${type}/$meta`),
  '_history?_summary=count',
  'Organization?_revinclude=*',
  'Practitioner?_revinclude=*',
  'Practitioner?_has:Patient:general-practitioner:family=Faraway',
  'Organization?_has:Patient:organization:_has:Immunization:patient:lot-number=lot-far',
  'Task?focus:Immunization.lot-number=lot-far',
  'Task?_filter=focus:Immunization.lot-number eq lot-far',
  'Observation?has-member:Observation.status=final',
  'List?item:Immunization.lot-number=lot-far',
  'Immunization?_list=list-near&_total=accurate',
  'Patient?_has:Group:member:_id=mixed',
  'Patient?_filter=not(family eq Near)',
  'Patient?_sort=-family&_count=1',
  'Patient/near/$everything?_count=1',
  'Patient/near/$everything',
  'Patient/$everything',
  'Group/mixed/$everything',
  'Practitioner/doctor/Observation',
  'Patient/far/Immunization',
  'Patient/far/$immds-forecast',
  'Patient/far/$consolidated-record',
  'Patient/far/$health-links',
  'ViewDefinition/$run?viewReference=patient',
  'ViewDefinition/$run?viewReference=immunization&patient=Patient/far',
  'ViewDefinition/$run?viewReference=patient&group=Group/mixed',
  'ViewDefinition/$run?viewReference=recommendation&asOf=2026-11-28',
];

type Sent = readonly [method: 'POST' | 'PUT' | 'DELETE', url: string, body?: unknown];
const parameters = (...parameter: readonly object[]) => ({ resourceType: 'Parameters', parameter });
const pair = (source: string, target: string) =>
  parameters(
    { name: 'source-patient', valueReference: to(`Patient/${source}`) },
    { name: 'target-patient', valueReference: to(`Patient/${target}`) },
  );
const sent: readonly Sent[] = [
  ...hidden.map((one): Sent => ['PUT', `${one.resourceType}/${one.id}`, one]),
  ...keys.map((key): Sent => ['DELETE', key]),
  ...keys.map((key): Sent => ['POST', `${key}/$validate`, parameters({ name: 'mode', valueCode: 'delete' })]),
  ['DELETE', 'Patient/near'],
  ['DELETE', 'Practitioner/doctor'],
  ['DELETE', 'Immunization?lot-number=lot-far'],
  ['POST', 'Patient/$merge', pair('far', 'near')],
  ['POST', 'Patient/$merge', pair('near', 'far')],
  ['POST', 'Patient/far/$unmerge', parameters()],
  ['POST', 'Task/task-far/$decide', parameters({ name: 'decision', valueCode: 'same' })],
  [
    'POST',
    'Patient/far/$health-cards-issue',
    parameters({ name: 'credentialType', valueUri: '#immunization' }),
  ],
  ['POST', 'Patient/far/$health-link-create', parameters()],
  ['POST', 'Group/mixed/$export', parameters()],
];

async function openWorld(resources: readonly object[]): Promise<TestServer> {
  const server = await openTestServer({ auth: 'smart', audit: true, callerOf: callersByName(entitled) });
  await writeAll(server.ctx, resources);
  return server;
}

let there: TestServer;
let never: TestServer;
beforeAll(async () => {
  there = await openWorld([...seen, ...hidden]);
  never = await openWorld(seen);
});
afterAll(async () => {
  await there.close();
  await never.close();
});

/** The same but for instants and what is drawn by chance. */
const bare = (told: unknown) =>
  String(told ?? '')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'some')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'then');

describe.each(Object.keys(entitled))('a record that %s may not see', (name) => {
  const answers = async (ask: (server: TestServer) => ReturnType<TestServer['get']>) => {
    const [one, other] = [await ask(there), await ask(never)];
    const told = ({ status, headers, text }: typeof one) =>
      [status, headers['etag'], headers['location'], text].map(bare);
    return { told: told(one), untold: told(other) };
  };

  it.each(reads)('is not told by GET %s', async (url) => {
    const { told, untold } = await answers((server) => server.get(encodeURI(`/fhir/${url}`), as(name)));
    expect(told).toEqual(untold);
  });

  const writes = sent.map(([method, url, body]) => ({ method, url, body }));
  it.each(writes)('is not told by $method $url', async ({ method, url, body }) => {
    const { told, untold } = await answers((server) => server.send(method, `/fhir/${url}`, body, as(name)));
    expect(told).toEqual(untold);
  });
});
