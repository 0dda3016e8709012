import type { Resource } from '../../fhir/resource.ts';
import { asObject } from './ehr-record.ts';

/**
 * Of what was sent of a person, the first that names another one, and whom: a history that is mixed of two people would tell each
 * what the other must be given. What names nobody, or not by an id, is taken to be of the person.
 */
export function ofOtherPatient(
  resources: readonly Resource[],
  patientId: string,
): { readonly resource: Resource; readonly named: string } | undefined {
  for (const resource of resources) {
    const named = patientNamedIn(resource);
    if (named !== undefined && named !== patientId) return { resource, named };
  }
  return undefined;
}

/** The id in Patient/id or a URL that ends so; other references have none that could be compared. */
function patientNamedIn(resource: Resource): string | undefined {
  const { reference } = asObject(resource['patient'] ?? resource['subject']) ?? {};
  return typeof reference === 'string' ? /(?:^|\/)Patient\/([^/?#]+)/.exec(reference)?.[1] : undefined;
}
