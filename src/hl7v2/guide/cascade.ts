import type { Segment } from '../er7/message.ts';
import { rawField, withField } from '../er7/piece.ts';
import type { ErrorLocation, Finding } from '../finding.ts';
import { findingOf } from './finding-of.ts';
import type { Guide } from './guide.ts';
import type { Decision, Loss } from './local-decision.ts';
import type { Profile } from './profile.ts';
import type { Violation } from './violation.ts';

/** What a message has lost by its faults, and what is told of them (guide table 3-1). */
export type Cascade = {
  readonly findings: Finding[];
  readonly segmentsLost: Set<string>;
  readonly fieldsLost: Map<string, Set<number>>;
  readonly repetitionsLost: Map<string, Map<number, Set<number>>>;
  /** Where texts hold a bare `&`, which is read as what it is. */
  readonly unescaped: Map<string, ErrorLocation[]>;
  /** Segments whose group goes with them: an RXA that has no vaccine. */
  readonly groupsLost: Set<string>;
  isRefused: boolean;
};

/** PID 1: a segment by its place in the message. */
export const keyOf = ({ segment, occurrence }: Pick<ErrorLocation, 'segment' | 'occurrence'>): string =>
  `${segment} ${occurrence}`;

export function runCascade(guide: Guide, profile: Profile, violations: readonly Violation[]): Cascade {
  const cascade: Cascade = {
    findings: [],
    segmentsLost: new Set(),
    fieldsLost: new Map(),
    repetitionsLost: new Map(),
    unescaped: new Map(),
    groupsLost: new Set(),
    isRefused: false,
  };
  for (const violation of violations) {
    const decision = guide.decisions(violation) ?? byTheGuide(profile, violation);
    if (violation.fault.kind === 'unescaped') noteUnescaped(cascade, violation.location);
    if (!isAbsentFromGroup(violation)) lose(cascade, violation, decision.loss);
    if (decision.loss !== 'ignore') cascade.findings.push(findingOf(violation, decision));
  }
  return cascade;
}

function noteUnescaped({ unescaped }: Cascade, location: ErrorLocation): void {
  const key = keyOf(location);
  unescaped.set(key, [...(unescaped.get(key) ?? []), location]);
}

/** What a group lacks is lost already, and its place is that of the next group's. */
const isAbsentFromGroup = ({ fault }: Violation): boolean =>
  fault.kind === 'missing' && fault.within !== undefined;

/** What table 3-1 does where nothing is decided otherwise. */
function byTheGuide(profile: Profile, { location, fault }: Violation): Decision {
  const { segment, field } = location;
  if (field === undefined) {
    const isTop = profile.structure.some((one) => one.kind === 'segment' && one.name === segment);
    if (fault.kind === 'missing') return { severity: 'E', loss: isTop ? 'message' : 'group' };
    return { severity: 'E', loss: 'segment' };
  }
  const isRequired = profile.segments.get(segment)?.fields[field - 1]?.usage === 'R';
  return { severity: 'E', loss: isRequired ? 'segment' : 'field' };
}

/** Notes a loss; a required segment outside of groups takes the message with it, one in a group its group. */
export function lose(cascade: Cascade, { location }: Pick<Violation, 'location'>, loss: Loss): void {
  const key = keyOf(location);
  const { field = 0, repetition = 1 } = location;
  if (loss === 'message') cascade.isRefused = true;
  if (loss === 'segment') cascade.segmentsLost.add(key);
  if (loss === 'group') cascade.groupsLost.add(key);
  if (loss === 'field') setIn(cascade.fieldsLost, key).add(field);
  if (loss === 'repetition') {
    const fields = cascade.repetitionsLost.get(key) ?? new Map<number, Set<number>>();
    cascade.repetitionsLost.set(key, fields);
    setIn(fields, field).add(repetition);
  }
}

function setIn<Key>(map: Map<Key, Set<number>>, key: Key): Set<number> {
  const held = map.get(key) ?? new Set<number>();
  map.set(key, held);
  return held;
}

/** Whether a segment is read as empty. */
export const isLost = (cascade: Cascade, { name, occurrence }: Segment): boolean =>
  cascade.segmentsLost.has(keyOf({ segment: name, occurrence }));

/** The segment without the fields and repetitions that were unfit. */
export function whatIsLeft(cascade: Cascade, segment: Segment): Segment {
  const key = keyOf({ segment: segment.name, occurrence: segment.occurrence });
  let left = (cascade.unescaped.get(key) ?? []).reduce(withEscaped, segment);
  for (const field of cascade.fieldsLost.get(key) ?? []) left = withField(left, field, '');
  for (const [field, lost] of cascade.repetitionsLost.get(key) ?? []) {
    const repetitions = rawField(left, field).split(segment.delimiters.repetition);
    const kept = repetitions.filter((_, at) => !lost.has(at + 1));
    left = withField(left, field, kept.join(segment.delimiters.repetition));
  }
  return left;
}

/** A text that has no parts: its `&` parts nothing. What stands behind a `^` is more than the element has. */
function withEscaped(segment: Segment, { field = 0, repetition = 1, component }: ErrorLocation): Segment {
  const { delimiters } = segment;
  const { escape: mark, subcomponent } = delimiters;
  const escaped = (text: string) => text.replaceAll(subcomponent, () => `${mark}T${mark}`);
  const repetitions = rawField(segment, field).split(delimiters.repetition);
  const next = repetitions.map((one, at) => {
    if (at !== repetition - 1) return one;
    if (component === undefined) return escaped(one);
    const parts = one.split(delimiters.component);
    return parts
      .map((part, place) => (place === component - 1 ? escaped(part) : part))
      .join(delimiters.component);
  });
  return withField(segment, field, next.join(delimiters.repetition));
}

/** What is left of a segment; undefined where it is read as empty. */
export const fitSegment = (cascade: Cascade, segment: Segment | undefined): Segment | undefined =>
  segment && !isLost(cascade, segment) ? whatIsLeft(cascade, segment) : undefined;
