import type { Coding, ParametersParameter } from 'fhir/r4.js';
import { Problem } from '../../fhir/problem.ts';
import type { CodeSystemIndex, Concept } from '../../fhir/terminology/code-system-index.ts';
import { displayIn } from '../../fhir/terminology/expand-value-set.ts';
import type { TerminologySource } from '../../fhir/terminology/value-set-members.ts';
import { type Inputs, missing } from '../inputs.ts';
import type { OperationCall } from '../operation.ts';
import { input, type OperationParameter, output } from '../operation-parameter.ts';
import { coding, date, displayLanguage } from './code-parameters.ts';
import { givenCodes } from './given-codes.ts';
import { outParameters, stringPart } from './out-parameters.ts';
import { type Terms, termSource } from './stored-terminology.ts';

export const lookUpParameters: readonly OperationParameter[] = [
  input('code', 'code', 'The code; with its system, in place of coding'),
  input('system', 'uri', 'The code system that the code is of'),
  input('version', 'string', 'The version of the code system; the newest held when absent'),
  coding,
  date,
  displayLanguage,
  input('property', 'code', 'The properties to answer; all when absent', { max: '*' }),
  output('name', 'string', 'The name of the code system', { min: 1 }),
  output('version', 'string', 'The version that was looked into'),
  output('display', 'string', 'The display of the code', { min: 1 }),
  output(
    'designation',
    [
      output('language', 'code', 'The language of the designation'),
      output('use', 'Coding', 'What the designation is used for'),
      output('value', 'string', 'The designation', { min: 1 }),
    ],
    'Other names of the concept',
    { max: '*' },
  ),
  output(
    'property',
    [
      output('code', 'code', 'Which property it is', { min: 1 }),
      output('value', 'Any', 'Its value: a code, Coding, string, integer, boolean or dateTime'),
      output('description', 'string', 'What the value means'),
    ],
    'Properties of the concept, its parents and children among them',
    { max: '*' },
  ),
];

function unknownSystem(inputs: Inputs, canonical: string): Problem {
  return new Problem('not-found', `The code system ${canonical} is not known to this server`, {
    expression: inputs.place(inputs.has('system') ? 'system' : 'coding'),
  });
}

/** R4 CodeSystem/$lookup: all that is known of a code. */
export async function lookUpCode(terms: Terms, call: OperationCall): Promise<object> {
  const { inputs } = call;
  const [given] = givenCodes(inputs, 'version');
  const url = given?.system;
  if (!given || url === undefined) throw missing('system', 'A code needs the system that it is of');
  const source = termSource(terms);
  const canonical = given.version === undefined ? url : `${url}|${given.version}`;
  const system = await source.needCodeSystem(canonical);
  if (!system) throw unknownSystem(inputs, canonical);
  const concept = system.find(given.code);
  if (!concept) {
    const held = system.partial ? ', as far as this server holds it' : '';
    throw new Problem('not-found', `${system.name} (${url}) has no code "${given.code}"${held}`, {
      expression: inputs.place(inputs.has('code') ? 'code' : 'coding'),
    });
  }
  const wanted = inputs.texts('property');
  return outParameters([
    { name: 'name', valueString: system.name },
    stringPart('version', system.version),
    stringPart('display', displayIn(concept, inputs.text('displayLanguage')) ?? concept.code),
    ...(isWanted('designation', wanted) ? designationsOf(concept) : []),
    ...propertiesOf(concept, system, source)
      .filter(({ code }) => isWanted(code, wanted))
      .map(toProperty),
  ]);
}

/** R4: with no property asked for, the server chooses; it answers all. */
function isWanted(code: string, wanted: readonly string[]): boolean {
  return wanted.length === 0 || wanted.includes(code);
}

function designationsOf({ designations }: Concept): readonly ParametersParameter[] {
  return designations.map(({ language, use, value }) => ({
    name: 'designation',
    part: [
      ...(language === undefined ? [] : [{ name: 'language', valueCode: language }]),
      ...(use ? [{ name: 'use', valueCoding: use }] : []),
      { name: 'value', valueString: value },
    ],
  }));
}

type Property = {
  readonly code: string;
  readonly value: Omit<ParametersParameter, 'name'>;
  readonly description?: string;
};

/** The standard properties of R4 codesystem.html#properties, and those of the system. */
function propertiesOf(
  concept: Concept,
  system: CodeSystemIndex,
  source: TerminologySource,
): readonly Property[] {
  const relatives = (code: string, codes: readonly string[]): readonly Property[] =>
    codes.map((relative) => ({ code, value: { valueCode: relative }, ...described(system, relative) }));
  const stated = concept.properties.map(({ code, ...value }) => {
    const { valueCoding } = value;
    const described = valueCoding?.code === undefined ? undefined : nameOf(source, valueCoding);
    return { code, value, ...(described !== undefined && { description: described }) };
  });
  const inactive = stated.some(({ code }) => code === 'inactive');
  return [
    ...(concept.definition === undefined
      ? []
      : [{ code: 'definition', value: { valueString: concept.definition } }]),
    ...relatives('parent', concept.parents),
    ...relatives('child', system.childrenOf(concept.code)),
    ...(inactive ? [] : [{ code: 'inactive', value: { valueBoolean: concept.inactive } }]),
    ...stated.filter(({ code }) => code !== 'parent'),
  ];
}

function nameOf(source: TerminologySource, { system = '', code = '' }: Coding): string | undefined {
  return source.codeSystem(system)?.find(code)?.display;
}

function described(system: CodeSystemIndex, code: string): { readonly description?: string } {
  const display = system.find(code)?.display;
  return display === undefined ? {} : { description: display };
}

function toProperty({ code, value, description }: Property): ParametersParameter {
  return {
    name: 'property',
    part: [
      { name: 'code', valueCode: code },
      { name: 'value', ...value },
      ...(description === undefined ? [] : [{ name: 'description', valueString: description }]),
    ],
  };
}
