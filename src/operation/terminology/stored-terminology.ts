import type { CodeSystem, ConceptMap, ValueSet } from 'fhir/r4.js';
import { Problem } from '../../fhir/problem.ts';
import { parseCanonical, servesVersion } from '../../fhir/terminology/canonical.ts';
import { type CodeSystemIndex, indexingCodeSystem } from '../../fhir/terminology/code-system-index.ts';
import { runWithPauses } from '../../fhir/terminology/expansion-work.ts';
import { implicitValueSet, systemOfImplicit } from '../../fhir/terminology/implicit-value-set.ts';
import type { Terminology } from '../../fhir/terminology/terminology.ts';
import { type ConceptMapIndex, indexConceptMap } from '../../fhir/terminology/translate-code.ts';
import {
  canonicalsIn,
  type KnownValueSet,
  type TerminologySource,
  toKnownValueSet,
} from '../../fhir/terminology/value-set-members.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { readStoredJson } from '../../interaction/parse-stored.ts';
import { readResource } from '../../interaction/read-resource.ts';
import { searchAll } from '../../interaction/search-all.ts';
import type { ResourceId } from '../../values/resource-id.ts';

type Stored = {
  readonly CodeSystem: CodeSystem;
  readonly ValueSet: ValueSet;
  readonly ConceptMap: ConceptMap;
};

/** What terminology operations work with: who asks, and what ships with the product. */
export type Terms = { readonly ctx: InteractionContext; readonly shipped: Terminology };

/** So many resources of the store may one value set rest on, and so many concept maps may be asked at once. */
const maxStored = 50;

/** The shipped terminology, and from the store what one request needs. */
export type TermSource = TerminologySource & {
  /** Reads the code system from the store unless it is known. */
  readonly needCodeSystem: (canonical: string) => Promise<CodeSystemIndex | undefined>;
  /** Reads the value set from the store unless it is known, and all that it rests on. */
  readonly needValueSet: (canonical: string) => Promise<KnownValueSet | undefined>;
  /** Reads what a definition rests on, that of a value set in a parameter too. */
  readonly needPartsOf: (resource: ValueSet) => Promise<void>;
};

export function termSource({ ctx, shipped }: Terms): TermSource {
  const systems = new Map<string, CodeSystemIndex>();
  const valueSets = new Map<string, KnownValueSet>();
  const mayAsk = limitedQuestions();
  const codeSystem = (canonical: string) => shipped.codeSystem(canonical) ?? systems.get(canonical);
  const valueSet = (canonical: string): KnownValueSet | undefined => {
    const known = shipped.valueSet(canonical) ?? valueSets.get(canonical);
    if (known) return known;
    const implicit = implicitValueSet(canonical, codeSystem);
    return implicit && toKnownValueSet(implicit, source);
  };
  const needCodeSystem = async (canonical: string) => {
    const known = codeSystem(canonical);
    if (known || !mayAsk(`CodeSystem ${canonical}`)) return known;
    const resource = await findStored(ctx, 'CodeSystem', canonical);
    if (resource) systems.set(canonical, await indexed(ctx, resource));
    return systems.get(canonical);
  };
  const needPartsOf = async (resource: ValueSet) => {
    const parts = canonicalsIn(resource);
    for (const canonical of parts.systems) await needCodeSystem(canonical);
    for (const canonical of parts.valueSets) await needValueSet(canonical);
  };
  const needValueSet = async (canonical: string) => {
    const known = valueSet(canonical);
    if (known || !mayAsk(`ValueSet ${canonical}`)) return known;
    const resource = await findStored(ctx, 'ValueSet', canonical);
    if (resource) {
      valueSets.set(canonical, toKnownValueSet(resource, source));
      await needPartsOf(resource);
    } else {
      await needCodeSystem(systemOfImplicit(canonical));
    }
    return valueSet(canonical);
  };
  const source: TermSource = { codeSystem, valueSet, needCodeSystem, needValueSet, needPartsOf };
  return source;
}

/** True the first time something is asked for; a request that asks for too much is refused. */
function limitedQuestions(): (what: string) => boolean {
  const asked = new Set<string>();
  return (what) => {
    if (asked.has(what)) return false;
    asked.add(what);
    if (asked.size > maxStored) {
      throw new Problem('business-rule', `The value set rests on more than ${maxStored} other resources`);
    }
    return true;
  };
}

export async function codeSystemOfId({ ctx, shipped }: Terms, id: ResourceId): Promise<CodeSystemIndex> {
  return shipped.codeSystemById(id) ?? indexed(ctx, await readStored(ctx, 'CodeSystem', id));
}

/** Of one that a client has sent or stored, which may be large. */
export function indexed({ pace }: InteractionContext, resource: CodeSystem): Promise<CodeSystemIndex> {
  return runWithPauses(indexingCodeSystem(resource), pace);
}

export async function valueSetOfId(
  { ctx, shipped }: Terms,
  id: ResourceId,
  source: TermSource,
): Promise<KnownValueSet> {
  const known = shipped.valueSetById(id);
  if (known) return known;
  const resource = await readStored(ctx, 'ValueSet', id);
  await source.needPartsOf(resource);
  return toKnownValueSet(resource, source);
}

export async function conceptMapOfId({ ctx, shipped }: Terms, id: ResourceId): Promise<ConceptMapIndex> {
  return shipped.conceptMapById(id) ?? indexConceptMap(await readStored(ctx, 'ConceptMap', id));
}

async function readStored<Type extends keyof Stored>(
  ctx: InteractionContext,
  type: Type,
  id: ResourceId,
): Promise<Stored[Type]> {
  return readStoredJson<Stored[Type]>(await readResource(ctx, { type, id }), ctx.pace);
}

/** Of several resources with the URL, the one of the version that is asked for, or else the one written last. */
export async function findStored<Type extends keyof Stored>(
  ctx: InteractionContext,
  type: Type,
  canonical: string,
): Promise<Stored[Type] | undefined> {
  const { url, version } = parseCanonical(canonical);
  const found = await searchAll(ctx, type, [['url', escapeValue(url)]]);
  for (const stored of found.toSorted((a, b) => b.lastUpdated - a.lastUpdated)) {
    const resource = await readStoredJson<Stored[Type]>(stored, ctx.pace);
    if (servesVersion(version, resource.version)) return resource;
  }
  return undefined;
}

/** Concept maps of the store that map from the code system, or to it. */
export async function searchConceptMaps(
  { ctx, shipped }: Terms,
  side: 'source-system' | 'target-system',
  system: string,
): Promise<readonly ConceptMapIndex[]> {
  const found = await searchAll(ctx, 'ConceptMap', [[side, escapeValue(system)]]);
  if (found.length > maxStored) {
    const text = `There are ${found.length} concept maps for ${system}, and at most ${maxStored} are asked; name one by url`;
    throw new Problem('business-rule', text);
  }
  const maps: ConceptMapIndex[] = [];
  for (const stored of found) {
    const map = await readStoredJson<ConceptMap>(stored, ctx.pace);
    if (map.url === undefined || !shipped.conceptMap(map.url)) maps.push(indexConceptMap(map));
  }
  return maps;
}

/** R4 search.html#escaping. */
function escapeValue(text: string): string {
  return text.replaceAll(/[\\,|$]/g, '\\$&');
}
