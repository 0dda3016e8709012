import type { Patient } from 'fhir/r4.js';
import { type EpochDay, formatEpochDay } from '../../values/epoch-day.ts';
import { type FieldValue, writeMessage, writeSegment } from '../er7/write-segment.ts';

export type DemoMessage = {
  readonly person: Patient;
  /** The day of the visit. */
  readonly today: EpochDay;
  /** MSH-10. */
  readonly controlId: string;
};

/** What the EHR of another practice reports of somebody of the demo: one influenza vaccine, given today. */
export function demoMessage({ person, today, controlId }: DemoMessage): string {
  const day = formatEpochDay(today).replaceAll('-', '');
  const sent = `${day}120000-0500`;
  const number = (person.id ?? '').replace(/^.*-/, '');
  return writeMessage([
    writeSegment('MSH', {
      3: 'DemoEHR',
      4: 'DEMO-PRACTICE',
      5: 'Jenner',
      6: 'DEMO',
      7: sent,
      9: ['VXU', 'V04', 'VXU_V04'],
      10: controlId,
      11: 'P',
      12: '2.5.1',
      15: 'ER',
      16: 'AL',
      21: ['Z22', 'CDCPHINVS'],
    }),
    writeSegment('PID', {
      1: '1',
      3: [`EHR-${number}`, undefined, undefined, 'DEMO-PRACTICE', 'MR'],
      5: nameOf(person),
      7: (person.birthDate ?? '').replaceAll('-', ''),
      8: { female: 'F', male: 'M', other: 'U', unknown: 'U' }[person.gender ?? 'unknown'],
      11: addressOf(person),
      13: phoneOf(person),
    }),
    writeSegment('PD1', { 12: 'N', 13: day }),
    writeSegment('NK1', {
      1: '1',
      2: [person.name?.[0]?.family, 'Sam', undefined, undefined, undefined, undefined, 'L'],
      3: ['PAR', 'Parent', 'HL70063'],
    }),
    writeSegment('ORC', { 1: 'RE', 3: [`DOSE-${number}-${day}`, 'DEMO-PRACTICE'] }),
    writeSegment('RXA', {
      1: '0',
      2: '1',
      3: day,
      5: ['140', 'Influenza, split virus, trivalent, preservative free', 'CVX'],
      6: '0.5',
      7: ['mL', 'mL', 'UCUM'],
      9: ['00', 'New immunization record', 'NIP001'],
      11: [undefined, undefined, undefined, 'DEMO-PRACTICE'],
      15: 'DEMO123',
      16: formatEpochDay((today + 180) as EpochDay).replaceAll('-', ''),
      17: ['SKB', 'GlaxoSmithKline', 'MVX'],
      20: 'CP',
      21: 'A',
    }),
    writeSegment('RXR', { 1: ['C28161', 'Intramuscular', 'NCIT'], 2: ['LD', 'Left Deltoid', 'HL70163'] }),
    ...observations(day),
  ]);
}

function observations(day: string): readonly string[] {
  const eligibility: FieldValue = ['V02', 'VFC eligible - Medicaid', 'HL70064'];
  const statement: FieldValue = ['253088698300010311120702', 'Influenza VIS', 'cdcgs1vis'];
  const rows = [
    ['CE', ['64994-7', 'Vaccine funding program eligibility', 'LN'], '1', eligibility],
    ['CE', ['69764-9', 'Document type', 'LN'], '2', statement],
    ['DT', ['29769-7', 'Date VIS presented', 'LN'], '2', day],
  ] as const;
  return rows.map(([type, code, set, value], at) =>
    writeSegment('OBX', {
      1: String(at + 1),
      2: type,
      3: code,
      4: set,
      5: value,
      11: 'F',
      14: day,
      17: at === 0 ? ['VXC40', 'Eligibility captured at the immunization level', 'CDCPHINVS'] : undefined,
    }),
  );
}

function nameOf({ name: [name] = [] }: Patient): FieldValue {
  const [first, middle] = name?.given ?? [];
  return [name?.family, first, middle, undefined, undefined, undefined, 'L'];
}

function addressOf({ address: [address] = [] }: Patient): FieldValue {
  if (!address) return undefined;
  const { line: [street] = [], city, state, postalCode } = address;
  return [street, undefined, city, state, postalCode, 'USA', 'L'];
}

function phoneOf({ telecom = [] }: Patient): FieldValue {
  const digits = telecom
    .find(({ system }) => system === 'phone')
    ?.value?.replace(/\D/g, '')
    .slice(-10);
  // Numbers of made-up people (555) are none that a registry believes.
  if (digits?.length !== 10 || digits.includes('555')) return undefined;
  return [undefined, 'PRN', 'PH', undefined, undefined, digits.slice(0, 3), digits.slice(3)];
}
