import type { ResourceType } from '../fhir/resource-type.ts';
import type { Operation } from './context.ts';

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
