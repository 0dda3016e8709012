import type { ResourceType } from '../fhir/resource-type.ts';
import type { Filter } from '../search/filter.ts';
import type { Caller, Interaction, Permission, TypeInteraction } from './caller.ts';

/** `only`: with the resources that match, and as if there were no others. */
export type Decision =
  | { readonly kind: 'allow' }
  | { readonly kind: 'deny'; readonly reason: 'unauthenticated' | 'insufficient-scope' }
  | { readonly kind: 'only'; readonly filter: Filter };

const allow: Decision = { kind: 'allow' };
const outsideScopes: Decision = { kind: 'deny', reason: 'insufficient-scope' };

/** SMART App Launch 2, scopes for requesting FHIR resources: which letter stands for which interaction. */
const permissions: Readonly<Record<TypeInteraction, Permission>> = {
  read: 'read',
  vread: 'read',
  'history-instance': 'read',
  create: 'create',
  update: 'update',
  patch: 'update',
  delete: 'delete',
  'search-type': 'search',
  'history-type': 'search',
};

/**
 * May the caller do it, and with which resources of the type? Deny is the default: whoever is not known may do nothing.
 * What concerns no type by itself (a Bundle, an operation, a search of several types) is decided by what it does with each.
 */
export function decide(caller: Caller, interaction: Interaction, type?: ResourceType): Decision {
  switch (caller.kind) {
    case 'anonymous':
      return { kind: 'deny', reason: 'unauthenticated' };
    case 'open':
    case 'system':
      return allow;
    case 'token': {
      if (type === undefined || !isTypeInteraction(interaction)) return allow;
      const filter = caller.grants.get(type)?.[permissions[interaction]];
      return filter ? { kind: 'only', filter } : outsideScopes;
    }
  }
}

function isTypeInteraction(interaction: Interaction): interaction is TypeInteraction {
  return interaction in permissions;
}
