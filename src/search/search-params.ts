import { isResourceType, type ResourceType, resourceTypes } from '../fhir/resource-type.ts';
import { isNameOfPerson } from './name-words.ts';
import { splitUnion } from './split-union.ts';

const paramTypes = [
  'token',
  'string',
  'reference',
  'date',
  'number',
  'quantity',
  'uri',
  'composite',
  'special',
] as const;

export type SearchParamType = (typeof paramTypes)[number];

/** A search parameter as one resource type has it. */
export type SearchParam = {
  readonly code: string;
  readonly type: SearchParamType;
  /** Canonical url of the definition. */
  readonly url: string;
  /** Those branches of the definition's expression that start at this resource type; '' = nothing to index. */
  readonly expression: string;
  /** Types a reference may point to; empty = any. */
  readonly target: readonly string[];
  /** Of a composite, in the order of the '$' parts. */
  readonly components: readonly SearchParamComponent[];
  /** It is searched by the beginning of any word of a name (`name-words.ts`). */
  readonly isByWord?: true;
};

export type SearchParamComponent = {
  readonly type: SearchParamType;
  readonly target: readonly string[];
  /** Relative to the elements that the composite's own expression yields. */
  readonly expression: string;
};

export type SearchParams = ReadonlyMap<ResourceType, ReadonlyMap<string, SearchParam>>;

export type LoadedSearchParams = {
  readonly params: SearchParams;
  /** What is wrong with the definitions, a sentence each; such definitions are left out. */
  readonly faults: readonly string[];
};

type Json = Readonly<Record<string, unknown>>;

type Definition = {
  readonly code: string;
  readonly type: SearchParamType;
  readonly url: string;
  readonly base: readonly string[];
  readonly expression: string;
  readonly target: readonly string[];
  readonly components: readonly { readonly definition: string; readonly expression: string }[];
};

/** Reads SearchParameter resources and Bundles of them, parsed from the JSON files of search-params/. */
export function loadSearchParams(documents: readonly unknown[]): LoadedSearchParams {
  const faults: string[] = [];
  const definitions: Definition[] = [];
  for (const resource of documents.flatMap(resourcesIn)) {
    const definition = readDefinition(resource);
    if (typeof definition === 'string') faults.push(definition);
    else definitions.push(definition);
  }
  const byUrl = new Map(definitions.map((definition) => [definition.url, definition]));
  const params = new Map<ResourceType, Map<string, SearchParam>>(
    resourceTypes.map((type) => [type, new Map()]),
  );
  for (const definition of definitions) {
    for (const type of typesOf(definition)) {
      const fault = addParam(params.get(type) ?? new Map(), type, definition, byUrl);
      if (fault) faults.push(fault);
    }
  }
  return { params, faults };
}

/** The parameters without those of some codes. */
export function withoutParams(params: SearchParams, codes: readonly string[]): SearchParams {
  return new Map(
    [...params].map(([type, ofType]) => [
      type,
      new Map([...ofType].filter(([code]) => !codes.includes(code))),
    ]),
  );
}

function resourcesIn(document: unknown): readonly unknown[] {
  if (!isJson(document) || document['resourceType'] !== 'Bundle') return [document];
  const entries = document['entry'];
  return Array.isArray(entries)
    ? entries.map((entry: unknown) => (isJson(entry) ? entry['resource'] : entry))
    : [];
}

function readDefinition(resource: unknown): Definition | string {
  if (!isJson(resource) || resource['resourceType'] !== 'SearchParameter') {
    return 'A search parameter file holds something that is no SearchParameter.';
  }
  const { url, code, type, base } = resource;
  if (typeof url !== 'string') return `SearchParameter ${String(resource['id'])} has no url.`;
  if (typeof code !== 'string' || !/^[A-Za-z_][A-Za-z0-9_-]*$/.test(code)) {
    return `SearchParameter ${url} has the code ${String(code)}; expected letters, digits, '-' and '_'.`;
  }
  if (!isParamType(type)) {
    return `SearchParameter ${url} has the type ${String(type)}; expected one of ${paramTypes.join(', ')}.`;
  }
  const bases = textsIn(base);
  if (!bases.some((name) => isResourceType(name) || isAbstract(name))) {
    return `SearchParameter ${url} has the base ${bases.join(', ') || 'none'}; expected a resource type served here.`;
  }
  const expression = typeof resource['expression'] === 'string' ? resource['expression'] : '';
  const components = componentsIn(resource['component']);
  if (type === 'composite' && components.length < 2)
    return `SearchParameter ${url} is composite but has no components.`;
  return { code, type, url, base: bases, expression, target: textsIn(resource['target']), components };
}

function isAbstract(name: string): boolean {
  return name === 'Resource' || name === 'DomainResource';
}

function typesOf(definition: Definition): readonly ResourceType[] {
  if (definition.base.includes('Resource')) return resourceTypes;
  if (definition.base.includes('DomainResource')) {
    return resourceTypes.filter((type) => type !== 'Binary' && type !== 'Bundle');
  }
  return definition.base.filter(isResourceType);
}

function addParam(
  known: Map<string, SearchParam>,
  type: ResourceType,
  definition: Definition,
  byUrl: ReadonlyMap<string, Definition>,
): string | undefined {
  const { code, url, target } = definition;
  const other = known.get(code);
  if (other) return `SearchParameter ${url} defines ${type}.${code}, which ${other.url} defines already.`;
  const components: SearchParamComponent[] = [];
  for (const { definition: componentUrl, expression } of definition.components) {
    const component = byUrl.get(componentUrl);
    if (!component) return `SearchParameter ${url} has the component ${componentUrl}, which is not defined.`;
    components.push({ type: component.type, target: component.target, expression });
  }
  const expression = splitUnion(definition.expression)
    .filter((branch) => startsAt(branch, type))
    .join(' | ');
  if (expression === '' && definition.expression !== '') {
    return `SearchParameter ${url} has no expression that starts at ${type}: ${definition.expression}`;
  }
  const byWord = isNameOfPerson(type, code) ? ({ isByWord: true } as const) : {};
  known.set(code, { code, type: definition.type, url, expression, target, components, ...byWord });
  return undefined;
}

function startsAt(branch: string, type: ResourceType): boolean {
  const root = /^\(*\s*([A-Za-z]+)/.exec(branch)?.[1] ?? '';
  return root === type || isAbstract(root) || !/^[A-Z]/.test(root);
}

function componentsIn(value: unknown): Definition['components'] {
  if (!Array.isArray(value)) return [];
  return value.filter(isJson).map((component) => ({
    definition: String(component['definition']),
    expression: String(component['expression']),
  }));
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function isParamType(value: unknown): value is SearchParamType {
  return paramTypes.some((type) => type === value);
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
