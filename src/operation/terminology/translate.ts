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
import { type Inputs, missing } from '../inputs.ts';
import type { OperationCall } from '../operation.ts';
import { input, type OperationParameter, output, unsupported } from '../operation-parameter.ts';
import { codeableConcept, coding } from './code-parameters.ts';
import { givenCodes } from './given-codes.ts';
import { outParameters, stringPart } from './out-parameters.ts';
import {
  conceptMapOfId,
  findStored,
  searchConceptMaps,
  type Terms,
  termSource,
} from './stored-terminology.ts';

export const translateParameters: readonly OperationParameter[] = [
  input(
    'url',
    'uri',
    'Canonical URL of the concept map; without it, the maps of source and target are asked',
  ),
  input('conceptMap', 'ConceptMap', 'The concept map itself'),
  input('conceptMapVersion', 'string', 'The version of the concept map that url names'),
  input('code', 'code', 'The code; with its system, in place of coding'),
  input('system', 'uri', 'The code system that the code is of'),
  input('version', 'string', 'The version of the code system'),
  input('source', 'uri', 'The value set that the code is from'),
  coding,
  codeableConcept,
  input('target', 'uri', 'The value set that the translation is to be from'),
  input('targetsystem', 'uri', 'The code system that the translation is to be of'),
  unsupported('dependency', 'Any'),
  input('reverse', 'boolean', 'Whether the maps are read from their target to their source'),
  output('result', 'boolean', 'Whether there is a translation', { min: 1 }),
  output('message', 'string', 'Why there is none'),
  output(
    'match',
    [
      output('equivalence', 'code', 'How much alike both are'),
      output('concept', 'Coding', 'The translation'),
      output('source', 'uri', 'The concept map that says so'),
    ],
    'The translations',
    { max: '*' },
  ),
];

/** R4 ConceptMap/$translate: what a code is called elsewhere. */
export async function translate(terms: Terms, call: OperationCall): Promise<object> {
  const { inputs } = call;
  const codes = givenCodes(inputs, 'version');
  const maps = await mapsAsked(terms, call, codes);
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
    for (const map of maps) {
      await terms.ctx.pace();
      for (const one of map.translate(query, source)) found.push(one);
    }
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
  codes: readonly GivenCode[],
): Promise<readonly ConceptMapIndex[]> {
  const { inputs } = call;
  if (call.id !== undefined) return [await conceptMapOfId(terms, call.id)];
  const sent = inputs.resource<ConceptMap>('conceptMap');
  if (sent) return [indexConceptMap(sent)];
  const url = inputs.text('url');
  if (url === undefined) return mapsBetween(terms, inputs, systemsOf(codes));
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

function systemsOf(codes: readonly GivenCode[]): ReadonlySet<string> {
  return new Set(codes.flatMap(({ system }) => system ?? []));
}

async function mapsBetween(
  terms: Terms,
  inputs: Inputs,
  systems: ReadonlySet<string>,
): Promise<readonly ConceptMapIndex[]> {
  const source = inputs.text('source');
  const target = inputs.text('target');
  const targetSystem = inputs.text('targetsystem');
  if (source === undefined && target === undefined && targetSystem === undefined) {
    throw missing('url', 'The url of the concept map, or the source or target of one, must be given');
  }
  const side = inputs.flag('reverse') ? 'target-system' : 'source-system';
  const maps = [...terms.shipped.conceptMaps];
  for (const system of systems) maps.push(...(await searchConceptMaps(terms, side, system)));
  return maps.filter(
    ({ resource }) => isScope(source, resource, 'source') && isScope(target, resource, 'target'),
  );
}

/** A value set as the map names it; the code system itself is understood too. */
function isScope(asked: string | undefined, map: ConceptMap, side: 'source' | 'target'): boolean {
  if (asked === undefined) return true;
  const { url } = parseCanonical(asked);
  const named = map[`${side}Uri`] ?? map[`${side}Canonical`];
  if (named !== undefined && parseCanonical(named).url === url) return true;
  return (map.group ?? []).some((group) => group[side] === url);
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
