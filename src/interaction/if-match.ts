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
  if (exists && namesVersion(ifMatch, current)) return;
  const found = exists ? `its current version is ${current.versionId}` : 'it does not exist';
  throw new Problem(
    'stale-version',
    `If-Match asks for version ${ifMatch} of ${key.type}/${key.id}, but ${found}`,
  );
}

/** RFC 9110, 13.1.2: `*` asks that nothing is there, a version that it is not the current one. */
export function checkIfNoneMatch(
  ifNoneMatch: string | undefined,
  current: StoredVersion | undefined,
  key: ResourceKey,
): void {
  if (ifNoneMatch === undefined || current?.text === undefined) return;
  if (!namesVersion(ifNoneMatch, current)) return;
  const text = `If-None-Match: ${ifNoneMatch} forbids version ${current.versionId} of ${key.type}/${key.id}, but it exists`;
  throw new Problem('stale-version', text);
}

/** Whether the tags of an If-Match or If-None-Match have the version, or `*`, among them. */
export function namesVersion(tags: string, { versionId }: { readonly versionId: number }): boolean {
  return tags
    .split(',')
    .map(parseEntityTag)
    .some((tag) => tag === '*' || tag === String(versionId));
}

/** The version inside W/"3", "3" or 3, or `*`. */
function parseEntityTag(text: string): string {
  return text.trim().replace(/^(?:W\/)?"(.*)"$/, '$1');
}
