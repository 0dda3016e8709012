import type { Entitlement } from '../../access/entitlement.ts';
import { isWithin, parseScope, type Scope } from '../../access/scope.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import type { Client } from '../clients/client.ts';
import type { User } from '../users/user.ts';
import { organizationsBelow } from './organizations-below.ts';
import { ownPersons } from './own-persons.ts';

export type EntitlementPort = {
  /** The server's own look-ups. */
  readonly system: InteractionContext;
  readonly parentUntilAge: number;
  /** Id of the Organization that is the health department. */
  readonly department: string | undefined;
};

/** Whom a token was given to, and what for. */
export type Entitled = {
  readonly client: Client;
  readonly user?: User;
  readonly scopes: readonly string[];
  readonly patient?: string | undefined;
};

/** What a token stands for at this moment: relations between persons and organizations are looked up anew. */
export async function toEntitlement(port: EntitlementPort, entitled: Entitled): Promise<Entitlement> {
  const { system, parentUntilAge, department } = port;
  const { client, user, scopes, patient } = entitled;
  const roots = user?.organizations ?? (client.organization === undefined ? [] : [client.organization]);
  const { ids, towns } = await organizationsBelow(system, roots);
  return {
    name: user ? `client:${client.id} user:${user.login}` : `client:${client.id}`,
    client: client.id,
    ...(user && { user: toEntitledUser(user) }),
    scopes: scopesNow(scopes, client),
    ...(client.groups.length > 0 && { groups: client.groups }),
    ...(client.matching && { matching: client.matching }),
    ...(client.trust !== undefined && { trust: client.trust }),
    ...(patient !== undefined && { patient }),
    ownPersons: user ? await ownPersons(system, user, parentUntilAge) : [],
    organizations: ids,
    towns: user?.role === 'board-of-health' ? towns : [],
    isDepartment: department !== undefined && ids.includes(department),
  };
}

function toEntitledUser({ login, role, fhirUser }: User): NonNullable<Entitlement['user']> {
  return { login, role, ...(fhirUser !== undefined && { fhirUser }) };
}

/** What was granted, as far as the app is still registered for it. */
export function scopesNow(granted: readonly string[], client: Client): readonly Scope[] {
  const allowed = registeredScopes(client);
  return granted.flatMap((text) => {
    const scope = parseScope(text);
    return scope && isWithin(scope, allowed) ? [scope] : [];
  });
}

export function registeredScopes({ scope }: Client): readonly Scope[] {
  return scope.split(' ').flatMap((text) => parseScope(text) ?? []);
}
