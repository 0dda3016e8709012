import type { ParsedResource } from '../fhir/resource.ts';
import type { RequestTarget, TargetOf } from '../request/request-target.ts';
import type { InteractionContext } from './context.ts';
import { parseEntryPatch } from './entry-patch.ts';
import { refuseIgnoredQuery } from './ignored-query.ts';
import type { RequestEntry } from './parse-bundle.ts';
import type { WriteIntent } from './write-plan.ts';

/** What a request asks to be written. */
export type WriteTargetName =
  | 'create'
  | 'update'
  | 'conditional-update'
  | 'patch'
  | 'conditional-patch'
  | 'delete'
  | 'conditional-delete';

const names: ReadonlySet<string> = new Set<WriteTargetName>([
  'create',
  'update',
  'conditional-update',
  'patch',
  'conditional-patch',
  'delete',
  'conditional-delete',
]);

export function isWriteTarget(target: RequestTarget): target is TargetOf<WriteTargetName> {
  return names.has(target.name);
}

/** What an entry of a batch or transaction wants written. */
export function toIntent(
  ctx: InteractionContext,
  target: TargetOf<WriteTargetName>,
  entry: RequestEntry,
  exactNumbers: boolean,
): WriteIntent {
  refuseIgnoredQuery(target.name, () => entry.url.query);
  const { url, ifMatch, ifNoneMatch, ifNoneExist } = entry;
  const body = () => requireResource(entry, exactNumbers);
  const found = { type: target.type, criteria: url.query };
  switch (target.name) {
    case 'create':
      return { kind: 'create', type: target.type, parsed: body(), ifNoneExist };
    case 'update':
      return { kind: 'update', where: keyOf(target), parsed: body(), ifMatch, ifNoneMatch };
    case 'conditional-update':
      return { kind: 'update', where: found, parsed: body(), ifMatch, ifNoneMatch };
    case 'patch':
      return {
        kind: 'patch',
        where: keyOf(target),
        patch: parseEntryPatch(ctx, body()),
        ifMatch,
        ifNoneMatch,
      };
    case 'conditional-patch':
      return { kind: 'patch', where: found, patch: parseEntryPatch(ctx, body()), ifMatch, ifNoneMatch };
    case 'delete':
      return { kind: 'delete', where: keyOf(target), ifMatch, ifNoneMatch };
    case 'conditional-delete':
      return { kind: 'delete', where: found, ifMatch, ifNoneMatch };
  }
}

function keyOf({ type, id }: TargetOf<'update' | 'patch' | 'delete'>) {
  return { type, id };
}

function requireResource({ method, resource }: RequestEntry, exactNumbers: boolean): ParsedResource {
  if (resource) return { resource, exactNumbers };
  throw new Error(`a ${method} that needs a resource was let through without one`);
}
