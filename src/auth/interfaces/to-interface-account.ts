import type { Caller } from '../../access/caller.ts';
import type { Entitlement } from '../../access/entitlement.ts';
import type { InterfaceAccount } from '../../access/interface-account.ts';

/** Who sends by an entitlement; a caller is made once for each organization that messages come from. */
export function toInterfaceAccount(
  entitlement: Entitlement,
  toCaller: (entitlement: Entitlement) => Caller,
): InterfaceAccount {
  const callers = new Map<string | undefined, Caller>();
  const { organizations, user, client } = entitlement;
  return {
    name: user?.login ?? client,
    organizations,
    callerAs: (organization) => {
      const known = callers.get(organization);
      if (known) return known;
      const caller = toCaller(asOne(entitlement, organization));
      callers.set(organization, caller);
      return caller;
    },
  };
}

/** What it brings is the organization's. */
function asOne(entitlement: Entitlement, organization: string | undefined): Entitlement {
  const { organizations } = entitlement;
  if (organization === undefined || !organizations.includes(organization)) return entitlement;
  return {
    ...entitlement,
    organizations: [organization, ...organizations.filter((id) => id !== organization)],
  };
}
