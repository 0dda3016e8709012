import type { Message, Segment } from '../er7/message.ts';
import type { Profile, StructureElement } from './profile.ts';

/** A segment of the message in its place, or that place with nothing in it. */
export type SegmentMatch = { readonly kind: 'segment'; readonly segment: Segment };
export type GroupMatch = {
  readonly kind: 'group';
  readonly element: Extract<StructureElement, { readonly kind: 'group' }>;
  /** Which one of its element it is in what holds it, from 1. */
  readonly number: number;
  readonly matches: readonly Match[];
};
export type Match = SegmentMatch | GroupMatch;

/** What was wrong with the order of segments. */
export type StructureFault =
  /** `isRead`: it is read where it belongs. */
  | { readonly kind: 'unexpected'; readonly segment: Segment; readonly isRead?: true }
  | { readonly kind: 'unknown'; readonly segment: Segment }
  | { readonly kind: 'repeated'; readonly segment: Segment; readonly element: StructureElement }
  | {
      readonly kind: 'missing';
      readonly element: StructureElement;
      readonly occurrence: number;
      /** The group that lacks it: ORDER 2. */
      readonly within?: string;
    };

export type Structure = { readonly matches: readonly Match[]; readonly faults: readonly StructureFault[] };

type Cursor = {
  readonly segments: Segment[];
  at: number;
  readonly faults: StructureFault[];
  /** How many of each name went by: where a missing one would stand. */
  readonly seen: Map<string, number>;
  readonly known: ReadonlySet<string>;
};

/**
 * Puts each segment where the profile has a place for it, in one pass. One that stands out of order is passed over, and one
 * of a name that the profile does not know is (HL7 v2.5.1 §2.7.1: ignore what is not expected).
 */
export function matchStructure(profile: Profile, message: Message): Structure {
  const cursor: Cursor = {
    segments: message.segments.filter(({ name }) => name !== ''),
    at: 0,
    faults: [],
    seen: new Map(),
    known: profile.names,
  };
  const matches = matchElements(profile.structure, cursor, () => false);
  for (; cursor.at < cursor.segments.length; cursor.at++) passOver(cursor);
  return { matches, faults: cursor.faults };
}

function matchElements(
  elements: readonly StructureElement[],
  cursor: Cursor,
  isExpectedLater: (name: string) => boolean,
  within?: string,
): readonly Match[] {
  const matches: Match[] = [];
  elements.forEach((element, at) => {
    // What begins it may come anew: an order, not the patient.
    if (element.usage === 'R' && isExpectedLater(openerOf(elements))) putBehind(cursor, elements, at);
    const rest = elements.slice(at + 1);
    const isExpected = (name: string) => rest.some((one) => holds(one, name)) || isExpectedLater(name);
    let number = 0;
    const isNext = (name: string) => isExpected(name) && !(number === 0 && comesLater(cursor, elements, at));
    while (toNext(cursor, element, isNext) && !isOfNext(cursor, element, number, isExpectedLater)) {
      number += 1;
      matches.push(matchOne(element, number, cursor, isExpected));
    }
    if (number === 0 && element.usage === 'R') {
      const name = firstName(element);
      const occurrence = (cursor.seen.get(name) ?? 0) + 1;
      cursor.faults.push({ kind: 'missing', element, occurrence, ...(within && { within }) });
    }
  });
  return matches;
}

/** Whether an element has all that it takes, and what comes opens the group anew: the second OBX of an order. */
function isOfNext(
  cursor: Cursor,
  element: StructureElement,
  number: number,
  isExpectedLater: (name: string) => boolean,
): boolean {
  return number >= element.max && isExpectedLater(cursor.segments[cursor.at]?.name ?? '');
}

function matchOne(
  element: StructureElement,
  number: number,
  cursor: Cursor,
  isExpected: (name: string) => boolean,
): Match {
  const segment = cursor.segments[cursor.at];
  if (segment && number > element.max) cursor.faults.push({ kind: 'repeated', segment, element });
  if (element.kind === 'segment' && segment) {
    take(cursor, segment);
    return { kind: 'segment', segment };
  }
  const group = element as Extract<StructureElement, { readonly kind: 'group' }>;
  const isWithin = (name: string) => (group.max > 1 && group.starters.has(name)) || isExpected(name);
  const matches = matchElements(group.of, cursor, isWithin, `${group.name} ${number}`);
  return { kind: 'group', element: group, number, matches };
}

/** So far is looked for a segment that is not where it must be. */
const farthest = 20;

/**
 * Whether a required segment stands behind what must not come before it, an RXA behind its RXR: then that is passed over,
 * and not the whole group (guide table 3-1). What begins a group is where the next one begins.
 */
function comesLater({ segments, at }: Cursor, elements: readonly StructureElement[], place: number): boolean {
  const element = elements[place];
  const [first] = elements;
  if (place === 0 || element?.kind !== 'segment' || element.usage !== 'R' || !first) return false;
  const begins = (name: string) =>
    name === firstName(first) ||
    elements.some((one) => one.kind === 'group' && one.max > 1 && one.starters.has(name));
  for (const { name } of segments.slice(at, at + farthest)) {
    if (name === element.name) return true;
    if (begins(name)) return false;
  }
  return false;
}

const openerOf = ([first]: readonly StructureElement[]): string => (first ? firstName(first) : '');

/**
 * Observations that stand before the RXA of their order, with none behind it: there is no doubt whose they are, and they are
 * read as if they stood behind it. Where some stand on both sides, the order may lack its RXA, and that is the next one's.
 */
function putBehind(cursor: Cursor, elements: readonly StructureElement[], place: number): void {
  const { segments, at, faults } = cursor;
  const repeats = (name = '') =>
    elements.some((one) => one.kind === 'group' && one.max > 1 && one.starters.has(name));
  if (place === 0 || !repeats(segments[at]?.name)) return;
  const own = placeOf(cursor, elements, place);
  if (own === undefined) return;
  const others = elements.slice(place + 1);
  let behind = own + 1;
  while (others.some((one) => one.name === segments[behind]?.name)) behind++;
  if (repeats(segments[behind]?.name)) return;
  const early = segments.slice(at, own);
  segments.splice(at, behind - at, ...segments.slice(own, behind), ...early);
  for (const segment of early) {
    if (repeats(segment.name)) faults.push({ kind: 'unexpected', segment, isRead: true });
  }
}

/** Where the segment of an element stands, before what begins the next group. */
function placeOf(
  { segments, at }: Cursor,
  elements: readonly StructureElement[],
  place: number,
): number | undefined {
  const ahead = segments.slice(at, at + farthest).map(({ name }) => name);
  const own = ahead.indexOf(elements[place]?.name ?? '');
  const next = ahead.indexOf(openerOf(elements));
  return own < 0 || (next >= 0 && next < own) ? undefined : at + own;
}

/** Whether the next segment that has a place from here on is one of this element; what has none is passed over. */
function toNext(cursor: Cursor, element: StructureElement, isExpected: (name: string) => boolean): boolean {
  for (; cursor.at < cursor.segments.length; cursor.at++) {
    const { name } = cursor.segments[cursor.at] as Segment;
    if (holds(element, name)) return true;
    if (isExpected(name)) return false;
    passOver(cursor);
  }
  return false;
}

function passOver(cursor: Cursor): void {
  const segment = cursor.segments[cursor.at] as Segment;
  cursor.seen.set(segment.name, (cursor.seen.get(segment.name) ?? 0) + 1);
  cursor.faults.push({ kind: cursor.known.has(segment.name) ? 'unexpected' : 'unknown', segment });
}

function take(cursor: Cursor, segment: Segment): void {
  cursor.seen.set(segment.name, (cursor.seen.get(segment.name) ?? 0) + 1);
  cursor.at += 1;
}

const holds = (element: StructureElement, name: string): boolean =>
  element.kind === 'segment' ? element.name === name : element.starters.has(name);

export function firstName(element: StructureElement): string {
  if (element.kind === 'segment') return element.name;
  const first = element.of[0];
  return first ? firstName(first) : element.name;
}

/** The segments of a group, in their order. */
export function segmentsIn(group: GroupMatch): readonly Segment[] {
  const segments: Segment[] = [];
  addSegments(group, segments);
  return segments;
}

function addSegments({ matches }: GroupMatch, segments: Segment[]): void {
  for (const match of matches) {
    if (match.kind === 'segment') segments.push(match.segment);
    else addSegments(match, segments);
  }
}
