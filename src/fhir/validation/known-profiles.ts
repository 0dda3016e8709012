import type { ValueSets } from './binding.ts';
import type { FhirPathEngine, ProfileDefinition, ValidatorSources } from './definitions.ts';
import { compileProfile, type Profile } from './profile-tree.ts';
import { isObject } from './run.ts';

const core = 'http://hl7.org/fhir/StructureDefinition/';

/** The profiles of profiles/, and the extensions of the core specification. */
export type KnownProfiles = {
  readonly get: (url: string) => Profile | undefined;
  /** Those of profiles/ that are for the type. */
  readonly urlsOf: (type: string) => readonly string[];
  /** As published, for what the compiled form leaves out (context). */
  readonly definitionOf: (url: string) => ProfileDefinition | undefined;
};

/** Compiles each profile when it is first asked for. */
export function openKnownProfiles(
  { profiles, coreExtensions }: Pick<ValidatorSources, 'profiles' | 'coreExtensions'>,
  valueSets: ValueSets,
  fhirPath: () => FhirPathEngine,
): KnownProfiles {
  const own = new Map(profiles.filter(isProfileDefinition).map((each) => [each.url, each]));
  const compiled = new Map<string, Profile | undefined>();
  const definitionOf = (url: string) => {
    const known = own.get(url);
    if (known || !url.startsWith(core)) return known;
    const extensions = coreExtensions();
    return Object.hasOwn(extensions, url) ? extensions[url] : undefined;
  };
  const get = (canonical: string) => {
    const url = canonical.split('|')[0] ?? canonical;
    if (!compiled.has(url)) {
      const chain = chainOf(url, definitionOf);
      // What no profile of that name exists for is not kept: clients choose the names.
      if (chain.length === 0) return undefined;
      compiled.set(url, compileProfile({ chain, valueSets, fhirPath }));
    }
    return compiled.get(url);
  };
  const urlsOf = (type: string) =>
    [...own.values()].filter((each) => each.type === type).map(({ url }) => url);
  return { get, definitionOf, urlsOf };
}

function chainOf(
  url: string,
  definitionOf: (url: string) => ProfileDefinition | undefined,
): readonly ProfileDefinition[] {
  const chain: ProfileDefinition[] = [];
  let at = definitionOf(url);
  while (at && !chain.includes(at)) {
    chain.unshift(at);
    at = definitionOf(at.baseDefinition.split('|')[0] ?? '');
  }
  return chain;
}

function isProfileDefinition(resource: unknown): resource is ProfileDefinition {
  return (
    isObject(resource) &&
    resource['resourceType'] === 'StructureDefinition' &&
    isObject(resource['differential'])
  );
}
