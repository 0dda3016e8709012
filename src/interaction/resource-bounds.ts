import { hasMoreValues } from '../fhir/has-more-values.ts';
import { Problem } from '../fhir/problem.ts';
import type { Resource } from '../fhir/resource.ts';

/** A code system of 100,000 codes has some 400,000 values. */
const mostValues = 500_000;

/** The values of all that one request brings. */
export const mostValuesSent = 2_000_000;

/** What has more is large: to validate, index and write it at a stretch would hold others up. Some 64 KiB have as many. */
const ordinaryValues = 4000;

/** So many characters of one text cost as much as a value. */
const charactersPerValue = 32;

/** What is not large is dealt with at a stretch, which costs less. */
export function isLarge(resource: Resource): boolean {
  return hasMoreValues(resource, ordinaryValues, charactersPerValue);
}

/** Throws 413 for a resource that is larger than a request should bring; `jenner import` takes it. */
export function requireModest(resource: Resource): void {
  if (!hasMoreValues(resource, mostValues)) return;
  const text = `A resource may have ${mostValues} values over HTTP; larger ones belong into jenner import`;
  throw new Problem('too-large', text, { expression: resource.resourceType });
}
