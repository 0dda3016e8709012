import type { GrantShown } from '../../pages/auth-pages.ts';
import { formatInstant } from '../../values/instant.ts';
import type { Client } from '../clients/client.ts';
import type { Grant } from '../oauth/grant.ts';

/** A grant as people are shown it, under the id by which they stop it. */
export function toGrantShown(
  id: string,
  { name }: Client,
  { created, lastUsed, until, scopes }: Grant,
): GrantShown {
  return {
    id,
    app: name,
    since: formatInstant(created),
    ...(lastUsed !== undefined && { lastUsed: formatInstant(lastUsed) }),
    until: formatInstant(until),
    scopes,
  };
}
