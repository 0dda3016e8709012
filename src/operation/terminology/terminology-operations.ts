import type { ResourceType } from '../../fhir/resource-type.ts';
import type { Terminology } from '../../fhir/terminology/terminology.ts';
import type { Operation, OperationCall } from '../operation.ts';
import { expand } from './expand.ts';
import { lookUpCode } from './look-up-code.ts';
import type { Terms } from './stored-terminology.ts';
import { subsumes } from './subsumes.ts';
import { translate } from './translate.ts';
import { validateCodeInSystem, validateCodeInValueSet } from './validate-code.ts';

type Run = (terms: Terms, call: OperationCall) => Promise<object>;
type Row = readonly [type: ResourceType, code: string, levels: readonly ('type' | 'instance')[], run: Run];

const both = ['type', 'instance'] as const;

/** R4 operationslist.html: the operations on code systems, value sets and concept maps. */
const rows: readonly Row[] = [
  ['CodeSystem', 'lookup', ['type'], lookUpCode],
  ['CodeSystem', 'validate-code', both, validateCodeInSystem],
  ['CodeSystem', 'subsumes', both, subsumes],
  ['ValueSet', 'expand', both, expand],
  ['ValueSet', 'validate-code', both, validateCodeInValueSet],
  ['ConceptMap', 'translate', both, translate],
];

export function terminologyOperations(shipped: Terminology): readonly Operation[] {
  return rows.flatMap(([type, code, levels, run]) =>
    levels.map((level) => ({
      code,
      level,
      types: [type],
      get: true,
      definition: `http://hl7.org/fhir/OperationDefinition/${type}-${code}`,
      run: (ctx, call) => run({ ctx, shipped }, call),
    })),
  );
}
