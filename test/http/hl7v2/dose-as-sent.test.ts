import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from '../open-test-server.ts';
import { sampleVxu, toldIn } from './sample-vxu.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

let serial = 0;

/** One person's messages, one after another: what the last was told, and what is kept. */
async function tell(...messages: readonly (readonly string[])[]) {
  serial++;
  const mrn = `s${serial}`;
  let told: readonly string[] = [];
  for (const [at, orders] of messages.entries()) {
    const family = `Sender${'abcdefghijklmnopqrstuvwxyz'[serial % 26]}${'xy'[serial > 25 ? 1 : 0]}`;
    const message = sampleVxu({ controlId: `S${serial}-${at}`, mrn, family, orders });
    const { text } = await server.send('POST', '/hl7v2', message, { 'content-type': 'application/hl7-v2' });
    told = toldIn(text);
  }
  const of = async (query: string) =>
    ((await server.get(`/fhir/${query}patient.identifier=${mrn}`)).body.entry ?? []).map(
      // biome-ignore lint/suspicious/noExplicitAny: a test looks into what is stored
      ({ resource }: any) => resource,
    );
  const doses = await of('Immunization?');
  return { told, doses, dose: doses[0], facts: await of('Observation?') };
}

const orc = (number = 'D1') => `ORC|RE||${number}^CLINIC`;
type Fields = Readonly<Record<number, string>>;

/** RXA of an MMR that was given, with other fields. */
function rxa(others: Fields = {}): string {
  const usual: Fields = {
    1: '0',
    2: '1',
    3: '20250110',
    5: '03^MMR^CVX',
    6: '0.5',
    7: 'mL^mL^UCUM',
    9: '00^New immunization record^NIP001',
    11: '^^^CLINIC',
    15: 'X014321',
    16: '20271231',
    17: 'MSD^Merck^MVX',
    20: 'CP',
    21: 'A',
  };
  const fields = { ...usual, ...others };
  return ['RXA', ...Array.from({ length: 22 }, (_, at) => fields[at + 1] ?? '')].join('|');
}
const told01 = { 6: '999', 7: '', 9: '01^Historical^NIP001', 11: '', 15: '', 16: '', 17: '' };
const obx = (code: string, set: string, value: string, type = 'CE') =>
  `OBX|1|${type}|${code}^x^LN|${set}|${value}||||||F|||20250110`;

describe('RXA-6', () => {
  it.each([
    ['.5', '0.5'],
    ['+0.50', '0.50'],
    ['5.', '5'],
    ['0.333333333333', '0.333333333333'],
    ['1', '1'],
  ])('%s is an amount', async (sent, kept) => {
    const { dose } = await tell([orc(), rxa({ 6: sent })]);
    const { text } = await server.get(`/fhir/Immunization/${dose.id}`);
    expect(text).toContain(`"doseQuantity":{"value":${kept},`);
  });

  it.each(['999', '999.0', '0999', '-1'])('%s is none', async (sent) => {
    const { dose } = await tell([orc(), rxa({ 6: sent })]);
    expect(dose.doseQuantity).toBeUndefined();
  });

  it('"" takes the amount away', async () => {
    const { dose } = await tell([orc(), rxa()], [orc(), rxa({ 6: '""', 7: '', 21: 'U' })]);
    expect(dose.doseQuantity).toBeUndefined();
  });
});

describe('RXA-9', () => {
  const notes = ({ note = [] }: { note?: readonly { text: string }[] }) => note.map(({ text }) => text);

  it.each([
    ['^Given at the fair~01^Historical^NIP001', false, '01', ['Given at the fair']],
    ['01^Historical^NIP001~^Given at the fair', false, '01', ['Given at the fair']],
    ['^Given at the fair', undefined, undefined, ['Given at the fair']],
    ['^Mother helped~00^New^NIP001', true, undefined, ['Mother helped']],
    ['F^Flu drive^L~01^Historical^NIP001', false, '01', ['Flu drive']],
    ['99^Odd^NIP001', undefined, '99', []],
  ])('%s tells the source, and what was noted', async (sent, primarySource, origin, noted) => {
    const { dose } = await tell([orc(), rxa({ ...told01, 9: sent })]);
    expect(dose.primarySource).toBe(primarySource);
    expect(dose.reportOrigin?.coding[0].code).toBe(origin);
    expect(notes(dose)).toEqual(noted);
  });

  const unknown = {
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
  };

  it.each([
    ['99^Odd^NIP001', 'CP', unknown],
    ['', 'CP', unknown],
    ['', 'RE', unknown],
    ['01^Historical^NIP001', 'CP', undefined],
    ['00^New^NIP001', 'CP', undefined],
  ])('%s with RXA-20 %s says whether the source is known', async (sent, status, expected) => {
    const { dose } = await tell([orc(), rxa({ ...told01, 9: sent, 20: status })]);
    expect(dose._primarySource).toEqual(expected);
  });

  it('that is not known takes nothing back, and gives way to one that is', async () => {
    const [own, none] = [rxa({ 9: '00^New^NIP001' }), rxa({ 9: '' })];
    for (const orders of [
      [own, none],
      [none, own],
    ] as const) {
      const { dose } = await tell([orc(), orders[0]], [orc(), orders[1]]);
      expect([dose.primarySource, dose._primarySource]).toEqual([true, undefined]);
    }
  });
});

describe('what repeats and may not', () => {
  it('is a note of the dose where it is a manufacturer', async () => {
    const { dose, told } = await tell([orc(), rxa({ 17: 'MSD^Merck^MVX~SKB^GSK^MVX' })]);
    expect(dose.manufacturer.identifier.value).toBe('MSD');
    expect(dose.note).toEqual([{ text: 'Manufacturer GSK' }]);
    expect(told.filter((one) => one.includes('RXA^1^17'))).toEqual(['W 102 RXA^1^17^2']);
  });

  it('is a note of the dose where it is a source of funding', async () => {
    const funding = (at: number, value: string) =>
      `OBX|${at}|CE|30963-3^Funding^LN|${at}|${value}^CDCPHINVS||||||F|||20250110`;
    const sent = [orc(), rxa({}), funding(1, 'VXC51^Public VFC'), funding(2, 'PHC70^Private')];
    const { dose } = await tell(sent, sent);
    expect(dose.fundingSource.coding[0].code).toBe('VXC51');
    expect([dose.note, dose.meta.versionId]).toEqual([[{ text: 'Funding source Private' }], '1']);
  });

  it('is a sheet each where it is a VIS', async () => {
    const mmr = '253088698300012711120420^MMR^cdcgs1vis';
    const varicella = '253088698300026611080313^Varicella^cdcgs1vis';
    const { dose, told } = await tell([
      orc(),
      rxa(),
      obx('69764-9', '1', `${mmr}~${varicella}`),
      obx('29769-7', '1', '20250110', 'DT'),
    ]);
    expect(dose.education.map((one: { documentType: string }) => one.documentType)).toEqual([
      '253088698300012711120420',
      '253088698300026611080313',
    ]);
    expect(dose.education.map((one: { presentationDate: string }) => one.presentationDate)).toEqual([
      '2025-01-10',
      '2025-01-10',
    ]);
    expect(told.filter((one) => one.includes('OBX^1^5'))).toEqual(['W 102 OBX^1^5^2']);
  });

  it('is a fact each where it is a reaction, with one note of what was said of both', async () => {
    const { dose, facts, told } = await tell([
      orc(),
      rxa(),
      obx('31044-1', '1', '39579001^Anaphylaxis^SCT~ODD^x^L'),
      'NTE|1||within the hour',
    ]);
    expect(facts).toHaveLength(2);
    expect(dose.reaction).toHaveLength(2);
    expect(dose.note).toEqual([{ time: '2025-01-10', text: 'within the hour' }]);
    expect(told.filter((one) => one.includes('OBX^1^5'))).toContain('W 103 OBX^1^5^2');
  });
});

describe('RXA-5', () => {
  it.each([
    ['888^Odd^CVX^00006-4681-00^MMR^NDC', ['00006-4681-00', '03'], 'W 103 RXA^1^5^1^1'],
    ['00006-4681-00^MMR^NDC^888^Odd^CVX', ['00006-4681-00', '03'], 'W 103 RXA^1^5^1^4'],
    ['03^MMR^CVX^MMRX^Own^L', ['03', 'MMRX'], undefined],
    ['03^MMR^CVX^99999-9999-99^Odd^NDC', ['03', '99999-9999-99'], 'W 103 RXA^1^5^1^4'],
    ['90707^MMR^CPT^03^MMR^CVX', ['90707', '03'], undefined],
    ['03^MMR^CVX^90707^MMR^CPT', ['03', '90707'], undefined],
    ['90707^MMR^CPT', ['90707'], 'W 103 RXA^1^5^1'],
  ])('%s names a vaccine by what is known of it', async (sent, kept, finding) => {
    const { dose, told } = await tell([orc(), rxa({ ...told01, 5: sent })]);
    expect(dose.vaccineCode.coding.map(({ code }: { code: string }) => code)).toEqual(kept);
    expect(told.filter((one) => one.includes('RXA^1^5'))).toEqual(finding === undefined ? [] : [finding]);
  });
});

describe('RXA-18', () => {
  it.each(['RE', 'NA'])('is a refusal where RXA-20 is %s', async (status) => {
    const sent = { ...told01, 9: '', 18: '00^Parental decision^NIP002', 20: status };
    const { dose } = await tell([orc('9999'), rxa(sent)]);
    expect(dose.status).toBe('not-done');
    expect(dose.statusReason.coding.map(({ code }: { code: string }) => code)).toEqual(['00', 'PATOBJ']);
  });

  it('is none where the dose was given, which is told once', async () => {
    const { dose, told } = await tell([orc(), rxa({ ...told01, 18: '00^Parental decision^NIP002' })]);
    expect([dose.status, dose.statusReason]).toEqual(['completed', undefined]);
    expect(told.filter((one) => / RXA\^1\^(?:18|20)/.test(one))).toEqual(['W 0 RXA^1^18^1']);
  });
});

describe('a text with a bare ampersand', () => {
  it('is kept whole, and told', async () => {
    const { dose, told } = await tell([
      orc(),
      rxa({ 5: '03^Measles & mumps^CVX', 11: '^^^R & R Clinic', 15: 'L&12' }),
    ]);
    expect(dose.lotNumber).toBe('L&12');
    expect(dose.vaccineCode.coding[0].display).toBe('Measles & mumps');
    expect(dose.contained.map(({ name }: { name: string }) => name)).toEqual(['R & R Clinic']);
    expect(told).toContain('W 102 RXA^1^15^1');
  });
});

describe('""', () => {
  it('takes away what was kept, and is no fault', async () => {
    const { dose, told } = await tell(
      [`${orc()}||||||||||||||ELM^Elm Street^L`, rxa(), 'RXR|C38299^Subcutaneous^NCIT|LA^Left Arm^HL70163'],
      [`${orc()}||||||||||||||""`, rxa({ 11: '""', 16: '""', 21: 'U' }), 'RXR|C38299^Subcutaneous^NCIT|""'],
    );
    expect([dose.expirationDate, dose.site, dose.location]).toEqual([undefined, undefined, undefined]);
    expect(dose.lotNumber).toBe('X014321');
    expect(dose.performer).toBeUndefined();
    expect(told.filter((one) => / (?:RXR|RXA\^1\^16)/.test(one))).toEqual([]);
  });

  it('says that there is none where nothing was', async () => {
    const { told } = await tell([
      orc(),
      rxa({ ...told01, 10: '""', 15: '""', 18: '""', 22: '""' }),
      'RXR|C38299^Subcutaneous^NCIT|""',
    ]);
    expect(told[0]).toBe('AA');
    expect(told.filter((one) => / (?:RXR|RXA\^1\^(?:10|15|18|20|22))/.test(one))).toEqual([]);
  });
});

describe('the sheets of a dose', () => {
  type Sheet = { documentType?: string; publicationDate?: string; presentationDate?: string };
  const sheets = ({ education = [] }: { education?: readonly Sheet[] }) =>
    education.map(({ documentType, publicationDate, presentationDate }) =>
      [documentType, publicationDate, presentationDate].join(' '),
    );
  const sheet = (set: string, cvx: string, name: string, published: string) => [
    obx('30956-7', set, `${cvx}^${name}^CVX`),
    obx('29768-9', set, published, 'DT'),
    obx('29769-7', set, '20250110', 'DT'),
  ];
  const two = ['DTaP 2023-01-01 2025-01-10', 'HepB 2023-05-12 2025-01-10'];
  const [dtap, hepb] = [
    (set: string) => sheet(set, '107', 'DTaP', '20230101'),
    (set: string) => sheet(set, '45', 'HepB', '20230512'),
  ];

  it.each([
    ['each in a set of its own', [...dtap('1'), ...hepb('2')]],
    ['all in one set', [...dtap('1'), ...hepb('1')]],
    ['in one set, kind by kind', [0, 1, 2].flatMap((at) => [dtap('1')[at] ?? '', hepb('1')[at] ?? ''])],
    ['in one set, and one day on which they were shown', [...dtap('1').slice(0, 2), ...hepb('1')]],
    ['in no set', [...dtap(''), ...hepb('')]],
  ])('are all kept: %s', async (_, observations) => {
    const { dose } = await tell([orc(), rxa(), ...observations]);
    expect(sheets(dose)).toEqual(two);
  });

  it('that were shown on one day keep what was noted of it, once', async () => {
    const shown = [...dtap('1').slice(0, 2), ...hepb('1'), 'NTE|1||by video'];
    const { dose } = await tell([orc(), rxa(), ...shown]);
    expect(dose.note).toMatchObject([{ text: 'by video' }]);
  });

  it('are kept beside the number of the dose in one set', async () => {
    const { dose } = await tell([orc(), rxa(), ...dtap('1'), obx('30973-2', '1', '2', 'NM')]);
    expect(sheets(dose)).toEqual(two.slice(0, 1));
    expect(dose.protocolApplied).toEqual([{ doseNumberPositiveInt: 2 }]);
  });

  it('are none where a vaccine group is evaluated', async () => {
    const { dose } = await tell([
      orc(),
      rxa(),
      obx('30956-7', '1', '107^DTaP^CVX'),
      obx('30973-2', '1', '2', 'NM'),
    ]);
    expect(dose.education).toBeUndefined();
  });
});

describe('a precaution', () => {
  it('is kept with its days, in a set or in none', async () => {
    const days = (set: string) => [
      obx('30945-0', set, 'VXC20^Gelatin^CDCPHINVS'),
      obx('30946-8', set, '20250101', 'DT'),
      obx('30944-3', set, '20251231', 'DT'),
    ];
    const none = rxa({ ...told01, 5: '998^No vaccine administered^CVX', 9: '', 20: 'NA' });
    for (const set of ['1', '']) {
      const { facts } = await tell([orc('9999'), none, ...days(set)]);
      expect(facts.map((fact: { effectivePeriod: object }) => fact.effectivePeriod)).toEqual([
        { start: '2025-01-01', end: '2025-12-31' },
      ]);
    }
  });
});
