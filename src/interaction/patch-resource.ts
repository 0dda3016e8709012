import { Problem } from '../fhir/problem.ts';
import type { ParsedResource } from '../fhir/resource.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import type { ResourceKey, StoredVersion } from '../store/contract/store.ts';
import { commitWithRetry, nothingToWrite } from './commit.ts';
import { type InteractionContext, requireAccess } from './context.ts';
import { findMatches, parseCriteria } from './find-matches.ts';
import { checkIfMatch } from './if-match.ts';
import type { ParameterList } from './parse-query.ts';
import { parseStored } from './parse-stored.ts';
import { isUnchanged, prepareChange } from './prepare-change.ts';
import { storedResource, type WriteResult } from './write-result.ts';

/** What a patch makes of a resource; throws a Problem when it cannot be applied. It does not write into the resource. */
export type Patch = (current: ParsedResource) => ParsedResource;

/** R4 http.html#patch: the result is judged as an update would be; id and type stay. */
export async function patchResource(
  ctx: InteractionContext,
  key: ResourceKey,
  patch: Patch,
  options: { readonly ifMatch?: string } = {},
): Promise<WriteResult> {
  requireAccess(ctx, 'patch', key.type);
  return commitWithRetry<WriteResult>(async () => {
    const current = await ctx.store.read(key);
    const present = requirePresent(current, key);
    checkIfMatch(options.ifMatch, present, key);
    const patched = applyPatch(patch, present, key);
    if (isUnchanged(patched, present)) {
      return { outcome: nothingToWrite, result: { kind: 'unchanged', version: storedResource(present) } };
    }
    const change = requireProcessable(() =>
      prepareChange(ctx, patched, { ...key, method: 'PATCH', current }),
    );
    const outcome = await ctx.store.write({ changes: [change], guards: [] });
    return { outcome, result: { kind: 'updated', version: storedResource(change) } };
  });
}

/** What is patched: 404 where there never was anything, 410 where it was deleted. */
export function requirePresent(current: StoredVersion | undefined, key: ResourceKey): StoredVersion {
  if (!current) throw new Problem('not-found', `There is no ${key.type}/${key.id}`);
  if (current.text === undefined) throw new Problem('gone', `${key.type}/${key.id} has been deleted`);
  return current;
}

export function applyPatch(patch: Patch, present: StoredVersion, key: ResourceKey): ParsedResource {
  const patched = patch(parseStored(storedResource(present)));
  requireSameIdentity(patched, key);
  return patched;
}

/** R4 http.html#patch, conditional: no match is 404, two are 412. */
export async function patchConditionally(
  ctx: InteractionContext,
  type: ResourceType,
  criteria: ParameterList,
  patch: Patch,
  options: { readonly ifMatch?: string } = {},
): Promise<WriteResult> {
  requireAccess(ctx, 'patch', type);
  requireAccess(ctx, 'search-type', type);
  return patchResource(ctx, await findPatchTarget(ctx, type, criteria), patch, options);
}

export async function findPatchTarget(
  ctx: InteractionContext,
  type: ResourceType,
  criteria: ParameterList,
): Promise<ResourceKey> {
  const [match, ...others] = await findMatches(ctx, type, await parseCriteria(ctx, type, criteria));
  if (others.length > 0) {
    throw new Problem('multiple-matches', 'The search of the patch matches more than one resource');
  }
  if (!match) throw new Problem('not-found', `No ${type} matches the search of the patch`);
  return match;
}

/** R4 http.html#patch: the body was read, so what it makes of the resource is 422 where an update would be 400. */
export function requireProcessable<Result>(prepare: () => Result): Result {
  try {
    return prepare();
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.kind !== 'invalid-content') throw thrown;
    throw new Problem('invalid-value', thrown.message, { cause: thrown, issues: thrown.issues });
  }
}

function requireSameIdentity({ resource }: ParsedResource, key: ResourceKey): void {
  if (resource.resourceType !== key.type || resource.id !== key.id) {
    throw new Problem('business-rule', 'A patch must leave resourceType and id as they are', {
      expression: `${key.type}.id`,
    });
  }
}
