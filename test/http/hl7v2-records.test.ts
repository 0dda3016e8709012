import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { receiveVxu, type Sender } from '../../src/hl7v2/mapping/receive-vxu.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { mapping } from '../unit/hl7v2/mapping/mapping.ts';
import { er7, toChecked } from '../unit/hl7v2/mapping/to-checked.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const msh =
  'MSH|^~\\&|EHR|Elm|JENNER|XX|20251229101500-0500||VXU^V04^VXU_V04|m-1|P|2.5.1|||ER|AL|||||Z22^CDCPHINVS';
const pid =
  'PID|1||4711^^^ELM^MR||Okonkwo^Adaeze^Ruth^^^^L||20240307|F|||14 Hawthorn St^^Lowell^MA^01851^USA^P';
const dose = (action = 'A', more = '01') => [
  'ORC|RE||d-1^ELM|||||||7^Jackson^Lily^^^^^^NPI^L||8^Thomas^Wilma^^^^^^NPI^L',
  `RXA|0|1|20251220||03^MMR^CVX|999|||${more}|||||||||||CP|${action}`,
];
const of = (organization: string): Sender => ({ organization: organization as ResourceId });

let server: TestServer;
async function kept(sender: Sender, ...segments: readonly string[]) {
  const received = await receiveVxu(mapping, server.ctx, toChecked(er7(msh, ...segments)), { sender });
  if (received.kind === 'refused') throw new Error(JSON.stringify(received.findings));
  return received;
}
const all = async (query: string) =>
  ((await server.get(`/fhir/${query}`)).body.entry ?? []).map(
    (entry: { resource: object }) => entry.resource,
  );

beforeEach(async () => {
  server = await openTestServer();
  for (const id of ['a', 'b'])
    await server.send('PUT', `/fhir/Organization/${id}`, { resourceType: 'Organization', id, name: id });
});
afterEach(() => server.close());

describe('two clinics on a server that shows each of them everything', () => {
  it('have a record each of one number, and each its own dose', async () => {
    const first = await kept(of('a'), pid, ...dose());
    const second = await kept(of('b'), pid, ...dose('D'));
    expect(second.patientId).not.toBe(first.patientId);
    expect(second.findings).toMatchObject([{ code: '204' }]);
    expect(await all('Immunization?status=completed')).toHaveLength(1);
    expect((await kept(of('b'), pid)).patientId).toBe(second.patientId);
    expect((await kept(of('a'), pid, ...dose())).doses).toMatchObject([{ kind: 'unchanged' }]);
  });

  it('find their own of one number among those of very many', async () => {
    const { patientId } = await kept(of('a'), pid, ...dose());
    const identifier = (await all('Patient'))[0].identifier;
    const entry = Array.from({ length: 150 }, () => ({
      resource: { resourceType: 'Patient', identifier },
      request: { method: 'POST', url: 'Patient' },
    }));
    await server.send('POST', '/fhir', { resourceType: 'Bundle', type: 'transaction', entry });
    const again = await kept(of('a'), `${pid}||^PRN^PH^^^617^4829931`, ...dose());
    expect(again).toMatchObject({ patientId, doses: [{ kind: 'unchanged' }] });
    expect((await all('Patient?telecom:missing=false')).map(({ id }: { id: string }) => id)).toEqual([
      patientId,
    ]);
  });

  it('mean one number, be it written in capitals or not', async () => {
    const { patientId } = await kept(of('a'), pid.replace('4711', 'ab1'), ...dose());
    const again = await kept(of('a'), pid.replace('4711', 'AB1'), ...dose());
    expect(again).toMatchObject({ patientId, doses: [{ kind: 'unchanged' }] });
    const other = dose().map((segment) => segment.replace('d-1', 'D-1').replace('20251220', '20251101'));
    await kept(of('a'), pid.replace('4711', 'AB1'), ...other);
    expect(await all('Immunization')).toHaveLength(2);
  });

  it('leaves a dose alone that another wrote into the record of the one', async () => {
    const { patientId } = await kept(of('a'), pid, ...dose());
    const [own] = await all('Immunization');
    const { id: _, meta: __, ...rest } = own;
    const tag = [{ system: 'https://jenner-iis.org/fhir/CodeSystem/owner', code: 'Organization/b' }];
    const identifier = [{ ...rest.identifier[0], value: 'd-2' }];
    const others = await server.send('POST', '/fhir/Immunization', { ...rest, identifier, meta: { tag } });
    expect(others.status).toBe(201);
    const text = dose('D').map((segment) =>
      segment.replace('d-1^ELM', 'd-2^ELM').replace('20251220', '20251219'),
    );
    expect((await kept(of('a'), pid, ...text)).findings).toMatchObject([{ code: '204' }]);
    expect(await all(`Immunization?patient=${patientId}&status=completed`)).toHaveLength(2);
  });
});

describe('the numbers of a person', () => {
  it('that a family shares find nobody where there is a number of a record', async () => {
    const child = pid.replace('4711^^^ELM^MR', '4711^^^ELM^MR~527613904^^^SSA^SS');
    const mother = child
      .replace('4711', '4712')
      .replace('Adaeze^Ruth', 'Ngozi')
      .replace('20240307', '19900502');
    const first = await kept({}, child);
    expect((await kept({}, mother)).patientId).not.toBe(first.patientId);
    expect((await kept({}, child)).patientId).toBe(first.patientId);
  });

  it('are looked for by twenty, and a message of very many is refused', async () => {
    const many = Array.from({ length: 150_000 }, (_, at) => `${at}^^^ELM^MR`).join('~');
    const checked = toChecked(er7(msh, pid.replace('4711^^^ELM^MR', many)));
    const received = await receiveVxu(mapping, server.ctx, checked, { sender: {} });
    expect(received).toMatchObject({ kind: 'refused', findings: [{ severity: 'E', code: '207' }] });
  });

  it('stay, where a message has others, and find the record where no other is sent', async () => {
    const { patientId } = await kept({}, pid.replace('4711^^^ELM^MR', '527613904^^^SSA^SS'));
    const both = await kept({}, pid.replace('4711^^^ELM^MR', '527613904^^^SSA^SS~99^^^REG^SR'));
    expect(both.patientId).not.toBe(patientId);
    const more = pid.replace('4711^^^ELM^MR', '527613904^^^SSA^SS');
    expect((await kept({}, more.replace('14 Hawthorn', '15 Hawthorn'))).patientId).toBeDefined();
    const patients = await all('Patient?identifier=99');
    expect(patients[0].identifier.map(({ value }: { value: string }) => value)).toEqual(['527613904', '99']);
  });
});

describe('what a message says beside what is kept', () => {
  it('changes one performer and one extension, and leaves the others', async () => {
    await kept({}, pid, 'PD1|||||||||||02^Reminder^HL70215', ...dose());
    await kept(
      {},
      pid,
      'PD1||||||||||||N',
      'ORC|RE||d-1^ELM|||||||9^Ng^Ana^^^^^^NPI^L',
      'RXA|0|1|20251220||03^MMR^CVX|999|||01|||||||||||CP|U',
    );
    const [{ performer, contained }] = await all('Immunization');
    const functions = performer.map(
      (one: { function: { coding: { code: string }[] } }) => one.function.coding[0]?.code,
    );
    expect(functions.sort()).toEqual(['EP', 'OP']);
    const names = contained.map(({ name }: { name: { family: string }[] }) => name[0]?.family);
    expect(names.sort()).toEqual(['Ng', 'Thomas']);
    const [{ extension }] = await all('Patient');
    const urls = extension.map(({ url }: { url: string }) => url.split('/').at(-1));
    expect(urls).toEqual(expect.arrayContaining(['publicity', 'protection-indicator']));
  });

  it('is no objection where sharing is allowed', async () => {
    await kept({}, pid, 'PD1||||||||||||N|20250101');
    expect(await all('Consent')).toEqual([]);
  });

  it('is no refusal where a dose was given on the same day, nor the other way round', async () => {
    const refused = ['ORC|RE||9999^ELM', 'RXA|0|1|20251220||03^MMR^CVX|999||||||||||||00^P^NIP002||RE|A'];
    await kept({}, pid, ...refused);
    expect((await kept({}, pid, ...dose())).doses).toMatchObject([{ kind: 'created' }]);
    expect((await kept({}, pid, ...refused)).doses).toMatchObject([{ kind: 'unchanged' }]);
    expect(await all('Immunization')).toHaveLength(2);
  });

  it('is one precaution, on whatever day it is told of, and may end', async () => {
    const said = (day: string, ...more: readonly string[]) => [
      'ORC|RE||9999^ELM',
      'RXA|0|1|20251220||998^No vaccine administered^CVX|999||||||||||||||NA',
      `OBX|1|CE|30945-0^Contraindication^LN|1|91930004^Allergy to eggs^SCT||||||F|||${day}`,
      ...more,
    ];
    await kept({}, pid, ...said('20251220'));
    await kept({}, pid, ...said('20251228'));
    expect(await all('Observation')).toMatchObject([{ meta: { versionId: '1' } }]);
    await kept({}, pid, ...said('20251229', 'OBX|2|DT|30944-3^Until^LN|1|20260201||||||F'));
    expect(await all('Observation')).toMatchObject([{ effectivePeriod: { end: '2026-02-01' } }]);
  });
});

describe('a message that is processed again', () => {
  it('takes back nothing that was said since, and adds what it then lacked', async () => {
    const first = er7(msh, pid, ...dose());
    await kept({}, pid, ...dose());
    const processedAt = server.context.clock.now();
    await kept({}, pid.replace('14 Hawthorn', '15 Hawthorn'), ...dose('D'));
    const more = dose().map((segment) => segment.replace('d-1', 'd-2').replace('20251220', '20251101'));
    const again = toChecked(first + er7(...more));
    const received = await receiveVxu(mapping, server.ctx, again, { sender: {}, processedAt });
    expect(received.findings.map(({ severity, location }) => [severity, location?.segment])).toEqual([
      ['I', 'PID'],
      ['I', 'RXA'],
    ]);
    expect(received).toMatchObject({ kind: 'kept', doses: [{ order: 2, kind: 'created' }] });
    expect(await all('Immunization?status=entered-in-error')).toHaveLength(1);
    expect((await all('Patient'))[0].address[0].line).toEqual(['15 Hawthorn St']);
  });
});

describe('two messages at one moment', () => {
  it('make one record and one dose of one', async () => {
    const both = await Promise.all([kept(of('a'), pid, ...dose()), kept(of('a'), pid, ...dose())]);
    expect(new Set(both.map(({ patientId }) => patientId)).size).toBe(1);
    expect(await all('Patient')).toHaveLength(1);
    const more = dose().map((segment) => segment.replace('d-1', 'd-2').replace('20251220', '20251101'));
    await Promise.all([1, 2, 3].map(() => kept(of('a'), pid, ...more)));
    expect(await all('Immunization?date=2025-11-01')).toHaveLength(1);
  });

  it('both change the record', async () => {
    await kept(of('a'), pid, ...dose());
    await Promise.all([
      kept(of('a'), `${pid}||^PRN^PH^^^617^4829931`),
      kept(of('a'), pid, 'PD1|||||||||||02^Reminder^HL70215'),
    ]);
    const [patient] = await all('Patient');
    expect(patient.telecom).toHaveLength(1);
    expect(patient.extension).toHaveLength(1);
  });

  it('both say something of a person who is new', async () => {
    const mother = 'NK1|1|Szymborska^Maria^^^^^L|MTH^Mother^HL70063';
    const more = dose().map((segment) => segment.replace('d-1', 'd-2').replace('20251220', '20251101'));
    await Promise.all([
      kept(of('a'), pid, 'PD1||||||||||||Y|20251201', mother, ...dose()),
      kept(of('a'), `${pid}||^PRN^PH^^^617^4829931`, mother, ...dose(), ...more),
      kept(of('a'), pid, 'PD1|||||||||||02^Reminder^HL70215', mother, ...more),
    ]);
    const [patient, ...others] = await all('Patient');
    expect(others).toEqual([]);
    expect(patient.telecom).toHaveLength(1);
    expect(patient.extension).toHaveLength(2);
    expect(patient.meta.security).toHaveLength(1);
    expect(await all('Consent')).toHaveLength(1);
    expect(await all('RelatedPerson')).toHaveLength(1);
    expect(await all('Immunization')).toHaveLength(2);
  });

  it('are fifty, and none is lost', async () => {
    const doses = Array.from({ length: 50 }, (_, n) => {
      const day = `202511${String((n % 28) + 1).padStart(2, '0')}`;
      return dose().map((segment) => segment.replace('d-1', `n-${n}`).replace('20251220', day));
    });
    await Promise.all(doses.map((orders) => kept(of('a'), pid, ...orders)));
    expect(await all('Patient')).toHaveLength(1);
    expect(await all('Immunization?_count=100')).toHaveLength(50);
  });
});
