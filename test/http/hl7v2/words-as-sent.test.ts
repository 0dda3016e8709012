import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from '../open-test-server.ts';
import { sampleVxu, toldIn } from './sample-vxu.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

let serial = 0;

/** What is kept of the orders of one person, by type, and what each message was told. */
async function tell(...messages: readonly (readonly string[])[]) {
  serial++;
  const mrn = `word${serial}`;
  const told: (readonly string[])[] = [];
  for (const [at, orders] of messages.entries()) {
    const vxu = sampleVxu({
      controlId: `WORD${serial}-${at}`,
      mrn,
      family: `Word${'abcdefghijkl'[serial]}`,
      orders,
    });
    told.push(
      toldIn((await server.send('POST', '/hl7v2', vxu, { 'content-type': 'application/hl7-v2' })).text),
    );
  }
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into what is stored
  const kept = async (type: string): Promise<any[]> => {
    const { body } = await server.get(`/fhir/${type}?patient.identifier=${mrn}`);
    return (body.entry ?? []).map(({ resource }: { resource: object }) => resource);
  };
  return { told, kept, mrn };
}

const orc = (number: string) => `ORC|RE||${number}^CLINIC`;
const none = (status = 'NA') =>
  `RXA|0|1|20250110||998^No vaccine administered^CVX|999||||||||||||||${status}|A`;
const dose = (
  number: string,
  { day = '20250110', amount = '999|', action = 'A', vaccine = '03^MMR^CVX' } = {},
) => [orc(number), `RXA|0|1|${day}||${vaccine}|${amount}||01^Historical^NIP001|||||||||||CP|${action}`];
const obx = (number: number, type: string, code: string, value: string) =>
  `OBX|${number}|${type}|${code}^x^LN|${number}|${value}||||||F|||20250110`;

describe('a word where a code belongs', () => {
  it.each([
    ['ST', 'Chickenpox', { text: 'Chickenpox' }],
    ['CE', 'Chickenpox', { text: 'Chickenpox' }],
    ['CE', 'had chickenpox', { text: 'had chickenpox' }],
    ['CE', 'VZV^Chickenpox', { coding: [{ code: 'VZV', display: 'Chickenpox' }] }],
    ['ST', '38907003', { coding: [{ system: 'http://snomed.info/sct', code: '38907003' }] }],
    ['CE', '38907003', { coding: [{ system: 'http://snomed.info/sct', code: '38907003' }] }],
  ])('is a text, and no code of SNOMED CT: %s %s', async (type, value, code) => {
    const { kept } = await tell([orc('9999'), none(), obx(1, type, '59784-9', value)]);
    expect((await kept('Condition')).map((one) => one.code)).toEqual([code]);
  });

  it('is one in what is said of a dose too', async () => {
    const { kept } = await tell([
      ...dose('D1'),
      obx(1, 'ST', '64994-7', 'Medicaid child'),
      obx(2, 'ST', '30963-3', 'Private stock'),
      obx(3, 'TX', '30956-7', 'MMR sheet'),
    ]);
    const [kind] = await kept('Immunization');
    expect(kind.programEligibility[0].text).toBe('Medicaid child');
    expect(kind.programEligibility[0].coding).toBeUndefined();
    expect(kind.fundingSource).toEqual({ text: 'Private stock' });
    expect(kind.education[0].extension[0].valueCodeableConcept).toEqual({ text: 'MMR sheet' });
  });

  it('tells two reactions of a dose apart, and comes back', async () => {
    const orders = [
      ...dose('D1'),
      obx(1, 'ST', '31044-1', 'Hives all over'),
      obx(2, 'ST', '31044-1', 'Fever'),
    ];
    const { kept, mrn } = await tell(orders, orders);
    const reactions = (await kept('Observation')).map(
      ({ valueCodeableConcept }) => valueCodeableConcept.text,
    );
    expect(reactions.toSorted()).toEqual(['Fever', 'Hives all over']);
    const [{ id }] = (await server.get(`/fhir/Patient?identifier=${mrn}`)).body.entry.map(
      ({ resource }: { resource: object }) => resource,
    );
    const { text } = await server.get(`/fhir/Patient/${id}/$vxu`, { accept: 'text/plain' });
    expect(text).toContain('|^Hives all over|');
  });

  it('is kept of an organization that has no number', async () => {
    const { kept } = await tell([`${orc('D1')}||||||||||||||Elm Street Clinic`, dose('D1')[1] ?? '']);
    const [{ contained = [] }] = await kept('Immunization');
    expect(contained.find(({ id }: { id: string }) => id === 'organization')?.name).toBe('Elm Street Clinic');
  });
});

describe('an amount in capitals', () => {
  it.each([
    ['ML^mL^ISO+', 'mL'],
    ['ML', 'mL'],
    ['ml^^UCUM', 'mL'],
    ['cc', 'mL'],
    ['MCG^microgram^ISO+', 'ug'],
    ['[tsp_us]^^UCUM', '[tsp_us]'],
  ])('is no million of litres: %s', async (unit, code) => {
    const { kept } = await tell(dose('D1', { amount: `0.5|${unit}` }));
    expect((await kept('Immunization'))[0].doseQuantity).toMatchObject({
      value: 0.5,
      system: 'http://unitsofmeasure.org',
      code,
    });
  });
});

describe('what a sender may not have meant', () => {
  it('is told of a delete that names another day than that of its dose', async () => {
    const { told, kept } = await tell(
      dose('D1'),
      dose('D1', { day: '20250109', action: 'D' }),
      dose('D1', { day: '20250109', action: 'D' }),
    );
    expect(told.slice(1)).toEqual([['AA', 'W 205 ORC^1^3'], ['AA']]);
    expect((await kept('Immunization'))[0].status).toBe('entered-in-error');
  });

  it('is told where it stands of a precaution that ends before it begins, and nothing else is lost', async () => {
    const orders = (start: string, end: string) => [
      orc('9999'),
      none(),
      'OBX|1|CE|30945-0^x^LN|1|91930004^Egg^SCT||||||F|||20250110',
      `OBX|2|DT|30946-8^x^LN|1|${start}||||||F|||20250110`,
      `OBX|3|DT|30944-3^x^LN|1|${end}||||||F|||20250110`,
    ];
    const { told, kept } = await tell(orders('20210101', '20200101'));
    expect(told).toEqual([['AE', 'E 102 OBX^3^5^1']]);
    expect((await kept('Observation')).map((one) => one.effectivePeriod)).toEqual([{ start: '2021-01-01' }]);
    expect((await tell(orders('20210101', '20210101'))).told).toEqual([['AA']]);
  });

  it('is told of a 998 that says nothing, and more of one that was given', async () => {
    const { told } = await tell(
      [orc('9999'), none()],
      [orc('D1'), none('CP')],
      [orc('9999'), none(), obx(1, 'CE', '59784-9', '38907003^Varicella^SCT')],
    );
    expect(told[0]).toContain('I 0 RXA^1^5');
    expect(told[1]).toContain('W 102 RXA^1^5');
    expect(told[2]).toEqual(['AA']);
  });
});
