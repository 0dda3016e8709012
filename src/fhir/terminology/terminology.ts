import type { CodeSystem, ConceptMap, ValueSet } from 'fhir/r4.js';
import { parseCanonical, servesVersion } from './canonical.ts';
import { type CodeSystemIndex, indexCodeSystem } from './code-system-index.ts';
import { implicitValueSet } from './implicit-value-set.ts';
import {
  type CodeSystemData,
  type ConceptMapData,
  type TerminologyDocument,
  toCodeSystem,
  toConceptMap,
  toValueSet,
  type ValueSetData,
} from './terminology-data.ts';
import { type ConceptMapIndex, indexConceptMap } from './translate-code.ts';
import { type KnownValueSet, type TerminologySource, toKnownValueSet } from './value-set-members.ts';

export type TerminologyResource = CodeSystem | ValueSet | ConceptMap;

/** The code systems, value sets and concept maps that ship with the product. */
export type Terminology = TerminologySource & {
  readonly codeSystemById: (id: string) => CodeSystemIndex | undefined;
  readonly valueSetById: (id: string) => KnownValueSet | undefined;
  readonly conceptMapById: (id: string) => ConceptMapIndex | undefined;
  readonly conceptMap: (canonical: string) => ConceptMapIndex | undefined;
  readonly conceptMaps: readonly ConceptMapIndex[];
  /** Those whose system has the code, for a code without a system. */
  readonly codeSystems: () => readonly CodeSystemIndex[];
  /** All as FHIR resources, made at the first call. */
  readonly resources: () => readonly TerminologyResource[];
};

type Entry<Value> = { readonly url: string; readonly version?: string; readonly value: () => Value };

/** Takes the parsed files of terminology/. A code system is indexed when it is first asked for. */
export function loadTerminology(files: readonly unknown[]): Terminology {
  const documents = files.flat().map(toDocument);
  const resources = documents.map((document) => ({ document, resource: once(() => toResource(document)) }));
  const codeSystems = new Map<string, Entry<CodeSystemIndex>>();
  const valueSets = new Map<string, Entry<KnownValueSet>>();
  const conceptMaps = new Map<string, Entry<ConceptMapIndex>>();
  const ids = new Map<string, string>();
  /** `CodeSystem.valueSet`: the value set of all codes, where none is shipped under that URL. */
  const systemsByValueSet = new Map<string, string>();
  const source: TerminologySource = {
    codeSystem: (canonical) => find(codeSystems, canonical),
    valueSet: (canonical) => find(valueSets, canonical) ?? implicit(canonical),
  };
  const implicit = (canonical: string): KnownValueSet | undefined => {
    const resource = implicitValueSet(systemsByValueSet.get(canonical) ?? canonical, source.codeSystem);
    return resource && toKnownValueSet(resource, source);
  };
  for (const { document, resource } of resources) {
    const { resourceType, id, url, version } = document;
    ids.set(`${resourceType}/${id}`, url);
    const head = { url, ...(version !== undefined && { version }) };
    const entry = <Value>(value: () => Value): Entry<Value> => ({ ...head, value: once(value) });
    if (resourceType === 'CodeSystem') {
      const { valueSet } = document as CodeSystemData;
      if (valueSet !== undefined) systemsByValueSet.set(valueSet, url);
      codeSystems.set(
        url,
        entry(() => indexCodeSystem(resource() as CodeSystem)),
      );
    } else if (resourceType === 'ValueSet') {
      valueSets.set(
        url,
        entry(() => toKnownValueSet(resource() as ValueSet, source)),
      );
    } else {
      conceptMaps.set(
        url,
        entry(() => indexConceptMap(resource() as ConceptMap)),
      );
    }
  }
  const byId = <Value>(type: string, known: ReadonlyMap<string, Entry<Value>>, id: string) =>
    known.get(ids.get(`${type}/${id}`) ?? '')?.value();
  return {
    ...source,
    codeSystemById: (id) => byId('CodeSystem', codeSystems, id),
    valueSetById: (id) => byId('ValueSet', valueSets, id),
    conceptMapById: (id) => byId('ConceptMap', conceptMaps, id),
    conceptMap: (canonical) => find(conceptMaps, canonical),
    get conceptMaps() {
      return [...conceptMaps.values()].map(({ value }) => value());
    },
    codeSystems: () => [...codeSystems.values()].map(({ value }) => value()),
    resources: once(() => resources.map(({ resource }) => resource())),
  };
}

const documentTypes: ReadonlySet<unknown> = new Set(['CodeSystem', 'ValueSet', 'ConceptMap']);

function toDocument(file: unknown): TerminologyDocument {
  const { resourceType, id, url } = (file ?? {}) as Partial<TerminologyDocument>;
  if (documentTypes.has(resourceType) && typeof id === 'string' && typeof url === 'string') {
    return file as TerminologyDocument;
  }
  throw new Error(
    `A file of terminology/ holds ${resourceType} ${id}; expected a CodeSystem, ValueSet or ConceptMap`,
  );
}

function toResource(document: TerminologyDocument): TerminologyResource {
  switch (document.resourceType) {
    case 'CodeSystem':
      return toCodeSystem(document as CodeSystemData);
    case 'ValueSet':
      return toValueSet(document as ValueSetData);
    case 'ConceptMap':
      return toConceptMap(document as ConceptMapData);
  }
}

function find<Value>(known: ReadonlyMap<string, Entry<Value>>, canonical: string): Value | undefined {
  const { url, version } = parseCanonical(canonical);
  const entry = known.get(url);
  return entry && servesVersion(version, entry.version) ? entry.value() : undefined;
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
