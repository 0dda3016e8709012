import type { ResourceType } from '../../fhir/resource-type.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import type { Operation } from '../../operation/operation.ts';
import type { OperationAnswer } from '../../operation/operation-answer.ts';
import { performOperation, requireOperation } from '../../operation/perform-operation.ts';
import type { ResourceId } from '../../values/resource-id.ts';

type Call = {
  readonly code: string;
  readonly type: ResourceType;
  readonly id: ResourceId;
  readonly inputs?: Readonly<Record<string, string | undefined>>;
};

/** An operation of this server for one resource, with the rights of who is there. */
export function callOperation(
  ctx: InteractionContext,
  operations: readonly Operation[],
  { code, type, id, inputs = {} }: Call,
): Promise<OperationAnswer> {
  const operation = requireOperation(operations, { code, type, id });
  const query = Object.entries(inputs).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return performOperation(ctx, operation, { code, type, id, query, body: () => undefined });
}
