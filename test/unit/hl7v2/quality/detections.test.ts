import { expect, it } from 'vitest';
import { parseMessage } from '../../../../src/hl7v2/er7/message.ts';
import { matchStructure } from '../../../../src/hl7v2/guide/match-structure.ts';
import { detect } from '../../../../src/hl7v2/quality/detections.ts';
import { toEpochDay } from '../../../../src/values/epoch-day.ts';
import { testGuide } from '../guide/open-test-guide.ts';
import {
  sampleMsh,
  sampleNk1,
  sampleOrder,
  samplePd1,
  samplePid,
  sampleVxu,
} from '../guide/sample-messages.ts';

const asOf = toEpochDay(2024, 6, 20);

function codesIn(text: string): readonly string[] {
  const message = parseMessage(text);
  const profile = testGuide.profiles.get('Z22');
  if ('kind' in message || !profile) throw new Error('no message');
  const { matches } = matchStructure(profile, message);
  return detect(testGuide.detections, profile, matches, asOf).hits.map(({ row }) => row.code);
}

const put = (segment: string, from: string, to: string): string => {
  if (!segment.includes(from)) throw new Error(`no ${from}`);
  return segment.replace(from, to);
};
const [orc = '', rxa = '', rxr = '', ...obxs] = sampleOrder;
const order = (parts: {
  readonly orc?: string;
  readonly rxa?: string;
  readonly rxr?: string;
  readonly obxs?: readonly string[];
}) => ({
  order: [parts.orc ?? orc, parts.rxa ?? rxa, parts.rxr ?? rxr, ...(parts.obxs ?? obxs)],
});
const pid = (from: string, to: string) => ({ pid: put(samplePid, from, to) });
const nk1 = (from: string, to: string) => ({ nk1: put(sampleNk1, from, to) });
const dose = (from: string, to: string) => order({ rxa: put(rxa, from, to) });
/** 00, and nothing that only who gave it could know. */
const bare = 'RXA|0|1|20240115||03^MMR^CVX|999|||00^New Record^NIP001|||||||||||CP|A';
const historical = rxa.replace('00^New Record', '01^Historical');

it('finds nothing in a message that has nothing wrong', () => {
  expect(codesIn(sampleVxu())).toEqual([]);
});

it.each([
  ['MQE0527', { msh: put(sampleMsh, '-0400', '') }],
  ['MQE0015', { msh: put(sampleMsh, '20240615', '20250615') }],
  ['MQE0092', pid('12 Elm St^^Salem^MA^01970^USA^P', '^^^^^^')],
  ['MQE0094', pid('^Salem^', '^^')],
  ['MQE0093', pid('^Salem^', '^Anytown^')],
  ['MQE0109', pid('^MA^', '^Mass^')],
  ['MQE0112', pid('01970', '50')],
  ['MQE0099', pid('USA', 'US of A')],
  ['MQE0095', pid('USA', 'US')],
  ['MQE0520', pid('USA^P', 'USA^PRIMARY')],
  ['MQE0120', pid('20230304', '18950115')],
  ['MQE0121', pid('|N|1', '|X|1')],
  ['MQE0123', pid('|N|1', '|N|Twin')],
  ['MQE0125', pid('|N|1', '|Y|')],
  ['MQE0129', pid('|N|1', '|N|1||||19500101|Y')],
  ['MQE0132', pid('|N|1', '|N|1|||||Y')],
  ['MQE0133', pid('|N|1', '|N|1||||20240101|N')],
  ['MQE0135', pid('2186-5', 'N')],
  ['MQE0139', pid('2186-5', '105 E Market St')],
  ['MQE0206', pid('2106-3', 'W')],
  ['MQE0210', pid('2106-3', '108 N Main St')],
  ['MQE0140', pid('^Mona^', '^Apt #5^')],
  ['MQE0165', pid('Larkin^', 'Apt #5^')],
  ['MQE0172', pid('^Mona^', '^BABY BOY^')],
  ['MQE0173', pid('^Mona^', '^Test^')],
  ['MQE0174', pid('^978^2820101', '^^2820101')],
  ['MQE0175', pid('2820101', '5550101')],
  ['MQE0175', pid('^978^', '^911^')],
  ['MQE0456', pid('^PRN^PH', '^^PH')],
  ['MQE0462', pid('PRN^PH', 'PRN^BAD')],
  ['MQE0218', pid('NORTH^MR', 'NORTH^MR~123456789^^^USA^SS')],
  ['MQE0393', pid('^NORTH^MR', '^^MR')],
  ['MQE0394', pid('NORTH^MR', 'NORTH')],
  ['MQE0409', pid('^^^^L|', '^^^^Mona|')],
  ['MQE0516', pid('^^^^L|', '^^^^A|')],
  ['MQE0200', { pd1: put(samplePd1, '|N|', '|Y|') }],
  ['MQE0198', { pd1: put(samplePd1, '|N|', '|(555)|') }],
  ['MQE0205', { pd1: put(samplePd1, '02^', '99^') }],
  ['MQE0157', { nk1: '' }],
  ['MQE0080', nk1('^Weir^Ida', '^^')],
  ['MQE0081', nk1('Larkin^Weir', '^Weir')],
  ['MQE0079', nk1('Larkin^Weir^Ida', '^^')],
  ['MQE0083', nk1('2820101', 'APPLE')],
  ['MQE0074', nk1('^MA^', '^Mass^')],
  ['MQE0090', nk1('MTH^', 'DS^')],
  ['MQE0485', nk1('MTH^Mother', 'CHD^Child')],
  ['MQE0522', nk1('USA^P', 'USA^BA')],
  ['MQE0235', dose('|CP|A', '|CP|')],
  ['MQE0245', dose('03^MMR', '88^Influenza, unspecified')],
  ['MQE0246', dose('03^MMR', '86^IG')],
  ['MQE0249', dose('03^MMR', '999^Unknown')],
  ['MQE0247', dose('03^MMR', 'XYZ^MMR')],
  ['MQE0251', dose('20250101', '20240101')],
  ['MQE0252', dose('20240615', '20240616')],
  ['MQE0255', dose('20240615', '20230303')],
  ['MQE0253', { ...order({}), ...pid('|N|1', '|N|1||||20240614|Y') }],
  ['MQE0254', dose('|CP|A', '|CP|A|20240614')],
  ['MQE0256', dose('03^MMR', '100^PCV7')],
  ['MQE0257', dose('03^MMR', '01^DTP')],
  ['MQE0258', pid('20230304', '20240301')],
  ['MQE0266', dose('20240615|', '20240615|20240616')],
  ['MQE0291', dose('|CP|A', '|NA|A')],
  ['MQE0292', dose('|CP|A', '|PA|A')],
  ['MQE0293', dose('|CP|A', '|RE|A')],
  ['MQE0333', dose('00^New Record', '77^What')],
  ['MQE0332', dose('00^New Record^NIP001', '')],
  ['MQE0329', order({ rxa: historical })],
  ['MQE0327', order({ rxa: bare, rxr: '', obxs: [] })],
  ['MQE0336', dose('20250101', 'Never')],
  ['MQE0338', dose('L4411', 'Lot')],
  ['MQE0339', dose('L4411', '')],
  ['MQE0343', dose('MSD^Merck^MVX', '')],
  ['MQE0344', dose('MSD^Merck', 'QQQ^Merck')],
  ['MQE0450', dose('mL^mL', 'CM^cm')],
  ['MQE0484', dose('MMR^CVX', 'MMR^CVX CODE')],
  ['MQE0483', dose('MMR^CVX', 'MMR')],
  ['MQE0278', order({ rxr: put(rxr, 'C38299', 'MMR') })],
  ['MQE0284', order({ rxr: put(rxr, 'LA^', 'Clinic^') })],
  ['MQE0298', order({ orc: `${orc}|||||||||||Block` })],
  ['MQE0372', order({ orc: put(orc, 'ORC|RE', 'ORC|UR') })],
  ['MQE0469', order({ obxs: obxs.map((obx) => obx.replace('V01^', 'V99^')) })],
  ['MQE0596', order({ obxs: obxs.map((obx) => obx.replace('PHC70^', 'VXC51^')) })],
  ['MQE0537', order({ obxs: obxs.map((obx) => obx.replace('LN|2|20240615', 'LN|2|')) })],
  ['MQE0473', order({ obxs: obxs.map((obx) => obx.replace('OBX|1|CE', 'OBX|1|')) })],
] as const)('finds %s', (code, segments) => {
  expect(codesIn(sampleVxu(segments))).toContain(code);
  expect(testGuide.detections.rows.get(code)?.rule).toBeDefined();
});

it.each([
  ['looks given by a lot, a maker, an expiry and an amount, and a provider', rxa, []],
  [
    'does not by nine points: a place, a provider, a route',
    `${bare}`.replace('NIP001|||', 'NIP001|88^Moss|^^^NORTH|'),
    ['MQE0327'],
  ],
])('a dose %s', (_, segment, expected) => {
  const found = codesIn(
    sampleVxu(order({ rxa: segment, rxr: put(rxr, 'LA^Left Upper Arm^HL70163', ''), obxs: [] })),
  );
  expect(found.filter((code) => code === 'MQE0327')).toEqual(expected);
});

it.each([
  ['MQE0327', order({ rxa: bare.replace('NIP001|||', 'NIP001|88^Moss|^^^NORTH|'), obxs: [] })],
  ['MQE0257', dose('03^MMR', '88^Influenza, unspecified')],
  ['MQE0256', dose('03^MMR', '88^Influenza, unspecified')],
  ['MQE0174', pid('^PRN^PH^^^978^2820101', '(978) 282-0101^PRN^PH')],
  ['MQE0175', pid('^PRN^PH^^^978^2820101', '1-978-282-0101^PRN^PH')],
  ['MQE0175', pid('^PRN^PH^^^978^2820101', '^NET^X.400^mona@example.org')],
  ['MQE0112', pid('01970', '01970-1234')],
  ['MQE0112', pid('MA^01970^USA', 'ON^K1A 0B1^CAN')],
  ['MQE0109', pid('MA^01970^USA', 'ON^K1A 0B1^CAN')],
  ['MQE0140', pid('^Mona^', "^D'Arcy-Zoë Jr.^")],
  // Sent on the day after: east of here it is that day.
  ['MQE0015', { msh: put(sampleMsh, '20240615', '20240621') }],
  ['MQE0157', { ...pid('20230304', '19830304'), nk1: '' }],
] as const)('does not find %s where there is none', (code, segments) => {
  expect(codesIn(sampleVxu(segments))).not.toContain(code);
});

it('does not ask of a dose that another gave what only the giver knows', () => {
  const told = `${historical.replace('|L4411|20250101|MSD^Merck^MVX', '|||')}`;
  const codes = codesIn(sampleVxu(order({ rxa: told, rxr: '', obxs: [] })));
  expect(codes.filter((code) => ['MQE0339', 'MQE0343', 'MQE0468', 'MQE0542'].includes(code))).toEqual([]);
});

it('knows some 660 detections, and a rule for more than a third of them that say something is wrong', () => {
  const rows = [...testGuide.detections.rows.values()];
  expect(rows.length).toBe(660);
  expect(rows.filter(({ rule }) => rule && rule[0] !== 'present').length).toBeGreaterThan(230);
});
