import { placeOf } from '../fhir/parameter-place.ts';
import { Problem } from '../fhir/problem.ts';
import type { Resource } from '../fhir/resource.ts';
import type { ParameterList } from '../interaction/parse-query.ts';
import { type Given, type Inputs, missing, toInputs } from './inputs.ts';
import { isNeeded, type Operation, type OperationLevel } from './operation.ts';
import type { OperationParameter } from './operation-parameter.ts';
import { readSent } from './read-sent.ts';
import { type SentParameter, sentInBody, sentInQuery, sentParts } from './sent-parameter.ts';

/** `Prefer: handling=…`: strict refuses a parameter that is not known, lenient passes over it. */
export type Handling = 'strict' | 'lenient';

export type SentInputs = {
  readonly query: ParameterList;
  readonly body?: Resource | undefined;
  /** Absent: as the operation has it. */
  readonly handling?: Handling | undefined;
};

/** What says how an answer is written is no parameter of an operation (R4 http.html#parameters). */
const controlNames: ReadonlySet<string> = new Set(['_format', '_pretty', '_summary', '_elements']);

/**
 * Reads what a call was sent, in the query and in the body, by the row of the operation. Throws the Problem of a
 * parameter that the operation does not have or take, that is given too often, is no such value, or is missing.
 */
export function readInputs(
  operation: Pick<Operation, 'parameters' | 'handling'>,
  level: OperationLevel,
  { query, body, handling = operation.handling ?? 'strict' }: SentInputs,
): Inputs {
  const declared = operation.parameters.filter(({ use }) => use === 'in');
  const sent = [...sentInQuery(query), ...sentInBody(body, declared)];
  const inputs = readAll(sent, declared, handling);
  const absent = declared.find((parameter) => isNeeded(parameter, level) && !inputs.has(parameter.name));
  if (absent) throw missing(placeOf(absent.name), `The parameter ${absent.name} is missing`);
  return inputs;
}

function readAll(
  sent: readonly SentParameter[],
  declared: readonly OperationParameter[],
  handling: Handling,
): Inputs {
  const taken = sent.filter(({ name }) => !controlNames.has(name));
  const parameterOf = ({ name }: SentParameter) =>
    declared.find((parameter) => parameter.name === name && parameter.supported !== false);
  const unknown = new Set(taken.filter((one) => parameterOf(one) === undefined));
  const [first] = unknown;
  if (first && handling === 'strict') throw notKnown(first, declared);
  const given = new Map<string, Given[]>();
  for (const one of taken) {
    const parameter = parameterOf(one);
    if (parameter) addGiven(given, one, parameter, handling);
  }
  return toInputs(given, {
    list: toList(sent.filter((one) => !unknown.has(one))),
    unknown: toUnknown(unknown),
  });
}

function toList(sent: readonly SentParameter[]): ParameterList {
  return sent.flatMap(({ name, text }) => (text === undefined ? [] : [[name, text] as const]));
}

/** Each name once. */
function toUnknown(sent: Iterable<SentParameter>): Inputs['unknown'] {
  const byName = new Map([...sent].map(({ name, place }) => [name, { name, place }]));
  return [...byName.values()];
}

function notKnown({ name, place }: SentParameter, declared: readonly OperationParameter[]): Problem {
  const shown = name.slice(0, 80);
  if (declared.some((parameter) => parameter.name === name)) {
    return new Problem('not-supported', `This server does not act on the parameter ${shown}`, {
      expression: place,
    });
  }
  const names = declared.filter(({ supported }) => supported !== false).map((parameter) => parameter.name);
  const text = `The operation has no parameter "${shown}"; it has ${names.join(', ') || 'none'}`;
  return new Problem('unknown-parameter', text, { expression: place });
}

function addGiven(
  given: Map<string, Given[]>,
  sent: SentParameter,
  parameter: OperationParameter,
  handling: Handling,
): void {
  const { name, part } = parameter;
  const known = given.get(name) ?? [];
  if (parameter.max === 1 && known.length > 0) {
    throw new Problem('invalid-content', `The parameter ${name} may be given once`, {
      expression: sent.place,
    });
  }
  const one = part
    ? readParts(sent, part, handling)
    : readSent(sent, parameter, parameter.max === '*' ? known.length : undefined);
  known.push(one);
  given.set(name, known);
}

function readParts(sent: SentParameter, part: readonly OperationParameter[], handling: Handling): Given {
  const parts = readAll(sentParts(sent), part, handling);
  const absent = part.find(({ name, min }) => min > 0 && !parts.has(name));
  if (absent) throw missing(sent.place, `The parameter ${sent.name} needs a part ${absent.name}`);
  return { value: null, place: sent.place, parts };
}
