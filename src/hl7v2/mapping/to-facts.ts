import type { CodeableConcept, Coding, Condition, Observation } from 'fhir/r4.js';
import type { OrderGroup } from '../checked-message.ts';
import { toConcept, toObservedConcept } from './coded.ts';
import { defined, extensionUrl } from './extensions.ts';
import type { MappingTables } from './mapping-tables.ts';
import { type ObservationSet, ofKind, type ReadObservation, toObservationSets } from './observation-sets.ts';
import { fieldText, leaf } from './v2-text.ts';
import { toFhirDate, toFhirDateTime } from './v2-time.ts';

/** What the OBX of an order say of the person, not of the dose: each is a resource of its own. */
export type Fact = Observation | Condition;

type About = {
  readonly patient: string;
  /** The dose that they hang on; absent under RXA-5 998. */
  readonly dose?: { readonly reference: string; readonly vaccine: CodeableConcept | undefined };
  readonly zone?: string | undefined;
};

export function toFacts(tables: MappingTables, order: OrderGroup, about: About): readonly Fact[] {
  const day = toFhirDate(fieldText(order.rxa, 3));
  return toObservationSets(tables, order.obxs).flatMap((set) =>
    set.flatMap((read) => {
      const fact = toFact(tables, { read, set, day }, about);
      return fact ? [fact] : [];
    }),
  );
}

type Sent = {
  readonly read: ReadObservation;
  readonly set: ObservationSet;
  readonly day: string | undefined;
};

/** What is part of the dose itself, or of another fact, is no fact; what is of a dose that was not given is none either. */
function toFact(tables: MappingTables, sent: Sent, about: About): Fact | undefined {
  const { read } = sent;
  switch (read.row?.is) {
    case 'disease':
      return toDisease(tables, sent, about);
    case 'reaction':
    case 'immunity':
    case 'indication':
    case 'contraindication':
    case undefined:
      return toObservation(tables, sent, about);
    case 'dose-number':
    case 'series-doses':
    case 'series':
    case 'eligibility':
    case 'funding':
    case 'vis-document':
    case 'vis-vaccine':
    case 'vis-published':
    case 'vis-presented':
    case 'comment':
    case 'contraindication-start':
    case 'contraindication-end':
      return undefined;
  }
}

/** A disease that is over and leaves immunity. When it was is not said, only when it was known. */
function toDisease(tables: MappingTables, { read, day }: Sent, { patient }: About): Condition | undefined {
  const code = toObservedConcept(tables, read);
  if (!code) return undefined;
  return defined<Condition>({
    resourceType: 'Condition',
    clinicalStatus: status('condition-clinical', 'resolved'),
    verificationStatus: status('condition-ver-status', 'confirmed'),
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/condition-category', code: 'problem-list-item' },
        ],
      },
    ],
    code,
    subject: { reference: patient },
    recordedDate: read.observed ?? day,
  });
}

function status(system: string, code: string): CodeableConcept {
  return { coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }] };
}

function toObservation(tables: MappingTables, sent: Sent, about: About): Observation | undefined {
  const { read, set, day } = sent;
  const { patient, dose, zone } = about;
  const code = toConcept(tables, partOfCode(read), 'LN');
  const value = readValue(tables, read, zone);
  if (!code || !value) return undefined;
  const isOfVaccine = read.row?.is === 'reaction' || read.row?.is === 'contraindication';
  const when = whenOf(set, read, day);
  const isTold = when.effectivePeriod && read.observed !== undefined;
  return defined<Observation>({
    resourceType: 'Observation',
    extension: isTold ? [{ url: extensionUrl.observed, valueDate: read.observed ?? '' }] : undefined,
    partOf: dose && [{ reference: dose.reference }],
    status: 'final',
    code,
    subject: { reference: patient },
    ...when,
    ...(isOfVaccine ? withVaccine(value, dose?.vaccine) : value),
  });
}

const partOfCode = ({ obx }: ReadObservation) => ({
  raw: obx.raw.split(obx.delimiters.field)[3] ?? '',
  delimiters: obx.delimiters,
});

/** Of a contraindication from when to when it holds. */
function whenOf(
  set: ObservationSet,
  { row, observed }: ReadObservation,
  day: string | undefined,
): Partial<Pick<Observation, 'effectiveDateTime' | 'effectivePeriod'>> {
  const date = observed ?? day;
  if (row?.is === 'contraindication') {
    const start = boundOf(set, 'contraindication-start');
    const end = boundOf(set, 'contraindication-end');
    if ((start ?? end) !== undefined) return { effectivePeriod: defined({ start, end }) };
  }
  return date === undefined ? {} : { effectiveDateTime: date };
}

function boundOf(set: ObservationSet, kind: 'contraindication-start' | 'contraindication-end') {
  const found = ofKind(set, kind);
  return toFhirDate(found && leaf(found.value, 1));
}

type Value = Partial<
  Pick<Observation, 'valueCodeableConcept' | 'valueQuantity' | 'valueString' | 'valueDateTime'>
>;

/** OBX-5 by its type, OBX-2. */
function readValue(
  tables: MappingTables,
  read: ReadObservation,
  zone: string | undefined,
): Value | undefined {
  const { obx, value, row } = read;
  const type = fieldText(obx, 2);
  const text = leaf(value, 1);
  if (row?.system !== undefined || type === 'CE' || type === 'CWE' || row?.is !== undefined) {
    const concept = toObservedConcept(tables, read);
    return concept && { valueCodeableConcept: row?.is === 'immunity' ? asMapped(tables, concept) : concept };
  }
  if (text === undefined) return undefined;
  const date = type === 'TS' || type === 'DT' || type === 'DTM' ? toFhirDateTime(text, zone) : undefined;
  if (date !== undefined) return { valueDateTime: date };
  if (type !== 'NM' || !/^-?\d{1,9}(?:\.\d{1,9})?$/.test(text)) return { valueString: text };
  const unit = leaf({ raw: obx.raw.split(obx.delimiters.field)[6] ?? '', delimiters: obx.delimiters }, 1);
  return { valueQuantity: defined({ value: Number(text), unit }) };
}

/** A code of the guide's that is no code of its system is kept as the one that it stands for. */
function asMapped(tables: MappingTables, concept: CodeableConcept): CodeableConcept {
  const coding = (concept.coding ?? []).map((one): Coding => {
    const meant = one.code === undefined ? undefined : tables.toFhir('immunity-code', one.code)?.fhir;
    return meant === undefined ? one : { ...one, code: meant };
  });
  return coding.length === 0 ? concept : { ...concept, coding };
}

/** CDC's codes of reactions and precautions say nothing of the vaccine: whoever reads them needs it beside them. */
function withVaccine(value: Value, vaccine: CodeableConcept | undefined): Value {
  const concept = value.valueCodeableConcept;
  const cvx = vaccine?.coding?.filter(({ system }) => system === 'http://hl7.org/fhir/sid/cvx') ?? [];
  if (!concept || cvx.length === 0) return value;
  return { valueCodeableConcept: { ...concept, coding: [...(concept.coding ?? []), ...cvx] } };
}
