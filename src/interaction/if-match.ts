import { Problem } from '../fhir/problem.ts';
import type { ResourceKey, StoredVersion } from '../store/contract/store.ts';

/**
 * R4 http.html#concurrency: the version named in If-Match must be the current one. Both the weak form that FHIR
 * uses, W/"3", and "3" are read; `*` asks only that the resource exists.
 */
export function checkIfMatch(
  ifMatch: string | undefined,
  current: StoredVersion | undefined,
  key: ResourceKey,
): void {
  if (ifMatch === undefined) return;
  const exists = current?.text !== undefined;
  const tags = ifMatch.split(',').map(parseEntityTag);
  const matches = exists && tags.some((tag) => tag === '*' || tag === String(current.versionId));
  if (matches) return;
  const found = exists ? `its current version is ${current.versionId}` : 'it does not exist';
  throw new Problem(
    'stale-version',
    `If-Match asks for version ${ifMatch} of ${key.type}/${key.id}, but ${found}`,
  );
}

/** The version inside W/"3", "3" or 3, or `*`. */
export function parseEntityTag(text: string): string {
  return text.trim().replace(/^(?:W\/)?"(.*)"$/, '$1');
}
