import { Problem } from '../fhir/problem.ts';
import type { ParsedResource, Resource } from '../fhir/resource.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import type { Guard, ResourceKey } from '../store/contract/store.ts';
import { parseResourceId, type ResourceId } from '../values/resource-id.ts';
import { commitWithRetry, nothingToWrite } from './commit.ts';
import { type InteractionContext, requireAccess } from './context.ts';
import { findMatches, parseCriteria } from './find-matches.ts';
import { checkIfMatch, checkIfNoneMatch } from './if-match.ts';
import type { ParameterList } from './parse-query.ts';
import { isUnchanged, prepareChange, requireKeptType } from './prepare-change.ts';
import { storedResource, type WriteResult } from './write-result.ts';

export type UpdateOptions = { readonly ifMatch?: string; readonly ifNoneMatch?: string };

/**
 * R4 http.html#update: replaces the resource, or creates it under the id of the client (#upsert). A body equal to
 * what is there makes no new version. Without If-Match the last write wins.
 */
export async function updateResource(
  ctx: InteractionContext,
  key: ResourceKey,
  parsed: ParsedResource,
  options: UpdateOptions = {},
): Promise<WriteResult> {
  requireKeptType(parsed.resource, key.type);
  requireAccess(ctx, 'update', key.type);
  if (parsed.resource.id !== key.id) {
    throw new Problem(
      'invalid-content',
      `The id of the body must be that of the URL, "${key.id}", but it is ${writtenId(parsed.resource)}`,
      { expression: `${key.type}.id` },
    );
  }
  return commitUpdate(ctx, key, parsed, options, []);
}

/** R4 http.html#cond-update. */
export async function updateConditionally(
  ctx: InteractionContext,
  type: ResourceType,
  criteria: ParameterList,
  parsed: ParsedResource,
  options: UpdateOptions = {},
): Promise<WriteResult> {
  requireKeptType(parsed.resource, type);
  requireAccess(ctx, 'update', type);
  requireAccess(ctx, 'search-type', type);
  const target = await findUpdateTarget(ctx, type, criteria, parsed.resource);
  const resource: Resource = { ...parsed.resource, id: target.key.id };
  return commitUpdate(ctx, target.key, { ...parsed, resource }, options, target.guards, () =>
    updateConditionally(ctx, type, criteria, parsed, options),
  );
}

/** Which resource a conditional update means, and what must still hold when it is written. */
export async function findUpdateTarget(
  ctx: InteractionContext,
  type: ResourceType,
  criteria: ParameterList,
  resource: Resource,
): Promise<{ readonly key: ResourceKey; readonly guards: readonly Guard[] }> {
  const filter = await parseCriteria(ctx, type, criteria);
  const [match, ...others] = await findMatches(ctx, type, filter);
  if (others.length > 0) {
    throw new Problem('multiple-matches', 'The search of the update matches more than one resource');
  }
  if (match && resource.id !== undefined && resource.id !== match.id) {
    throw new Problem(
      'invalid-content',
      `The search matches ${type}/${match.id}, but the body has the id ${writtenId(resource)}`,
      { expression: `${type}.id` },
    );
  }
  if (match) return { key: match, guards: [] };
  const id = resource.id === undefined ? ctx.newId() : requireResourceId(resource);
  return { key: { type, id }, guards: [{ type, noneMatch: filter }] };
}

export function requireResourceId(resource: Resource): ResourceId {
  const id = typeof resource.id === 'string' ? parseResourceId(resource.id) : undefined;
  if (id !== undefined) return id;
  throw new Problem(
    'invalid-content',
    `${writtenId(resource)} is not a FHIR id: 1 to 64 letters, digits, '-' and '.' were expected`,
    { expression: `${resource.resourceType}.id` },
  );
}

function writtenId(resource: Resource): string {
  return resource.id === undefined ? 'missing' : JSON.stringify(resource.id).slice(0, 80);
}

function commitUpdate(
  ctx: InteractionContext,
  key: ResourceKey,
  parsed: ParsedResource,
  options: UpdateOptions,
  guards: readonly Guard[],
  onGuarded?: () => Promise<WriteResult>,
): Promise<WriteResult> {
  return commitWithRetry<WriteResult>(async () => {
    const current = await ctx.store.read(key);
    checkIfMatch(options.ifMatch, current, key);
    checkIfNoneMatch(options.ifNoneMatch, current, key);
    const exists = current?.text !== undefined;
    if (exists && isUnchanged(parsed, current)) {
      return { outcome: nothingToWrite, result: { kind: 'unchanged', version: storedResource(current) } };
    }
    const change = prepareChange(ctx, parsed, { type: key.type, id: key.id, method: 'PUT', current });
    const version = storedResource(change);
    const outcome = await ctx.store.write({ changes: [change], guards });
    if (outcome.kind === 'guarded' && onGuarded) {
      return { outcome: nothingToWrite, result: await onGuarded() };
    }
    return { outcome, result: { kind: exists ? 'updated' : 'created', version } };
  });
}
