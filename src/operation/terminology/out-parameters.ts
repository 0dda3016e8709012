import type { Parameters, ParametersParameter } from 'fhir/r4.js';
import type { CodeVerdict } from '../../fhir/terminology/validate-code.ts';

/** The Parameters of an answer; what is undefined is left out. */
export function outParameters(parameter: readonly (ParametersParameter | undefined)[]): Parameters {
  return { resourceType: 'Parameters', parameter: parameter.filter((one) => one !== undefined) };
}

export function stringPart(name: string, value: string | undefined): ParametersParameter | undefined {
  return value === undefined ? undefined : { name, valueString: value };
}

export function verdictParameters({ result, message, display }: CodeVerdict): Parameters {
  return outParameters([
    { name: 'result', valueBoolean: result },
    stringPart('message', message),
    stringPart('display', display),
  ]);
}
