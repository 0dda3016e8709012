import type {
  CodeSystem,
  CodeSystemConcept,
  CodeSystemConceptDesignation,
  CodeSystemConceptProperty,
} from 'fhir/r4.js';
import { runAtOnce, type Steps } from './expansion-work.ts';
import { ndcSystem, toNdc11 } from './ndc.ts';
import { designationsIn, objectsIn, textOf } from './unvalidated.ts';

/** One code of a code system, wherever in the hierarchy it stands. */
export type Concept = {
  readonly code: string;
  readonly display?: string;
  readonly definition?: string;
  readonly designations: readonly CodeSystemConceptDesignation[];
  readonly properties: readonly CodeSystemConceptProperty[];
  readonly parents: readonly string[];
  readonly inactive: boolean;
  /** For navigation only; no value of a record. */
  readonly abstract: boolean;
};

/** A code system whose codes are found at once. */
export type CodeSystemIndex = {
  readonly url: string;
  readonly version?: string;
  readonly name: string;
  /** It holds a part of the codes only, so that an unknown code may be right. */
  readonly partial: boolean;
  readonly concepts: ReadonlyMap<string, Concept>;
  /** How many steps from a concept to a parent there are. */
  readonly links: number;
  /** By the code as it is written, or as the system lets it be written. */
  readonly find: (code: string) => Concept | undefined;
  readonly childrenOf: (code: string) => readonly string[];
  /** The code and all that it subsumes. */
  readonly below: (code: string) => ReadonlySet<string>;
  /** The code and all that subsume it. */
  readonly above: (code: string) => ReadonlySet<string>;
};

export function indexCodeSystem(resource: CodeSystem): CodeSystemIndex {
  return runAtOnce(indexingCodeSystem(resource));
}

/** Concepts that are looked at before others may come first. */
const conceptsPerStep = 1000;

/** The same in steps, for one that may be large. */
export function* indexingCodeSystem(resource: CodeSystem): Steps<CodeSystemIndex> {
  const concepts = new Map<string, Concept>();
  let seen = 0;
  for (const [concept, parent] of conceptsIn(resource.concept, undefined)) {
    if (++seen % conceptsPerStep === 0) yield;
    if (!concepts.has(concept.code)) concepts.set(concept.code, toConcept(concept, parent));
  }
  let links = 0;
  for (const { parents } of concepts.values()) links += parents.length;
  const children = links > conceptsPerStep ? yield* childrenIn(concepts) : undefined;
  return toIndex(resource, concepts, { links, children });
}

type Hierarchy = {
  readonly links: number;
  /** By the parent; worked out when it is first asked for where it is absent. */
  readonly children: Children | undefined;
};

type Children = ReadonlyMap<string, readonly string[]>;

function toIndex(
  resource: CodeSystem,
  concepts: ReadonlyMap<string, Concept>,
  { links, children: known }: Hierarchy,
): CodeSystemIndex {
  let children = known;
  const childrenOf = (code: string) => {
    children ??= runAtOnce(childrenIn(concepts));
    return children.get(code) ?? [];
  };
  const parentsOf = (code: string) => concepts.get(code)?.parents ?? [];
  const version = textOf(resource.version);
  return {
    url: textOf(resource.url) ?? '',
    ...(version !== undefined && { version }),
    name: textOf(resource.name) ?? textOf(resource.url) ?? 'The code system',
    partial: resource.content !== 'complete',
    concepts,
    links,
    find: finderOf(resource, concepts),
    childrenOf,
    below: (code) => reachableFrom(code, childrenOf),
    above: (code) => reachableFrom(code, parentsOf),
  };
}

function finderOf(
  { url, caseSensitive }: CodeSystem,
  concepts: ReadonlyMap<string, Concept>,
): (code: string) => Concept | undefined {
  if (url === ndcSystem) return (code) => concepts.get(toNdc11(code));
  // R4 CodeSystem.caseSensitive: when it is not said, the safe reading is that case matters.
  if (caseSensitive !== false) return (code) => concepts.get(code);
  let folded: ReadonlyMap<string, Concept> | undefined;
  return (code) => {
    folded ??= new Map([...concepts.values()].map((concept) => [concept.code.toLowerCase(), concept]));
    return concepts.get(code) ?? folded.get(code.toLowerCase());
  };
}

/** Each before those that stand in it, with the code of the one that it stands in. */
function* conceptsIn(
  concepts: readonly CodeSystemConcept[] | undefined,
  parent: string | undefined,
): Generator<readonly [CodeSystemConcept, string | undefined]> {
  for (const concept of objectsIn(concepts)) {
    if (typeof concept.code !== 'string') continue;
    yield [concept, parent];
    if (concept.concept) yield* conceptsIn(concept.concept, concept.code);
  }
}

function toConcept(concept: CodeSystemConcept, parent: string | undefined): Concept {
  const { code } = concept;
  const display = textOf(concept.display);
  const definition = textOf(concept.definition);
  const properties = objectsIn(concept.property);
  const named = properties
    .filter((property) => property.code === 'parent' || property.code === 'subsumedBy')
    .flatMap((property) => textOf(property.valueCode) ?? []);
  return {
    code,
    ...(display !== undefined && { display }),
    ...(definition !== undefined && { definition }),
    designations: designationsIn(concept.designation),
    properties,
    parents: parent === undefined ? named : [parent, ...named],
    inactive: isTrue(properties, 'inactive') || isRetired(properties),
    abstract: isTrue(properties, 'notSelectable'),
  };
}

function isTrue(properties: readonly CodeSystemConceptProperty[], code: string): boolean {
  return properties.some((property) => property.code === code && property.valueBoolean === true);
}

/** THO and v3 tables say `status` where R4's standard property is `inactive`. */
function isRetired(properties: readonly CodeSystemConceptProperty[]): boolean {
  return properties.some(({ code, valueCode }) => code === 'status' && valueCode === 'retired');
}

function* childrenIn(concepts: ReadonlyMap<string, Concept>): Steps<Children> {
  const children = new Map<string, string[]>();
  let seen = 0;
  for (const { code, parents } of concepts.values()) {
    if (++seen % conceptsPerStep === 0) yield;
    for (const parent of parents) {
      const known = children.get(parent);
      if (known) known.push(code);
      else children.set(parent, [code]);
    }
  }
  return children;
}

function reachableFrom(start: string, next: (code: string) => readonly string[]): ReadonlySet<string> {
  const reached = new Set([start]);
  for (const code of reached) for (const other of next(code)) reached.add(other);
  return reached;
}
