import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from '../open-test-server.ts';
import { toldIn } from './sample-vxu.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

let serial = 0;

type Head = { readonly msh?: string; readonly pid?: string };

/** A message of one person: what it was told, and the doses that are kept. */
async function tell(segments: readonly string[], { msh, pid }: Head = {}) {
  serial++;
  const mrn = `h${serial}`;
  const usual =
    'MSH|^~\\&|EHR|CLINIC|IIS|MA|20250201101500-0500||VXU^V04^VXU_V04|#|P|2.5.1|||ER|AL|||||Z22^CDCPHINVS';
  const lines = [
    (msh ?? usual).replace('#', `H${serial}`),
    pid?.replace('#', mrn) ?? `PID|1||${mrn}^^^CLINIC^MR||Habit^Ana^Maria^^^^L||19800101|F`,
    ...segments,
  ];
  const message = lines.map((line) => `${line}\r`).join('');
  const { text } = await server.send('POST', '/hl7v2', message, { 'content-type': 'application/hl7-v2' });
  const { body } = await server.get(`/fhir/Immunization?patient.identifier=${mrn}`);
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into what is stored
  const doses: any[] = (body.entry ?? []).map(({ resource }: { resource: object }) => resource);
  return { told: toldIn(text), doses, dose: doses[0] };
}

const orc = (number = 'D1') => `ORC|RE||${number}^CLINIC`;
const given = (day = '20250110', status = 'CP') =>
  `RXA|0|1|${day}||03^MMR^CVX|0.5|mL^mL^UCUM||00^New^NIP001||^^^CLINIC||||X1|20271231|MSD^Merck^MVX|||${status}|A`;
const historical = 'RXA|0|1|20250110||03^MMR^CVX|999|||01^Historical^NIP001|||||||||||CP|A';
const codes = (concept: { coding?: readonly { code: string }[] } | undefined) =>
  concept?.coding?.map(({ code }) => code);

describe('a sender that writes "" wherever it has nothing', () => {
  it('is told of nothing', async () => {
    const { told, doses } = await tell(
      [
        'PD1|""|""|""|""|||||||""|""|""',
        'NK1|1|Habit^Ulla^""^""^""^""^L|MTH^Mother^HL70063|""|""',
        'ORC|RE|991^CLINIC|991^CLINIC|||||||""',
        `${historical.replace('|999|||', '|999|""|""|')}|""`,
        'RXR|C38299^Subcutaneous^NCIT|""',
      ],
      {
        msh: 'MSH|^~\\&|EHR|CLINIC|IIS|MA|20250201101500-0500||VXU^V04^VXU_V04|#|P|2.5.1|""||ER|AL|""|""|""||Z22^CDCPHINVS',
        pid: 'PID|1|""|#^""^""^CLINIC^MR^""||Habit^Lena^""^""^""^""^L|""|19800101|F|""|""|7 Elm St^""^Salem^MA^01970^USA^H^""||""|""|""|""|""|""|""|""|""|""|""|""|""',
      },
    );
    expect(told).toEqual(['AA', 'W 102 PD1^1^12^1']);
    expect(doses).toHaveLength(1);
  });
});

describe('the eligibility of a visit (PV1-20)', () => {
  const visit = (pv1: string) => `PV1|1|R${'|'.repeat(18)}${pv1}`;

  it('is that of a dose given that day which has none of its own', async () => {
    const { dose } = await tell([visit('V02^20250110'), orc(), given()]);
    expect(codes(dose.programEligibility?.[0])).toEqual(['V02']);
    expect(JSON.stringify(dose.programEligibility)).toContain('VXC41');
  });

  it.each([
    ['another day', [visit('V02^20250109'), orc(), given()]],
    ['a dose that another gave', [visit('V02^20250110'), orc(), historical]],
    ['a dose that was not given', [visit('V02^20250110'), orc(), given('20250110', 'NA')]],
    ['no code', [visit('""'), orc(), given()]],
  ])('is none of %s', async (_, segments) => {
    const { dose } = await tell(segments);
    expect(dose.programEligibility).toBeUndefined();
  });

  it('is of the day of admission, or of the message, where it has none', async () => {
    const admitted = await tell([`${visit('V02')}${'|'.repeat(24)}20250110`, orc(), given()]);
    expect(codes(admitted.dose.programEligibility?.[0])).toEqual(['V02']);
    const sent = await tell([visit('V02'), orc(), given('20250201')]);
    expect(codes(sent.dose.programEligibility?.[0])).toEqual(['V02']);
    const neither = await tell([visit('V02'), orc(), given()]);
    expect(neither.dose.programEligibility).toBeUndefined();
  });

  it('gives way to what the dose itself says', async () => {
    const obx = 'OBX|1|CE|64994-7^Eligibility^LN|1|V01^Not eligible^HL70064||||||F|||20250110';
    const { dose } = await tell([visit('V02^20250110'), orc(), given(), obx]);
    expect(dose.programEligibility.map(codes)).toEqual([['V01']]);
  });
});

describe('a segment before the one that must stand before it', () => {
  it('is passed over, and the dose keeps its number', async () => {
    const rxr = 'RXR|C38299^Subcutaneous^NCIT|LA^Left Arm^HL70163';
    const { told, doses } = await tell([orc('D7'), rxr, historical, orc('D8'), given('20250111')]);
    expect(told.filter((one) => one.startsWith('E'))).toEqual(['E 100 RXR^1']);
    const numbers = doses.flatMap(({ identifier }) =>
      identifier.map(({ value }: { value: string }) => value),
    );
    expect(numbers.toSorted()).toEqual(['D7', 'D8']);
  });

  it('is read where it is an observation, with its note', async () => {
    const obx = (at: number, value: string) => `OBX|${at}|CE|${value}||||||F|||20250110`;
    const eligibility = obx(1, '64994-7^Eligibility^LN|1|V01^Not eligible^HL70064');
    const fever = obx(2, '31044-1^Reaction^LN|2|VXC12^Fever^CDCPHINVS');
    const early = [orc('D5'), eligibility, 'NTE|1||said at the desk', fever, given('20250111')];
    const rxr = 'RXR|C38299^Subcutaneous^NCIT|LA^Left Arm^HL70163';
    const { told, doses } = await tell([...early, rxr, orc('D6'), eligibility, given('20250112')]);
    expect(told).toEqual(expect.arrayContaining(['AA', 'W 100 OBX^1', 'W 100 OBX^2', 'W 100 OBX^3']));
    const kept = doses.map(({ identifier, programEligibility, note, reaction, route }) => [
      identifier[0].value,
      ...programEligibility.flatMap(codes),
      ...(note ?? []).map(({ text }: { text: string }) => text),
      reaction?.length,
      ...(codes(route) ?? []),
    ]);
    expect(kept.toSorted()).toEqual([
      ['D5', 'V01', 'said at the desk', 1, 'C38299'],
      ['D6', 'V01', undefined],
    ]);
  });

  it('is the next order where observations stand on both sides of it', async () => {
    const obx = 'OBX|1|CE|64994-7^Eligibility^LN|1|V01^Not eligible^HL70064||||||F|||20250110';
    const { told, doses } = await tell([orc('D5'), obx, historical, obx]);
    expect(told.filter((one) => one.startsWith('E'))).toEqual(['E 100 RXA^1']);
    expect(doses.map(({ identifier }) => identifier)).toEqual([undefined]);
  });

  it('costs nobody the patient', async () => {
    const nk1 =
      'NK1|1|Habit^Ulla^^^^^L|MTH^Mother^HL70063\rPID|1||#^^^CLINIC^MR||Habit^Early^^^^^L||19800101|F';
    const { told, doses } = await tell([orc(), historical], { pid: nk1 });
    expect(told.filter((one) => one.startsWith('E'))).toEqual(['E 100 NK1^1']);
    expect(doses).toHaveLength(1);
  });

  it('is no order without its ORC, nor the route before one', async () => {
    const rxr = 'RXR|C38299^Subcutaneous^NCIT|LA^Left Arm^HL70163';
    const next = [given('20250111'), orc('D3'), given('20250112')];
    const { told, doses } = await tell([orc('D1'), historical, rxr, ...next]);
    expect(told.filter((one) => one.startsWith('E'))).toEqual([]);
    expect(doses).toHaveLength(3);
    expect(doses.flatMap(({ route }) => codes(route) ?? [])).toEqual(['C38299']);
  });

  it('is not looked for behind the next order', async () => {
    const { told, doses } = await tell([orc('D1'), orc('D2'), historical, given('20250111')]);
    expect(told.filter((one) => one.startsWith('E'))).toEqual(['E 100 RXA^1']);
    expect(doses).toHaveLength(2);
  });
});

describe('a route without a code system', () => {
  it.each([
    ['SC^Subcutaneous', 'http://terminology.hl7.org/CodeSystem/v2-0162'],
    ['C38299^Subcutaneous', 'http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl'],
  ])('%s is of the table that has it', async (route, system) => {
    const { dose } = await tell([orc(), historical, `RXR|${route}`]);
    expect(dose.route.coding[0].system).toBe(system);
  });
});

describe('what repeats, and has one place', () => {
  const notes = ({ note = [] }: { note?: readonly { text: string }[] }) => note.map(({ text }) => text);

  it('is kept as a note: a second lot', async () => {
    const { dose } = await tell([orc(), given().replace('|X1|', '|X1~Y2~Z3|')]);
    expect([dose.lotNumber, notes(dose)]).toEqual(['X1', ['Lot Y2', 'Lot Z3']]);
  });

  it('is kept as a note: a second reason of a refusal', async () => {
    const refused =
      'RXA|0|1|20250110||03^MMR^CVX|999||||||||||||01^Religious exemption^NIP002~02^Afraid of needles^NIP002||RE|A';
    const { dose } = await tell([orc('9999'), refused]);
    expect([codes(dose.statusReason), notes(dose)]).toEqual([['01', 'PATOBJ'], ['Afraid of needles']]);
  });
});

describe('a fault', () => {
  it('of a code system is told once', async () => {
    const { told } = await tell([orc(), historical.replace('NIP001', 'NIP0001')]);
    expect(told.filter((one) => one.includes('RXA^1^9'))).toEqual(['W 103 RXA^1^9^1^3']);
  });

  it.each([
    ['', []],
    ['cp', ['E 103 RXA^1^20^1']],
  ])('of RXA-9 is none where RXA-20 is "%s"', async (status, expected) => {
    const { told } = await tell([orc(), given('20250110', status)]);
    expect(told.filter((one) => /RXA\^1\^(?:9|20)/.test(one))).toEqual(expected);
  });
});
