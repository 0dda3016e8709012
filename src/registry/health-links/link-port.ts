import type { Bundle } from 'fhir/r4.js';
import type { InteractionContext } from '../../interaction/context.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { VaccineName } from './link-content.ts';
import type { LinkStore } from './link-records.ts';

/** What links work with. */
export type LinkPort = {
  readonly store: LinkStore;
  /** What the server adds to the secret of each link. */
  readonly serverSecret: () => Promise<Uint8Array>;
  /** Where links are opened, without a slash at the end. */
  readonly baseUrl: string;
  /** The page that opens one in a browser. */
  readonly viewerUrl: string;
  /** Throws where cards cannot be issued here. */
  readonly requireCards: () => void;
  /** The signed cards of a person; none where no dose can be told. */
  readonly readCards: (ctx: InteractionContext, id: ResourceId) => Promise<readonly string[]>;
  /** Ids of the Patients whom an account is, or answers for, at this moment; none where there is no such account. */
  readonly personsOf: (login: string) => Promise<readonly string[]>;
  /** What vaccines are called. */
  readonly nameOf: VaccineName;
  /** A person and each dose once. */
  readonly readRecord: (ctx: InteractionContext, id: ResourceId) => Promise<Bundle>;
};
