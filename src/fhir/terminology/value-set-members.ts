import type { ValueSet, ValueSetComposeInclude, ValueSetExpansionContains } from 'fhir/r4.js';
import { parseCanonical } from './canonical.ts';
import type { CodeSystemIndex } from './code-system-index.ts';
import {
  type ExpansionWork,
  maxLookedAt,
  openExpansionWork,
  runAtOnce,
  runWithPauses,
  type Steps,
  TooMuchWorkError,
} from './expansion-work.ts';
import {
  type Expanded,
  type ExpansionFault,
  isFault,
  type Member,
  type Members,
  memberKey,
} from './members.ts';
import { systemMembers } from './system-members.ts';
import { designationsIn, objectsIn, textOf, textsIn } from './unvalidated.ts';

export type KnownValueSet = {
  readonly resource: ValueSet;
  /** Worked out at the first call; a fault is found anew at each. */
  readonly members: () => Expanded;
  /** The same with pauses, for what a client may have sent. */
  readonly membersInTurns: (pause: () => Promise<void> | undefined) => Promise<Expanded>;
  /** The same as a part of other work. */
  readonly expand: (work: ExpansionWork) => Steps<Expanded>;
};

/** Where code systems and value sets are looked up by canonical URL. */
export type TerminologySource = {
  readonly codeSystem: (canonical: string) => CodeSystemIndex | undefined;
  readonly valueSet: (canonical: string) => KnownValueSet | undefined;
};

/** No value set of a registry comes near it; what is larger is refused instead of holding up everybody. */
export const maxMembers = 50_000;

export function toKnownValueSet(resource: ValueSet, source: TerminologySource): KnownValueSet {
  let known: Members | undefined;
  const expand = function* (work: ExpansionWork): Steps<Expanded> {
    if (known) return known;
    if (work.open.has(resource)) return { kind: 'circular', text: `${nameOf(resource)} includes itself` };
    work.open.add(resource);
    const expanded = yield* membersOf(resource, source, work);
    work.open.delete(resource);
    if (!isFault(expanded)) known = expanded;
    return expanded;
  };
  const whole = () => bounded(resource, expand(openExpansionWork()));
  return {
    resource,
    expand,
    members: () => runAtOnce(whole()),
    membersInTurns: (pause) => runWithPauses(whole(), pause),
  };
}

function* bounded(resource: ValueSet, steps: Steps<Expanded>): Steps<Expanded> {
  try {
    return yield* steps;
  } catch (thrown) {
    if (!(thrown instanceof TooMuchWorkError)) throw thrown;
    const text = `${nameOf(resource)} makes more than ${maxLookedAt} codes be looked at; it is not expanded`;
    return { kind: 'too-costly', text };
  }
}

/** R4 valueset.html#compositions: all includes together, without what an exclude names. */
function* membersOf(resource: ValueSet, source: TerminologySource, work: ExpansionWork): Steps<Expanded> {
  const { compose } = resource;
  if (!compose) return membersInExpansion(resource);
  const members = yield* union(resource, compose.include, source, work);
  if (isFault(members)) return members;
  const excluded = yield* union(resource, compose.exclude, source, work);
  if (isFault(excluded)) return excluded;
  const wantsInactive = compose.inactive !== false;
  return new Map(
    [...members].filter(([key, { inactive }]) => !excluded.has(key) && (wantsInactive || !inactive)),
  );
}

function* union(
  resource: ValueSet,
  parts: readonly ValueSetComposeInclude[] | undefined,
  source: TerminologySource,
  work: ExpansionWork,
): Steps<Expanded> {
  const members = new Map<string, Member>();
  for (const part of objectsIn(parts)) {
    const included = yield* membersIncluded(part, source, work);
    if (isFault(included)) return included;
    yield* takeOver(included, members, work);
    if (members.size > maxMembers) return tooCostly(resource);
  }
  return members;
}

function* takeOver(included: Members, members: Map<string, Member>, work: ExpansionWork): Steps<void> {
  for (const [key, member] of included) {
    if (work.lookAtMember()) yield;
    if (!members.has(key)) members.set(key, member);
  }
}

function nameOf({ url }: ValueSet): string {
  return `The value set ${textOf(url) ?? 'without a url'}`;
}

function tooCostly(resource: ValueSet): ExpansionFault {
  return {
    kind: 'too-costly',
    text: `${nameOf(resource)} has more than ${maxMembers} codes; it is not expanded`,
  };
}

/** A value set that was stored with an expansion and no definition. */
function membersInExpansion(resource: ValueSet): Expanded {
  const { expansion } = resource;
  if (!expansion) {
    return { kind: 'unsupported', text: `${nameOf(resource)} has neither a compose nor an expansion` };
  }
  const members = new Map<string, Member>();
  const collect = (contains: readonly ValueSetExpansionContains[] | undefined): void => {
    for (const { system, code, designation, inactive, abstract, ...rest } of objectsIn(contains)) {
      const display = textOf(rest.display);
      const version = textOf(rest.version);
      if (typeof system === 'string' && typeof code === 'string') {
        members.set(memberKey(system, code), {
          system,
          code,
          ...(version !== undefined && { version }),
          ...(display !== undefined && { display }),
          designations: designationsIn(designation),
          inactive: inactive === true,
          abstract: abstract === true,
        });
      }
      collect(rest.contains);
    }
  };
  collect(expansion.contains);
  return members.size > maxMembers ? tooCostly(resource) : members;
}

/** All conditions of an include hold together: of the system, passing its filters, and in each value set. */
function* membersIncluded(
  include: ValueSetComposeInclude,
  source: TerminologySource,
  work: ExpansionWork,
): Steps<Expanded> {
  if (work.lookAtMember()) yield;
  const imported = yield* importedMembers(include, source, work);
  if (!Array.isArray(imported)) return imported;
  const own =
    typeof include.system === 'string' ? yield* systemMembers(include, source.codeSystem, work) : undefined;
  if (own && isFault(own)) return own;
  const [first, ...others] = own ? [own, ...imported] : imported;
  if (!first) {
    return { kind: 'unsupported', text: 'An include of a value set names neither a system nor a value set' };
  }
  return others.length === 0 ? first : yield* intersection(first, others, work);
}

function* importedMembers(
  include: ValueSetComposeInclude,
  source: TerminologySource,
  work: ExpansionWork,
): Steps<Members[] | ExpansionFault> {
  const imported: Members[] = [];
  for (const canonical of textsIn(include.valueSet)) {
    if (work.lookAtMember()) yield;
    const known = source.valueSet(canonical);
    if (!known) {
      return { kind: 'unknown-value-set', text: `The value set ${canonical} is not known to this server` };
    }
    const members = yield* known.expand(work);
    if (isFault(members)) return members;
    imported.push(members);
  }
  return imported;
}

function* intersection(first: Members, others: readonly Members[], work: ExpansionWork): Steps<Members> {
  const members = new Map<string, Member>();
  for (const [key, member] of first) {
    if (work.test(others.length)) yield;
    if (others.every((other) => other.has(key))) members.set(key, member);
  }
  return members;
}

/** The systems and value sets that a definition rests on. */
export function canonicalsIn({ compose }: ValueSet): {
  readonly systems: readonly string[];
  readonly valueSets: readonly string[];
} {
  const parts = [...objectsIn(compose?.include), ...objectsIn(compose?.exclude)];
  return {
    systems: parts.flatMap(({ system }) => (typeof system === 'string' ? [parseCanonical(system).url] : [])),
    valueSets: parts.flatMap(({ valueSet }) => textsIn(valueSet)),
  };
}
