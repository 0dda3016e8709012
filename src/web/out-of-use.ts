import type { Patient } from 'fhir/r4.js';

/** Of a record that is no longer in use: the id of the one that took its place, where it says so; undefined of any other. */
export function outOfUse({ active, link = [] }: Patient): { readonly next?: string } | undefined {
  const reference = link.find(({ type }) => type === 'replaced-by')?.other.reference;
  if (active !== false && reference === undefined) return undefined;
  const next = /^Patient\/([^/]+)$/.exec(reference ?? '')?.[1];
  return next === undefined ? {} : { next };
}
