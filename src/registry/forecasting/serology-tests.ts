import type { CodeableConcept, Observation } from 'fhir/r4.js';
import type { ObservationCode } from '../../forecast/patient-history.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import { writtenDayOf } from '../../values/instant.ts';
import { tableOf } from '../../values/table-of.ts';
import { canonicalSystem, codeSystem } from './code-systems.ts';

type Kind = 'antibody' | 'surface-antibody' | 'core-antibody' | 'surface-antigen';

type Meaning = { readonly kind: Kind; readonly code: ObservationCode };

/** Hepatitis B, the disease or immunity to it. */
export const hepatitisB = '019' as ObservationCode;

/** LOINC codes of IgG (hepatitis A: also all) antibodies in serum, by the CDSi observation that a positive result is. */
const antibodies: Readonly<Record<string, readonly string[]>> = tableOf({
  '018': ['20575-7', '22313-1', '32018-4', '40724-7', '51913-2'],
  '020': ['20479-2', '35275-7', '7962-4'],
  '021': ['22415-4', '6476-6', '7966-5'],
  '022': ['25514-1', '40667-8', '5334-8', '8014-3'],
  '023': ['15410-4', '19162-7', '5403-1', '8047-3'],
});
/** Of hepatitis B; core antibodies of all classes, for IgM says that the infection is new. */
const ofHepatitisB: Readonly<Record<Exclude<Kind, 'antibody'>, readonly string[]>> = {
  'surface-antibody': ['10900-9', '16935-9', '22322-2'],
  'core-antibody': ['13952-7', '16933-4', '22316-4'],
  'surface-antigen': ['5195-3', '5196-1', '7905-3'],
};

const meanings = new Map<string, Meaning>([
  ...Object.entries(antibodies).flatMap(([code, loincs]) =>
    loincs.map((loinc): [string, Meaning] => [loinc, { kind: 'antibody', code: code as ObservationCode }]),
  ),
  ...Object.entries(ofHepatitisB).flatMap(([kind, loincs]) =>
    loincs.map((loinc): [string, Meaning] => [loinc, { kind: kind as Kind, code: hepatitisB }]),
  ),
]);

/** Anti-HBs from 10 mIU/ml on protect (MMWR 2018;67(1)); for the other tests the laboratory has to say it. */
const surfaceAntibody = '16935-9';
const protectiveUnits = 10;
const milliUnits: ReadonlySet<string> = new Set(['m[iu]/ml', 'miu/ml', '[iu]/l', 'iu/l', 'mu/ml']);

/** SNOMED CT, LOINC and v2: positive, detected, present, reactive; then immune to hepatitis A, B, measles to varicella. */
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
  '278971009',
  '271511000',
  '371111005',
  '371112003',
  '278968001',
  '371113008',
]);
/** Negative, not detected, absent, not reactive; and equivocal or indeterminate, for who is so is not immune (ACIP). */
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
  '42425007',
  '82334004',
  'LA11884-6',
  'IND',
]);

export type SerologyTest = Meaning & {
  /** Undefined: nobody says it. */
  readonly day: EpochDay | undefined;
  readonly result: 'positive' | 'negative' | 'unsure';
  /** Why its result cannot be looked at at all. */
  readonly unusable: string | undefined;
};

/** A finding of immunity that is coded as such. */
export function findingOf(code: ObservationCode, day: EpochDay | undefined): SerologyTest {
  return { kind: 'antibody', code, day, result: 'positive', unusable: undefined };
}

/** The tests that are known here: the observation itself, and the components of a panel. */
export function readSerologyTests(
  observation: Observation,
  assessmentDate: EpochDay,
): readonly SerologyTest[] {
  const text = observation.effectiveDateTime ?? observation.effectivePeriod?.start ?? observation.issued;
  const day = text === undefined ? undefined : writtenDayOf(text);
  const unusable = whyUnusable(observation, day, assessmentDate);
  return [observation, ...(observation.component ?? [])].flatMap((measured) => {
    const meaning = meaningOf(measured);
    return meaning ? [{ ...meaning, day, result: resultOf(measured), unusable }] : [];
  });
}

function meaningOf({ code }: Measured): Meaning | undefined {
  return codesOf(code)
    .map((loinc) => meanings.get(loinc))
    .find((found) => found !== undefined);
}

/** What an observation and a component have in common. */
type Measured = Pick<
  Observation,
  'code' | 'valueCodeableConcept' | 'interpretation' | 'valueString' | 'valueBoolean' | 'valueQuantity'
>;

function whyUnusable(
  { status }: Observation,
  day: EpochDay | undefined,
  assessmentDate: EpochDay,
): string | undefined {
  if (!['final', 'amended', 'corrected'].includes(status)) return `its status is ${status}`;
  return day !== undefined && day > assessmentDate ? 'it is of a day after the assessment date' : undefined;
}

function codesOf(concept: CodeableConcept | undefined): readonly string[] {
  const codings = concept?.coding ?? [];
  return codings.flatMap(({ system, code }) =>
    code === undefined || canonicalSystem(system) !== codeSystem.loinc ? [] : [code],
  );
}

function resultOf(observation: Measured): 'positive' | 'negative' | 'unsure' {
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

function measuredResult({ code, valueQuantity }: Measured): 'positive' | 'negative' | 'unsure' {
  const { value, comparator = '', unit, code: ucum } = valueQuantity ?? {};
  const isKnown = milliUnits.has((ucum ?? unit ?? '').toLowerCase());
  if (value === undefined || !isKnown || !codesOf(code).includes(surfaceAntibody)) return 'unsure';
  if (comparator.startsWith('<')) return value <= protectiveUnits ? 'negative' : 'unsure';
  return value >= protectiveUnits ? 'positive' : 'negative';
}
