import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { receiveVxu, type Sender } from '../../src/hl7v2/mapping/receive-vxu.ts';
import { withoutPlaceIn } from '../../src/hl7v2/mapping/without-place.ts';
import { personIdOf } from '../../src/interaction/ask-persons.ts';
import { mapping } from '../unit/hl7v2/mapping/mapping.ts';
import { er7, toChecked } from '../unit/hl7v2/mapping/to-checked.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const msh =
  'MSH|^~\\&|EHR|Elm|JENNER|XX|20251229101500-0500||VXU^V04^VXU_V04|m-1|P|2.5.1|||ER|AL|||||Z22^CDCPHINVS|Elm Street Pediatrics^^^^^^^^^1001';
const pid =
  'PID|1||4711^^^ELM^MR||Okonkwo^Adaeze^Ruth^^^^L|Eze^^^^^^M|20240307|F||2054-5^Black or African American^CDCREC|14 Hawthorn St^^Lowell^MA^01851^USA^P||^PRN^PH^^^617^4829931|||||||||2186-5^Not Hispanic^CDCREC';
const nk1 = 'NK1|1|Okonkwo^Chidi^^^^^L|FTH^Father^HL70063||^PRN^PH^^^617^4829931';
const mmr = [
  'ORC|RE|p-1^ELM|d-1^ELM|||||||7^Jackson^Lily^^^^^^NPI^L||8^Thomas^Wilma^^^^^^NPI^L|||||ELM^Elm Street^HL70362',
  'RXA|0|1|20251220||03^MMR^CVX|0.50|mL^mL^UCUM||00^New^NIP001|9^Ng^Ana^^^^^^NPI^L|^^^ELM-1||||N3783EO|202706|MSD^Merck^MVX|||CP|A',
  'RXR|C38299^Subcutaneous^NCIT|LA^Left arm^HL70163',
  'OBX|1|CE|64994-7^Eligibility^LN|1|V02^Medicaid^HL70064||||||F|||20251220|||VXC40^per immunization^CDCPHINVS',
  'OBX|2|CE|30963-3^Funding^LN|2|VXC51^Public VFC^CDCPHINVS||||||F|||20251220',
  'OBX|3|CE|30956-7^Vaccine type^LN|3|03^MMR^CVX||||||F',
  'OBX|4|DT|29768-9^Published^LN|3|20210806||||||F',
  'OBX|5|DT|29769-7^Presented^LN|3|20251220||||||F',
];
const told = ['ORC|RE||d-2^ELM', 'RXA|0|1|20240908||94^MMRV^CVX|999|||01^Historical^NIP001|||||||||||CP|A'];

let server: TestServer;
const open = async (text: string, sender: Sender = {}) =>
  receiveVxu(mapping, server.ctx, toChecked(text), { sender });
async function kept(text: string, sender: Sender = {}) {
  const received = await open(text, sender);
  if (received.kind === 'refused') throw new Error(JSON.stringify(received.findings));
  return received;
}
const all = async (query: string) =>
  ((await server.get(`/fhir/${query}`)).body.entry ?? []).map(
    (entry: { resource: object }) => entry.resource,
  );
const versionsOf = async () => (await server.get('/fhir/_history?_count=200')).body.entry?.length ?? 0;

beforeEach(async () => {
  server = await openTestServer();
});
afterEach(() => server.close());

describe('a message about somebody who is new', () => {
  it('becomes a Patient, who is related, the doses, and where they came from', async () => {
    const { patientId, doses, findings } = await kept(er7(msh, pid, nk1, ...mmr, ...told));
    expect(findings).toEqual([]);
    expect(await personIdOf(server.ctx.view, patientId)).toBe(patientId);
    expect(doses.map(({ order, kind }) => [order, kind])).toEqual([
      [1, 'created'],
      [2, 'created'],
    ]);
    const [dose] = await all('Immunization?vaccine-code=03');
    expect(dose).toMatchObject({
      status: 'completed',
      patient: { reference: `Patient/${patientId}` },
      occurrenceDateTime: '2025-12-20',
      primarySource: true,
      lotNumber: 'N3783EO',
      expirationDate: '2027-06',
      fundingSource: { coding: [{ code: 'VXC51' }] },
      programEligibility: [{ coding: [{ code: 'V02' }] }],
      education: [{ documentType: 'MMR', publicationDate: '2021-08-06', presentationDate: '2025-12-20' }],
    });
    expect((await server.get(`/fhir/Immunization/${dose.id}`)).text).toContain('"value":0.50');
    expect(await all(`RelatedPerson?patient=${patientId}`)).toMatchObject([
      { relationship: [{ coding: [{ code: 'FTH' }, { code: 'FTH' }] }], name: [{ family: 'Okonkwo' }] },
    ]);
    const [provenance] = await all(`Provenance?patient=${patientId}`);
    expect(provenance.entity[0].what.identifier.value).toBe('m-1');
    expect(provenance.target).toHaveLength(4);
    expect(provenance.agent.map(({ who }: { who: { display: string } }) => who.display)).toEqual([
      'Elm Street Pediatrics',
      'Lily Jackson',
    ]);
  });

  it('tells what has no place, and stays in the message', () => {
    const text = er7(
      msh,
      `${pid}||||||||N|x`.replace('|F||', '|F|Ada|'),
      'PV1|1|R|||||||||||||||||V02',
      ...told.map((one) => one.replace('|||||||||||CP|', '|1^Ng^Ana~2^Oh^Bo||||||||||CP|')),
      'OBX|1|CE||1|x',
    );
    expect(withoutPlaceIn(mapping.tables, toChecked(text))).toEqual([
      'PID[1]-31',
      'PV1[1]-1',
      'PV1[1]-2',
      'PV1[1]-19',
      'RXA[1]-10[2]',
      'OBX[1]',
    ]);
  });

  it('tells what repeats and has one place', () => {
    const [orc = '', rxa = '', ...rest] = mmr;
    const changed = rxa
      .replace('mL^mL^UCUM', 'mL^mL^UCUM~L^l^UCUM')
      .replace('|CP|A', '|CP|A|20251221~20251222');
    const text = er7(msh, pid.replace('|F|', '|F~M|'), orc, changed, ...rest);
    expect(withoutPlaceIn(mapping.tables, toChecked(text))).toEqual([
      'PID[1]-8[2]',
      'RXA[1]-7[2]',
      'RXA[1]-22[2]',
    ]);
  });

  it('changes nothing when it is sent again', async () => {
    const text = er7(msh, pid, nk1, ...mmr, ...told);
    const first = await kept(text);
    const before = await versionsOf();
    const again = await kept(text);
    expect(await versionsOf()).toBe(before);
    expect(again.patientId).toBe(first.patientId);
    expect(again.doses).toEqual(first.doses.map((dose) => ({ ...dose, kind: 'unchanged' })));
  });
});

describe('a dose that is known', () => {
  const delta = (action: string, more = 'N9999XX') => [
    'ORC|RE||d-1^ELM',
    `RXA|0|1|20251220||03^MMR^CVX|999|||00^New^NIP001||||||${more}|||||CP|${action}`,
  ];

  it('is changed where something is sent, and kept where nothing is', async () => {
    await kept(er7(msh, pid, ...mmr));
    const { doses } = await kept(er7(msh, pid, ...delta('U')));
    expect(doses).toMatchObject([{ kind: 'updated' }]);
    const [dose] = await all('Immunization');
    expect(dose).toMatchObject({ lotNumber: 'N9999XX', expirationDate: '2027-06', meta: { versionId: '2' } });
    expect(dose.performer).toHaveLength(4);
  });

  it('keeps the digits of an amount of which a message says nothing', async () => {
    const { doses } = await kept(er7(msh, pid, nk1, ...mmr));
    await kept(er7(msh, pid, ...delta('U')));
    const { text, body } = await server.get(`/fhir/Immunization/${doses[0]?.id}`);
    expect(body).toMatchObject({ lotNumber: 'N9999XX', meta: { versionId: '2' } });
    expect(text).toContain('"value":0.50');
  });

  it('loses what is sent as ""', async () => {
    await kept(er7(msh, pid, ...mmr));
    await kept(er7(msh, pid, 'ORC|RE||d-1^ELM', 'RXA|0|1|20251220||03^MMR^CVX|999|||00|""|||||""||||||CP|U'));
    const [dose] = await all('Immunization');
    expect(dose.lotNumber).toBeUndefined();
    expect(JSON.stringify(dose)).not.toContain('"AP"');
    expect(JSON.stringify(dose)).not.toContain('administering');
    expect(dose.manufacturer).toBeDefined();
  });

  it('is an error once it is deleted, and counts again when it is added again', async () => {
    await kept(er7(msh, pid, ...mmr, ...told));
    const { doses, findings } = await kept(er7(msh, pid, ...delta('D')));
    expect(doses).toMatchObject([{ kind: 'deleted' }]);
    expect(findings).toEqual([]);
    expect(await all('Immunization?status=entered-in-error')).toMatchObject([{ lotNumber: 'N3783EO' }]);
    expect(await all('Immunization?status=completed')).toHaveLength(1);
    await kept(er7(msh, pid, ...delta('D')));
    expect((await kept(er7(msh, pid, ...mmr))).doses).toMatchObject([{ kind: 'updated' }]);
    expect(await all('Immunization?status=completed')).toHaveLength(2);
  });

  it('is not looked for among those of others: a delete of none tells 204', async () => {
    await kept(er7(msh, pid, ...mmr));
    const other = pid.replace('4711', '4712').replace('Adaeze', 'Jadwiga').replace('20240307', '20200101');
    const { findings, doses } = await kept(er7(msh, other, ...delta('D')));
    expect(findings).toMatchObject([{ severity: 'W', code: '204', location: { segment: 'ORC', field: 3 } }]);
    expect(doses).toMatchObject([{ kind: 'none' }]);
    expect(await all('Immunization?status=completed')).toHaveLength(1);
  });

  it('is added by an update of what is not there', async () => {
    const { findings, doses } = await kept(er7(msh, pid, ...delta('U')));
    expect(findings).toMatchObject([{ severity: 'I', code: '204' }]);
    expect(doses).toMatchObject([{ kind: 'created' }]);
  });

  it('is known by vaccine and day where it has no number', async () => {
    const without = ['ORC|RE||9999^ELM', 'RXA|0|1|20240908||94^MMRV^CVX|999|||01|||||||||||CP|A'];
    await kept(er7(msh, pid, ...without));
    expect((await kept(er7(msh, pid, ...without))).doses).toMatchObject([{ kind: 'unchanged' }]);
    expect((await kept(er7(msh, pid, ...told))).doses).toMatchObject([{ kind: 'updated' }]);
    expect(await all('Immunization')).toHaveLength(1);
  });

  it('is not replaced by an add of another vaccine of another day under its number', async () => {
    await kept(er7(msh, pid, ...mmr));
    const other = ['ORC|RE||d-1^ELM', 'RXA|0|1|20240601||20^DTaP^CVX|999|||01|||||||||||CP|A'];
    const { findings } = await kept(er7(msh, pid, ...other));
    expect(findings).toMatchObject([{ severity: 'W', code: '205' }]);
    expect(await all('Immunization')).toHaveLength(2);
    expect((await kept(er7(msh, pid, ...other))).doses).toMatchObject([{ kind: 'unchanged' }]);
  });

  it('is told apart by vaccine and day where one number stands at several', async () => {
    const visit = (day: string, cvx: string) => [
      'ORC|RE||visit-1^ELM',
      `RXA|0|1|${day}||${cvx}^x^CVX|999|||01|||||||||||CP|A`,
    ];
    const text = er7(
      msh,
      pid,
      ...visit('20240601', '20'),
      ...visit('20240801', '20'),
      ...visit('20240801', '10'),
    );
    expect((await kept(text)).findings).toMatchObject([{ severity: 'W', code: '205' }]);
    expect(await all('Immunization')).toHaveLength(3);
    expect((await kept(text)).doses.map(({ kind }) => kind)).toEqual(['unchanged', 'unchanged', 'unchanged']);
  });

  it('is what the last of two orders with its number says', async () => {
    const { findings } = await kept(er7(msh, pid, ...delta('A', 'FIRST'), ...delta('A', 'SECOND')));
    expect(findings).toMatchObject([{ severity: 'W', code: '205', location: { occurrence: 1 } }]);
    expect(await all('Immunization')).toMatchObject([{ lotNumber: 'SECOND' }]);
  });
});

describe('what is no dose', () => {
  const statement = (...obxs: readonly string[]) => [
    'ORC|RE||9999^ELM',
    'RXA|0|1|20251220||998^No vaccine administered^CVX|999||||||||||||||NA',
    ...obxs,
  ];
  const disease = 'OBX|1|CE|59784-9^Disease^LN|1|38907003^Varicella^SCT||||||F|||20251220';

  it('is a refusal with its reason', async () => {
    await kept(
      er7(
        msh,
        pid,
        'ORC|RE||9999^ELM',
        'RXA|0|1|20251220||21^Varicella^CVX|999||||||||||||00^Parental^NIP002||RE|A',
      ),
    );
    expect(await all('Immunization')).toMatchObject([
      { status: 'not-done', statusReason: { coding: [{ code: '00' }, { code: 'PATOBJ' }] } },
    ]);
  });

  it('is a part of a dose, which counts as such', async () => {
    await kept(
      er7(msh, pid, 'ORC|RE||d-7^ELM', 'RXA|0|1|20251220||03^MMR^CVX|0.2|mL^^UCUM||01|||||||||||PA|A'),
    );
    expect(await all('Immunization')).toMatchObject([{ status: 'completed', isSubpotent: true }]);
    await kept(
      er7(msh, pid, 'ORC|RE||d-7^ELM', 'RXA|0|1|20251220||03^MMR^CVX|0.5|mL^^UCUM||01|||||||||||CP|U'),
    );
    const [dose] = await all('Immunization');
    expect(dose.isSubpotent).toBeUndefined();
  });

  it('is a fact of the person, once, and an error when it is deleted', async () => {
    const { patientId } = await kept(er7(msh, pid, ...statement(disease)));
    await kept(er7(msh, pid, ...statement(disease.replace('20251220', '20251228'))));
    expect(await all(`Condition?patient=${patientId}`)).toMatchObject([
      { code: { coding: [{ code: '38907003' }] }, meta: { versionId: '1' } },
    ]);
    const [orc = '', rxa = ''] = statement();
    await kept(er7(msh, pid, orc, `${rxa}|D`, disease));
    expect(await all(`Condition?verification-status=entered-in-error`)).toHaveLength(1);
  });

  it('is seen by the forecaster', async () => {
    const obxs = [
      disease,
      'OBX|2|CE|30945-0^Contraindication^LN|2|VXC30^allergy (anaphylactic) to proteins of rodent or neural origin^CDCPHINVS||||||F',
      'OBX|3|CE|75505-8^Immunity^LN|3|371111005^Measles immune^SCT||||||F|||20251201',
    ];
    const { patientId } = await kept(er7(msh, pid, ...statement(...obxs)));
    const { text } = await server.get(
      `/fhir/Patient/${patientId}/$immds-forecast?assessmentDate=2026-01-10&explain=true`,
    );
    const [condition] = await all(`Condition?patient=${patientId}`);
    expect(text).toContain(`Condition/${condition.id}`);
    const immune = await all(`Observation?code=75505-8`);
    expect(text).toContain(`Observation/${immune[0].id}`);
  });

  it('is a reaction, which the dose names and the forecaster reads with its vaccine', async () => {
    const reaction = 'OBX|9|CE|31044-1^Reaction^LN|9|VXC9^persistent crying^CDCPHINVS||||||F|||20251221';
    await kept(er7(msh, pid, ...mmr, reaction));
    await kept(er7(msh, pid, ...mmr, reaction));
    const [observation] = await all('Observation');
    expect(observation).toMatchObject({
      meta: { versionId: '1' },
      valueCodeableConcept: { coding: [{ code: 'VXC9' }, { code: '03' }] },
    });
    const [dose] = await all('Immunization');
    expect(dose.reaction).toEqual([
      { date: '2025-12-21', detail: { reference: `Observation/${observation.id}` } },
    ]);
    expect(observation.partOf).toEqual([{ reference: `Immunization/${dose.id}` }]);
    await kept(er7(msh, pid, 'ORC|RE||d-1^ELM', 'RXA|0|1|20251220||03^MMR^CVX|999|||00|||||||||||CP|D'));
    expect(await all('Observation?status=entered-in-error')).toHaveLength(1);
  });
});

describe('an order that may not be kept', () => {
  it('is told at its RXA, and the others are kept', async () => {
    const bad = ['ORC|RE||d-3^ELM', 'RXA|0|1|||20^DTaP^CVX|999|||01|||||||||||CP|A'];
    const { findings, doses } = await kept(er7(msh, pid, ...bad, ...told));
    expect(findings).toMatchObject([
      { severity: 'E', code: '102', location: { segment: 'RXA', occurrence: 1 } },
    ]);
    expect(findings[0]?.text).not.toContain('Bundle');
    expect(doses).toMatchObject([{ order: 2, kind: 'created' }]);
    expect(await all('Immunization')).toHaveLength(1);
  });

  it('is the message, where it is the Patient', async () => {
    await server.close();
    server = await openTestServer({
      profiles: ['http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient'],
    });
    const received = await open(er7(msh, pid.replace('|F||', '|||'), ...told));
    expect(received).toMatchObject({
      kind: 'refused',
      findings: [{ severity: 'E', location: { segment: 'PID' } }],
    });
    expect(await all('Patient')).toHaveLength(0);
  });
});

describe('the person', () => {
  it('keeps what is left empty, and loses what is ""', async () => {
    await kept(er7(msh, pid, 'PD1|||||||||||02^Reminder^HL70215|N|20250101|||A|20240307|20250101'));
    await kept(er7(msh, 'PID|1||4711^^^ELM^MR||Okonkwo^Adaeze^Ruth^^^^L||20240307|||""|""'));
    const [patient] = await all('Patient');
    expect(patient.gender).toBe('female');
    expect(patient.address).toBeUndefined();
    const urls = patient.extension.map(({ url }: { url: string }) => url.split('/').at(-1));
    expect(urls).toContain('publicity');
    expect(urls).not.toContain('us-core-race');
  });

  it('is another where name and birth date are of somebody else', async () => {
    const first = await kept(er7(msh, pid, ...told));
    const other = 'PID|1||4711^^^ELM^MR||Vance^Peter^^^^^L||19800101|M';
    const second = await kept(er7(msh, other));
    expect(second.findings).toMatchObject([
      { severity: 'W', code: '205', location: { segment: 'PID', field: 3 } },
    ]);
    expect(second.patientId).not.toBe(first.patientId);
    expect((await kept(er7(msh, other))).patientId).toBe(second.patientId);
    expect((await kept(er7(msh, pid))).patientId).toBe(first.patientId);
  });

  it('is a brother of the same family name, and each stays who he is', async () => {
    const brother = 'PID|1||4711^^^ELM^MR||Okonkwo^Peter^^^^^L||19800101|M';
    const first = await kept(er7(msh, pid));
    const second = await kept(er7(msh, brother));
    expect(second.findings).toMatchObject([{ severity: 'W', code: '205' }]);
    expect(second.patientId).not.toBe(first.patientId);
    // A birth date that was mistyped and is another's: who has more in common is meant.
    const mistyped = pid.replace('20240307', '19800101');
    expect((await kept(er7(msh, mistyped))).patientId).toBe(first.patientId);
  });
});

describe('who is related', () => {
  const related = async () =>
    (await all('RelatedPerson?_sort=_id'))
      .map(({ name, telecom = [] }: { name: readonly { family: string }[]; telecom?: { value: string }[] }) =>
        [name.map(({ family }) => family).join('+'), ...telecom.map(({ value }) => value)].join(' '),
      )
      .toSorted();
  const mother = (family: string, phone: string, given = 'Mary', relation = 'MTH^Mother') =>
    `NK1|1|${family}^${given}^^^^^L|${relation}^HL70063||^PRN^PH^^^617^${phone}`;

  it('is one of whom several NK1 tell, each with a phone of its own', async () => {
    const twice = er7(
      msh,
      pid,
      mother('Eze', '4829931'),
      mother('Eze', '4829932').replace('PRN^PH', 'PRN^CP'),
    );
    await kept(twice);
    expect(await related()).toEqual(['Eze 617-4829931 617-4829932']);
    const versions = await versionsOf();
    await kept(twice);
    expect(await versionsOf()).toBe(versions);
    await kept(er7(msh, pid, mother('Okonkwo', '4829931')));
    expect(await related()).toEqual(['Okonkwo 617-4829931']);
  });

  it('are two of one given name, each known again', async () => {
    const both = [
      mother('Eze', '4829931', 'Mary', 'GRP^Grandparent'),
      mother('Obi', '4829932', 'Mary', 'GRP^G'),
    ];
    await kept(er7(msh, pid, ...both));
    expect(await related()).toEqual(['Eze 617-4829931', 'Obi 617-4829932']);
    await kept(er7(msh, pid, ...both.toReversed().map((one) => one.replace('482', '555'))));
    expect(await related()).toEqual(['Eze 617-5559931', 'Obi 617-5559932']);
  });
});

describe('places of birth (PID-11)', () => {
  it('are the place, and where somebody lived then', async () => {
    const places = '~5 Rue^^Quito^^^ECU^BR~^^Lowell^MA^^USA^BDL';
    await kept(er7(msh, pid.replace('^01851^USA^P', `^01851^USA^P${places}`)));
    const [{ address, extension }] = await all('Patient');
    const { valueAddress } = extension.find(({ url }: { url: string }) => url.endsWith('patient-birthPlace'));
    expect(valueAddress).toMatchObject({ city: 'Lowell' });
    expect(address).toMatchObject([{ city: 'Lowell' }, { use: 'old', line: ['5 Rue'], city: 'Quito' }]);
  });
});
