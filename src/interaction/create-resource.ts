import { Problem } from '../fhir/problem.ts';
import type { ParsedResource } from '../fhir/resource.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import { commitWithRetry, nothingToWrite } from './commit.ts';
import { type InteractionContext, requireAccess } from './context.ts';
import { findMatches, parseCriteria } from './find-matches.ts';
import type { ParameterList } from './parse-query.ts';
import { prepareChange, requireKeptType } from './prepare-change.ts';
import { storedResource, type WriteResult } from './write-result.ts';

export type CreateOptions = {
  /** The type of the URL; the body must be of it. */
  readonly type?: ResourceType;
  /** If-None-Exist: create only when nothing matches. */
  readonly ifNoneExist?: ParameterList;
};

/** R4 http.html#create and #ccreate: no match creates, one match is answered as it is, two are 412. */
export async function createResource(
  ctx: InteractionContext,
  parsed: ParsedResource,
  options: CreateOptions = {},
): Promise<WriteResult> {
  const type = requireKeptType(parsed.resource, options.type);
  requireAccess(ctx, 'create', type);
  if (options.ifNoneExist) return createConditionally(ctx, parsed, type, options.ifNoneExist);
  return commitWithRetry<WriteResult>(async () => {
    const change = prepareChange(ctx, parsed, { type, id: ctx.newId(), method: 'POST', current: undefined });
    const version = storedResource(change);
    const outcome = await ctx.store.write({ changes: [change], guards: [] });
    return { outcome, result: { kind: 'created', version } };
  });
}

async function createConditionally(
  ctx: InteractionContext,
  parsed: ParsedResource,
  type: ResourceType,
  criteria: ParameterList,
): Promise<WriteResult> {
  requireAccess(ctx, 'search-type', type);
  const filter = await parseCriteria(ctx, type, criteria);
  return commitWithRetry<WriteResult>(async () => {
    const [match, ...others] = await findMatches(ctx, type, filter);
    if (others.length > 0) {
      throw new Problem(
        'multiple-matches',
        'If-None-Exist matches more than one resource; nothing was created',
      );
    }
    if (match) return { outcome: nothingToWrite, result: { kind: 'unchanged', version: match } };
    const change = prepareChange(ctx, parsed, { type, id: ctx.newId(), method: 'POST', current: undefined });
    const outcome = await ctx.store.write({ changes: [change], guards: [{ type, noneMatch: filter }] });
    return { outcome, result: { kind: 'created', version: storedResource(change) } };
  });
}
