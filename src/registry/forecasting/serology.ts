import type { CodeableConcept, Observation } from 'fhir/r4.js';
import type { ObservationCode, PatientObservation } from '../../forecast/patient-history.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import { writtenDayOf } from '../../values/instant.ts';
import { codeSystem } from './code-systems.ts';

/** LOINC codes of IgG (hepatitis A: also all) antibodies in serum, by the CDSi observation that a positive result is. */
const tests: Readonly<Record<string, readonly string[]>> = {
  '018': ['20575-7', '22313-1', '32018-4', '40724-7', '51913-2'],
  '019': ['10900-9', '16935-9', '22322-2'],
  '020': ['20479-2', '35275-7', '7962-4'],
  '021': ['22415-4', '6476-6', '7966-5'],
  '022': ['25514-1', '40667-8', '5334-8', '8014-3'],
  '023': ['15410-4', '19162-7', '5403-1', '8047-3'],
};
const observationOfTest = new Map(
  Object.entries(tests).flatMap(([code, loincs]) => loincs.map((loinc) => [loinc, code as ObservationCode])),
);

/** Anti-HBs from 10 mIU/ml on protect (MMWR 2018;67(1)); for the other tests the laboratory has to say it. */
const surfaceAntibody = '16935-9';
const protectiveUnits = 10;
const milliUnits: ReadonlySet<string> = new Set(['m[iu]/ml', 'miu/ml', '[iu]/l', 'iu/l', 'mu/ml']);

/** SNOMED CT, LOINC and v2: positive, detected, present, reactive, immune. */
const positive: ReadonlySet<string> = new Set([
  '10828004',
  '260373001',
  '52101004',
  '11214006',
  'LA6576-8',
  'LA11882-0',
  'POS',
  'DET',
  'RR',
]);
const negative: ReadonlySet<string> = new Set([
  '260385009',
  '260415000',
  '2667000',
  '131194007',
  'LA6577-6',
  'LA11883-8',
  'NEG',
  'ND',
  'NR',
]);

/** A serological test: what it proves, or why it proves nothing. */
export type SerologyReading = { readonly observation: PatientObservation } | { readonly unused: string };

/** Undefined: it is no serological test that is known here. */
export function readSerology(
  observation: Observation,
  assessmentDate: EpochDay,
): SerologyReading | undefined {
  const code = codesOf(observation.code)
    .map((loinc) => observationOfTest.get(loinc))
    .find((found) => found !== undefined);
  if (code === undefined) return undefined;
  if (!['final', 'amended', 'corrected'].includes(observation.status)) {
    return { unused: `its status is ${observation.status}` };
  }
  const text = observation.effectiveDateTime ?? observation.effectivePeriod?.start ?? observation.issued;
  const date = text === undefined ? undefined : writtenDayOf(text);
  if (date !== undefined && date > assessmentDate)
    return { unused: 'it is of a day after the assessment date' };
  const result = resultOf(observation);
  if (result === 'positive') return { observation: { code, ...(date !== undefined && { date }) } };
  return {
    unused: `its result ${result === 'negative' ? 'is negative' : 'does not say that it is positive'}`,
  };
}

function codesOf(concept: CodeableConcept | undefined): readonly string[] {
  const codings = concept?.coding ?? [];
  return codings.flatMap(({ system, code }) =>
    code === undefined || system !== codeSystem.loinc ? [] : [code],
  );
}

function resultOf(observation: Observation): 'positive' | 'negative' | 'unsure' {
  const { valueCodeableConcept, interpretation = [], valueString = '', valueBoolean } = observation;
  const concepts = [...(valueCodeableConcept ? [valueCodeableConcept] : []), ...interpretation];
  const codes = concepts.flatMap(({ coding = [] }) => coding.map(({ code }) => code ?? ''));
  const isPositive = codes.some((code) => positive.has(code)) || valueBoolean === true;
  const isNegative = codes.some((code) => negative.has(code)) || valueBoolean === false;
  if (isPositive !== isNegative) return isPositive ? 'positive' : 'negative';
  if (isPositive) return 'unsure';
  if (/^(positive|reactive|detected|immune)$/i.test(valueString.trim())) return 'positive';
  return measuredResult(observation);
}

function measuredResult({ code, valueQuantity }: Observation): 'positive' | 'negative' | 'unsure' {
  const { value, comparator = '', unit, code: ucum } = valueQuantity ?? {};
  const isKnown = milliUnits.has((ucum ?? unit ?? '').toLowerCase());
  if (value === undefined || !isKnown || !codesOf(code).includes(surfaceAntibody)) return 'unsure';
  if (comparator.startsWith('<')) return value <= protectiveUnits ? 'negative' : 'unsure';
  return value >= protectiveUnits ? 'positive' : 'negative';
}
