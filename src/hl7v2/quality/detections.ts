import type { EpochDay } from '../../values/epoch-day.ts';
import { textAt } from '../er7/piece.ts';
import type { ErrorLocation } from '../finding.ts';
import { dayOf } from '../guide/hl7-date.ts';
import type { Structure } from '../guide/match-structure.ts';
import type { Profile } from '../guide/profile.ts';
import { compileRule } from './compile-rule.ts';
import type { DetectionRow } from './detection-document.ts';
import { type Place, parsePlace } from './place.ts';
import type { QualityContext, Rule, VaccineFacts } from './quality-context.ts';
import { kindOf, type Subject, type SubjectKind, segmentAt, subjectsOf, textOfPlace } from './subject.ts';

/** A detection that can be judged from a message. */
export type Detection = {
  readonly row: DetectionRow;
  readonly place: Place;
  readonly holds: Rule;
};

/** One that was found, and where. */
export type Hit = {
  readonly row: DetectionRow;
  readonly location: ErrorLocation;
  readonly value?: string;
  readonly subject: Subject;
};

export type Detections = {
  readonly bySubject: ReadonlyMap<SubjectKind, readonly Detection[]>;
  readonly rows: ReadonlyMap<string, DetectionRow>;
  readonly vaccines: VaccineFacts;
};

export function openDetections(rows: readonly DetectionRow[], vaccines: VaccineFacts): Detections {
  const bySubject = new Map<SubjectKind, Detection[]>();
  for (const row of rows) {
    const place = row.at === undefined ? undefined : parsePlace(row.at);
    const kind = place && kindOf(place);
    if (!row.rule || !place || !kind || !isUsed(row)) continue;
    const held = bySubject.get(kind) ?? [];
    held.push({ row, place, holds: compileRule(row.rule, place) });
    bySubject.set(kind, held);
  }
  return { bySubject, rows: new Map(rows.map((row) => [row.code, row])), vaccines };
}

/** What the detections find in a VXU on the day of `context`: those that are told, and those that weigh against the data. */
export type Detected = {
  readonly subjects: readonly Subject[];
  /** What the rules look at beside a subject. */
  readonly context: QualityContext;
  readonly hits: readonly Hit[];
};

/** All that the detections find in a VXU, subject by subject. */
export function detect(
  detections: Detections,
  profile: Profile,
  matches: Structure['matches'],
  asOf: EpochDay,
): Detected {
  const subjects = subjectsOf(matches);
  const context = contextOf(detections, profile, subjects, asOf);
  const hits: Hit[] = [];
  for (const subject of subjects) {
    for (const { holds, row, place } of detections.bySubject.get(subject.kind) ?? []) {
      if (holds(subject, context)) hits.push(hit(row, place, subject));
    }
  }
  return { subjects, context, hits };
}

const isUsed = ({ weight, tell }: DetectionRow): boolean => weight > 0 || tell !== undefined;

function contextOf(
  { vaccines }: Detections,
  profile: Profile,
  subjects: readonly Subject[],
  today: EpochDay,
): QualityContext {
  const msh = subjects.find(({ kind }) => kind === 'message')?.segments.get('MSH');
  const empty: Subject = { kind: 'patient', segments: new Map(), observations: [], byCode: new Map() };
  return {
    profile,
    vaccines,
    patient: subjects.find(({ kind }) => kind === 'patient') ?? empty,
    contacts: subjects.filter(({ kind }) => kind === 'contact'),
    sent: (msh && dayOf(textAt(msh, { field: 7 }))) ?? today,
    today,
  };
}

function hit(row: DetectionRow, place: Place, subject: Subject): Hit {
  const segment = segmentAt(subject, place);
  const { field, component } = place;
  const value = textOfPlace(subject, place);
  if (!segment || field === undefined) {
    // What is not there is sought in the segment that should lead to it.
    const near = subject.segments.get('RXA') ?? segment;
    const name = place.observation !== undefined && near ? near.name : place.segment;
    return {
      row,
      subject,
      location: { segment: name, occurrence: near?.name === name ? near.occurrence : 1 },
    };
  }
  return {
    row,
    subject,
    location: {
      segment: segment.name,
      occurrence: segment.occurrence,
      field,
      repetition: 1,
      ...(component !== undefined && { component }),
    },
    ...(value !== undefined && { value }),
  };
}
