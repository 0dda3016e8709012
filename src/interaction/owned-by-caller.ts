import type { Caller } from '../access/caller.ts';
import { ownedBy } from '../access/owner.ts';
import type { Filter } from '../search/filter.ts';

/** What the organization of the caller has brought into the registry; undefined where the caller has none. */
export function ownedByCaller(caller: Caller): Filter | undefined {
  return caller.kind === 'token' && caller.owner !== undefined ? ownedBy([caller.owner]) : undefined;
}
