/** A child with two doses, as a clinic's EHR reports today; every part can be another. */
export type SampleVxu = {
  readonly controlId?: string;
  readonly facility?: string;
  readonly mrn?: string;
  readonly family?: string;
  readonly birth?: string;
  /** MSH-7. */
  readonly sent?: string;
  readonly orders?: readonly string[];
};

export const mmr = [
  'ORC|RE||D1^CLINIC|||||||^Clerk^Cora|||||||',
  'RXA|0|1|20250110||03^MMR^CVX|0.5|mL^mL^UCUM||00^New immunization record^NIP001||^^^CLINIC||||X014321|20271231|MSD^Merck^MVX|||CP|A',
  'RXR|C38299^Subcutaneous^NCIT|LA^Left Arm^HL70163',
  'OBX|1|CE|64994-7^Eligibility^LN|1|V02^VFC eligible - Medicaid^HL70064||||||F|||20250110|||VXC40^per immunization^CDCPHINVS',
  'OBX|2|CE|69764-9^Document type^LN|2|253088698300012711120420^MMR VIS^cdcgs1vis||||||F|||20250110',
  'OBX|3|DT|29769-7^Date VIS presented^LN|2|20250110||||||F|||20250110',
];

export const oldVaricella = [
  'ORC|RE||D2^CLINIC',
  'RXA|0|1|20250109||21^Varicella^CVX|999|||01^Historical^NIP001|||||||||||CP|A',
];

export function sampleVxu({
  controlId = 'M1',
  facility = 'CLINIC',
  mrn = '4711',
  family = 'Rivera',
  birth = '20240101',
  sent = '20250201101500-0500',
  orders = [...mmr, ...oldVaricella],
}: SampleVxu = {}): string {
  return [
    `MSH|^~\\&|EHR|${facility}|IIS|MA|${sent}||VXU^V04^VXU_V04|${controlId}|P|2.5.1|||ER|AL|||||Z22^CDCPHINVS`,
    `PID|1||${mrn}^^^CLINIC^MR||${family}^Ana^Maria^^^^L|Soto^^^^^^M|${birth}|F||2106-3^White^CDCREC|12 Elm St^^Salem^MA^01970^USA^L||^PRN^PH^^^978^7450142|||||||||2135-2^Hispanic^CDCREC||N`,
    'PD1|||||||||||02^Reminder/recall - any method^HL70215|N|20250201|||A|20250201|20250201',
    'NK1|1|Soto^Elena^^^^^L|MTH^Mother^HL70063',
    ...orders,
  ]
    .map((segment) => `${segment}\r`)
    .join('');
}

/** MSA-1 of an answer, with the code and place of each of its ERR. */
export function toldIn(answer: string): readonly string[] {
  const segments = answer.split('\r').map((segment) => segment.split('|'));
  const msa = segments.find(([name]) => name === 'MSA');
  const errs = segments.filter(([name]) => name === 'ERR');
  return [msa?.[1] ?? 'none', ...errs.map((err) => `${err[4]} ${err[3]?.split('^')[0]} ${err[2]}`)];
}
