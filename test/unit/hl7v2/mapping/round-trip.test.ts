import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { brokenIn, lostIn, written } from './round-trip.ts';
import { er7, toChecked } from './to-checked.ts';

const msh =
  'MSH|^~\\&|EHR|Elm|JENNER|XX|20251229101500-0500||VXU^V04^VXU_V04|m-1|P|2.5.1|||ER|AL|||||Z22^CDCPHINVS';
const messages: Readonly<Record<string, readonly string[]>> = {
  'everything that the guide asks for': [
    'PID|1||4711^^^ELM^MR~123^^^&2.16.840.1.113883.4.1&ISO^SS~99^^^REG&1.2.3&ISO^SR||Okonkwo^Adaeze^Ruth^Jr^Ms^^L~Ada^Ada^^^^^A|Eze^Ngozi^^^^^M|20240307101500-0500|F||2054-5^Black or African American^CDCREC~2106-3^White^CDCREC|14 Hawthorn St^Apt 2^Lowell^MA^01851^USA^H^^25017~1 Old Rd^^Salem^MA^01970^USA^BA~^^Boston^MA^^USA^BDL||^PRN^PH^^1^617^4829931~^NET^Internet^ada@example.org~^ORN^CP^^^617^5550147^12|||||||||2186-5^Not Hispanic^CDCREC||Y|2||||20251201|Y',
    'PD1|||||||||||02^Reminder/recall - any method^HL70215|Y|20250101|||A|20240307|20250102',
    'NK1|1|Okonkwo^Chidi^^^^^L|FTH^Father^HL70063|14 Hawthorn St^^Lowell^MA^01851^USA^P|^PRN^PH^^^617^4829931',
    'NK1|2|Eze^Ngozi^^^^^L|MTH^Mother^HL70063',
    'ORC|RE|p-1^ELM|d-1^ELM^1.2.3^ISO|||||||7^Jackson^Lily^S^Jr^Dr^^^NPI&2.16.840.1.113883.4.6&ISO^L^^^NPI||8^Thomas^Wilma^^^^^^NPI^L^^^NPI^^^^^^^^MD|||||ELM^Elm Street^HL70362',
    'RXA|0|1|202512201030-0500||03^MMR^CVX^00006-4681-01^M-M-R II^NDC|0.50|mL^milliliter^UCUM||00^New^NIP001|9^Ng^Ana^^^^^^NPI^L|^^^ELM-1^^^^^14 Elm St^^Lowell^MA^01851||||N3783EO|202706|MSD^Merck^MVX|||CP|A',
    'RXR|C38299^Subcutaneous^NCIT|LA^Left arm^HL70163',
    'OBX|1|CE|64994-7^Eligibility^LN|1|V02^Medicaid^HL70064||||||F|||20251221|||VXC40^per immunization^CDCPHINVS',
    'OBX|2|CE|30963-3^Funding^LN|2|VXC51^Public VFC^CDCPHINVS||||||F|||20251220',
    'OBX|3|CE|69764-9^Document^LN|3|253088698300012711120420^MMR VIS^cdcgs1vis||||||F|||20251220',
    'OBX|4|DT|29769-7^Presented^LN|3|20251220||||||F|||20251220',
    'OBX|5|CE|30956-7^Vaccine type^LN|4|03^MMR^CVX||||||F|||20251220',
    'OBX|6|DT|29768-9^Published^LN|4|20210806||||||F|||20251220',
    'OBX|7|DT|29769-7^Presented^LN|4|20251220||||||F|||20251220',
    'OBX|8|CE|31044-1^Reaction^LN|5|VXC9^persistent crying^CDCPHINVS||||||F|||20251222',
    'OBX|9|NM|30973-2^Dose number^LN|6|1||||||F',
    'OBX|10|NM|59782-3^Doses^LN|6|2||||||F',
    'OBX|11|NM|8867-4^Heart rate^LN|7|88|/min^^UCUM|||||F|||20251220',
    'OBX|12|ST|48767-8^Comment^LN|8|gave \\T\\ went||||||F|||20251220',
    'ORC|RE||d-2^ELM',
    'RXA|0|1|20240908||94^MMRV^CVX|999|||01^Historical^NIP001|||||||||||CP|A',
    'ORC|RE||d-3^ELM',
    'RXA|0|1|20240909||20^DTaP^CVX|0.25|mL^mL^UCUM||05^Other registry^NIP001|||||||||||PA|A',
  ],
  'what was not given, and what is known of the person': [
    'PID|1||4711^^^ELM^MR||Vance^Peter^^^^^L||19800101|M',
    'ORC|RE||9999^ELM',
    'RXA|0|1|20251220||21^Varicella^CVX|999||||||||||||03^Patient decision^NIP002||RE|A',
    'ORC|RE||9999^ELM',
    'RXA|0|1|20251220||998^No vaccine^CVX|999||||||||||||||NA',
    'OBX|1|CE|59784-9^Disease^LN|1|38907003^Varicella^SCT||||||F|||20251219',
    'OBX|2|CE|75505-8^Immunity^LN|2|371111005^Measles immune^SCT||||||F|||20251218',
    'OBX|3|CE|30945-0^Contraindication^LN|3|VXC18^allergy to eggs^CDCPHINVS||||||F|||20251220',
    'OBX|4|DT|30946-8^Since^LN|3|20200101||||||F',
    'OBX|5|DT|30944-3^Until^LN|3|20260101||||||F',
    'OBX|6|CE|59785-6^Indication^LN|4|VXC7^Rabies exposure^CDCPHINVS||||||F|||20251220',
    'ORC|RE||d-9^ELM',
    'RXA|0|1|20251101||140^Influenza^CVX|999|||00^New^NIP001|||||||||||CP|D',
  ],
};

describe('a message that became FHIR and is written again', () => {
  it.each(Object.entries(messages))('loses nothing: %s', (_, segments) => {
    const sent = toChecked(er7(msh, ...segments));
    expect(lostIn(sent, written(sent))).toEqual([]);
  });

  it.each(Object.entries(messages))('breaks no more of the guide than was broken: %s', (_, segments) => {
    const sent = toChecked(er7(msh, ...segments));
    expect(brokenIn(written(sent), sent)).toEqual([]);
  });

  it('keeps the digits of amounts', () => {
    const sent = toChecked(er7(msh, ...(messages['everything that the guide asks for'] ?? [])));
    expect(written(sent).orders[0]?.rxa.raw).toContain('|0.50|mL^milliliter^UCUM|');
  });

  it('is written the same when it is read and written once more', () => {
    for (const segments of Object.values(messages)) {
      const once = written(toChecked(er7(msh, ...segments)));
      const raw = (checked: typeof once) => checked.message.segments.map((segment) => segment.raw);
      expect(raw(written(once))).toEqual(raw(once));
    }
  });
});

const shared = new URL('../../../../../shared/data/hl7/messages/', import.meta.url);
type Listed = {
  readonly file: string;
  readonly type: string;
  readonly expected?: { readonly verdict?: string };
};

describe.skipIf(!existsSync(shared))('a VXU of the test data that NIST finds conformant', () => {
  const { messages: listed } = existsSync(shared)
    ? (JSON.parse(readFileSync(new URL('index.json', shared), 'utf8')) as { messages: readonly Listed[] })
    : { messages: [] };
  const conformant = listed.filter(
    ({ type, expected }) => type === 'VXU' && expected?.verdict === 'conformant',
  );

  it.each(conformant.map(({ file }) => file))('loses nothing: %s', (file) => {
    const sent = toChecked(readFileSync(new URL(file, shared), 'utf8'));
    const back = written(sent);
    expect(lostIn(sent, back)).toEqual([]);
    expect(brokenIn(back, sent)).toEqual([]);
  });
});
