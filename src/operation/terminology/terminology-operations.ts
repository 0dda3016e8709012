import type { ResourceType } from '../../fhir/resource-type.ts';
import type { Terminology } from '../../fhir/terminology/terminology.ts';
import type { Operation, OperationCall } from '../operation.ts';
import { resourceAnswer } from '../operation-answer.ts';
import { expand, expandParameters } from './expand.ts';
import { lookUpCode, lookUpParameters } from './look-up-code.ts';
import type { Terms } from './stored-terminology.ts';
import { subsumes, subsumesParameters } from './subsumes.ts';
import { translate, translateParameters } from './translate.ts';
import {
  validateCodeInSystem,
  validateCodeInValueSet,
  validateInSystemParameters,
  validateInValueSetParameters,
} from './validate-code.ts';

type Row = Pick<Operation, 'code' | 'description' | 'parameters'> & {
  readonly type: ResourceType;
  readonly levels?: Operation['levels'];
  readonly run: (terms: Terms, call: OperationCall) => Promise<object>;
};

/** R4 operationslist.html: the operations on code systems, value sets and concept maps. */
const rows: readonly Row[] = [
  {
    type: 'CodeSystem',
    code: 'lookup',
    levels: ['type'],
    description: 'Answers all that is known of a code.',
    parameters: lookUpParameters,
    run: lookUpCode,
  },
  {
    type: 'CodeSystem',
    code: 'validate-code',
    description: 'Says whether a code is one of the code system.',
    parameters: validateInSystemParameters,
    run: validateCodeInSystem,
  },
  {
    type: 'CodeSystem',
    code: 'subsumes',
    description: 'Says whether a concept is wider or narrower than another.',
    parameters: subsumesParameters,
    run: subsumes,
  },
  {
    type: 'ValueSet',
    code: 'expand',
    description: 'Answers the codes of a value set.',
    parameters: expandParameters,
    run: expand,
  },
  {
    type: 'ValueSet',
    code: 'validate-code',
    description: 'Says whether a code is in the value set.',
    parameters: validateInValueSetParameters,
    run: validateCodeInValueSet,
  },
  {
    type: 'ConceptMap',
    code: 'translate',
    description: 'Answers what a code is called elsewhere.',
    parameters: translateParameters,
    run: translate,
  },
];

export function terminologyOperations(shipped: Terminology): readonly Operation[] {
  return rows.map(({ type, run, ...row }) => ({
    levels: ['type', 'instance'],
    ...row,
    types: [type],
    affectsState: false,
    definition: `http://hl7.org/fhir/OperationDefinition/${type}-${row.code}`,
    run: async (ctx, call) => resourceAnswer(await run({ ctx, shipped }, call)),
  }));
}
