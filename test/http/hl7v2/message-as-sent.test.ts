import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from '../open-test-server.ts';
import { sampleVxu, toldIn } from './sample-vxu.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

let serial = 0;

const answerTo = async (message: string) =>
  (await server.send('POST', '/hl7v2', message, { 'content-type': 'application/hl7-v2' })).text;
const post = async (message: string) => toldIn(await answerTo(message));

type Change = readonly [from: string | RegExp, to: string];
const history = (number: string, day = '20250110', action = 'A') => [
  `ORC|RE||${number}`,
  `RXA|0|1|${day}||03^MMR^CVX|999|||01^Historical^NIP001|||||||||||CP|${action}`,
];

/** One person's messages, each changed as its sender has it: what the last was told, and what is kept. */
async function tell(
  ...messages: readonly { readonly orders?: readonly string[]; readonly changes?: readonly Change[] }[]
) {
  serial++;
  const mrn = `p${serial}`;
  let answer = '';
  for (const [at, { orders = history('D1^CLINIC'), changes = [] }] of messages.entries()) {
    const family = `Person${'abcdefghijklmnopqrstuvwxyz'[serial % 26]}${'xy'[serial > 25 ? 1 : 0]}`;
    const usual = sampleVxu({ controlId: `P${serial}-${at}`, mrn, family, orders });
    answer = await answerTo(
      changes.reduce((text, [from, to]) => text.replace(from, () => to.replaceAll('#', mrn)), usual),
    );
  }
  const of = async (query: string) =>
    ((await server.get(`/fhir/${query}`)).body.entry ?? []).map(
      // biome-ignore lint/suspicious/noExplicitAny: a test looks into what is stored
      ({ resource }: any) => resource,
    );
  const [patient] = await of(`Patient?identifier=${mrn}`);
  const about = `patient.identifier=${mrn}`;
  return {
    answer,
    told: toldIn(answer),
    patient,
    doses: await of(`Immunization?${about}`),
    kin: await of(`RelatedPerson?${about}`),
    conditions: await of(`Condition?${about}`),
    observations: await of(`Observation?${about}`),
  };
}

const pid = (fields: string): Change => [
  '|2135-2^Hispanic^CDCREC||N\r',
  `|2135-2^Hispanic^CDCREC||${fields}\r`,
];

describe('PID', () => {
  it.each([
    ['N|||||20250301|Y', { deceasedDateTime: '2025-03-01' }],
    ['N|||||20250301', { deceasedDateTime: '2025-03-01' }],
    ['N|||||20250301|N', { deceasedBoolean: false }],
    ['N||||||Y', { deceasedBoolean: true }],
  ])('%s says who has died, and who has not', async (fields, expected) => {
    const { patient } = await tell({ changes: [pid(fields)] });
    const { deceasedBoolean, deceasedDateTime } = patient;
    expect({ deceasedBoolean, deceasedDateTime }).toEqual({
      deceasedBoolean: undefined,
      deceasedDateTime: undefined,
      ...expected,
    });
  });

  it.each([
    ['Y|2', 2],
    ['Y|1', 1],
    ['|2', 2],
    ['|1', undefined],
    ['N|1', false],
    ['Y', true],
  ])('%s says who was born with others', async (fields, expected) => {
    const { patient } = await tell({ changes: [pid(fields)] });
    expect(patient.multipleBirthInteger ?? patient.multipleBirthBoolean).toBe(expected);
  });

  it.each([
    ['PID-8', /\|F\|/, '|""|', 'E 101 PID^1^8^1'],
    ['PID-7', '|20240101|F|', '|""|F|', 'E 101 PID^1^7^1'],
  ])('must say %s: "" says nothing', async (_, from, to, fault) => {
    const { told } = await tell({ changes: [[from, to]] });
    expect(told.slice(0, 2)).toEqual(['AE', fault]);
  });

  it('may say "" in any part that need not be there', async () => {
    const { told, patient } = await tell({
      changes: [
        ['^Ana^Maria^^^^L', '^Ana^""^""^""^^L'],
        ['^PRN^PH^^^978^7450142', '^PRN^PH^""^""^978^7450142^""'],
        ['12 Elm St^^Salem', '12 Elm St^""^Salem'],
      ],
    });
    expect(told).toEqual(['AA']);
    expect(patient.name[0].given).toEqual(['Ana']);
    expect(patient.address[0].line).toEqual(['12 Elm St']);
  });
});

describe('PID-3', () => {
  const numbers = ({ identifier }: { identifier: readonly { value: string }[] }) =>
    identifier.map(({ value }) => value);
  const sent = (...ids: readonly string[]): Change => [/\|p\d+\^\^\^CLINIC\^MR\|/, `|${ids.join('~')}|`];

  it('keeps each number of a record, and the one of a person that was sent last', async () => {
    const [own, other] = ['#^^^CLINIC^MR', '#x^^^CLINIC^MR'];
    const both = await tell(
      { changes: [sent(own)] },
      { changes: [sent(other, own, '111-11-1111^^^USSSA^SS')] },
    );
    expect(numbers(both.patient).toSorted()).toEqual([`p${serial}`, `p${serial}x`, '111-11-1111'].toSorted());
    const one = await tell(
      { changes: [sent(own, other, '111-11-2222^^^USSSA^SS')] },
      { changes: [sent(own, '111-11-3333^^^USSSA^SS')] },
      { changes: [sent(other)] },
    );
    expect(one.told[0]).toBe('AA');
    expect(numbers(one.patient).toSorted()).toEqual([`p${serial}`, `p${serial}x`, '111-11-3333'].toSorted());
    expect(one.doses).toHaveLength(1);
  });
});

describe('a second PID', () => {
  const second = (mrn: string) => [
    ...history('D1^CLINIC'),
    `PID|1||${mrn}^^^CLINIC^MR||Other^Bo^^^^^L||20240105|M`,
    'ORC|RE||D2^CLINIC',
    'RXA|0|1|20250111||21^Varicella^CVX|999|||01^Historical^NIP001|||||||||||CP|A',
  ];

  it('of somebody else is refused with all of the message: nobody knows whose the doses are', async () => {
    const { told, patient, doses } = await tell({ orders: second('another') });
    expect(told.slice(0, 2)).toEqual(['AE', 'E 100 PID^2']);
    expect(told.filter((one) => one.startsWith('E'))).toHaveLength(1);
    expect([patient, doses]).toEqual([undefined, []]);
  });

  it('of the same number is passed over', async () => {
    const { answer, told, doses } = await tell({ orders: second(`p${serial + 1}`) });
    expect(told.slice(0, 2)).toEqual(['AE', 'E 100 PID^2']);
    expect(answer).toContain('|||PID does not belong where it stands. This PID was not kept.');
    expect(answer).not.toContain('The message was not kept');
    expect(doses).toHaveLength(2);
  });
});

describe('PD1-12', () => {
  it('"" opens no record that is protected, and says what to send', async () => {
    const protection: Change = ['|N|20250201|', '|Y|20250201|'];
    const { told, patient } = await tell({ changes: [protection] }, { changes: [['|N|20250201|', '|""||']] });
    expect(told).toEqual(['AA', 'W 102 PD1^1^12^1']);
    expect(patient.meta.security).toMatchObject([{ code: 'R' }]);
  });
});

describe('NK1', () => {
  const nk1 = (rest: string): Change => ['|MTH^Mother^HL70063\r', `|MTH^Mother^HL70063|${rest}\r`];

  it('"" takes away a number at work', async () => {
    const { kin } = await tell({ changes: [nk1('||^WPN^PH^^^978^1112222')] }, { changes: [nk1('||""')] });
    expect(kin[0].telecom).toBeUndefined();
  });

  it('"" takes away a phone number and an address', async () => {
    const { told, kin } = await tell(
      { changes: [nk1('9 Oak St^^Salem^MA^01970^USA^L|^PRN^PH^^^978^1112222')] },
      { changes: [nk1('""|""')] },
    );
    expect(told).toEqual(['AA']);
    expect(kin).toHaveLength(1);
    expect([kin[0].telecom, kin[0].address]).toEqual([undefined, undefined]);
  });
});

describe('ORC-3 without an authority', () => {
  it.each([
    ['D1^CLINIC', 'D1'],
    ['D1', 'D1^ELSEWHERE'],
  ])('is the number that it is elsewhere: %s, %s', async (first, second) => {
    const deleted = await tell({ orders: history(first) }, { orders: history(second, '20250110', 'D') });
    expect(deleted.doses.map(({ status }: { status: string }) => status)).toEqual(['entered-in-error']);
    const updated = await tell({ orders: history(first) }, { orders: history(second, '20250110', 'U') });
    expect(updated.doses).toHaveLength(1);
  });

  it('is no dose of another day, nor one of another authority', async () => {
    const changes: readonly Change[] = [['|EHR|CLINIC|', '|EHR|FRONT|']];
    const other = await tell(
      { orders: history('D1^CLINIC'), changes },
      { orders: history('D1', '20250111', 'D'), changes },
    );
    expect(other.told).toContain('W 204 ORC^1^3');
    expect(other.doses.map(({ status }: { status: string }) => status)).toEqual(['completed']);
    const named = await tell(
      { orders: history('D1^CLINIC'), changes },
      { orders: history('D1^ELSEWHERE', '20250110', 'D'), changes },
    );
    expect(named.told).toContain('W 204 ORC^1^3');
  });
});

const none = (action = 'A') => [
  'ORC|RE||9999^CLINIC',
  `RXA|0|1|20250110||998^No vaccine administered^CVX|999||||||||||||||NA|${action}`,
];
const obx = (code: string, value: string, status = 'F') =>
  `OBX|1|CE|${code}^x^LN|1|${value}||||||${status}|||20250110`;

describe('what is said of a person', () => {
  it.each(['SCT', 'SNOMED-CT', 'SNOMED CT', 'SNOMED', 'snomed', 'SNM', ''])(
    'is of SNOMED CT where %s is sent',
    async (name) => {
      const orders = [...none(), obx('59784-9', `38907003^Varicella^${name}`)];
      const { conditions } = await tell({ orders });
      expect(conditions[0].code.coding[0].system).toBe('http://snomed.info/sct');
    },
  );

  it('is told where nobody knows what it means', async () => {
    for (const [code, value] of [
      ['59784-9', '052.9^Varicella^I9'],
      ['75505-8', '12345^Immune^L'],
    ] as const) {
      const { told } = await tell({ orders: [...none(), obx(code, value)] });
      expect(told).toEqual(['AA', 'W 103 OBX^1^5^1']);
    }
    for (const [code, value] of [
      ['75505-8', '371112003^Mumps^SCT'],
      ['30945-0', '419199007^Allergy^SCT'],
      ['59784-9', '052.9^Varicella^I9^38907003^Varicella^SCT'],
    ] as const) {
      const { told } = await tell({ orders: [...none(), obx(code, value)] });
      expect(told).toEqual(['AA']);
    }
  });

  it('is not taken back where it is not kept, which is told', async () => {
    const disease = obx('59784-9', '38907003^Varicella^SCT');
    const other = obx('59784-9', '36989005^Mumps^SCT');
    const said = { orders: [...none(), disease] };
    const wrong = await tell(said, { orders: [...none('D'), other] });
    expect(wrong.told).toEqual(['AA', 'W 204 RXA^1']);
    const nothing = await tell({}, { orders: none('D') });
    expect(nothing.told).toEqual(['AA', 'W 204 RXA^1']);
    const right = await tell(said, { orders: [...none('D'), disease] });
    expect(right.told).toEqual(['AA']);
  });

  it.each(['D', 'W', 'X', 'N'])('is not kept where OBX-11 is %s', async (status) => {
    const orders = [...none(), obx('30945-0', 'VXC20^Gelatin^CDCPHINVS', status)];
    const { told, observations } = await tell({ orders });
    expect(told).toEqual(['AE', 'E 103 OBX^1^11^1']);
    expect(observations).toEqual([]);
  });

  it('is kept where OBX-11 is C', async () => {
    const { told, observations } = await tell({
      orders: [...none(), obx('30945-0', 'VXC20^Gelatin^CDCPHINVS', 'C')],
    });
    expect(told).toEqual(['AA', 'W 103 OBX^1^11^1']);
    expect(observations).toHaveLength(1);
  });
});

describe('a state’s own eligibility', () => {
  it.each([
    ['MAA01', []],
    ['V99', ['W 102 OBX^1^5^1']],
  ])('%s is known by its form', async (code, expected) => {
    const orders = [
      'ORC|RE||D1^CLINIC',
      'RXA|0|1|20250110||08^Hep B^CVX|0.5|mL^mL^UCUM||00^New^NIP001||^^^CLINIC||||X1|20271231|MSD^Merck^MVX|||CP|A',
      'RXR|C28161^Intramuscular^NCIT|LA^Left Arm^HL70163',
      obx('64994-7', `${code}^State^HL70064`),
    ];
    const { told } = await tell({ orders });
    expect(told.filter((one) => one.includes('OBX^1^5'))).toEqual(expected);
  });
});

describe('a message that comes again', () => {
  it('with another MSH-7 alone is answered as before', async () => {
    const message = sampleVxu({ controlId: 'AGAIN', mrn: 'again', family: 'Againson' });
    const again = message.replace('20250201101500-0500', '20250202080000-0500');
    expect(again).not.toBe(message);
    expect([await post(message), await post(again)]).toEqual([['AA'], ['AA']]);
    for (const other of [again.replace('12 Elm St', '13 Elm St'), again.replace('||VXU', '|other|VXU')]) {
      expect(await post(other)).toEqual(['AE', 'E 205 MSH^1^10']);
    }
  });
});
