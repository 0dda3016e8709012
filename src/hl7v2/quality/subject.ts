import type { Segment } from '../er7/message.ts';
import { textAt } from '../er7/piece.ts';
import { type GroupMatch, type Match, segmentsIn } from '../guide/match-structure.ts';
import type { Place } from './place.ts';

/** What a detection is said of: the message, its patient, a contact, a dose with its observations, an observation. */
export type SubjectKind = 'message' | 'patient' | 'contact' | 'dose' | 'observation';

export type Subject = {
  readonly kind: SubjectKind;
  readonly segments: ReadonlyMap<string, Segment>;
  readonly observations: readonly Segment[];
  /** The first observation of each code (OBX-3). */
  readonly byCode: ReadonlyMap<string | undefined, Segment>;
};

const kinds: Readonly<Record<string, SubjectKind>> = {
  MSH: 'message',
  PID: 'patient',
  PD1: 'patient',
  PV1: 'patient',
  NK1: 'contact',
  ORC: 'dose',
  RXA: 'dose',
  RXR: 'dose',
  OBX: 'observation',
};

/** Of what a place says something: OBX of a code belongs to its dose, and whether there is a contact to the patient. */
export function kindOf({ segment, observation, field }: Place): SubjectKind | undefined {
  if (observation !== undefined) return 'dose';
  return segment === 'NK1' && field === undefined ? 'patient' : kinds[segment];
}

/** The subjects of a VXU. */
export function subjectsOf(matches: readonly Match[]): readonly Subject[] {
  const top = segmentsOutsideOrders(matches);
  const orders = matches.filter(
    (match): match is GroupMatch => match.kind === 'group' && match.element.name === 'ORDER',
  );
  const named = (...names: string[]) => top.filter(({ name }) => names.includes(name));
  return [
    subject('message', named('MSH')),
    subject('patient', named('PID', 'PD1', 'PV1')),
    ...named('NK1').map((nk1) => subject('contact', [nk1])),
    ...orders.flatMap((order) => {
      const segments = segmentsIn(order);
      const observations = segments.filter(({ name }) => name === 'OBX');
      const dose = subject(
        'dose',
        segments.filter(({ name }) => name !== 'OBX' && name !== 'NTE'),
        observations,
      );
      return [dose, ...observations.map((obx) => subject('observation', [obx]))];
    }),
  ];
}

const segmentsOutsideOrders = (matches: readonly Match[]): readonly Segment[] =>
  matches.flatMap((match) => {
    if (match.kind === 'segment') return [match.segment];
    return match.element.name === 'ORDER' ? [] : segmentsIn(match);
  });

/** The first segment of each name. */
function subject(
  kind: SubjectKind,
  segments: readonly Segment[],
  observations: readonly Segment[] = [],
): Subject {
  const first = firstBy(segments, ({ name }) => name);
  const byCode = firstBy(observations, (obx) => textAt(obx, { field: 3 }));
  return { kind, segments: first, observations, byCode };
}

function firstBy<Key>(segments: readonly Segment[], keyOf: (segment: Segment) => Key): Map<Key, Segment> {
  const first = new Map<Key, Segment>();
  for (const segment of segments) {
    const key = keyOf(segment);
    if (!first.has(key)) first.set(key, segment);
  }
  return first;
}

/** The segment that a place of the subject stands in. */
export function segmentAt({ segments, byCode }: Subject, place: Place): Segment | undefined {
  return place.observation === undefined ? segments.get(place.segment) : byCode.get(place.observation);
}

/** The text at a place: the first component of the first repetition, where none is named. */
export function textOfPlace(subject: Subject, place: Place): string | undefined {
  const segment = segmentAt(subject, place);
  if (!segment || place.field === undefined) return undefined;
  return textAt(segment, { field: place.field, component: place.component ?? 1 });
}
