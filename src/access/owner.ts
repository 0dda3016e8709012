import type { Filter } from '../search/filter.ts';
import { foldCode } from '../search/fold-text.ts';

/** The system of the tag by which a resource tells whose it is: the server sets it, whatever a client sends. */
export const ownerSystem = 'https://jenner-iis.org/fhir/CodeSystem/owner';

/** The code of the tag. Codes are compared without regard to case and ids are not, so a capital has a sign before it. */
export function ownerCode(organization: string): string {
  return `Organization/${organization.replaceAll(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`)}`;
}

/** The code of what a person, or who answers for the person, has written. Ids of organizations have a type before them. */
export const individualCode = 'individual';

/** What persons have written themselves. */
export const ownWord: Filter = {
  kind: 'value',
  param: '_tag',
  test: { kind: 'token', anyOf: [{ system: ownerSystem, code: individualCode }] },
};

/** What one of the organizations has brought into the registry. */
export function ownedBy(organizations: readonly string[]): Filter {
  const anyOf = organizations.map((id) => ({ system: ownerSystem, code: foldCode(ownerCode(id)) }));
  return { kind: 'value', param: '_tag', test: { kind: 'token', anyOf } };
}
