import type { ResourceType } from '../fhir/resource-type.ts';
import type { Filter } from '../search/filter.ts';
import type { MatchingMode } from '../values/matching-mode.ts';
import type { RoleName } from './role-name.ts';

/** What a token may do with resources of one type, in SMART's letters (SMART App Launch 2, scopes: c, r, u, d, s). */
export type Permission = 'create' | 'read' | 'update' | 'delete' | 'search';

/** Which resources of one type each permission is for; a permission that is not there is not given. */
export type Grant = Readonly<Partial<Record<Permission, Filter>>>;

/** What was decided of each resource type; undefined where there is nothing. A Map is one. */
export type OfType<Decided> = { get(type: ResourceType): Decided | undefined };

/**
 * Who asks. `open` is everybody on a server that runs with JENNER_AUTH=off. `system` is the command line or the server
 * itself, under a name that an audit can show. A `token` says of each type what its bearer may do with it.
 */
export type Caller =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'open' }
  | {
      readonly kind: 'system';
      readonly name: string;
      /** It decides which records are one person's: what it writes of that stands, also where it says nothing. */
      readonly managesRecords?: true;
    }
  | {
      readonly kind: 'token';
      readonly name: string;
      readonly grants: OfType<Grant>;
      /** Who the bearer is; absent where no more is known than the name. */
      readonly bearer?: Bearer;
      /** What of the directory the role knows: what the bearer writes may refer to it, though no scope is to read it. */
      readonly mentions?: OfType<Filter>;
      /** Id of the Organization whose is what the bearer brings into the registry. */
      readonly owner?: string;
      /** Ids of the Organizations for which the bearer speaks, those below its own too. */
      readonly organizations?: readonly string[];
      /** Ids of the Groups that may be exported; absent: any that may be seen. */
      readonly groups?: readonly string[];
      /** What becomes of a Patient whom the bearer brings; absent: it is kept as it is. */
      readonly matching?: MatchingMode;
      /** How far what the bearer says of people is trusted (0 to 9); absent: as usual. */
      readonly trust?: number;
      /** What the bearer brings is the word of the person whom it is about, and no organization's. */
      readonly isIndividual?: true;
      /** Which Patients may be looked up by what names one person; absent when none beyond those that may be searched. */
      readonly lookUp?: Filter;
      /** Under which name records are opened for the bearer: those that were looked up, and those behind glass. */
      readonly opener?: Opener;
      /** The caller as the token made it, where records were opened for it since. */
      readonly unopened?: Caller;
      /** Ids of the Patients whose records are open to the bearer for a reason that was given, and not otherwise. */
      readonly brokenGlass?: readonly string[];
    };

/** Who bears a token, for whoever asks later who did something. */
export type Bearer = {
  /** The client_id. */
  readonly client: string;
  /** The login. */
  readonly user?: string;
  readonly role?: RoleName;
  readonly fhirUser?: string;
};

/** Ids of the Patients whose records are open. */
export type Opened = { readonly lookedUp: readonly string[]; readonly brokenGlass: readonly string[] };

export type Opener = {
  readonly login: string;
  readonly breaksGlass: boolean;
  /** The same caller with these records open. */
  readonly withOpened: (opened: Opened) => Caller;
};

/** The FHIR interactions, as CapabilityStatement names them, and operations. */
export type Interaction =
  | TypeInteraction
  | 'history-system'
  | 'search-system'
  | 'transaction'
  | 'batch'
  | 'operation';

/** An interaction with resources of one type. */
export type TypeInteraction =
  | 'read'
  | 'vread'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'history-instance'
  | 'history-type'
  | 'search-type';
