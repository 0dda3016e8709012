import type { JsonObject } from '../fhir-json.ts';
import type { Issue } from '../problem.ts';
import type { Resource } from '../resource.ts';
import { checkBundleRules } from './bundle-rules.ts';
import type { Definitions, ValidatorSources } from './definitions.ts';
import { checkDomainRules } from './domain-rules.ts';
import { objectsAt } from './element-presence.ts';
import { checkContext, checkExtensionShape, checkModifier } from './extension-rules.ts';
import { type KnownProfiles, openKnownProfiles } from './known-profiles.ts';
import { checkProfile, meetsProfile } from './profile-check.ts';
import type { Profile } from './profile-tree.ts';
import { isFull, isObject, openRun, quote, type Run, report, reportAt, type Scope } from './run.ts';
import { checkStructure } from './structure.ts';
import { openTypeTable, type TypeNode, type TypeTable } from './type-table.ts';
import { openValueSets } from './value-sets.ts';
import { type Walk, walkObject } from './walk.ts';

export type ValidateOptions = {
  /** Canonicals of profiles that the resource must meet, whatever it claims itself. */
  readonly profiles?: readonly string[];
  /** What the profiles of `meta.profile` are worth: their errors are errors (so by default), warnings, or not sought. */
  readonly declared?: 'error' | 'warning' | 'ignore';
};

export type Validator = {
  /** What is wrong with a parsed resource. Valid is what has no issue of severity error. It never throws. */
  readonly validate: (resource: Resource, options?: ValidateOptions) => readonly Issue[];
  /** Only names, JSON types, cardinality and required codes: enough to read the resource without a surprise. */
  readonly checkStructure: (resource: Resource) => readonly Issue[];
  /** Is there a profile of that canonical? */
  readonly knowsProfile: (canonical: string) => boolean;
  /** Canonicals of the profiles of profiles/ that are for a resource type. */
  readonly profilesOf: (type: string) => readonly string[];
  /** The type that the profile of that canonical is for; undefined when there is none. */
  readonly profileType: (canonical: string) => string | undefined;
};

/** Compiles what it needs when it first needs it: opening is cheap. */
export function openValidator(sources: ValidatorSources): Validator {
  const { definitions, fhirPath } = sources;
  const valueSets = openValueSets(definitions, sources.profiles);
  const machine: Machine = {
    ...sources,
    table: openTypeTable(definitions, valueSets, fhirPath),
    profiles: openKnownProfiles(sources, valueSets, fhirPath),
  };
  return {
    validate: (resource, options = {}) => {
      const run = openRun([nameOf(resource)]);
      validateResource(machine, run, resource, { options });
      return run.issues;
    },
    checkStructure: (resource) => {
      const run = openRun([nameOf(resource)]);
      findWellBuilt(machine, run, resource);
      return run.issues;
    },
    knowsProfile: (canonical) =>
      baseTypeOf(canonical, definitions) !== undefined || machine.profiles.get(canonical) !== undefined,
    profilesOf: (type) => machine.profiles.urlsOf(type),
    profileType: (canonical) => machine.profiles.definitionOf(canonical.split('|')[0] ?? canonical)?.type,
  };
}

/** Where the path of an issue begins, whatever stands in the place of the type. */
function nameOf({ resourceType }: JsonObject): string {
  return typeof resourceType === 'string' ? resourceType : 'Resource';
}

type Machine = Omit<ValidatorSources, 'profiles'> & {
  readonly table: TypeTable;
  readonly profiles: KnownProfiles;
};

type Surroundings = {
  readonly options: ValidateOptions;
  /** Of the resource that contains this one. */
  readonly container?: Scope;
  readonly entries?: Scope['entries'];
};

/** The type of a resource whose structure is right; else reports why there is none. */
function findWellBuilt(machine: Machine, run: Run, resource: JsonObject): TypeNode | undefined {
  const { definitions, table, structureOf } = machine;
  const { resourceType } = resource;
  const check = typeof resourceType === 'string' ? structureOf(resourceType) : undefined;
  const node = typeof resourceType === 'string' ? table.get(resourceType) : undefined;
  if (!check || !node) {
    const text =
      resourceType === undefined
        ? 'A resource must have a resourceType'
        : `${quote(resourceType)} is not a resource type of R4`;
    reportAt(run, ['resourceType'], { severity: 'error', code: 'structure', text });
    return undefined;
  }
  const { valueSets } = definitions;
  return checkStructure(run, resource, { check, node, valueSets }) ? node : undefined;
}

function validateResource(
  machine: Machine,
  run: Run,
  resource: JsonObject,
  surroundings: Surroundings,
): void {
  const node = findWellBuilt(machine, run, resource);
  if (!node) return;
  const scope = openScope(resource, surroundings);
  const within = withoutProfiles(surroundings.options);
  const walk: Walk = {
    run,
    scope,
    onResource: (from, nested, slot) => {
      const inside =
        slot.element === 'contained' ? { container: from.scope } : { entries: from.scope.entries };
      validateResource(machine, run, nested, {
        options: within,
        ...inside,
      });
    },
    onExtension: (_, extension, holder) => {
      checkExtensionShape(run, extension, holder.node.name === 'Extension');
      const { url } = extension;
      const definition = typeof url === 'string' ? machine.profiles.definitionOf(url) : undefined;
      if (definition?.type !== 'Extension') return;
      checkContext(run, definition, holder);
      checkModifier(run, definition);
      enforce(machine, { run, scope }, definition.url, extension);
    },
  };
  walkObject(walk, resource, { node, slot: undefined });
  if (node.slots.has('contained') && scope.root === resource) checkDomainRules(run, scope);
  if (resource['resourceType'] === 'Bundle') checkBundleRules(run, resource, machine.definitions);
  checkProfiles(machine, run, scope, surroundings.options);
}

/** What is asked for is asked of the resource, and not of those inside it. */
const withoutProfiles = ({ declared }: ValidateOptions): ValidateOptions => ({
  profiles: [],
  ...(declared && { declared }),
});

function openScope(resource: JsonObject, { container, entries }: Surroundings): Scope {
  if (container) return { ...container, resource, elementIds: new Set() };
  const contained = new Map<string, JsonObject>();
  for (const each of objectsAt(resource, 'contained')) {
    if (typeof each['id'] === 'string') contained.set(each['id'], each);
  }
  return {
    resource,
    root: resource,
    contained,
    elementIds: new Set(),
    localReferences: new Set(),
    entries: resource['resourceType'] === 'Bundle' ? entriesOf(resource) : entries,
  };
}

function entriesOf(bundle: JsonObject): ReadonlyMap<string, JsonObject> {
  const entries = new Map<string, JsonObject>();
  for (const { fullUrl, resource } of objectsAt(bundle, 'entry')) {
    if (typeof fullUrl === 'string' && isObject(resource)) entries.set(fullUrl, resource);
  }
  return entries;
}

type Place = { readonly run: Run; readonly scope: Scope };

/** The profiles asked for, and those that the resource claims to meet. */
function checkProfiles(machine: Machine, run: Run, scope: Scope, options: ValidateOptions): void {
  const { profiles = [], declared = 'error' } = options;
  const { resource } = scope;
  for (const url of profiles) checkAsked(machine, { run, scope }, url);
  if (declared === 'ignore' || isFull(run)) return;
  const [meta = {}] = objectsAt(resource, 'meta');
  const claimed = Array.isArray(meta['profile']) ? meta['profile'] : [];
  claimed.forEach((url, index) => {
    if (typeof url === 'string' && !profiles.includes(url))
      checkClaim(machine, { run, scope }, { url, index, declared });
  });
}

function checkAsked(machine: Machine, { run, scope }: Place, url: string): void {
  const { resource } = scope;
  const type = baseTypeOf(url, machine.definitions);
  const profile = machine.profiles.get(url);
  if (type !== undefined) {
    if (!isOfType(resource, type, machine.table)) {
      report(run, { severity: 'error', ...otherType(url, type, resource) });
    }
  } else if (!profile) {
    const text = `The profile ${quote(url)} is not known here`;
    report(run, { severity: 'error', code: 'not-supported', text });
  } else if (isFor(run, profile, resource)) {
    enforce(machine, { run, scope }, url, resource);
  }
}

type Claim = { readonly url: string; readonly index: number; readonly declared: 'error' | 'warning' };

function checkClaim(machine: Machine, { run, scope }: Place, { url, index, declared }: Claim): void {
  const type = baseTypeOf(url, machine.definitions);
  if (type !== undefined) {
    if (isOfType(scope.resource, type, machine.table)) return;
    const fault = otherType(url, type, scope.resource);
    reportAt(run, ['meta', 'profile', index], { severity: declared, ...fault });
    return;
  }
  const profile = machine.profiles.get(url);
  if (!profile) {
    const text = `The profile ${quote(url)} is not known here, so it was not checked`;
    reportAt(run, ['meta', 'profile', index], { severity: 'warning', code: 'not-supported', text });
    return;
  }
  const own = openRun(run.path);
  if (isFor(own, profile, scope.resource)) enforce(machine, { run: own, scope }, url, scope.resource);
  for (const issue of own.issues) {
    if (isFull(run)) return;
    run.issues.push(issue.severity === 'error' ? { ...issue, severity: declared } : issue);
  }
}

/** The type of R4 whose own definition a canonical names, abstract ones and datatypes among them. */
function baseTypeOf(canonical: string, { types }: Definitions): string | undefined {
  const [, type] =
    /^http:\/\/hl7\.org\/fhir\/StructureDefinition\/([A-Za-z]+)(?:\|.*)?$/.exec(canonical) ?? [];
  return type !== undefined && Object.hasOwn(types, type) ? type : undefined;
}

/** What has a narrative is a DomainResource. */
function isOfType({ resourceType }: JsonObject, type: string, table: TypeTable): boolean {
  if (type === resourceType || type === 'Resource') return true;
  const node = typeof resourceType === 'string' ? table.get(resourceType) : undefined;
  return type === 'DomainResource' && node?.elements.get('text')?.types[0] === 'Narrative';
}

function otherType(url: string, type: string, { resourceType }: JsonObject) {
  return { code: 'structure', text: `${quote(url)} is of ${type}, not of ${quote(resourceType)}` };
}

function isFor(run: Run, profile: Profile, { resourceType }: JsonObject): boolean {
  if (profile.type === resourceType) return true;
  report(run, {
    severity: 'error',
    code: 'structure',
    text: `The profile ${profile.name} is of ${profile.type}, not of ${quote(resourceType)}`,
  });
  return false;
}

function enforce(machine: Machine, { run, scope }: Place, url: string, object: JsonObject): void {
  const profile = machine.profiles.get(url);
  const { table, profiles } = machine;
  if (!profile) return;
  checkProfile({ run, scope, table, profileOf: profiles.get, meets: meetsProfile, profile }, object);
}
