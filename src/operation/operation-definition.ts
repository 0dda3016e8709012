import type { OperationDefinition, OperationDefinitionParameter } from 'fhir/r4.js';
import type { Operation } from './operation.ts';
import type { OperationParameter } from './operation-parameter.ts';

/** What the server does under the canonical of the row (R4 operationdefinition.html): what it does not act on is left out. */
export function operationDefinition(operation: Operation): OperationDefinition {
  const { code, definition, description, levels, types, affectsState } = operation;
  const parameter = operation.parameters.filter(({ supported }) => supported !== false).map(toParameter);
  return {
    resourceType: 'OperationDefinition',
    url: definition,
    name: definition.slice(definition.lastIndexOf('/') + 1).replace(/[^A-Za-z0-9]/g, '_'),
    status: 'active',
    kind: 'operation',
    description,
    affectsState,
    code,
    ...(types.length > 0 && { resource: [...types] }),
    system: levels.includes('system'),
    type: levels.includes('type'),
    instance: levels.includes('instance'),
    ...(parameter.length > 0 && { parameter }),
  };
}

function toParameter(parameter: OperationParameter): OperationDefinitionParameter {
  const { name, use, min, max, documentation, type, part } = parameter;
  return {
    name,
    use,
    min,
    max: String(max),
    documentation,
    ...(type !== undefined && { type }),
    ...(part && { part: part.map(toParameter) }),
  };
}
