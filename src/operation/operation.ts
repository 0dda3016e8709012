import type { ResourceType } from '../fhir/resource-type.ts';
import type { InteractionContext } from '../interaction/context.ts';
import type { Preconditions } from '../interaction/write-plan.ts';
import type { ResourceId } from '../values/resource-id.ts';
import type { Inputs } from './inputs.ts';
import type { OperationAnswer } from './operation-answer.ts';
import { isPrimitive, type OperationParameter } from './operation-parameter.ts';

export type OperationLevel = 'system' | 'type' | 'instance';

/** What an operation is called on, and with what; an instance has a type and an id. */
export type OperationCall = {
  readonly type?: ResourceType;
  readonly id?: ResourceId;
  /** The ViewDefinition that it is called on, by its id: R4 has no such type, so that the level is the system. */
  readonly view?: string;
  readonly inputs: Inputs;
  /** What the client expects to be there; for operations that write a resource that was named. */
  readonly preconditions: Preconditions;
  /** How it was asked for over HTTP; absent in an entry of a Bundle. */
  readonly asked?: HttpAsked;
};

export type HttpAsked = {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly url: string;
  /** The header Prefer. */
  readonly prefer: string;
  /** The header Accept. */
  readonly accept: string;
};

/**
 * A FHIR operation (R4 operations.html). One row is one OperationDefinition, and all that the router and the
 * CapabilityStatement say of it.
 */
export type Operation = {
  /** Without the `$`. */
  readonly code: string;
  /** Canonical URL of its OperationDefinition. */
  readonly definition: string;
  /** What it does, in a sentence. */
  readonly description: string;
  readonly levels: readonly OperationLevel[];
  /** The types it is offered on; empty where the system is the only level. */
  readonly types: readonly ResourceType[];
  readonly affectsState: boolean;
  readonly parameters: readonly OperationParameter[];
  /** What becomes of parameters that are not known, where the client does not say; `strict` when absent. */
  readonly handling?: 'lenient';
  /** It answers what is no resource, and reads `_format` and Accept by itself. */
  readonly answersOther?: true;
  readonly run: (ctx: InteractionContext, call: OperationCall) => Promise<OperationAnswer>;
};

/**
 * R4 operations.html#executing: GET only where nothing is changed and all parameters are primitive. Those count that
 * must be given: `$expand` may be sent a ValueSet, and by GET it is sent a URL.
 */
export function allowsGet({ affectsState, parameters }: Operation, level: OperationLevel): boolean {
  return (
    !affectsState && parameters.every((parameter) => !isNeeded(parameter, level) || isPrimitive(parameter))
  );
}

export function isNeeded(parameter: OperationParameter, level: OperationLevel): boolean {
  return parameter.use === 'in' && (parameter.min > 0 || parameter.neededOn === level);
}
