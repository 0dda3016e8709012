import type { ParametersParameter } from 'fhir/r4.js';
import { placeOf } from '../../fhir/parameter-place.ts';
import { Problem } from '../../fhir/problem.ts';

/** The one parameter of a name that may stand once; undefined when it is absent. */
export function theOnly(
  parameters: readonly ParametersParameter[],
  name: string,
): ParametersParameter | undefined {
  const [parameter, ...others] = parameters.filter((candidate) => candidate.name === name);
  if (others.length === 0) return parameter;
  const text = `The parameter ${name} may be given once, but stands ${others.length + 1} times`;
  throw new Problem('invalid-content', text, { expression: placeOf(name) });
}
