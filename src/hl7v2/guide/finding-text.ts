import type { ErrorLocation } from '../finding.ts';
import type { Decision, Loss } from './local-decision.ts';
import type { Fault, Violation } from './violation.ts';

/** PID-5.2: how people write a place. */
export function placeName({ segment, field, component, subcomponent }: ErrorLocation): string {
  const below = [component, subcomponent].filter((one) => one !== undefined).map((one) => `.${one}`);
  return field === undefined ? segment : `${segment}-${field}${below.join('')}`;
}

/** What a clinic reads: where, what is wrong, and what became of it. */
export function textOfViolation(
  violation: Violation,
  { loss, told }: Pick<Decision, 'loss' | 'told'>,
): string {
  const place = placeName(violation.location);
  const subject = violation.location.field === undefined ? `${place}` : `${place} (${violation.name})`;
  if (told !== undefined) return `${subject} ${told.replace('%', () => valueIn(violation))}`;
  return `${subject} ${faultText(violation)}.${lossText(violation, loss)}`;
}

const valueIn = ({ fault }: Violation): string => ('value' in fault ? quote(fault.value) : '');

function faultText({ fault, location }: Violation): string {
  switch (fault.kind) {
    case 'missing':
      return missingText(fault);
    case 'unsupported':
      return fault.conditional ? 'must be empty here' : 'is not used in this message';
    case 'length':
      return `has ${fault.value.length} characters; the guide allows ${range(fault.min, fault.max)}`;
    case 'format':
      return `${quote(fault.value)} is not ${formatNames[fault.type] ?? `of type ${fault.type}`}`;
    case 'code':
      return `${quote(fault.value)} is not in table ${fault.table}`;
    case 'code-system':
      return `${quote(fault.value)} is not the code system of this table; ${fault.expected.join(' or ')} is`;
    case 'unescaped':
      return 'holds a delimiter that is not escaped';
    case 'deletion':
      return 'is to be deleted';
    case 'value-type':
      return fault.value === ''
        ? 'has no value type in OBX-2'
        : `has the value type ${quote(fault.value)}, which does not fit OBX-3`;
    case 'statement':
      return `breaks the rule ${fault.id} of the guide: ${statementTexts[fault.id] ?? 'see the guide'}`;
    case 'repeated':
      return location.field === undefined
        ? 'stands more often than it may'
        : 'repeats more often than it may';
    case 'unexpected':
      return 'does not belong where it stands';
    case 'unknown':
      return 'is not known';
  }
}

function missingText({ conditional, within }: Extract<Fault, { readonly kind: 'missing' }>): string {
  if (within) return `is required in each ${within.replace(/ \d+$/, '')}, and ${within} has none`;
  return conditional ? 'is required here, and is empty' : 'is required, and is missing';
}

const range = (min: number, max: number): string => {
  if (max === Number.POSITIVE_INFINITY) return `at least ${min}`;
  return min === max ? `${min}` : `${min} to ${max}`;
};

/** What was sent, short enough to read. */
export const quote = (value: string): string => `"${value.length > 60 ? `${value.slice(0, 57)}...` : value}"`;

const formatNames: Readonly<Record<string, string>> = {
  DT: 'a date (YYYYMMDD)',
  DTM: 'a date or time (YYYYMMDD[HHMM[SS]][+/-ZZZZ])',
  TM: 'a time (HHMM)',
  NM: 'a number',
  SI: 'a sequence number',
};

/** A segment that is one too many goes by itself; a message that lacks it says so at its place. */
const isBesideAnother = ({ kind }: Fault): boolean => kind === 'repeated' || kind === 'unexpected';

function lossText({ location, fault }: Violation, loss: Loss): string {
  switch (loss) {
    case 'ignore':
    case 'keep':
      return '';
    case 'repetition':
      return ' This repetition was not read.';
    case 'field':
      return ' The value was not read.';
    case 'segment':
      if (location.segment === 'PID' && !isBesideAnother(fault)) return ' The message was not kept.';
      return ` This ${location.segment === 'RXA' ? 'dose' : location.segment} was not kept.`;
    case 'group':
      return ' This dose was not kept.';
    case 'message':
      return ' The message was not kept.';
  }
}

/** The guide's statements, in our words. */
const statementTexts: Readonly<Record<string, string>> = {
  'IZ-1': 'a quantity is a whole number above 0',
  'IZ-2': 'the units are RD',
  'IZ-3': 'a universal id is an OID',
  'IZ-4': 'the type of a universal id is ISO',
  'IZ-5': 'a universal id is an OID',
  'IZ-6': 'the type of a universal id is ISO',
  'IZ-12': 'the field separator is |',
  'IZ-13': 'the encoding characters are ^~\\&',
  'IZ-15': 'the version is 2.5.1',
  'IZ-17': 'the message type is VXU^V04^VXU_V04',
  'IZ-22': 'the result status is F',
  'IZ-23': 'a dose that was given has an OBX with its eligibility (64994-7)',
  'IZ-24':
    'a dose that was given has OBX for each VIS: 69764-9 and 29769-7, or 30956-7, 29768-9 and 29769-7, of one OBX-4',
  'IZ-25': 'the order control is RE',
  'IZ-27': 'the query priority is I',
  'IZ-28': 'RXA-1 is 0',
  'IZ-29': 'RXA-2 is 1',
  'IZ-30': 'RXA-4 is the same as RXA-3',
  'IZ-31': 'a dose that was given has a source of table NIP001',
  'IZ-32': 'a refusal reason goes with RXA-20 RE',
  'IZ-35': 'an eligibility is of table 0064',
  'IZ-36': 'a VIS document is of the list of barcodes',
  'IZ-37': 'a vaccine type is of CVX',
  'IZ-41': 'MSH-16 is AL',
  'IZ-42': 'MSH-15 is ER',
  'IZ-43': 'MSH-21 is Z22^CDCPHINVS',
  'IZ-44': 'the sub-id is a whole number above 0',
  'IZ-45': 'ORC-3 is 9999 where RXA-20 is NA or RE',
  'IZ-46': 'PID-1 is 1',
  'IZ-47': 'RXA-9 is empty where RXA-20 is not CP or PA',
  'IZ-48': 'the amount is 999 where RXA-20 is RE',
  'IZ-49': 'the amount is 999 where RXA-5 is 998',
  'IZ-55': 'the message type is QBP^Q11^QBP_Q11',
  'IZ-56': 'MSH-21 is Z34^CDCPHINVS',
  'IZ-57': 'MSH-15 is ER',
  'IZ-58': 'MSH-16 is AL',
  'IZ-64': 'MSH-21 is Z44^CDCPHINVS',
  'IZ-66': "the type of the mother's maiden name is M",
  'IZ-67': 'QPD-1 is Z34^Request Immunization History^CDCPHINVS',
  'IZ-68': 'QPD-1 is Z44^Request Evaluated History and Forecast^CDCPHINVS',
  'IZ-69': 'IN1-1 is 1',
  'IZ-70': 'DSC is not sent',
  'IZ-72': 'PID-1 counts from 1',
  'IZ-TS_Z': 'the time is YYYYMMDDHHMMSS with its offset from UTC (+/-ZZZZ)',
  'IZ-TS_NZ': 'the date is YYYYMMDD, a time may follow, no offset',
  'IZ-TS': 'the date is YYYYMM, YYYYMMDD, or longer',
  'IZ-TS_M': 'the date is YYYYMM or YYYYMMDD',
  'IZ-DT_D': 'the date is YYYYMMDD',
  'NIST-01': 'OBX-1 counts from 1, through the message or anew for each dose',
};
