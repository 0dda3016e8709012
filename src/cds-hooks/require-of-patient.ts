import { Problem } from '../fhir/problem.ts';
import type { Resource } from '../fhir/resource.ts';
import { asObject } from '../registry/ehr-record/ehr-record.ts';

/**
 * What is sent of a person names that person, or nobody: a history that is mixed of two people would tell each what the
 * other must be given.
 */
export function requireOfPatient(resources: readonly Resource[], patientId: string): void {
  for (const resource of resources) {
    const named = patientNamedIn(resource);
    if (named === undefined || named === patientId) continue;
    const text = `A ${resource.resourceType} of Patient/${named} was sent, and context.patientId is ${patientId}`;
    throw new Problem('invalid-content', text, { expression: 'prefetch' });
  }
}

/** The id in Patient/id or a URL that ends so; other references have none that could be compared. */
function patientNamedIn(resource: Resource): string | undefined {
  const { reference } = asObject(resource['patient'] ?? resource['subject']) ?? {};
  return typeof reference === 'string' ? /(?:^|\/)Patient\/([^/?#]+)/.exec(reference)?.[1] : undefined;
}
