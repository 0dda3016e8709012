// A VXU of our own in the shape of NIST's send tests: a child, a mother, two doses given and one told. Nobody in it lives.
const segments = (at) => [
  `MSH|^~\\&|ClinicEHR|North Clinic|JENNER|STATE|20240615101500-0400||VXU^V04^VXU_V04|bench-${at}|P|2.5.1|||ER|AL|||||Z22^CDCPHINVS|North Clinic`,
  `PID|1||A${at}^^^NORTH^MR||Larkin^Mona^Jo^^^^L|Weir^^^^^^M|20230304|F||2106-3^White^CDCREC|12 Elm St^^Salem^MA^01970^USA^P||^PRN^PH^^^978^2820101|||||||||2186-5^Not Hispanic or Latino^CDCREC||N|1`,
  'PD1|||||||||||02^Reminder/recall - any method^HL70215|N|20240615|||A|20230304|20240615',
  'NK1|1|Larkin^Weir^Ida^^^^L|MTH^Mother^HL70063|12 Elm St^^Salem^MA^01970^USA^P|^PRN^PH^^^978^2820101',
  ...dose(`1-${at}`, '03^MMR^CVX', 'MSD^Merck^MVX', '253088698300012711120420^MMR VIS^cdcgs1vis'),
  ...dose(`2-${at}`, '21^Varicella^CVX', 'MSD^Merck^MVX', '253088698300026611080313^Varicella VIS^cdcgs1vis'),
  `ORC|RE||H-${at}^NORTH`,
  'RXA|0|1|20230504||08^Hep B, adolescent or pediatric^CVX|999|||01^Historical information^NIP001|||||||||||CP|A',
];

const dose = (number, vaccine, maker, vis) => [
  `ORC|RE|P-${number}^NORTH|F-${number}^NORTH|||||||881^Moss^Tara^^^^^^NORTH^L^^^PRN||882^Reed^Paul^^^^^^NORTH^L^^^MD|||||NORTH^North Clinic^HL70362`,
  `RXA|0|1|20240615||${vaccine}|0.5|mL^mL^UCUM||00^New Record^NIP001|881^Moss^Tara^^^^^^NORTH^L^^^PRN|^^^NORTH||||L4411|20250101|${maker}|||CP|A`,
  'RXR|C38299^Subcutaneous^NCIT|LA^Left Upper Arm^HL70163',
  'OBX|1|CE|64994-7^Eligibility^LN|1|V01^Not VFC eligible^HL70064||||||F|||20240615|||VXC40^per immunization^CDCPHINVS',
  'OBX|2|CE|30963-3^Funding source^LN|1|PHC70^Private^CDCPHINVS||||||F|||20240615',
  `OBX|3|CE|69764-9^Document type^LN|2|${vis}||||||F|||20240615`,
  'OBX|4|DT|29769-7^Date VIS presented^LN|2|20240615||||||F|||20240615',
];

export const sampleVxu = (at) =>
  segments(at)
    .map((segment) => `${segment}\r`)
    .join('');
