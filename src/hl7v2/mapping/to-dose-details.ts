import type {
  Annotation,
  CodeableConcept,
  Extension,
  Immunization,
  ImmunizationEducation,
  ImmunizationProtocolApplied,
} from 'fhir/r4.js';
import type { Segment } from '../er7/message.ts';
import { rawField } from '../er7/piece.ts';
import { toObservedConcept } from './coded.ts';
import { defined, extensionUrl, some, unknownValue } from './extensions.ts';
import type { MappingTables } from './mapping-tables.ts';
import { type ObservationSet, ofKind, type ReadObservation } from './observation-sets.ts';
import { notesIn } from './to-source.ts';
import { leaf, saying } from './v2-text.ts';
import { toFhirDate } from './v2-time.ts';

type Details = Pick<
  Immunization,
  'education' | 'programEligibility' | 'fundingSource' | 'protocolApplied' | 'note'
>;

type Sent = {
  readonly rxa: Segment;
  readonly sets: readonly ObservationSet[];
  /** When the dose was given. */
  readonly given: string | undefined;
};

/** What the OBX of a dose say of the dose itself. */
export function toDoseDetails(tables: MappingTables, { rxa, sets, given }: Sent): Details {
  const all = [...new Set(sets.flat())];
  const coded = (kind: 'eligibility' | 'funding') =>
    all.filter(({ row }) => row?.is === kind).map((read) => toCoded(tables, read, given));
  const [funding, ...others] = coded('funding');
  return defined<Details>({
    note: some([...notesIn(rxa), ...others.flatMap(fundingNote), ...notesOfObx(all)]),
    education: some(sets.map((set) => toEducation(tables, set, given))),
    programEligibility: some(coded('eligibility')),
    fundingSource: funding,
    protocolApplied: some(sets.map(toProtocol)),
  });
}

/** R4 has one source of funding. */
function fundingNote(source: CodeableConcept | undefined): readonly Annotation[] {
  const [coding] = source?.coding ?? [];
  const text = coding?.display ?? coding?.code ?? source?.text;
  return text === undefined ? [] : [{ text: `Funding source ${text}` }];
}

/** The value with how it was taken (OBX-17) and when, where that is another day than the dose's. */
function toCoded(
  tables: MappingTables,
  read: ReadObservation,
  given: string | undefined,
): CodeableConcept | undefined {
  const concept = toObservedConcept(tables, read);
  const { obx, observed } = read;
  const [method] = saying(obx, 17);
  const how = method && leaf(method, 1);
  const extension: Extension[] = [
    ...(how === undefined ? [] : [{ url: extensionUrl.v2Use, valueString: how }]),
    ...observedOn(observed, given),
  ];
  return concept && { ...(extension.length > 0 && { extension }), ...concept };
}

function observedOn(observed: string | undefined, given: string | undefined): readonly Extension[] {
  return observed === undefined || observed === given
    ? []
    : [{ url: extensionUrl.observed, valueDate: observed }];
}

/**
 * R4 imm-1: an education says which sheet it was, so its barcode, else what it was about; dates without either are kept
 * with a sheet that nobody knows.
 */
function toEducation(
  tables: MappingTables,
  set: ObservationSet,
  given: string | undefined,
): ImmunizationEducation | undefined {
  if (!isAboutSheet(set)) return undefined;
  const document = ofKind(set, 'vis-document');
  const vaccine = ofKind(set, 'vis-vaccine');
  const about = vaccine && toObservedConcept(tables, vaccine);
  const coding = about?.coding?.[0];
  const barcode = document && leaf(document.value, 1);
  const sheet = document && leaf(document.value, 2);
  const documentType = barcode ?? coding?.display ?? coding?.code ?? about?.text;
  const observed = set.find((read) => read.observed !== undefined)?.observed;
  return defined<ImmunizationEducation>({
    extension: some([
      ...(sheet === undefined ? [] : [{ url: extensionUrl.v2Text, valueString: sheet }]),
      ...(about ? [{ url: extensionUrl.visVaccine, valueCodeableConcept: about }] : []),
      ...observedOn(observed, given),
    ]),
    documentType,
    _documentType: documentType === undefined ? unknownValue : undefined,
    publicationDate: dayOf(ofKind(set, 'vis-published')),
    presentationDate: dayOf(ofKind(set, 'vis-presented')),
  });
}

const dayOf = (read: ReadObservation | undefined) => toFhirDate(read && leaf(read.value, 1));

/** The vaccine alone of a set that evaluates a dose is a vaccine group. */
const isAboutSheet = (set: ObservationSet): boolean => {
  const isAbout = (kind: string) => kind.startsWith('vis-') && kind !== 'vis-vaccine';
  if (set.some(({ row }) => row !== undefined && isAbout(row.is))) return true;
  return ofKind(set, 'vis-vaccine') !== undefined && ofKind(set, 'dose-number') === undefined;
};

function toProtocol(set: ObservationSet): ImmunizationProtocolApplied | undefined {
  const number = ofKind(set, 'dose-number');
  const text = number && leaf(number.value, 1);
  if (text === undefined) return undefined;
  const doses = ofKind(set, 'series-doses');
  const series = ofKind(set, 'series');
  const count = doses && leaf(doses.value, 1);
  return defined<ImmunizationProtocolApplied>({
    series: series && (leaf(series.value, 2) ?? leaf(series.value, 1)),
    ...(isCount(text) ? { doseNumberPositiveInt: Number(text) } : { doseNumberString: text }),
    ...(count !== undefined &&
      (isCount(count) ? { seriesDosesPositiveInt: Number(count) } : { seriesDosesString: count })),
  });
}

const isCount = (text: string): boolean => /^[1-9]\d{0,3}$/.test(text);

/** Comments, and the NTE behind any OBX. */
function notesOfObx(all: ObservationSet): readonly Annotation[] {
  // Values of one OBX have its NTE together.
  const noted = new Set<Segment>();
  return all.flatMap(({ row, value, obx, sent, observed }) => {
    const comment = row?.is === 'comment' ? (leaf(value, 2) ?? leaf(value, 1)) : undefined;
    const ntes = (noted.has(obx) ? [] : sent.notes).flatMap((nte) =>
      rawField(nte, 3) === '' ? [] : saying(nte, 3).map((one) => leaf(one, 1)),
    );
    noted.add(obx);
    return [comment, ...ntes].flatMap((text) =>
      text === undefined ? [] : [{ ...(observed !== undefined && { time: observed }), text }],
    );
  });
}
