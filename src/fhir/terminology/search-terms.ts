import type { CodeSystemIndex } from './code-system-index.ts';
import { isFault } from './members.ts';
import { formsOfNdc, ndcSystem } from './ndc.ts';
import type { Terminology } from './terminology.ts';

/** What a token search has to look for; fits the token patterns of search. */
export type SearchTerm = { readonly system?: string; readonly code: string };

export type SearchTerms = {
  /** The codes of a value set, for `:in` and `:not-in`; undefined when it is not known or cannot be expanded. */
  readonly expand: (valueSet: string) => readonly SearchTerm[] | undefined;
  /** The code and all below or above it, for `:below` and `:above`; undefined when no known system has it. */
  readonly subsume: (
    direction: 'above' | 'below',
    system: string | undefined,
    code: string,
  ) => readonly SearchTerm[] | undefined;
};

const vaccineGroupSystem = 'https://jenner-iis.org/fhir/CodeSystem/vaccine-group';
const vaccineGroupMap = 'https://jenner-iis.org/fhir/ConceptMap/cvx-to-vaccine-group';

/** The shipped terminology as searches use it. */
export function toSearchTerms(terminology: Terminology): SearchTerms {
  return {
    expand: (valueSet) => {
      const members = terminology.valueSet(valueSet)?.members();
      if (!members || isFault(members)) return undefined;
      return [...members.values()].flatMap(({ system, code }) => termsOf(system, code));
    },
    subsume: (direction, system, code) => {
      const terms = systemsNamed(system, terminology).flatMap((one) => reach(one, direction, code));
      if (terms.length === 0) return undefined;
      const bridged = direction === 'below' && (system ?? vaccineGroupSystem) === vaccineGroupSystem;
      return bridged ? [...terms, ...vaccinesOf(code, terminology)] : terms;
    },
  };
}

function systemsNamed(system: string | undefined, terminology: Terminology): readonly CodeSystemIndex[] {
  if (system === undefined) return terminology.codeSystems();
  const known = terminology.codeSystem(system);
  return known ? [known] : [];
}

function reach(system: CodeSystemIndex, direction: 'above' | 'below', code: string): readonly SearchTerm[] {
  const concept = system.find(code);
  if (!concept) return [];
  const codes = direction === 'below' ? system.below(concept.code) : system.above(concept.code);
  return [...codes].flatMap((other) => termsOf(system.url, other));
}

function termsOf(system: string, code: string): readonly SearchTerm[] {
  if (system !== ndcSystem) return [{ system, code }];
  return formsOfNdc(code).map((form) => ({ system, code: form }));
}

/** Records name vaccines, not groups: below a vaccine group stand its CVX codes. */
function vaccinesOf(group: string, terminology: Terminology): readonly SearchTerm[] {
  const query = { system: vaccineGroupSystem, code: group, reverse: true };
  const vaccines = terminology.conceptMap(vaccineGroupMap)?.translate(query, terminology) ?? [];
  return vaccines.flatMap(({ concept }) =>
    concept?.system !== undefined && concept.code !== undefined ? termsOf(concept.system, concept.code) : [],
  );
}
