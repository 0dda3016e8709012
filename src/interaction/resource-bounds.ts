import { hasMoreValues } from '../fhir/has-more-values.ts';
import { Problem } from '../fhir/problem.ts';
import type { Resource } from '../fhir/resource.ts';

/** A resource is validated and indexed at a stretch: a code system of 100,000 codes has some 400,000 values. */
const mostValues = 500_000;

/** The values of all that one request brings. */
export const mostValuesSent = 2_000_000;

/** Throws 413 for a resource that nobody else could be answered beside; `jenner import` takes it. */
export function requireModest(resource: Resource): void {
  if (!hasMoreValues(resource, mostValues)) return;
  const text = `A resource may have ${mostValues} values over HTTP; larger ones belong into jenner import`;
  throw new Problem('too-large', text, { expression: resource.resourceType });
}
