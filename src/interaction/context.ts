import { type Caller, decideAccess, type Interaction } from '../access/caller.ts';
import { Problem } from '../fhir/problem.ts';
import type { Resource } from '../fhir/resource.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import type { ElementTables } from '../fhir/subset-resource.ts';
import type { Definitions } from '../fhir/validation/definitions.ts';
import type { Validator } from '../fhir/validation/validator.ts';
import type { TokenPattern } from '../search/filter.ts';
import type { IndexValues } from '../search/index-values.ts';
import type { SearchParams } from '../search/search-params.ts';
import type { SearchContext } from '../search/search-request.ts';
import type { Store } from '../store/contract/store.ts';
import type { Clock } from '../values/clock.ts';
import type { ResourceId } from '../values/resource-id.ts';

/** The entrances know versions as the interactions answer them; they do not know the store. */
export type { SearchPage, StoredResource, StoredVersion } from '../store/contract/store.ts';

/** How resources are judged before they are kept. */
export type Validation = {
  readonly validator: Validator;
  /** Canonicals of the profiles that every resource of a type must meet. */
  readonly enforced: ReadonlyMap<string, readonly string[]>;
  /** What the profiles that a resource claims in meta.profile are worth. */
  readonly declared: 'error' | 'warning' | 'ignore';
};

/** Terminology that is kept in the store, for searches; undefined where it is not there or cannot be expanded. */
export type StoredTerms = {
  readonly expand: (
    ctx: InteractionContext,
    valueSet: string,
  ) => Promise<readonly TokenPattern[] | undefined>;
  readonly subsume: (
    ctx: InteractionContext,
    direction: 'above' | 'below',
    system: string,
    code: string,
  ) => Promise<readonly TokenPattern[] | undefined>;
};

/** What every interaction works with; one for the whole server. */
export type ServerContext = {
  readonly store: Store;
  readonly clock: Clock;
  readonly newId: () => ResourceId;
  /** The FHIR base that clients see, without a trailing slash. */
  readonly baseUrl: string;
  readonly searchParams: SearchParams;
  readonly indexResource: (resource: Resource) => IndexValues;
  readonly validation: Validation;
  /** What a delete of a resource that others refer to is: 409, or done. */
  readonly deleteReferred: 'refuse' | 'allow';
  /** Value sets and hierarchies, for `:in`, `:not-in`, `:above` and `:below`. */
  readonly searchTerms: Pick<SearchContext, 'expand' | 'subsume'>;
  /** Asked for what `searchTerms` does not know. */
  readonly storedTerms: StoredTerms;
  /** R4, as the build trims it. */
  readonly definitions: Definitions;
  /** Which elements are mandatory, modifiers or part of the summary. */
  readonly elementTables: ElementTables;
};

/** The server, and who asks. */
export type InteractionContext = ServerContext & { readonly caller: Caller };

/** Throws the Problem that the caller's access asks for, or returns. */
export function requireAccess(ctx: InteractionContext, interaction: Interaction, type?: ResourceType): void {
  const decision = decideAccess(ctx.caller, interaction, type);
  if (decision.kind === 'unauthenticated') {
    throw new Problem(
      'unauthenticated',
      'This server answers only with an access token (Authorization: Bearer …)',
    );
  }
}
