import { Problem } from '../fhir/problem.ts';
import type { ParameterList } from '../interaction/parse-query.ts';
import { capabilityStatement, normativePart } from './capability-statement.ts';
import type { RestOptions } from './route.ts';
import { terminologyCapabilities } from './terminology-capabilities.ts';

/** R4 http.html#capabilities. Each statement is built once: it depends on nothing that changes while we run. */
export function capabilityTexts(options: RestOptions): (query: ParameterList) => string {
  const texts = new Map<string, string>();
  return (query) => {
    const mode = query.find(([name]) => name === 'mode')?.[1] ?? 'full';
    const text = texts.get(mode) ?? JSON.stringify(statementOf(mode, options));
    texts.set(mode, text);
    return text;
  };
}

function statementOf(mode: string, options: RestOptions): object {
  switch (mode) {
    case 'full':
      return capabilityStatement(options);
    case 'normative':
      return normativePart(capabilityStatement(options));
    case 'terminology':
      return terminologyCapabilities(options);
    default:
      throw new Problem(
        'invalid-parameter',
        `mode=${mode.slice(0, 80)} is none of full, normative, terminology`,
        { expression: 'http.mode' },
      );
  }
}
