import type { EpochMs } from '../../values/instant.ts';
import type { AuthServer } from '../auth-server.ts';
import { needsPatient } from '../oauth/consent-boxes.ts';
import type { PendingRequest } from '../oauth/requests.ts';
import type { SignedIn } from '../session/browser.ts';

/** What was asked for, as far as a code rests on it. */
export type CodeAsked = Pick<PendingRequest, 'client' | 'context' | 'redirect' | 'challenge' | 'nonce'>;

export type GivenCode = { readonly code: string; readonly grant: string; readonly until: EpochMs };

/** The code that the app changes for tokens, and the grant behind it. */
export async function giveCode(
  server: AuthServer,
  { key, signedIn: { session, user } }: SignedIn,
  { client, context, redirect, challenge, nonce }: CodeAsked,
  scopes: readonly string[],
): Promise<GivenCode> {
  const isOnline = scopes.includes('online_access') && !scopes.includes('offline_access');
  const { patient, ...rest } = context;
  const isAbout = patient !== undefined && (needsPatient(scopes) || scopes.includes('launch'));
  const until = untilOf(server, scopes);
  const grant = await server.grants.add({
    client,
    user: user.login,
    subject: user.subject,
    scopes,
    context: isAbout ? { patient, ...rest } : rest,
    created: server.clock.now(),
    until,
    ...(isOnline && { session: key }),
  });
  const code = await server.codes.issue({
    client,
    redirect,
    challenge,
    grant,
    authTime: session.since,
    ...(nonce !== undefined && { nonce }),
  });
  return { code, grant, until };
}

const hour = 3600 * 1000;

/** An access token lives an hour; a code lives a minute before it. */
export function untilOf({ clock }: AuthServer, scopes: readonly string[]): EpochMs {
  const lasts = scopes.includes('offline_access')
    ? 365 * 24 * hour
    : scopes.includes('online_access')
      ? 12 * hour
      : hour + 60_000;
  return (clock.now() + lasts) as EpochMs;
}
