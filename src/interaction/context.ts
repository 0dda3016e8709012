import type { Caller, Interaction } from '../access/caller.ts';
import { decide } from '../access/decide.ts';
import { type Issue, Problem } from '../fhir/problem.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import type { ElementTables } from '../fhir/subset-resource.ts';
import type { Definitions } from '../fhir/validation/definitions.ts';
import type { ValidateOptions, Validator } from '../fhir/validation/validator.ts';
import type { TokenPattern } from '../search/filter.ts';
import type { Staleness } from '../search/index-definition.ts';
import type { IndexResource } from '../search/index-resource.ts';
import type { OwnKeys } from '../search/own-keys.ts';
import type { SearchParams } from '../search/search-params.ts';
import type { SearchContext } from '../search/search-request.ts';
import type { HasGone, Store } from '../store/contract/store.ts';
import type { LocalClock } from '../values/clock.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { nextTurn, type Pace } from '../values/turns.ts';
import type { AuditLog } from './audit/audit-log.ts';
import { notedView } from './audit/noted-view.ts';
import { loneTrail, type Trail } from './audit/trail.ts';
import { type CallerView, openCallerView } from './caller-view.ts';
import type { Openings } from './openings.ts';
import { type StoreDoor, toDoor } from './store-door.ts';
import type { WritePlan } from './write-plan.ts';

/** The entrances know versions as the interactions answer them; they do not know the store. */
export type { SearchPage, StoredResource, StoredVersion } from '../store/contract/store.ts';

/** How resources are judged before they are kept. */
export type Validation = {
  readonly validator: Validator;
  /** Canonicals of the profiles that every resource of a type must meet. */
  readonly enforced: ReadonlyMap<string, readonly string[]>;
  /** What the profiles that a resource claims in meta.profile are worth. */
  readonly declared: 'error' | 'warning' | 'ignore';
  /** Judges the JSON text of a large resource where nobody waits for it; absent where nobody would. */
  readonly judgeElsewhere?: (text: string, options: ValidateOptions, pace: Pace) => Promise<readonly Issue[]>;
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

/**
 * What a part of the registry adds to every write: changes, guards, records, another target; or it refuses by a Problem.
 * It reads as the system (`ctx.view`). What it tells is told to the caller, so it must not speak of what `caller.view` does
 * not show.
 */
export type WriteRule = (
  ctx: InteractionContext,
  plan: WritePlan,
  caller: InteractionContext,
) => Promise<WritePlan> | WritePlan;

/** What is kept of every write, in its own unit: where it came from (Provenance). What the audit tells of it is the commit's. */
export type WriteTrail = (
  caller: InteractionContext,
  plan: WritePlan,
) => Pick<WritePlan, 'added' | 'records'>;

/** What every interaction works with; one for the whole server. */
export type ServerContext = {
  /** It knows which day it is where the registry is. */
  readonly clock: LocalClock;
  readonly newId: () => ResourceId;
  /** The FHIR base that clients see, without a trailing slash. */
  readonly baseUrl: string;
  readonly searchParams: SearchParams;
  /** What the registry finds resources by beside the parameters. */
  readonly ownKeys?: readonly OwnKeys[];
  readonly indexResource: IndexResource;
  readonly validation: Validation;
  /** What the registry adds to every write, in this order. */
  readonly writeRules: readonly WriteRule[];
  /** What every write leaves behind, once it is known what it does. */
  readonly writeTrails: readonly WriteTrail[];
  /** What a delete of a resource that others refer to is: 409, or done. */
  readonly deleteReferred: 'refuse' | 'allow';
  /** Which parameters of a type the index does not hold as they are defined, until it is drawn anew. */
  readonly staleness: (type: string, code: string) => Staleness | undefined;
  /** Value sets and hierarchies, for `:in`, `:not-in`, `:above` and `:below`. */
  readonly searchTerms: Pick<SearchContext, 'expand' | 'subsume'>;
  /** Asked for what `searchTerms` does not know. */
  readonly storedTerms: StoredTerms;
  /** Which records are open for whom; absent where nobody opens any. */
  readonly openings?: Openings;
  /** To be told when what was found of a token's reach may be another; absent where there are no tokens. */
  readonly relationsChanged?: () => Promise<void>;
  /** Where it is told who saw and did what; absent where nobody is known (JENNER_AUTH=off). */
  readonly audit?: AuditLog;
  /** R4, as the build trims it. */
  readonly definitions: Definitions;
  /** Which elements are mandatory, modifiers or part of the summary. */
  readonly elementTables: ElementTables;
};

/** The registry, who asks, and what of the store that caller may see. */
export type InteractionContext = ServerContext & {
  readonly caller: Caller;
  readonly view: CallerView;
  /** Nothing can be done with it here: only reads for a caller and the commit look behind it. */
  readonly door: StoreDoor;
  /** What the present request leaves; absent where no request is told of. */
  readonly trail?: Trail | undefined;
  /** Long work awaits it between its steps, so that others are answered meanwhile, and ends when its client has gone. */
  readonly pace: Pace;
  /** Whether the client has gone, for reads that may take long; absent where nobody can go. */
  readonly hasGone?: HasGone;
  /** `newId` draws the id from where a resource stands, so what it names may be there already (import). */
  readonly drawsIds?: true;
};

/** Of no caller yet: who has another's would keep it, since what stands in the context counts last. */
type NobodysContext = ServerContext & {
  readonly caller?: never;
  readonly view?: never;
  readonly door?: never;
};

/** What `caller` works with on this store. */
export function openContext(context: NobodysContext, store: Store, caller: Caller): InteractionContext {
  const door = toDoor(store);
  const view = toldView(context, { door }, caller);
  return { caller, door, view, pace: nextTurn, ...context };
}

/** The same for another caller: the server's own look-ups and rules act as the system. */
export function withCaller<Context extends InteractionContext>(ctx: Context, caller: Caller): Context {
  return { ...ctx, caller, view: toldView(ctx, ctx, caller) };
}

type Asking = Pick<InteractionContext, 'door' | 'trail'>;

/** What a token's bearer is shown is told: by the trail of the request, or by itself where there is none. */
function toldView(server: ServerContext, { door, trail }: Asking, caller: Caller): CallerView {
  const { audit: log, clock, baseUrl, staleness } = server;
  const view = openCallerView(door, caller, staleness);
  if (!log || caller.kind !== 'token') return view;
  return notedView(view, trail ?? loneTrail({ log, clock, baseUrl, caller }));
}

/** Throws the Problem that the caller's access asks for, or returns. */
export function requireAccess(ctx: InteractionContext, interaction: Interaction, type?: ResourceType): void {
  const decision = decide(ctx.caller, interaction, type);
  if (decision.kind !== 'deny') return;
  switch (decision.reason) {
    case 'unauthenticated':
      throw new Problem(
        'unauthenticated',
        'This server answers only with an access token (Authorization: Bearer …)',
      );
    case 'insufficient-scope':
      throw new Problem('forbidden', `The access token has no scope for ${interaction} of ${type}`, {
        isOutsideScopes: true,
      });
  }
}
