import { allOf, everything, type Filter, nothing, type VersionFilter } from '../search/filter.ts';
import { isAboutNobody } from './about-nobody.ts';
import { ownerSystem } from './owner.ts';

/**
 * The same question, asked by somebody who sees of each type only what `visible` lets through: chains and `_has` look no
 * further than that. What the filter says of the resource itself stays as it is.
 */
export function restrictFilter(filter: Filter, visible: (type: string) => Filter): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, of: filter.of.map((part) => restrictFilter(part, visible)) };
    case 'not':
      return { kind: 'not', of: restrictFilter(filter.of, visible) };
    case 'chain':
    case 'has':
      return { ...filter, of: allOf([visible(filter.type), restrictFilter(filter.of, visible)]) };
    case 'id':
    case 'type':
    case 'concerns':
    case 'reach':
    case 'lastUpdated':
    case 'value':
    case 'present':
      return filter;
  }
}

/**
 * The filter for versions that need not be current. An old version has no index values, so nobody can say whether it
 * passed a test of one: what asks for any finds no version at all, negated or not.
 */
export function toVersionFilter(filter: Filter): VersionFilter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, of: filter.of.map(toVersionFilter) };
    case 'not':
      return isJudgeable(filter.of) ? { kind: 'not', of: toVersionFilter(filter.of) } : noVersion;
    case 'id':
    case 'type':
    case 'concerns':
    case 'reach':
      return filter;
    case 'lastUpdated':
    case 'value':
    case 'present':
    case 'chain':
    case 'has':
      return noVersion;
  }
}

const noVersion: VersionFilter = { kind: 'or', of: [] };

/** Whether it can be said of a version by whom it concerns, whatever its values are. */
export function isJudgeable(filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.every(isJudgeable);
    case 'not':
      return isJudgeable(filter.of);
    case 'id':
    case 'type':
    case 'concerns':
    case 'reach':
      return true;
    case 'lastUpdated':
    case 'value':
    case 'present':
    case 'chain':
    case 'has':
      return false;
  }
}

/**
 * What the filter says of the persons whom a resource concerns, to be asked of each as a Patient: whatever else it asks of
 * the resource is let be.
 */
export function toPersonFilter(filter: Filter): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, of: filter.of.map(toPersonFilter) };
    case 'not':
      if (isAboutNobody(filter)) return nothing;
      return isOfPersons(filter.of) ? filter : everything;
    case 'concerns':
    case 'reach':
      return filter;
    case 'id':
    case 'type':
    case 'lastUpdated':
    case 'value':
    case 'present':
    case 'chain':
    case 'has':
      return everything;
  }
}

/**
 * Of which persons the filter lets through all that is about them, to be asked of each as a Patient. What takes of one
 * person's resources some, as the query part of a scope does, lets through all of nobody. Whose a resource is does not
 * count: of who objects to sharing everybody sees their own part, and no scope helps.
 */
export function toWholePersonFilter(filter: Filter): Filter {
  if (filter.kind === 'and' || filter.kind === 'or')
    return { kind: filter.kind, of: filter.of.map(toWholePersonFilter) };
  if (!takesWholePersons(filter)) return nothing;
  return filter.kind === 'value' ? everything : filter;
}

/** Whether it lets all through that is about somebody, or nothing: it asks of persons alone. */
export function takesWholePersons(filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.every(takesWholePersons);
    case 'not':
      return isOfPersons(filter.of);
    case 'value':
      return isOwnerTest(filter);
    case 'concerns':
    case 'reach':
      return true;
    case 'id':
    case 'type':
    case 'lastUpdated':
    case 'present':
    case 'chain':
    case 'has':
      return false;
  }
}

function isOwnerTest({ test }: Extract<Filter, { kind: 'value' }>): boolean {
  return test.kind === 'token' && test.anyOf.every(({ system }) => system === ownerSystem);
}

function isOfPersons(filter: Filter): boolean {
  if (filter.kind === 'and' || filter.kind === 'or') return filter.of.every(isOfPersons);
  if (filter.kind === 'not') return isOfPersons(filter.of);
  return filter.kind === 'concerns' || filter.kind === 'reach';
}

/** What is left of several types: each its own part. `nothing` where the type is not among them. */
export function byType(parts: ReadonlyMap<string, Filter>): Filter {
  if (parts.size === 0) return nothing;
  const of = [...parts].map(([type, filter]) => allOf([{ kind: 'type', anyOf: [type] }, filter]));
  return { kind: 'or', of };
}
