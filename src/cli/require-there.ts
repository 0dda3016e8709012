import type { ResourceType } from '../fhir/resource-type.ts';
import type { Store } from '../store/contract/store.ts';
import { OperatorError } from '../values/operator-error.ts';
import { parseResourceId } from '../values/resource-id.ts';
import type { ClientOptions } from './client-command.ts';
import type { UserOptions } from './user-command.ts';

/** A resource that an option names by its id. */
export type NamedLink = { readonly option: string; readonly type: ResourceType; readonly id: string };

/** Throws an OperatorError that names the option whose resource is not there. */
export async function requireThere(store: Pick<Store, 'read'>, links: readonly NamedLink[]): Promise<void> {
  for (const { option, type, id: name } of links) {
    const id = parseResourceId(name);
    if (id === undefined) throw new OperatorError(`${option} ${name}: the id of a resource was expected`);
    if ((await store.read({ type, id }))?.text !== undefined) continue;
    throw new OperatorError(`${option} ${name}: there is no ${type}/${name} in the store; import it before`);
  }
}

export function linksOfUser(options: UserOptions): readonly NamedLink[] {
  const { patient, practitioner, practitionerRole, relatedPerson, organization } = options;
  return [
    ...linksOf('--patient', 'Patient', patient),
    ...linksOf('--practitioner', 'Practitioner', practitioner),
    ...linksOf('--practitioner-role', 'PractitionerRole', practitionerRole),
    ...linksOf('--related-person', 'RelatedPerson', relatedPerson),
    ...linksOf('--organization', 'Organization', organization),
  ];
}

export function linksOfClient({ group, organization }: ClientOptions): readonly NamedLink[] {
  return [...linksOf('--group', 'Group', group), ...linksOf('--organization', 'Organization', organization)];
}

function linksOf(
  option: string,
  type: ResourceType,
  named: string | readonly string[] | undefined,
): readonly NamedLink[] {
  const ids = typeof named === 'string' ? [named] : (named ?? []);
  return ids.map((id) => ({ option, type, id }));
}
