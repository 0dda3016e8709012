import { Problem } from '../fhir/problem.ts';
import type { ParsedResource } from '../fhir/resource.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import { type InteractionContext, requireAccess } from '../interaction/context.ts';
import type { ParameterList } from '../interaction/parse-query.ts';
import type { Preconditions } from '../interaction/write-plan.ts';
import { noSuchMethod } from '../request/match-request.ts';
import { allowOf } from '../request/request-table.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { allowsGet, type HttpAsked, type Operation, type OperationLevel } from './operation.ts';
import type { OperationAnswer } from './operation-answer.ts';
import { type Handling, readInputs } from './read-inputs.ts';

/** Which operation is called, and on what. */
export type OperationTarget = {
  /** Without the `$`. */
  readonly code: string;
  readonly type?: ResourceType;
  readonly id?: ResourceId;
  readonly view?: string;
};

export type OperationRequest = OperationTarget & {
  readonly query: ParameterList;
  /** Read when it is known that the operation may be called. */
  readonly body: () => ParsedResource | undefined | Promise<ParsedResource | undefined>;
  readonly handling?: Handling | undefined;
  readonly preconditions?: Preconditions | undefined;
  readonly asked?: HttpAsked;
};

export function levelOf({ type, id }: Omit<OperationTarget, 'code'>): OperationLevel {
  if (type === undefined) return 'system';
  return id === undefined ? 'type' : 'instance';
}

/** The operation that may be called so; throws 404 where there is none. */
export function requireOperation(operations: readonly Operation[], target: OperationTarget): Operation {
  const { code, type } = target;
  const level = levelOf(target);
  const found = operations.find(
    (operation) =>
      operation.code === code &&
      operation.levels.includes(level) &&
      (type === undefined || operation.types.includes(type)),
  );
  if (found) return found;
  const where = level === 'instance' ? `a ${type}` : (type ?? 'the system');
  throw new Problem('not-found', `This server has no operation "$${code.slice(0, 80)}" on ${where}`);
}

/** Throws 405 for a GET of an operation that must be called by POST. */
export function requireMethod(operation: Operation, target: OperationTarget, method: string): void {
  if (method === 'POST' || allowsGet(operation, levelOf(target))) return;
  throw noSuchMethod(method, allowOf(['POST']));
}

/** Calls the operation with the inputs that its row asks for. */
export async function performOperation(
  ctx: InteractionContext,
  operation: Operation,
  { type, id, view, query, body, handling, preconditions = {}, asked }: OperationRequest,
): Promise<OperationAnswer> {
  const place = { ...(type && (id ? { type, id } : { type })) };
  requireAccess(ctx, 'operation', type);
  const parsed = await body();
  await ctx.pace();
  const inputs = readInputs(operation, levelOf(place), { query, body: parsed?.resource, handling });
  // What was read may be a long list.
  await ctx.pace();
  const called = { inputs, preconditions, ...place, ...(view !== undefined && { view }) };
  return operation.run(ctx, asked ? { asked, ...called } : called);
}
