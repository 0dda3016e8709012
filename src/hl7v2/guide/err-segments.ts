import { type FieldValue, writeSegment } from '../er7/write-segment.ts';
import type { ApplicationCode, ErrorCode, ErrorLocation, Finding, Severity } from '../finding.ts';

/** HL70357. */
const errorTexts: Readonly<Record<ErrorCode, string>> = {
  '0': 'Message accepted',
  '100': 'Segment sequence error',
  '101': 'Required field missing',
  '102': 'Data type error',
  '103': 'Table value not found',
  '200': 'Unsupported message type',
  '201': 'Unsupported event code',
  '202': 'Unsupported processing id',
  '203': 'Unsupported version id',
  '204': 'Unknown key identifier',
  '205': 'Duplicate key identifier',
  '206': 'Application record locked',
  '207': 'Application internal error',
};

/** HL70533. */
const applicationTexts: Readonly<Record<ApplicationCode, string>> = {
  '1': 'Illogical date error',
  '2': 'Invalid date',
  '3': 'Illogical value error',
  '4': 'Invalid value',
  '5': 'Table value not found',
  '6': 'Required observation missing',
  '7': 'Required data missing',
};

/** How many of one severity an answer tells, at most; of more than that it tells how many there are. */
export type Most = Readonly<Record<Severity, number>>;

const mostOfAck: Most = { E: 500, W: 50, I: 20 };

/** The ERR segments of an ACK: one for each finding, in their order. */
export function errSegments(findings: readonly Finding[], most: Most = mostOfAck): readonly string[] {
  const told: Record<Severity, number> = { E: 0, W: 0, I: 0 };
  const shown = findings.filter(({ severity }) => {
    told[severity] += 1;
    return told[severity] <= most[severity];
  });
  const left = findings.length - shown.length;
  return [...shown, ...(left > 0 ? [moreFindings(left)] : [])].map(errSegment);
}

/** The ERR of a response, of which there may be one: the worst of the findings. None where there are none. */
export function worstErrSegment(findings: readonly Finding[]): string | undefined {
  const order: readonly Severity[] = ['E', 'W', 'I'];
  const [worst] = order.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
  if (!worst) return undefined;
  const others = findings.length - 1;
  return errSegment(others > 0 ? { ...worst, text: `${worst.text} (${others} more)` } : worst);
}

const moreFindings = (left: number): Finding => ({
  severity: 'I',
  code: '0',
  text: `${left} more findings are not listed here; they are kept with the message.`,
});

function errSegment({ severity, code, application, detection, location, text }: Finding): string {
  return writeSegment('ERR', {
    2: location && locationOf(location),
    3: [code, errorTexts[code], 'HL70357'],
    4: severity,
    5: applicationOf(application, detection),
    8: text.length > 250 ? `${text.slice(0, 247)}...` : text,
  });
}

/** ERR-5: HL70533, and beside it the code of the detection. */
function applicationOf(application: ApplicationCode | undefined, detection: string | undefined): FieldValue {
  const own = application ? [application, applicationTexts[application], 'HL70533'] : undefined;
  if (!detection) return own;
  const local = [detection, undefined, 'L'];
  return own ? [...own, ...local] : local;
}

function locationOf(location: ErrorLocation): FieldValue {
  const { segment, occurrence, field, repetition, component, subcomponent } = location;
  return [segment, ...[occurrence, field, repetition, component, subcomponent].map((one) => one?.toString())];
}
