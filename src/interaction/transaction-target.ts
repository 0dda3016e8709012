import { Problem } from '../fhir/problem.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import type { Guard, ResourceKey, StoredResource } from '../store/contract/store.ts';
import type { InteractionContext } from './context.ts';
import { findMatches, parseCriteria } from './find-matches.ts';
import type { RequestEntry } from './parse-bundle.ts';
import { findPatchTarget } from './patch-resource.ts';
import { findUpdateTarget } from './update-resource.ts';

/** Which resource an entry means. */
export type EntryTarget = {
  /** Absent when a conditional delete matches nothing. */
  readonly key?: ResourceKey;
  /** The match of a conditional create: nothing is written. */
  readonly found?: StoredResource;
  readonly guards: readonly Guard[];
};

export async function findEntryTarget(ctx: InteractionContext, entry: RequestEntry): Promise<EntryTarget> {
  const { type, id, query } = entry.url;
  if (type === undefined) throw new Error(`entry ${entry.index} has no type`);
  if (id !== undefined) return directTarget(entry, { type, id });
  switch (entry.method) {
    case 'POST':
      return createTarget(ctx, entry, type);
    case 'PUT':
      if (!entry.resource) throw new Error(`entry ${entry.index} has no resource`);
      return findUpdateTarget(ctx, type, query, entry.resource);
    case 'PATCH':
      return { key: await findPatchTarget(ctx, type, query), guards: [] };
    case 'DELETE':
      return deleteTarget(ctx, type, entry);
    case 'GET':
    case 'HEAD':
      throw new Error(`entry ${entry.index} writes nothing`);
  }
}

function directTarget(entry: RequestEntry, key: ResourceKey): EntryTarget {
  if (entry.method === 'POST') {
    throw new Problem(
      'invalid-content',
      `POST ${key.type}/${key.id} is no interaction; use PUT to choose the id`,
    );
  }
  if (entry.method === 'PUT' && entry.resource?.id !== key.id) {
    const written = entry.resource?.id ?? 'missing';
    throw new Problem(
      'invalid-content',
      `The id of the resource must be "${key.id}" as in the URL; it is ${written}`,
      {
        expression: `${key.type}.id`,
      },
    );
  }
  return { key, guards: [] };
}

async function createTarget(
  ctx: InteractionContext,
  entry: RequestEntry,
  type: ResourceType,
): Promise<EntryTarget> {
  const created = { type, id: ctx.newId() };
  if (!entry.ifNoneExist) return { key: created, guards: [] };
  const filter = await parseCriteria(ctx, type, entry.ifNoneExist);
  const [match, ...others] = await findMatches(ctx, type, filter);
  if (others.length > 0) throw new Problem('multiple-matches', 'ifNoneExist matches more than one resource');
  return match
    ? { key: match, found: match, guards: [] }
    : { key: created, guards: [{ type, noneMatch: filter }] };
}

async function deleteTarget(
  ctx: InteractionContext,
  type: ResourceType,
  entry: RequestEntry,
): Promise<EntryTarget> {
  const [match, ...others] = await findMatches(ctx, type, await parseCriteria(ctx, type, entry.url.query));
  if (others.length > 0) {
    throw new Problem('multiple-matches', 'The search of the delete matches more than one resource');
  }
  return match ? { key: match, guards: [] } : { guards: [] };
}
