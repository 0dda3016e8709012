import type { ValueSets } from './binding.ts';
import type { Definitions, ValueSetCodes } from './definitions.ts';
import { isObject } from './run.ts';

/** The codes of value sets: those of the base definitions, and those that profiles/ lists. */
export function openValueSets({ valueSets }: Definitions, resources: readonly unknown[]): ValueSets {
  const listed = new Map(resources.filter(isTerminology).map((resource) => [resource.url, resource]));
  const find = (url: string): ValueSetCodes | undefined => {
    if (Object.hasOwn(valueSets, url)) return valueSets[url];
    const parts = listed.get(url)?.compose?.include.map((include) => codesOf(include, listed, find));
    return parts && joinCodes(parts);
  };
  return find;
}

function codesOf(
  { system = '', concept, valueSet }: Include,
  listed: ReadonlyMap<string, Terminology>,
  find: ValueSets,
): ValueSetCodes | undefined {
  if (valueSet) return find(valueSet[0]?.split('|')[0] ?? '');
  const concepts = concept ?? listed.get(system)?.concept;
  return concepts && { [system]: concepts.map(({ code }) => code) };
}

/** Undefined where one of the parts is not known. */
function joinCodes(parts: readonly (ValueSetCodes | undefined)[]): ValueSetCodes | undefined {
  const codes: Record<string, readonly string[]> = {};
  for (const part of parts) {
    if (!part) return undefined;
    for (const [system, list] of Object.entries(part)) codes[system] = [...(codes[system] ?? []), ...list];
  }
  return codes;
}

type Concepts = readonly { readonly code: string }[];

type Include = {
  readonly system?: string;
  readonly concept?: Concepts;
  readonly valueSet?: readonly string[];
};

/** A ValueSet or a CodeSystem, as far as it lists codes. */
type Terminology = {
  readonly url: string;
  readonly concept?: Concepts;
  readonly compose?: { readonly include: readonly Include[] };
};

function isTerminology(resource: unknown): resource is Terminology {
  if (!isObject(resource) || typeof resource['url'] !== 'string') return false;
  return resource['resourceType'] === 'ValueSet' || resource['resourceType'] === 'CodeSystem';
}
