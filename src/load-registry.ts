import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { definitionResources } from './definition-resources.ts';
import type { Resource } from './fhir/resource.ts';
import type { CodeSystemIndex } from './fhir/terminology/code-system-index.ts';
import { toSearchTerms } from './fhir/terminology/search-terms.ts';
import { loadTerminology, type Terminology } from './fhir/terminology/terminology.ts';
import type { Validator } from './fhir/validation/validator.ts';
import { compileSchedule } from './forecast/compile-schedule.ts';
import { readScheduleData } from './forecast/read-schedule-data.ts';
import { compareScheduleVersions } from './forecast/schedule-version.ts';
import type { Registry, Validation, WriteRule } from './interaction/context.ts';
import { loadDefinitions, loadElementTables, loadValidator } from './load-validator.ts';
import { everythingOperations } from './operation/everything.ts';
import { metaOperations } from './operation/meta-operations.ts';
import type { Operation } from './operation/operation.ts';
import { storedSearchTerms } from './operation/terminology/stored-search-terms.ts';
import { terminologyOperations } from './operation/terminology/terminology-operations.ts';
import { validateOperations } from './operation/validate-operation.ts';
import type { KnowledgeBases } from './registry/forecasting/choose-knowledge-base.ts';
import { type ForecastSettings, forecastOperations } from './registry/forecasting/forecast-operations.ts';
import { type KnowledgeBase, toKnowledgeBase } from './registry/forecasting/knowledge-base.ts';
import { type Referential, referentialRule } from './registry/referential/referential-rule.ts';
import { buildIndexer } from './search/index-resource.ts';
import { loadSearchParams, type SearchParams, withoutParams } from './search/search-params.ts';
import { systemClock } from './values/clock.ts';
import type { ResourceId } from './values/resource-id.ts';

/** The folder of package.json: definitions and schedules lie beside dist/. */
export const packageRoot = fileURLToPath(new URL('..', import.meta.url));

export type RegistrySettings = {
  /** The FHIR base that clients see. */
  readonly baseUrl: string;
  /** Canonicals of profiles that every resource of their type must meet. */
  readonly profiles: readonly string[];
  readonly declaredProfiles: Validation['declared'];
  /** `refuse` when absent. */
  readonly deleteReferred?: Registry['deleteReferred'];
  /** `off` when absent. */
  readonly referential?: Referential;
  /** Whether words are indexed for `_text` and `_content`; false when absent. */
  readonly fullText?: boolean;
};

/** Builds the registry from the definitions that ship with the package. */
export async function loadRegistry(settings: RegistrySettings): Promise<Registry> {
  const params = readSearchParams(settings.fullText ?? false);
  const { baseUrl, profiles, declaredProfiles } = settings;
  const validator = loadValidator();
  const terminology = readTerminology();
  return {
    clock: systemClock,
    // A UUID has the shape of a FHIR id.
    newId: () => randomUUID() as string as ResourceId,
    baseUrl,
    searchParams: params,
    indexResource: await buildIndexer(params, { baseUrl }),
    writeRules: writeRules(settings),
    writeTrails: [],
    deleteReferred: settings.deleteReferred ?? 'refuse',
    searchTerms: toSearchTerms(terminology),
    storedTerms: storedSearchTerms(terminology),
    definitions: loadDefinitions(),
    elementTables: loadElementTables(),
    validation: { validator, enforced: enforcedProfiles(validator, profiles), declared: declaredProfiles },
  };
}

/** What the registry adds to every write. */
function writeRules({ referential = 'off' }: RegistrySettings): readonly WriteRule[] {
  return referential === 'off' ? [] : [referentialRule(referential)];
}

/** R4's own operations, and those of the business. */
export function loadOperations(forecast: ForecastSettings): readonly Operation[] {
  return [
    ...everythingOperations,
    ...metaOperations,
    ...validateOperations,
    ...terminologyOperations(readTerminology()),
    ...forecastOperations(forecast),
  ];
}

/** The code systems that ship. */
export function loadCodeSystems(): readonly CodeSystemIndex[] {
  return readTerminology().codeSystems();
}

/** There are no named queries; words are searched where they are indexed. */
function readSearchParams(fullText: boolean): SearchParams {
  const { params, faults } = loadSearchParams(readJsonFolder(join(packageRoot, 'search-params')));
  if (faults.length > 0) throw new Error(`search-params: ${faults.join(' ')}`);
  return withoutParams(params, fullText ? ['_query'] : ['_query', '_text', '_content']);
}

let terminologyRead: Terminology | undefined;

/** The terminology that ships; read once. */
function readTerminology(): Terminology {
  terminologyRead ??= loadTerminology(readJsonFolder(join(packageRoot, 'terminology')));
  return terminologyRead;
}

/** The resources behind the canonicals that this server names. */
export function loadDefinitionResources(operations: readonly Operation[]): readonly Resource[] {
  const documents = ['search-params', 'profiles'].flatMap((folder) =>
    readJsonFolder(join(packageRoot, folder)),
  );
  return definitionResources([...documents, ...readTerminology().resources()], operations);
}

function enforcedProfiles(
  validator: Validator,
  canonicals: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const byType = new Map<string, string[]>();
  for (const canonical of canonicals) {
    const type = validator.profileType(canonical);
    if (type === undefined) throw new Error(`JENNER_PROFILES: no profile ${canonical} lies in profiles/`);
    byType.set(type, [...(byType.get(type) ?? []), canonical]);
  }
  return byType;
}

function readJsonFolder(folder: string): readonly unknown[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  );
  return names.sort().map((name) => {
    const path = join(folder, name);
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as unknown;
    } catch (cause) {
      throw new Error(`${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
    }
  });
}

/**
 * The schedules that ship with the package and those that `jenner schedule import` put into JENNER_DATA/schedules,
 * newest first. Of two files of one version the imported one counts.
 */
export function loadKnowledgeBases(dataFolder: string): KnowledgeBases {
  const shipped = scheduleFiles(join(packageRoot, 'schedules'));
  const imported = scheduleFiles(join(dataFolder, 'schedules'));
  const byVersion = new Map<string, KnowledgeBase>();
  for (const path of [...shipped, ...imported]) {
    const knowledgeBase = loadKnowledgeBase(path);
    byVersion.set(knowledgeBase.version, knowledgeBase);
  }
  const [newest, ...others] = [...byVersion.values()].sort((a, b) =>
    compareScheduleVersions(b.version, a.version),
  );
  if (!newest) throw new Error(`no schedule in ${join(packageRoot, 'schedules')}`);
  return [newest, ...others];
}

function loadKnowledgeBase(path: string): KnowledgeBase {
  try {
    const data = readScheduleData(JSON.parse(readFileSync(path, 'utf8')));
    return toKnowledgeBase(data, compileSchedule(data));
  } catch (cause) {
    throw new Error(`${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

function scheduleFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(folder, name));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw cause;
  }
}
