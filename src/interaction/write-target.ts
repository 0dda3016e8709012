import type { TypeInteraction } from '../access/caller.ts';
import { Problem } from '../fhir/problem.ts';
import type { ParsedResource, Resource } from '../fhir/resource.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import type { ResourceKey, StoredResource, StoredVersion } from '../store/contract/store.ts';
import { parseResourceId, type ResourceId } from '../values/resource-id.ts';
import { type InteractionContext, requireAccess } from './context.ts';
import { findMatches, parseCriteria } from './find-matches.ts';
import { checkIfMatch, checkIfNoneMatch } from './if-match.ts';
import type { ParameterList } from './parse-query.ts';
import { requireKeptType } from './prepare-change.ts';
import type { PlannedGuard, Preconditions, Where, WriteIntent } from './write-plan.ts';

/** Which resource an intent means, and what is there; its preconditions hold. */
export type WriteTarget = {
  /** Absent when a conditional delete matches nothing. */
  readonly key?: ResourceKey;
  /** The match of a conditional create: nothing is written. */
  readonly found?: StoredResource;
  readonly current?: StoredVersion | undefined;
  /** What must still hold when it is written. */
  readonly guards: readonly PlannedGuard[];
};

/** Throws the Problem of an intent that the caller may not have, that means no one resource, or whose precondition fails. */
export async function findTarget(ctx: InteractionContext, intent: WriteIntent): Promise<WriteTarget> {
  switch (intent.kind) {
    case 'create':
      return createTarget(ctx, intent.type, intent.parsed, intent.ifNoneExist);
    case 'update': {
      const { where, parsed, ahead, ifMatch, ifNoneMatch } = intent;
      if (ahead && 'id' in where) return aheadTarget(ctx, where);
      requireKeptType(parsed.resource, where.type);
      const target = await updateTarget(ctx, where, parsed.resource);
      checkIfMatch(ifMatch, target.current, target.key);
      checkIfNoneMatch(ifNoneMatch, target.current, target.key);
      return target;
    }
    case 'patch':
      return patchTarget(ctx, intent.where, intent);
    case 'delete':
      return deleteTarget(ctx, intent.where, intent);
  }
}

async function aheadTarget(ctx: InteractionContext, key: ResourceKey): Promise<WriteTarget> {
  requireAccess(ctx, 'update', key.type);
  return { key, current: await readForWrite(ctx, 'update', key), guards: [] };
}

async function createTarget(
  ctx: InteractionContext,
  asked: ResourceType,
  { resource }: ParsedResource,
  ifNoneExist: ParameterList | undefined,
): Promise<WriteTarget> {
  const type = requireKeptType(resource, asked);
  requireAccess(ctx, 'create', type);
  if (!ifNoneExist) return newTarget(ctx, type, []);
  const criteria = await findOne(ctx, type, ifNoneExist, 'If-None-Exist');
  if (criteria.match) {
    // What matches is the answer.
    await readForWrite(ctx, 'read', criteria.match);
    return { key: criteria.match, found: criteria.match, guards: [] };
  }
  return newTarget(ctx, type, [criteria.stillNone]);
}

async function newTarget(
  ctx: InteractionContext,
  type: ResourceType,
  guards: readonly PlannedGuard[],
): Promise<WriteTarget> {
  const key = { type, id: ctx.newId() };
  return ctx.drawsIds ? { key, current: await readForWrite(ctx, 'create', key), guards } : { key, guards };
}

async function updateTarget(
  ctx: InteractionContext,
  where: Where,
  resource: Resource,
): Promise<WriteTarget & { readonly key: ResourceKey }> {
  const { type } = where;
  requireAccess(ctx, 'update', type);
  if ('id' in where) {
    requireIdOfUrl(resource, where);
    return { key: where, current: await readForWrite(ctx, 'update', where), guards: [] };
  }
  const { match, stillNone } = await findOne(ctx, type, where.criteria, 'The search of the update');
  if (match) {
    requireIdOfMatch(resource, match);
    return { key: match, current: await readForWrite(ctx, 'update', match), guards: [] };
  }
  if (resource.id === undefined) return { key: { type, id: ctx.newId() }, guards: [stillNone] };
  const key = { type, id: requireResourceId(resource) };
  const current = await readForWrite(ctx, 'update', key);
  if (current?.text === undefined) return { key, current, guards: [stillNone] };
  // R5 http.html#cond-update, where R4 leaves it open: it is another resource than the search means.
  throw new Problem('conflict', `The search matches nothing, but ${type}/${key.id} of the body exists`, {
    expression: `${type}.id`,
  });
}

async function patchTarget(
  ctx: InteractionContext,
  where: Where,
  { ifMatch, ifNoneMatch }: Preconditions,
): Promise<WriteTarget> {
  const { type } = where;
  requireAccess(ctx, 'patch', type);
  // Its tests, its failures and whether it changes anything tell of what is there.
  requireAccess(ctx, 'read', type);
  const key = 'id' in where ? where : await findPatched(ctx, type, where.criteria);
  await readForWrite(ctx, 'read', key);
  const current = requirePresent(await readForWrite(ctx, 'patch', key), key);
  checkIfMatch(ifMatch, current, key);
  checkIfNoneMatch(ifNoneMatch, current, key);
  return { key, current, guards: [] };
}

async function findPatched(
  ctx: InteractionContext,
  type: ResourceType,
  criteria: ParameterList,
): Promise<ResourceKey> {
  const { match } = await findOne(ctx, type, criteria, 'The search of the patch');
  if (!match) throw new Problem('not-found', `No ${type} matches the search of the patch`);
  return match;
}

async function deleteTarget(
  ctx: InteractionContext,
  where: Where,
  { ifMatch, ifNoneMatch }: Preconditions,
): Promise<WriteTarget> {
  const { type } = where;
  requireAccess(ctx, 'delete', type);
  const key =
    'id' in where ? where : (await findOne(ctx, type, where.criteria, 'The search of the delete')).match;
  if (!key) {
    if (ifMatch === undefined) return { guards: [] };
    throw new Problem(
      'stale-version',
      `If-Match asks for version ${ifMatch}, but the search matches nothing`,
    );
  }
  const current = await readForWrite(ctx, 'delete', key);
  checkIfMatch(ifMatch, current, key);
  checkIfNoneMatch(ifNoneMatch, current, key);
  return { key, current, guards: [] };
}

/** The one match, or none and the guard that it stays so; two are 412 (R4 http.html#cond-update). */
async function findOne(
  ctx: InteractionContext,
  type: ResourceType,
  criteria: ParameterList,
  what: string,
): Promise<{ readonly match: StoredResource | undefined; readonly stillNone: PlannedGuard }> {
  requireAccess(ctx, 'search-type', type);
  const filter = await parseCriteria(ctx, type, criteria);
  const [match, ...others] = await findMatches(ctx, type, filter);
  if (others.length > 0) {
    throw new Problem('multiple-matches', `${what} matches more than one resource; nothing was written`);
  }
  const noneMatch = ctx.view.findable(type, await ctx.view.ofRecords(type, filter));
  const guard = { type, noneMatch };
  return { match, stillNone: { guard, condition: filter } };
}

/**
 * What is there now. Who may not write it with all of the type is refused what is out of reach just as what never was, so
 * that the answer tells nothing.
 */
async function readForWrite(
  ctx: InteractionContext,
  interaction: TypeInteraction,
  key: ResourceKey,
): Promise<StoredVersion | undefined> {
  const current = await ctx.view.read(key, interaction);
  if (current || !ctx.view.reach(interaction, key.type)) return current;
  throw new Problem('forbidden', `The access token does not allow to write ${key.type}/${key.id}`);
}

/** What is patched: 404 where there never was anything, 410 where it was deleted. */
function requirePresent(current: StoredVersion | undefined, key: ResourceKey): StoredVersion {
  if (!current) throw new Problem('not-found', `There is no ${key.type}/${key.id}`);
  if (current.text === undefined) throw new Problem('gone', `${key.type}/${key.id} has been deleted`);
  return current;
}

function requireIdOfUrl(resource: Resource, { type, id }: ResourceKey): void {
  if (resource.id === id) return;
  throw new Problem(
    'invalid-content',
    `The id of the body must be that of the URL, "${id}", but it is ${writtenId(resource)}`,
    { expression: `${type}.id` },
  );
}

function requireIdOfMatch(resource: Resource, { type, id }: ResourceKey): void {
  if (resource.id === undefined || resource.id === id) return;
  throw new Problem(
    'invalid-content',
    `The search matches ${type}/${id}, but the body has the id ${writtenId(resource)}`,
    { expression: `${type}.id` },
  );
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
