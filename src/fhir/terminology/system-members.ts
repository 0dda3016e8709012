import type { ValueSetComposeInclude, ValueSetComposeIncludeConcept } from 'fhir/r4.js';
import type { CodeSystemIndex, Concept } from './code-system-index.ts';
import { type ConceptTest, compileConceptFilter } from './concept-filter.ts';
import type { ExpansionWork, Steps } from './expansion-work.ts';
import { type Expanded, type ExpansionFault, type Member, type Members, memberKey } from './members.ts';
import { designationsIn, objectsIn, textOf } from './unvalidated.ts';

/** What an include takes of its system: the codes that it lists, or those that pass its filters. */
export function* systemMembers(
  include: ValueSetComposeInclude,
  codeSystem: (canonical: string) => CodeSystemIndex | undefined,
  work: ExpansionWork,
): Steps<Expanded> {
  const { system: url = '' } = include;
  const version = textOf(include.version);
  const system = codeSystem(version === undefined ? url : `${url}|${version}`);
  const listed = objectsIn(include.concept);
  if (listed.length > 0) return yield* listedMembers(listed, url, system, work);
  if (!system) {
    return { kind: 'unknown-system', text: `The code system ${url} is not known to this server` };
  }
  const tests = yield* testsOf(include, system, work);
  if (!Array.isArray(tests)) return tests;
  return yield* passingMembers(tests, url, system, work);
}

function* listedMembers(
  listed: readonly ValueSetComposeIncludeConcept[],
  url: string,
  system: CodeSystemIndex | undefined,
  work: ExpansionWork,
): Steps<Members> {
  const members = new Map<string, Member>();
  for (const concept of listed) {
    if (work.test(1)) yield;
    for (const [key, member] of listedMember(concept, url, system)) members.set(key, member);
  }
  return members;
}

function* passingMembers(
  tests: readonly ConceptTest[],
  url: string,
  system: CodeSystemIndex,
  work: ExpansionWork,
): Steps<Members> {
  const members = new Map<string, Member>();
  for (const concept of system.concepts.values()) {
    if (work.test(1 + tests.length * (1 + concept.properties.length))) yield;
    if (!tests.every((test) => test(concept))) continue;
    members.set(memberKey(url, concept.code), toMember(concept, url, system.version));
  }
  return members;
}

function* testsOf(
  { system: url, filter: filters }: ValueSetComposeInclude,
  system: CodeSystemIndex,
  work: ExpansionWork,
): Steps<ConceptTest[] | ExpansionFault> {
  const tests: ConceptTest[] = [];
  for (const filter of objectsIn(filters)) {
    // A filter by the hierarchy walks through it.
    if (work.test(1 + system.links)) yield;
    const test = compileConceptFilter(filter, system);
    if (!test) {
      const text = `The filter ${JSON.stringify(filter)} on ${url} is not supported`;
      return { kind: 'unsupported', text };
    }
    tests.push(test);
  }
  return tests;
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
