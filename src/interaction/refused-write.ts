import { Problem } from '../fhir/problem.ts';
import type { Filter } from '../search/filter.ts';
import type { Change } from '../store/contract/store.ts';
import type { InteractionContext } from './context.ts';

const refused = 'The access token does not allow to write this resource';
/** So many organizations are named. */
const mostNamed = 3;

/** A write about persons; the same of whom the caller may not see and of who never was. */
export function refusedOfPersons(): Problem {
  return new Problem('forbidden', `${refused}: whom it is about must be within reach of the token`);
}

/** 403 of what would not lie within the caller's reach; it says what is needed by type and caller alone. */
export function refusedWrite(
  { caller }: InteractionContext,
  { type }: Pick<Change, 'type'>,
  reach: Filter,
): Problem {
  const own = caller.kind === 'token' ? (caller.organizations ?? []) : [];
  // A role that writes none is told of nothing that would help.
  const writesNone = reach.kind === 'or' && reach.of.length === 0;
  if (type !== 'Patient' || own.length === 0 || writesNone) return new Problem('forbidden', refused);
  const named = own.slice(0, mostNamed).map((id) => `Organization/${id}`);
  const among = `${named.join(', ')}${own.length > mostNamed ? ' …' : ''}`;
  const needed = `managingOrganization or generalPractitioner must be one of its organizations (${among})`;
  return new Problem('forbidden', `${refused}: ${needed}`, { expression: 'Patient.managingOrganization' });
}
