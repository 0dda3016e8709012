import { usualDelimiters } from '../er7/delimiters.ts';
import type { Message, Segment } from '../er7/message.ts';
import { rawField } from '../er7/piece.ts';
import type { ErrorLocation } from '../finding.ts';
import type { Scope } from './assertion.ts';
import type { Usage } from './guide-document.ts';
import {
  firstName,
  type GroupMatch,
  type Match,
  matchStructure,
  type Structure,
  type StructureFault,
  segmentsIn,
} from './match-structure.ts';
import type { Profile, StructureElement, Target } from './profile.ts';
import type { Violation } from './violation.ts';
import { walkSegment } from './walk-segment.ts';
import { textsOf } from './walked-texts.ts';

/** What a walk found, and how the message's segments lie in the profile. */
export type Walked = { readonly structure: Structure; readonly violations: readonly Violation[] };

/** Holds a message to a profile of the guide, and names all that is not so, each with its place. */
export function walkProfile(profile: Profile, message: Message): Walked {
  const structure = matchStructure(profile, message);
  const violations: Violation[] = structure.faults.map((fault) => structureViolation(profile, fault));
  const report = (violation: Violation) => {
    violations.push(violation);
  };
  walkMatches(profile, structure.matches, report);
  if (profile.statements.length > 0) violations.push(...observationCounts(structure.matches));
  violations.push(...patientCounts(profile, structure.matches));
  return { structure, violations };
}

function walkMatches(
  profile: Profile,
  matches: readonly Match[],
  report: (violation: Violation) => void,
): void {
  for (const match of matches) {
    if (match.kind === 'segment') walkSegment(profile, match.segment, noUsages, report);
    else if (hasRules(match)) walkGroup(profile, match, report);
    else walkMatches(profile, match.matches, report);
  }
}

const hasRules = ({ element }: GroupMatch): boolean =>
  element.conditions.length > 0 || element.statements.length > 0;

const noUsages: ReadonlyMap<number, Usage> = new Map();

function walkGroup(profile: Profile, group: GroupMatch, report: (violation: Violation) => void): void {
  const { name, statements } = group.element;
  const scope = groupScope(profile, group);
  const decided = usagesIn(group, scope);
  for (const match of group.matches) {
    if (match.kind === 'group') walkMatches(profile, [match], report);
    else walkSegment(profile, match.segment, decided.get(match.segment.name) ?? noUsages, report);
  }
  for (const { id, target, holds } of statements) {
    if (!holds(scope))
      report({ location: placeInGroup(group, target), name, fault: { kind: 'statement', id } });
  }
}

/** What the conditions of a group make of fields of its segments (ORC-12 by RXA-9). */
function usagesIn(group: GroupMatch, scope: Scope): ReadonlyMap<string, ReadonlyMap<number, Usage>> {
  const decided = new Map<string, Map<number, Usage>>();
  for (const { target, holds, then, else: otherwise } of group.element.conditions) {
    const { segment = '', places } = target;
    const usages = decided.get(segment) ?? new Map<number, Usage>();
    decided.set(segment, usages.set(places[0] ?? 0, holds(scope) ? then : otherwise));
  }
  return decided;
}

/** Where a rule of a group is broken: at its target, or where the segment that should hold it belongs. */
function placeInGroup(group: GroupMatch, target: Target): ErrorLocation {
  const own = segmentsIn(group);
  const wanted = own.find(({ name }) => name === target.segment);
  const [field, component] = target.places;
  if (wanted) {
    return {
      segment: wanted.name,
      occurrence: wanted.occurrence,
      ...(field !== undefined && { field, repetition: 1 }),
      ...(component !== undefined && { component }),
    };
  }
  // Nothing stands there: the dose that lacks it is what a reader can find.
  const dose = own.find(({ name }) => name === 'RXA') ?? own[0];
  return { segment: dose?.name ?? group.element.name, occurrence: dose?.occurrence ?? 1 };
}

function groupScope(profile: Profile, group: GroupMatch): Scope {
  const byName = new Map<string, Segment[]>();
  const segments = segmentsIn(group);
  for (const segment of segments) {
    const others = byName.get(segment.name);
    if (others) others.push(segment);
    else byName.set(segment.name, [segment]);
  }
  const named = (name: string | undefined) => byName.get(name ?? '') ?? [];
  return {
    tables: profile.tables,
    component: (segments[0]?.delimiters ?? usualDelimiters).component,
    observations: () =>
      named('OBX').map((obx) => ({ code: textsOf(obx, [3, 1])[0] ?? '', subId: textsOf(obx, [4])[0] ?? '' })),
    textsAt: ({ segment, any, places }) => {
      const found = named(segment);
      if (places.length === 0) return found.map(({ raw }) => raw);
      if (any) return found.flatMap((one) => textsOf(one, places));
      const [first] = found;
      return first ? textsOf(first, places) : [];
    },
  };
}

function structureViolation(profile: Profile, fault: StructureFault): Violation {
  if (fault.kind === 'missing') {
    const segment = firstName(fault.element);
    return {
      location: { segment, occurrence: fault.occurrence },
      name: titleOf(profile, fault.element),
      fault: { kind: 'missing', ...(fault.within && { within: fault.within }) },
    };
  }
  const { name, occurrence } = fault.segment;
  const title = profile.segments.get(name)?.title ?? name;
  return { location: { segment: name, occurrence }, name: title, fault: { kind: fault.kind } };
}

const titleOf = (profile: Profile, element: StructureElement): string =>
  profile.segments.get(firstName(element))?.title ?? element.name;

/** NIST-01: OBX-1 counts from 1, through the message or anew in each group. The first that does neither is named. */
function observationCounts(matches: readonly Match[]): readonly Violation[] {
  const groups = matches.flatMap((match) =>
    match.kind === 'group' ? [segmentsIn(match).filter(isObservation)] : [],
  );
  const all = groups.flat();
  if (firstMiscount(all) === undefined) return [];
  const wrong = groups.map(firstMiscount).find((one) => one !== undefined);
  if (!wrong) return [];
  const { name, occurrence } = wrong;
  return [
    {
      location: { segment: name, occurrence, field: 1, repetition: 1 },
      name: 'Set ID - OBX',
      fault: { kind: 'statement', id: 'NIST-01' },
    },
  ];
}

const isObservation = ({ name }: Segment): boolean => name === 'OBX';

const firstMiscount = (segments: readonly Segment[]): Segment | undefined =>
  segments.find((segment, at) => rawField(segment, 1) !== String(at + 1));

/** IZ-72: the PIDs of a list of candidates count from 1. */
function patientCounts(profile: Profile, matches: readonly Match[]): readonly Violation[] {
  const isCounted = profile.structure.some(
    (element) => element.kind === 'group' && element.statements.some(({ id }) => id === 'IZ-72'),
  );
  if (!isCounted) return [];
  const pids = matches
    .flatMap((match) => (match.kind === 'group' ? segmentsIn(match) : []))
    .filter(({ name }) => name === 'PID');
  const wrong = firstMiscount(pids);
  if (!wrong) return [];
  const location = { segment: 'PID', occurrence: wrong.occurrence, field: 1, repetition: 1 };
  return [{ location, name: 'Set ID - PID', fault: { kind: 'statement', id: 'IZ-72' } }];
}
