import type { EpochMs } from '../../values/instant.ts';
import type { Client } from '../clients/client.ts';
import type { User } from '../users/user.ts';

/** What somebody allowed an app, until it is stopped or has run out. Tokens stand for it; without it they are nothing. */
export type Grant = {
  readonly client: string;
  /** Login of who allowed it, */
  readonly user: string;
  /** and their subject: a login may be given to somebody else later. */
  readonly subject: string;
  readonly scopes: readonly string[];
  /** What goes with the token response, and stays the same when it is refreshed. */
  readonly context: LaunchContext;
  readonly created: EpochMs;
  readonly lastUsed?: EpochMs;
  readonly until: EpochMs;
  /** Hash of the refresh token that is good now; one that was good before shows that somebody else has it too. */
  readonly refresh?: string;
  /** Key of the session that it ends with (online_access). */
  readonly session?: string;
};

/** SMART App Launch 2, launch context. */
export type LaunchContext = {
  readonly patient?: string;
  readonly encounter?: string;
  readonly intent?: string;
  readonly needPatientBanner?: boolean;
};

/**
 * Whether who allowed it is who they were, and neither the account nor the app has been disabled since: what was over stays
 * over when it is enabled again.
 */
export function isByUser(grant: Grant, user: User | undefined, client: Client): user is User {
  if (user?.subject !== grant.subject || user.disabled) return false;
  return grant.created >= Math.max(user.grantsFrom ?? 0, client.tokensFrom ?? 0);
}

/** The keys of the grants to one person's record begin with it; those without a person hang on who allowed them. */
export function grantPrefix(whose: { readonly patient: string } | { readonly user: string }): string {
  return 'patient' in whose ? `patient:${whose.patient}:` : `user:${whose.user}:`;
}

/** What of it goes with a token response and an introspection: of the launch only what the scopes still ask for. */
export function toldContext(
  { patient, encounter, intent }: LaunchContext,
  scopes: readonly string[],
): Readonly<Record<string, string>> {
  const isLaunched = scopes.some((text) => text === 'launch' || text === 'launch/encounter');
  return {
    ...(patient !== undefined && { patient }),
    ...(isLaunched && encounter !== undefined && { encounter }),
    ...(isLaunched && intent !== undefined && { intent }),
  };
}
