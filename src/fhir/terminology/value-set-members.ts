import type {
  CodeSystemConceptDesignation,
  ValueSet,
  ValueSetComposeInclude,
  ValueSetComposeIncludeConcept,
  ValueSetExpansionContains,
} from 'fhir/r4.js';
import { parseCanonical } from './canonical.ts';
import type { CodeSystemIndex, Concept } from './code-system-index.ts';
import { type ConceptTest, compileConceptFilter } from './concept-filter.ts';
import { designationsIn, objectsIn, textOf, textsIn } from './unvalidated.ts';

/** One code of a value set. */
export type Member = {
  readonly system: string;
  readonly version?: string;
  readonly code: string;
  readonly display?: string;
  readonly designations: readonly CodeSystemConceptDesignation[];
  readonly inactive: boolean;
  readonly abstract: boolean;
};

/** By `memberKey`, in the order of the definition. */
export type Members = ReadonlyMap<string, Member>;

/** Why a value set cannot be expanded. */
export type ExpansionFault = {
  readonly kind: 'unknown-system' | 'unknown-value-set' | 'unsupported' | 'circular' | 'too-costly';
  readonly text: string;
};

export type Expanded = Members | ExpansionFault;

export type KnownValueSet = {
  readonly resource: ValueSet;
  /** Worked out at the first call. */
  readonly members: () => Expanded;
};

/** Where code systems and value sets are looked up by canonical URL. */
export type TerminologySource = {
  readonly codeSystem: (canonical: string) => CodeSystemIndex | undefined;
  readonly valueSet: (canonical: string) => KnownValueSet | undefined;
};

/** No value set of a registry comes near it; what is larger is refused instead of holding up everybody. */
export const maxMembers = 50_000;

export function memberKey(system: string, code: string): string {
  return `${system}|${code}`;
}

export function isFault(expanded: Expanded): expanded is ExpansionFault {
  return !(expanded instanceof Map);
}

export function toKnownValueSet(resource: ValueSet, source: TerminologySource): KnownValueSet {
  let expanded: Expanded | undefined;
  let open = false;
  return {
    resource,
    members: () => {
      if (expanded) return expanded;
      if (open) return { kind: 'circular', text: `${nameOf(resource)} includes itself` };
      open = true;
      try {
        expanded = membersOf(resource, source);
      } finally {
        open = false;
      }
      return expanded;
    },
  };
}

/** R4 valueset.html#compositions: all includes together, without what an exclude names. */
function membersOf(resource: ValueSet, source: TerminologySource): Expanded {
  const { compose } = resource;
  if (!compose) return membersInExpansion(resource);
  const members = union(compose.include, source);
  if (isFault(members)) return members;
  if (members.size > maxMembers) return tooCostly(resource);
  const excluded = union(compose.exclude, source);
  if (isFault(excluded)) return excluded;
  const wantsInactive = compose.inactive !== false;
  return new Map(
    [...members].filter(([key, { inactive }]) => !excluded.has(key) && (wantsInactive || !inactive)),
  );
}

function union(parts: readonly ValueSetComposeInclude[] | undefined, source: TerminologySource): Expanded {
  const members = new Map<string, Member>();
  for (const part of objectsIn(parts)) {
    const included = membersIncluded(part, source);
    if (isFault(included)) return included;
    for (const [key, member] of included) if (!members.has(key)) members.set(key, member);
    if (members.size > maxMembers) break;
  }
  return members;
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
  return members;
}

/** All conditions of an include hold together: of the system, passing its filters, and in each value set. */
function membersIncluded(include: ValueSetComposeInclude, source: TerminologySource): Expanded {
  const imported: Members[] = [];
  for (const canonical of textsIn(include.valueSet)) {
    const known = source.valueSet(canonical);
    if (!known) {
      return { kind: 'unknown-value-set', text: `The value set ${canonical} is not known to this server` };
    }
    const members = known.members();
    if (isFault(members)) return members;
    imported.push(members);
  }
  const own = typeof include.system === 'string' ? membersOfSystem(include, source) : undefined;
  if (own && isFault(own)) return own;
  const [first, ...others] = own ? [own, ...imported] : imported;
  if (!first) {
    return { kind: 'unsupported', text: 'An include of a value set names neither a system nor a value set' };
  }
  return others.length === 0
    ? first
    : new Map([...first].filter(([key]) => others.every((other) => other.has(key))));
}

function membersOfSystem(include: ValueSetComposeInclude, source: TerminologySource): Expanded {
  const { system: url = '' } = include;
  const version = textOf(include.version);
  const system = source.codeSystem(version === undefined ? url : `${url}|${version}`);
  const listed = objectsIn(include.concept);
  if (listed.length > 0) return new Map(listed.flatMap((concept) => listedMember(concept, url, system)));
  if (!system) {
    return { kind: 'unknown-system', text: `The code system ${url} is not known to this server` };
  }
  const tests: ConceptTest[] = [];
  for (const filter of objectsIn(include.filter)) {
    const test = compileConceptFilter(filter, system);
    if (!test) {
      const text = `The filter ${JSON.stringify(filter)} on ${url} is not supported`;
      return { kind: 'unsupported', text };
    }
    tests.push(test);
  }
  const members = new Map<string, Member>();
  for (const concept of system.concepts.values()) {
    if (!tests.every((test) => test(concept))) continue;
    members.set(memberKey(url, concept.code), toMember(concept, url, system.version));
  }
  return members;
}

/** A listed code of a system that we hold in full must exist; of others it is taken as the value set says it. */
function listedMember(
  { code, designation, ...rest }: ValueSetComposeIncludeConcept,
  url: string,
  system: CodeSystemIndex | undefined,
): readonly (readonly [string, Member])[] {
  if (typeof code !== 'string') return [];
  const display = textOf(rest.display);
  const concept = system?.find(code);
  if (!concept && system && !system.partial) return [];
  const known = concept ? toMember(concept, url, system?.version) : undefined;
  const member: Member = {
    system: url,
    designations: [],
    inactive: false,
    abstract: false,
    ...known,
    code,
    ...(display !== undefined && { display }),
    ...(designation && { designations: designationsIn(designation) }),
  };
  return [[memberKey(url, code), member]];
}

function toMember(concept: Concept, system: string, version: string | undefined): Member {
  const { code, display, designations, inactive, abstract } = concept;
  return {
    system,
    ...(version !== undefined && { version }),
    code,
    ...(display !== undefined && { display }),
    designations,
    inactive,
    abstract,
  };
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
