import type { Segment } from '../er7/message.ts';
import { componentOf, repetitionsOf, textAt, textOf } from '../er7/piece.ts';
import { dayOf } from '../guide/hl7-date.ts';
import { isNoPhone, lacksArea } from './phone.ts';
import type { QualityContext, Rule } from './quality-context.ts';
import type { Subject } from './subject.ts';

const longAgo = 120 * 365.25;

/** What a patient's segments say, in the first component. */
const pid = ({ segments }: Subject, field: number, component = 1): string | undefined => {
  const segment = segments.get('PID');
  return segment && textAt(segment, { field, component });
};

/** Under 18 on the day the message was sent. */
export function isChild({ patient, sent }: QualityContext): boolean {
  const born = dayOf(pid(patient, 7));
  return born !== undefined && sent - born < 18 * 365.25;
}

/** Who may be asked for a child: table 0063. */
const guardians: ReadonlySet<string> = new Set(['MTH', 'FTH', 'GRD', 'PAR', 'CGV', 'FCH', 'GRP']);

export const isGuardian = ({ segments }: Subject): boolean => {
  const nk1 = segments.get('NK1');
  return nk1 !== undefined && guardians.has(textAt(nk1, { field: 3 }) ?? '');
};

export const patientRules: Readonly<Record<string, Rule>> = {
  'very long ago': (patient, { sent }) => {
    const born = dayOf(pid(patient, 7));
    return born !== undefined && sent - born > longAgo;
  },
  underage: (_, context) => isChild(context),
  'birth order of a twin': (patient) => pid(patient, 24) === 'Y' && pid(patient, 25) === undefined,
  'death without a date': (patient) => pid(patient, 30) === 'Y' && pid(patient, 29) === undefined,
  'death date without death': (patient) => pid(patient, 29) !== undefined && pid(patient, 30) === 'N',
  'newborn name': (patient) =>
    /^(?:newborn|new born|baby|infant|boy|girl|bb|bg|baby ?(?:boy|girl)|no name)$/i.test(
      pid(patient, 5, 2) ?? '',
    ),
  'junk name': (patient) =>
    [1, 2].some((part) =>
      /^(?:test|testing|none|unknown|unk|no name|fake|dummy)$/i.test(pid(patient, 5, part) ?? ''),
    ),
  'test name': (patient) =>
    [1, 2].some((part) => /^(?:test|testing|zztest|test ?patient)/i.test(pid(patient, 5, part) ?? '')),
  'not legal': (patient) => pid(patient, 5, 7) !== 'L',
  'phone without area': ({ segments, kind }) => lacksArea(phoneSegment(segments, kind), phoneField(kind)),
  phone: ({ segments, kind }) => isNoPhone(phoneSegment(segments, kind), phoneField(kind)),
  SSN: (patient) => ssnsOf(patient).some((ssn) => !isSsn(ssn)),
  'no guardian': (_, context) => isChild(context) && !context.contacts.some(isGuardian),
};

const phoneSegment = (segments: Subject['segments'], kind: Subject['kind']): Segment | undefined =>
  segments.get(kind === 'contact' ? 'NK1' : 'PID');
const phoneField = (kind: Subject['kind']): number => (kind === 'contact' ? 5 : 13);

function ssnsOf({ segments }: Subject): readonly string[] {
  const segment = segments.get('PID');
  if (!segment) return [];
  return repetitionsOf(segment, 3).flatMap((one) => {
    const id = textOf(componentOf(one, 1));
    return id !== undefined && textOf(componentOf(one, 5)) === 'SS' ? [id] : [];
  });
}

/** No area 000, 666 or 9xx, no group 00, no serial 0000 (SSA, POMS RM 10201.035), and none that is typed to fill a field. */
function isSsn(text: string): boolean {
  const digits = text.replace(/[- ]/g, '');
  if (!/^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/.test(digits)) return false;
  return digits !== '123456789' && !/^(\d)\1{8}$/.test(digits);
}
