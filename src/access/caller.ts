import type { ResourceType } from '../fhir/resource-type.ts';

/** Who asks. `open` is everybody on a server that runs with JENNER_AUTH=off. */
export type Caller = { readonly kind: 'anonymous' } | { readonly kind: 'open' };

/** The FHIR interactions, as CapabilityStatement names them, and operations. */
export type Interaction =
  | 'read'
  | 'vread'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'history-instance'
  | 'history-type'
  | 'history-system'
  | 'search-type'
  | 'search-system'
  | 'transaction'
  | 'batch'
  | 'operation';

export type Decision = { readonly kind: 'allow' } | { readonly kind: 'unauthenticated' };

/** May the caller do it? Deny is the default: whoever is not known may do nothing. */
export function decideAccess(
  caller: Caller,
  _interaction: Interaction,
  _type: ResourceType | undefined,
): Decision {
  return caller.kind === 'open' ? { kind: 'allow' } : { kind: 'unauthenticated' };
}
