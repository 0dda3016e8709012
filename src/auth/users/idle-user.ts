import type { RoleName } from '../../access/role-name.ts';
import type { User } from './user.ts';

/** Whom each role speaks of; what is absent speaks of everybody. */
const needs: Partial<Record<RoleName, 'person' | 'organization'>> = {
  'site-administrator': 'organization',
  clinician: 'organization',
  'vaccine-coordinator': 'organization',
  'school-nurse': 'organization',
  'board-of-health': 'organization',
  interface: 'organization',
  individual: 'person',
};

/** Why an account can do next to nothing as it is; undefined when it can do what its role may. */
export function idlenessOfUser({ role, fhirUser, organizations }: User): string | undefined {
  const need = needs[role];
  if (need === 'organization' && organizations.length === 0) {
    return `the role ${role} sees the persons of organizations, and none is named: --organization`;
  }
  if (need === 'person' && !/^(?:Patient|RelatedPerson)\//.test(fhirUser ?? '')) {
    return `the role ${role} sees own records, and nobody is named: --patient or --related-person`;
  }
  return undefined;
}
