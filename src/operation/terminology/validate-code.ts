import type { CodeSystem, ValueSet } from 'fhir/r4.js';
import { Problem } from '../../fhir/problem.ts';
import type { CodeSystemIndex } from '../../fhir/terminology/code-system-index.ts';
import { textOf } from '../../fhir/terminology/unvalidated.ts';
import {
  type CodeVerdict,
  type GivenCode,
  type ValidationOptions,
  validateInCodeSystem,
  validateInValueSet,
} from '../../fhir/terminology/validate-code.ts';
import { type KnownValueSet, toKnownValueSet } from '../../fhir/terminology/value-set-members.ts';
import { type Inputs, missing } from '../inputs.ts';
import type { OperationCall } from '../operation.ts';
import { input, type OperationParameter, unsupported } from '../operation-parameter.ts';
import { codeableConcept, coding, date, displayLanguage, verdict } from './code-parameters.ts';
import { givenCodes } from './given-codes.ts';
import { verdictParameters } from './out-parameters.ts';
import { requireMembers } from './require-members.ts';
import {
  codeSystemOfId,
  indexed,
  type TermSource,
  type Terms,
  termSource,
  valueSetOfId,
} from './stored-terminology.ts';

const abstract = input('abstract', 'boolean', 'Whether a code that nobody may choose is right too');

export const validateInSystemParameters: readonly OperationParameter[] = [
  input('url', 'uri', 'Canonical URL of the code system; on the type it is needed beside a code'),
  input('codeSystem', 'CodeSystem', 'The code system itself'),
  input('code', 'code', 'The code that is to be judged; one of code, coding and codeableConcept is needed'),
  input('version', 'string', 'The version of the code system; the newest held when absent'),
  input('display', 'string', 'The display, if it is to be judged too'),
  coding,
  codeableConcept,
  date,
  abstract,
  displayLanguage,
  ...verdict,
];

/** R4 CodeSystem/$validate-code: is it a code of the system? */
export async function validateCodeInSystem(terms: Terms, call: OperationCall): Promise<object> {
  const { inputs } = call;
  const codes = givenCodes(inputs, 'version');
  const system = await systemAsked(terms, call, inputs, codes);
  const options = optionsOf(inputs);
  return firstRight(terms.ctx, codes, (given) => validateInCodeSystem(given, system, options));
}

async function systemAsked(
  terms: Terms,
  call: OperationCall,
  inputs: Inputs,
  codes: readonly GivenCode[],
): Promise<CodeSystemIndex> {
  if (call.id !== undefined) return codeSystemOfId(terms, call.id);
  const sent = inputs.resource<CodeSystem>('codeSystem');
  if (sent) return indexed(terms.ctx, sent);
  // A coding says by itself which system it is of.
  const url =
    inputs.text('url') ?? (inputs.has('code') ? undefined : codes.find(({ system }) => system)?.system);
  if (url === undefined) throw missing('url', 'The url of the code system must be given');
  const version = inputs.text('version');
  const canonical = version === undefined ? url : `${url}|${version}`;
  const system = await termSource(terms).needCodeSystem(canonical);
  if (system) return system;
  throw new Problem('not-found', `The code system ${canonical} is not known to this server`, {
    expression: inputs.place('url'),
  });
}

export const validateInValueSetParameters: readonly OperationParameter[] = [
  input('url', 'uri', 'Canonical URL of the value set; on the type, one of url and valueSet is needed'),
  unsupported('context', 'uri'),
  input('valueSet', 'ValueSet', 'The value set itself'),
  input('valueSetVersion', 'string', 'The version of the value set that url names'),
  input('code', 'code', 'The code that is to be judged; one of code, coding and codeableConcept is needed'),
  input('system', 'uri', 'The code system that the code is of'),
  input('systemVersion', 'string', 'The version of the code system'),
  input('display', 'string', 'The display, if it is to be judged too'),
  coding,
  codeableConcept,
  date,
  abstract,
  displayLanguage,
  ...verdict,
];

/** R4 ValueSet/$validate-code: is the code in the value set? */
export async function validateCodeInValueSet(terms: Terms, call: OperationCall): Promise<object> {
  const { inputs } = call;
  const codes = givenCodes(inputs, 'systemVersion');
  if (inputs.has('code') && !inputs.has('system')) {
    throw missing('system', 'A code needs the system that it is of');
  }
  const source = termSource(terms);
  const valueSet = await valueSetAsked(terms, call, inputs, source);
  const members = await requireMembers(valueSet, terms.ctx.pace);
  for (const { system } of codes) if (system !== undefined) await source.needCodeSystem(system);
  const name = textOf(valueSet.resource.url) ?? 'the value set';
  const options = optionsOf(inputs);
  return firstRight(terms.ctx, codes, (given) => validateInValueSet(given, name, members, source, options));
}

/** The value set of the id, the one that was sent, or the one of the URL. */
export async function valueSetAsked(
  terms: Terms,
  call: OperationCall,
  inputs: Inputs,
  source: TermSource,
): Promise<KnownValueSet> {
  if (call.id !== undefined) return valueSetOfId(terms, call.id, source);
  const sent = inputs.resource<ValueSet>('valueSet');
  if (sent) {
    await source.needPartsOf(sent);
    return toKnownValueSet(sent, source);
  }
  const url = inputs.text('url');
  if (url === undefined) throw missing('url', 'The url of the value set, or the valueSet, must be given');
  const version = inputs.text('valueSetVersion');
  const canonical = version === undefined ? url : `${url}|${version}`;
  const known = await source.needValueSet(canonical);
  if (known) return known;
  throw new Problem('not-found', `The value set ${canonical} is not known to this server`, {
    expression: inputs.place('url'),
  });
}

function optionsOf(inputs: Inputs): ValidationOptions {
  const language = inputs.text('displayLanguage');
  return { abstract: inputs.flag('abstract'), ...(language !== undefined && { language }) };
}

/** R4: a CodeableConcept is right when one of its codings is; the message speaks of those that are not. */
async function firstRight(
  { pace }: Terms['ctx'],
  codes: readonly GivenCode[],
  judge: (given: GivenCode) => CodeVerdict,
): Promise<object> {
  const verdicts: CodeVerdict[] = [];
  for (const given of codes) {
    await pace();
    const verdict = judge(given);
    if (verdict.result) return verdictParameters(verdict);
    verdicts.push(verdict);
  }
  const [first] = verdicts;
  const messages = verdicts.flatMap(({ message }) => message ?? []);
  return verdictParameters({ ...first, result: false, message: messages.join('; ') });
}
