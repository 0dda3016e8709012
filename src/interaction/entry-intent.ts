import { Problem } from '../fhir/problem.ts';
import type { ParsedResource } from '../fhir/resource.ts';
import type { InteractionContext } from './context.ts';
import { pathOf } from './entry-answer.ts';
import { parseEntryPatch } from './entry-patch.ts';
import { operationOf, type RequestEntry } from './parse-bundle.ts';
import type { Where, WriteIntent } from './write-plan.ts';

/** What an entry of a batch or transaction wants written; it is no GET, no HEAD and no operation. */
export function toIntent(ctx: InteractionContext, entry: RequestEntry, exactNumbers: boolean): WriteIntent {
  const { method, url, ifMatch, ifNoneMatch, ifNoneExist } = entry;
  const { type, id, query } = url;
  if (type === undefined || url.rest.length > 0) {
    throw new Problem('not-supported', `${method} ${pathOf(entry)} cannot be an entry of a Bundle`);
  }
  const where: Where = id === undefined ? { type, criteria: query } : { type, id };
  switch (method) {
    case 'POST':
      if (id === undefined)
        return { kind: 'create', type, parsed: requireResource(entry, exactNumbers), ifNoneExist };
      throw new Problem('invalid-content', `POST ${type}/${id} is no interaction; use PUT to choose the id`);
    case 'PUT':
      return { kind: 'update', where, parsed: requireResource(entry, exactNumbers), ifMatch, ifNoneMatch };
    case 'PATCH':
      return {
        kind: 'patch',
        where,
        patch: parseEntryPatch(ctx, requireResource(entry, exactNumbers)),
        ifMatch,
      };
    case 'DELETE':
      return { kind: 'delete', where, ifMatch };
    case 'GET':
    case 'HEAD':
      throw new Error(`${method} ${operationOf(entry) ?? ''} writes nothing`);
  }
}

function requireResource({ method, resource }: RequestEntry, exactNumbers: boolean): ParsedResource {
  if (resource) return { resource, exactNumbers };
  throw new Problem('invalid-content', `A ${method} needs a resource in its entry`);
}
