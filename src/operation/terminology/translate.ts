import type { ConceptMap, ParametersParameter } from 'fhir/r4.js';
import { Problem } from '../../fhir/problem.ts';
import { parseCanonical } from '../../fhir/terminology/canonical.ts';
import {
  type ConceptMapIndex,
  indexConceptMap,
  isTranslation,
  type Translation,
} from '../../fhir/terminology/translate-code.ts';
import { textOf } from '../../fhir/terminology/unvalidated.ts';
import type { GivenCode } from '../../fhir/terminology/validate-code.ts';
import type { OperationCall } from '../operation.ts';
import { givenCodes } from './given-codes.ts';
import { type InputKinds, type Inputs, missing, readInputs } from './operation-inputs.ts';
import { outParameters, stringPart } from './out-parameters.ts';
import { resourceInput } from './resource-input.ts';
import {
  conceptMapOfId,
  findStored,
  searchConceptMaps,
  type Terms,
  termSource,
} from './stored-terminology.ts';

const kinds: InputKinds = {
  url: 'text',
  conceptMap: 'resource',
  conceptMapVersion: 'text',
  code: 'text',
  system: 'text',
  version: 'text',
  source: 'text',
  coding: 'Coding',
  codeableConcept: 'CodeableConcept',
  target: 'text',
  targetsystem: 'text',
  dependency: 'unsupported',
  reverse: 'boolean',
};

/** R4 ConceptMap/$translate: what a code is called elsewhere. */
export async function translate(terms: Terms, call: OperationCall): Promise<object> {
  const inputs = readInputs(call, kinds);
  const codes = givenCodes(inputs, 'version');
  const maps = await mapsAsked(terms, call, inputs);
  const source = termSource(terms);
  const targetSystem = inputs.text('targetsystem');
  const found: Translation[] = [];
  for (const { system, code } of codes) {
    if (system === undefined) throw missing('system', 'A code needs the system that it is of');
    const query = {
      system,
      code,
      reverse: inputs.flag('reverse'),
      ...(targetSystem !== undefined && { targetSystem }),
    };
    for (const map of maps) found.push(...map.translate(query, source));
  }
  const result = found.some(isTranslation);
  return outParameters([
    { name: 'result', valueBoolean: result },
    stringPart('message', result ? undefined : noTranslation(codes, maps)),
    ...found.map(toMatch),
  ]);
}

/** The map of the id, the one that was sent, the one of the URL, or all between the source and the target. */
async function mapsAsked(
  terms: Terms,
  call: OperationCall,
  inputs: Inputs,
): Promise<readonly ConceptMapIndex[]> {
  if (call.id !== undefined) return [await conceptMapOfId(terms, call.id)];
  const sent = resourceInput<ConceptMap>(inputs, 'conceptMap', 'ConceptMap');
  if (sent) return [indexConceptMap(sent)];
  const url = inputs.text('url');
  if (url === undefined) return mapsBetween(terms, inputs);
  const version = inputs.text('conceptMapVersion');
  const canonical = version === undefined ? url : `${url}|${version}`;
  const shipped = terms.shipped.conceptMap(canonical);
  if (shipped) return [shipped];
  const stored = await findStored(terms.ctx, 'ConceptMap', canonical);
  if (stored) return [indexConceptMap(stored)];
  throw new Problem('not-found', `The concept map ${canonical} is not known to this server`, {
    expression: inputs.place('url'),
  });
}

async function mapsBetween(terms: Terms, inputs: Inputs): Promise<readonly ConceptMapIndex[]> {
  const source = inputs.text('source');
  const target = inputs.text('target');
  const targetSystem = inputs.text('targetsystem');
  if (source === undefined && target === undefined && targetSystem === undefined) {
    throw missing('url', 'The url of the concept map, or the source or target of one, must be given');
  }
  const shipped = terms.shipped.conceptMaps.filter(
    ({ resource }) =>
      isScope(source, resource.sourceUri, groupSystems(resource, 'source')) &&
      isScope(target, resource.targetUri, groupSystems(resource, 'target')),
  );
  const criteria = [
    ...(source === undefined ? [] : [['source-uri', source] as const]),
    ...(target === undefined ? [] : [['target-uri', target] as const]),
  ];
  return criteria.length === 0 ? shipped : [...shipped, ...(await searchConceptMaps(terms, criteria))];
}

/** A value set as the map names it; the code system itself is understood too. */
function isScope(
  asked: string | undefined,
  valueSet: string | undefined,
  systems: readonly (string | undefined)[],
): boolean {
  if (asked === undefined) return true;
  const { url } = parseCanonical(asked);
  return url === valueSet || systems.includes(url);
}

function groupSystems({ group }: ConceptMap, side: 'source' | 'target'): readonly (string | undefined)[] {
  return (group ?? []).map((one) => one[side]);
}

function noTranslation(codes: readonly GivenCode[], maps: readonly ConceptMapIndex[]): string {
  const shown = codes.map(({ system, code }) => `${system}|${code}`).join(' or ');
  const names = maps.map(({ resource }) => textOf(resource.url) ?? 'the map sent').join(', ');
  return maps.length === 0 ? 'No concept map fits the source and target' : `${names}: nothing for ${shown}`;
}

function toMatch({ equivalence, concept, source }: Translation): ParametersParameter {
  return {
    name: 'match',
    part: [
      { name: 'equivalence', valueCode: equivalence },
      ...(concept ? [{ name: 'concept', valueCoding: concept }] : []),
      ...(source === undefined ? [] : [{ name: 'source', valueUri: source }]),
    ],
  };
}
