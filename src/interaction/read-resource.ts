import { Problem } from '../fhir/problem.ts';
import type { ResourceKey, StoredResource, StoredVersion } from '../store/contract/store.ts';
import { readAuditEvent } from './audit/search-audit.ts';
import { type InteractionContext, requireAccess } from './context.ts';

/** R4 http.html#read: 404 for an id never used, 410 for a deleted resource. */
export async function readResource(ctx: InteractionContext, key: ResourceKey): Promise<StoredResource> {
  requireAccess(ctx, 'read', key.type);
  const own = key.type === 'AuditEvent' ? await readAuditEvent(ctx, key.id) : undefined;
  if (own) return own;
  const current = await ctx.view.read(key);
  return requireText(current, `${key.type}/${key.id}`);
}

/** R4 http.html#vread: the version that is the delete answers 410 as well. */
export async function vreadResource(
  ctx: InteractionContext,
  key: ResourceKey,
  versionId: string,
): Promise<StoredResource> {
  requireAccess(ctx, 'vread', key.type);
  const name = `${key.type}/${key.id}/_history/${versionId}`;
  if (!/^[1-9][0-9]{0,14}$/.test(versionId)) throw new Problem('not-found', `There is no ${name}`);
  const own = key.type === 'AuditEvent' && versionId === '1' ? await readAuditEvent(ctx, key.id) : undefined;
  if (own) return own;
  return requireText(await ctx.view.readVersion(key, Number(versionId)), name);
}

function requireText(version: StoredVersion | undefined, name: string): StoredResource {
  if (!version) throw new Problem('not-found', `There is no ${name}`);
  if (isThere(version)) return version;
  throw new Problem('gone', `${name} has been deleted`);
}

function isThere(version: StoredVersion): version is StoredResource {
  return version.text !== undefined;
}
