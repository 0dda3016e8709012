import type { ParsedResource } from '../fhir/resource.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import type { InteractionContext } from './context.ts';
import type { ParameterList } from './parse-query.ts';
import { writeOne } from './plan-write.ts';
import { requireKeptType } from './prepare-change.ts';
import { resultOf } from './write-plan.ts';
import type { WriteResult } from './write-result.ts';

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
  { type, ifNoneExist }: CreateOptions = {},
): Promise<WriteResult> {
  const kept = requireKeptType(parsed.resource, type);
  return resultOf(await writeOne(ctx, { kind: 'create', type: kept, parsed, ifNoneExist }));
}
