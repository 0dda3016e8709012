import type { Resource } from '../fhir/resource.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { wholeText } from '../values/long-text.ts';
import type { ResourceId } from '../values/resource-id.ts';
import type { Operation } from './operation.ts';
import { performOperation, requireOperation } from './perform-operation.ts';

type Call = {
  readonly code: string;
  /** Absent: on the system. */
  readonly type?: ResourceType;
  readonly id?: ResourceId | undefined;
  readonly body?: Resource;
};

/** What an operation answers the caller, by the same decision as over HTTP. */
export async function callOperation<Kind>(
  ctx: InteractionContext,
  operations: readonly Operation[],
  { code, type, id, body }: Call,
): Promise<Kind> {
  const target = { code, ...(type !== undefined && { type }), ...(id !== undefined && { id }) };
  const operation = requireOperation(operations, target);
  const parsed = body && { resource: body, exactNumbers: false };
  const answer = await performOperation(ctx, operation, { query: [], body: () => parsed, ...target });
  switch (answer.kind) {
    case 'resource':
      return answer.resource as Kind;
    case 'text':
      return JSON.parse(wholeText(answer.text)) as Kind;
    case 'accepted':
    case 'stream':
    case 'nothing':
      throw new Error(`$${code} answered ${answer.kind}, and not a resource`);
  }
}
