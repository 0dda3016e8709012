/**
 * What becomes of a Patient that may be somebody who is known. `off`: it is kept as any resource is. `review`: people are asked.
 * `automatic`: who is certain is joined, and people are asked of the others.
 */
export const matchingModes = ['off', 'review', 'automatic'] as const;
export type MatchingMode = (typeof matchingModes)[number];
