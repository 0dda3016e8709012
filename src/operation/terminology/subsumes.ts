import { Problem } from '../../fhir/problem.ts';
import type { CodeSystemIndex } from '../../fhir/terminology/code-system-index.ts';
import { subsumptionOf } from '../../fhir/terminology/subsumption.ts';
import type { GivenCode } from '../../fhir/terminology/validate-code.ts';
import { type Inputs, missing } from '../inputs.ts';
import type { OperationCall } from '../operation.ts';
import { input, type OperationParameter, output } from '../operation-parameter.ts';
import { fromCoding } from './given-codes.ts';
import { outParameters } from './out-parameters.ts';
import { codeSystemOfId, type Terms, termSource } from './stored-terminology.ts';

export const subsumesParameters: readonly OperationParameter[] = [
  input('codeA', 'code', 'The one code; of the system, in place of codingA'),
  input('codeB', 'code', 'The other code; of the system, in place of codingB'),
  input('system', 'uri', 'The code system of both codes'),
  input('version', 'string', 'The version of the code system; the newest held when absent'),
  input('codingA', 'Coding', 'The one code with its system'),
  input('codingB', 'Coding', 'The other code with its system'),
  output('outcome', 'code', 'equivalent, subsumes, subsumed-by or not-subsumed', { min: 1 }),
];

/** R4 CodeSystem/$subsumes: is A a wider, a narrower or another concept than B? */
export async function subsumes(terms: Terms, call: OperationCall): Promise<object> {
  const { inputs } = call;
  const a = codeOf(inputs, 'A');
  const b = codeOf(inputs, 'B');
  const system = await systemOf(terms, call, inputs, [a, b]);
  const outcome = subsumptionOf(system, a.code, b.code);
  if (outcome === undefined) {
    const [unknown, letter] = system.find(a.code) ? [b, 'B'] : [a, 'A'];
    throw new Problem('not-found', `${system.name} (${system.url}) has no code "${unknown.code}"`, {
      expression: inputs.place(inputs.has(`code${letter}`) ? `code${letter}` : `coding${letter}`),
    });
  }
  return outParameters([{ name: 'outcome', valueCode: outcome }]);
}

function codeOf(inputs: Inputs, letter: 'A' | 'B'): GivenCode {
  const code = inputs.text(`code${letter}`);
  const coding = inputs.coding(`coding${letter}`);
  if (code !== undefined && coding) {
    throw new Problem('invalid-content', `Of code${letter} and coding${letter} one may be given, not both`, {
      expression: inputs.place(`coding${letter}`),
    });
  }
  if (coding) return fromCoding(coding, inputs.place(`coding${letter}`));
  if (code === undefined) throw missing(`code${letter}`, `code${letter} or coding${letter} must be given`);
  return { code };
}

async function systemOf(
  terms: Terms,
  call: OperationCall,
  inputs: Inputs,
  codes: readonly GivenCode[],
): Promise<CodeSystemIndex> {
  const named = [inputs.text('system'), ...codes.map(({ system }) => system)].filter(
    (system) => system !== undefined,
  );
  const held = call.id === undefined ? undefined : await codeSystemOfId(terms, call.id);
  const [url, ...others] = new Set(held ? [held.url, ...named] : named);
  if (url === undefined) throw missing('system', 'The system of the codes must be given');
  if (others.length > 0) {
    const text = `The codes are of ${[url, ...others].join(' and ')}; only codes of one system can be compared`;
    throw new Problem('invalid-content', text, { expression: inputs.place('system') });
  }
  if (held) return held;
  const version = inputs.text('version');
  const canonical = version === undefined ? url : `${url}|${version}`;
  const system = await termSource(terms).needCodeSystem(canonical);
  if (system) return system;
  throw new Problem('not-found', `The code system ${canonical} is not known to this server`, {
    expression: inputs.place('system'),
  });
}
