import { randomUUID } from 'node:crypto';
import type { Immunization } from 'fhir/r4.js';
import { toSearchTerms } from '../fhir/terminology/search-terms.ts';
import type { Validator } from '../fhir/validation/validator.ts';
import type { ServerContext, Validation, WriteRule } from '../interaction/context.ts';
import { storedSearchTerms } from '../operation/terminology/stored-search-terms.ts';
import { doseReviewRule } from '../registry/deduplication/dose-review-rule.ts';
import { doseReviewCode } from '../registry/deduplication/dose-task.ts';
import { codeSystem } from '../registry/forecasting/code-systems.ts';
import { cvxByOtherCodes } from '../registry/forecasting/to-dose.ts';
import { type IdentitySettings, identityRule } from '../registry/identity/identity-rule.ts';
import { keptAsSent } from '../registry/identity/kept-as-sent.ts';
import { reviewCode } from '../registry/identity/review-task.ts';
import { writtenByRegistry } from '../registry/identity/written-by-registry.ts';
import { matchIndex } from '../registry/matching/match-index.ts';
import { openMatcher } from '../registry/matching/matcher.ts';
import { shippedModel } from '../registry/matching/shipped-model.ts';
import { type Referential, referentialRule } from '../registry/referential/referential-rule.ts';
import { buildIndexer, type DerivedElements } from '../search/index-resource.ts';
import { loadSearchParams, type SearchParams, withoutParams } from '../search/search-params.ts';
import { clockIn } from '../values/clock.ts';
import { OperatorError } from '../values/operator-error.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { type TimeZone, utc } from '../values/time-zone.ts';
import { uuidInOrder } from '../values/uuid-in-order.ts';
import { cvxOf } from './knowledge-bases.ts';
import { shippedDocuments } from './package-files.ts';
import { shippedTerminology } from './terminology.ts';
import { shippedVaccines } from './vaccines.ts';
import { loadDefinitions, loadElementTables, loadValidator } from './validator.ts';

export type ContextSettings = {
  /** The FHIR base that clients see. */
  readonly baseUrl: string;
  /** Canonicals of profiles that every resource of their type must meet. */
  readonly profiles: readonly string[];
  readonly declaredProfiles: Validation['declared'];
  /** `refuse` when absent. */
  readonly deleteReferred?: ServerContext['deleteReferred'];
  /** `off` when absent. */
  readonly referential?: Referential;
  /** `off` when absent. */
  readonly matching?: IdentitySettings['matching'];
  /** Whether words are indexed for `_text` and `_content`; false when absent. */
  readonly fullText?: boolean;
  /** Where the registry is; UTC when absent. */
  readonly timeZone?: TimeZone;
  /**
   * How the ids that the server draws follow each other; `random` when absent. `in-order` serves a store that keeps them
   * sorted: what is written together then lies together. Shards want people spread evenly.
   */
  readonly ids?: 'random' | 'in-order';
};

/** What the interactions work with, built on the definitions that ship with the package. */
export async function loadServerContext(settings: ContextSettings): Promise<ServerContext> {
  const params = readSearchParams(settings.fullText ?? false);
  const { baseUrl, profiles, declaredProfiles } = settings;
  const validator = loadValidator();
  const terminology = shippedTerminology();
  const clock = clockIn(settings.timeZone ?? utc);
  const newUuid = settings.ids === 'in-order' ? () => uuidInOrder(clock.now(), randomUUID()) : randomUUID;
  return {
    clock,
    // A UUID has the shape of a FHIR id.
    newId: () => newUuid() as string as ResourceId,
    baseUrl,
    searchParams: params,
    ownKeys,
    indexResource: await buildIndexer(params, { baseUrl, derived: [cvxOfDose], ownKeys }),
    writeRules: writeRules(settings),
    writeTrails: [],
    staleness: () => undefined,
    deleteReferred: settings.deleteReferred ?? 'refuse',
    searchTerms: toSearchTerms(terminology),
    storedTerms: storedSearchTerms(terminology),
    definitions: loadDefinitions(),
    elementTables: loadElementTables(),
    validation: { validator, enforced: enforcedProfiles(validator, profiles), declared: declaredProfiles },
  };
}

const ownKeys = [matchIndex];

/** A dose by NDC is found by the CVX code that it is evaluated as. */
const cvxOfDose: DerivedElements = {
  type: 'Immunization',
  code: 'vaccine-code',
  elementsOf: (resource) => {
    const code = cvxByOtherCodes(resource as Immunization, cvxOf);
    return code === undefined ? [] : [{ coding: [{ system: codeSystem.cvx, code }] }];
  },
};

/** What the registry adds to every write. */
function writeRules({ referential = 'off', matching = 'off' }: ContextSettings): readonly WriteRule[] {
  const rules = [
    writtenByRegistry([reviewCode, doseReviewCode]),
    keptAsSent(),
    identityRule({ matcher: openMatcher(shippedModel), matching }),
    // After who is one person, whose doses these are.
    doseReviewRule({ vaccines: shippedVaccines, matching }),
  ];
  return referential === 'off' ? rules : [...rules, referentialRule(referential)];
}

/** There are no named queries; words are searched where they are indexed. */
function readSearchParams(fullText: boolean): SearchParams {
  const { params, faults } = loadSearchParams(shippedDocuments('search-params'));
  if (faults.length > 0) throw new OperatorError(`search-params: ${faults.join(' ')}`);
  return withoutParams(params, fullText ? ['_query'] : ['_query', '_text', '_content']);
}

function enforcedProfiles(
  validator: Validator,
  canonicals: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const byType = new Map<string, string[]>();
  for (const canonical of canonicals) {
    const type = validator.profileType(canonical);
    if (type === undefined)
      throw new OperatorError(`JENNER_PROFILES: no profile ${canonical} lies in profiles/`);
    byType.set(type, [...(byType.get(type) ?? []), canonical]);
  }
  return byType;
}
