import type { ParsedResource } from '../fhir/resource.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import type { InteractionContext } from '../interaction/context.ts';
import type { ParameterList } from '../interaction/parse-query.ts';
import type { ResourceId } from '../values/resource-id.ts';

/** What an operation is called with, over HTTP or from an entry of a batch. */
export type OperationCall = {
  readonly type?: ResourceType;
  readonly id?: ResourceId;
  readonly query: ParameterList;
  readonly body?: ParsedResource;
  /** `Prefer: handling=strict`. */
  readonly strict: boolean;
};

/** A FHIR operation (R4 operations.html): one row feeds the router and the CapabilityStatement. */
export type Operation = {
  /** Without the `$`. */
  readonly code: string;
  readonly level: 'system' | 'type' | 'instance';
  /** The types it is offered on; empty for the system level. */
  readonly types: readonly ResourceType[];
  /** R4 operations.html#executing: GET only when it changes nothing and all its inputs are primitive. */
  readonly get: boolean;
  /** Canonical URL of its OperationDefinition. */
  readonly definition: string;
  /** Answers the resource to return with 200; a string is its JSON text already. */
  readonly run: (ctx: InteractionContext, call: OperationCall) => Promise<object | string>;
};

/** The operation of that code on that level, and on the type where the level has one. */
export function findOperation(
  operations: readonly Operation[],
  code: string,
  level: Operation['level'],
  type: ResourceType | undefined,
): Operation | undefined {
  return operations.find(
    (operation) =>
      operation.code === code &&
      operation.level === level &&
      (type === undefined || operation.types.includes(type)),
  );
}
