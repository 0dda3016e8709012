import type { MatchingMode } from '../values/matching-mode.ts';
import type { RoleName } from './role-name.ts';
import type { Scope } from './scope.ts';

/** The account behind a token. */
export type EntitledUser = {
  readonly login: string;
  readonly role: RoleName;
  /** Patient/x, Practitioner/x, PractitionerRole/x or RelatedPerson/x. */
  readonly fhirUser?: string;
};

/** What a token stands for, as the authorization server granted it. */
export type Entitlement = {
  /** For audit: `client:ID user:LOGIN`. */
  readonly name: string;
  /** The client_id. */
  readonly client: string;
  readonly user?: EntitledUser;
  readonly scopes: readonly Scope[];
  /** Ids of the Groups that the client may export; absent: any that it may see. */
  readonly groups?: readonly string[];
  /** What becomes of a Patient whom the client brings; absent: it is kept as it is. */
  readonly matching?: MatchingMode;
  /** How far what the client says of people is trusted (0 to 9); absent: as usual. */
  readonly trust?: number;
  /** Id of the Patient in context. */
  readonly patient?: string;
  /** Ids of the Patients that the user is, or answers for: a parent's children. */
  readonly ownPersons: readonly string[];
  /** Ids of the organizations of the user, or of the client where there is none, and of all below them. */
  readonly organizations: readonly string[];
  /** Names of the towns of a board of health. */
  readonly towns: readonly string[];
  /** One of the organizations is JENNER_DEPARTMENT. */
  readonly isDepartment: boolean;
};
