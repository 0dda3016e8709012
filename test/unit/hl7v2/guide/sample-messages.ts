/** Messages of our own, in the shape that the guide asks for: nobody in them lives. */
export const sampleMsh =
  'MSH|^~\\&|ClinicEHR|North Clinic|JENNER|STATE|20240615101500-0400||VXU^V04^VXU_V04|msg-1|P|2.5.1|||ER|AL|||||Z22^CDCPHINVS';
export const samplePid =
  'PID|1||A1001^^^NORTH^MR||Larkin^Mona^Jo^^^^L|Weir^^^^^^M|20230304|F||2106-3^White^CDCREC|12 Elm St^^Salem^MA^01970^USA^P||^PRN^PH^^^978^2820101|||||||||2186-5^Not Hispanic or Latino^CDCREC||N|1';
export const samplePd1 =
  'PD1|||||||||||02^Reminder/recall - any method^HL70215|N|20240615|||A|20230304|20240615';
export const sampleNk1 =
  'NK1|1|Larkin^Weir^Ida^^^^L|MTH^Mother^HL70063|12 Elm St^^Salem^MA^01970^USA^P|^PRN^PH^^^978^2820101';
export const sampleOrder = [
  'ORC|RE|P-77^NORTH|F-77^NORTH|||||||881^Moss^Tara^^^^^^NORTH^L^^^PRN||882^Reed^Paul^^^^^^NORTH^L^^^MD|||||NORTH^North Clinic^HL70362',
  'RXA|0|1|20240615||03^MMR^CVX|0.5|mL^mL^UCUM||00^New Record^NIP001|881^Moss^Tara^^^^^^NORTH^L^^^PRN|^^^NORTH||||L4411|20250101|MSD^Merck^MVX|||CP|A',
  'RXR|C38299^Subcutaneous^NCIT|LA^Left Upper Arm^HL70163',
  'OBX|1|CE|64994-7^Eligibility^LN|1|V01^Not VFC eligible^HL70064||||||F|||20240615|||VXC40^per immunization^CDCPHINVS',
  'OBX|2|CE|30963-3^Funding source^LN|1|PHC70^Private^CDCPHINVS||||||F|||20240615',
  'OBX|3|CE|69764-9^Document type^LN|2|253088698300012711120420^MMR VIS^cdcgs1vis||||||F|||20240615',
  'OBX|4|DT|29769-7^Date VIS presented^LN|2|20240615||||||F|||20240615',
];

/** The sample as a message; what is given stands in place of its segments. */
export function sampleVxu(
  segments: Readonly<Partial<Record<'msh' | 'pid' | 'pd1' | 'nk1', string>>> & {
    readonly order?: readonly string[];
  } = {},
): string {
  const {
    msh = sampleMsh,
    pid = samplePid,
    pd1 = samplePd1,
    nk1 = sampleNk1,
    order = sampleOrder,
  } = segments;
  return [msh, pid, pd1, nk1, ...order]
    .filter((segment) => segment !== '')
    .map((segment) => `${segment}\r`)
    .join('');
}

export const sampleQuery = [
  'MSH|^~\\&|ClinicEHR|North Clinic|JENNER|STATE|20240615101500-0400||QBP^Q11^QBP_Q11|q-1|P|2.5.1|||ER|AL|||||Z44^CDCPHINVS',
  'QPD|Z44^Request Evaluated History and Forecast^CDCPHINVS|tag-1|A1001^^^NORTH^MR|Larkin^Mona^Jo^^^^L|Weir^^^^^^M|20230304|F|12 Elm St^^Salem^MA^01970^USA^P',
  'RCP|I|5^RD&records&HL70126',
]
  .map((segment) => `${segment}\r`)
  .join('');
