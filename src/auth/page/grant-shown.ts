import { parseScope } from '../../access/scope.ts';
import type { GrantShown } from '../../pages/auth-pages.ts';
import { type EpochMs, formatInstant } from '../../values/instant.ts';
import type { AuthServer } from '../auth-server.ts';
import type { Client } from '../clients/client.ts';
import type { Grant } from '../oauth/grant.ts';
import type { Kept } from '../records/open-records.ts';

/** A grant that is in use, with the app that it was given to. */
export type HeldGrant = { readonly key: string; readonly grant: Grant; readonly client: Client };

export async function heldGrants(
  { clients }: AuthServer,
  kept: readonly Kept<Grant>[],
): Promise<readonly HeldGrant[]> {
  const held: HeldGrant[] = [];
  for (const { key, value } of kept) {
    const client = await clients.read(value.client);
    if (client) held.push({ key, grant: value, client });
  }
  return held;
}

/** Whether it is to see all whom its user sees, whoever is in context. */
export function isBeyondOne({ scopes }: Grant): boolean {
  return scopes.some((text) => {
    const scope = parseScope(text);
    return scope?.kind === 'resource' && scope.level === 'user';
  });
}

/** What each app may do, however often it was allowed to: who stops it means all of that. The newest first. */
export function showByApp(held: readonly HeldGrant[]): readonly GrantShown[] {
  const newest = held.toSorted((one, other) => other.grant.created - one.grant.created);
  const apps = new Set(newest.map(({ client }) => client.id));
  return [...apps].map((id) =>
    toShown(
      id,
      newest.filter(({ client }) => client.id === id),
    ),
  );
}

function toShown(id: string, all: readonly HeldGrant[]): GrantShown {
  const grants = all.map(({ grant }) => grant);
  const used = grants.flatMap(({ lastUsed }) => lastUsed ?? []);
  return {
    id,
    app: all[0]?.client.name ?? '',
    since: formatInstant(Math.min(...grants.map(({ created }) => created)) as EpochMs),
    ...(used.length > 0 && { lastUsed: formatInstant(Math.max(...used) as EpochMs) }),
    until: formatInstant(Math.max(...grants.map(({ until }) => until)) as EpochMs),
    scopes: [...new Set(grants.flatMap(({ scopes }) => scopes))],
  };
}

/** Ends all that the app holds of these. False where it holds nothing. */
export async function stopApp(
  { grants }: AuthServer,
  held: readonly HeldGrant[],
  app: string,
): Promise<boolean> {
  const theirs = held.filter(({ client }) => client.id === app);
  for (const { key } of theirs) await grants.revoke(key);
  return theirs.length > 0;
}
