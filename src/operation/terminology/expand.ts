import type { ValueSet, ValueSetExpansionParameter } from 'fhir/r4.js';
import { Problem } from '../../fhir/problem.ts';
import { type ExpansionQuery, pageOfMembers, wordsOf } from '../../fhir/terminology/expand-value-set.ts';
import type { Members } from '../../fhir/terminology/members.ts';
import { formatInstant } from '../../values/instant.ts';
import type { Inputs } from '../inputs.ts';
import type { OperationCall } from '../operation.ts';
import { input, type OperationParameter, output, unsupported } from '../operation-parameter.ts';
import { date, displayLanguage } from './code-parameters.ts';
import { cannotExpand, requireMembers } from './require-members.ts';
import { type Terms, termSource } from './stored-terminology.ts';
import { valueSetAsked } from './validate-code.ts';

/** More codes than this go out in pages only. */
const maxPage = 5000;

export const expandParameters: readonly OperationParameter[] = [
  input('url', 'uri', 'Canonical URL of the value set; on the type, one of url and valueSet is needed'),
  input('valueSet', 'ValueSet', 'The value set itself'),
  input('valueSetVersion', 'string', 'The version of the value set that url names'),
  unsupported('context', 'uri'),
  unsupported('contextDirection', 'code'),
  input('filter', 'string', 'Only codes whose display has this text'),
  date,
  input('offset', 'integer', 'How many codes the page leaves out at the beginning'),
  input('count', 'integer', 'How many codes the page has at most'),
  input('includeDesignations', 'boolean', 'Whether other names of the codes are answered'),
  input('designation', 'string', 'Which designations are answered, by use or language', { max: '*' }),
  input('includeDefinition', 'boolean', 'Whether the definition of the value set is answered too'),
  input('activeOnly', 'boolean', 'Whether inactive codes are left out'),
  input('excludeNested', 'boolean', 'Without effect: an expansion is a flat list'),
  input('excludePostCoordinated', 'boolean', 'Without effect: an expansion has single codes only'),
  input('excludeNotForUI', 'boolean', 'Whether codes that nobody may choose are left out'),
  displayLanguage,
  unsupported('exclude-system', 'canonical'),
  unsupported('system-version', 'canonical'),
  unsupported('check-system-version', 'canonical'),
  unsupported('force-system-version', 'canonical'),
  output('return', 'ValueSet', 'The value set with its expansion', { min: 1 }),
];

/** The parameters that `$expand` acts on. */
export const expansionParameters: readonly string[] = expandParameters
  .filter(({ use, supported }) => use === 'in' && supported !== false)
  .map(({ name }) => name);

/** R4 ValueSet/$expand: the codes of a value set. */
export async function expand(terms: Terms, call: OperationCall): Promise<object> {
  const { inputs } = call;
  const valueSet = await valueSetAsked(terms, call, inputs, termSource(terms));
  const members = await requireMembers(valueSet, terms.ctx.pace);
  const query = queryOf(inputs);
  const { total, contains } = pageOfMembers(members, query);
  if (contains.length > maxPage) {
    const text = `The expansion has ${total} codes; ask for pages of at most ${maxPage} with count and offset, or for fewer with filter`;
    throw cannotExpand({ kind: 'too-costly', text });
  }
  const paged = inputs.has('count') || inputs.has('offset');
  const parameter = [...echo(inputs), ...usedVersions(members)];
  return {
    ...headOf(valueSet.resource, inputs.flag('includeDefinition')),
    expansion: {
      identifier: `urn:uuid:${terms.ctx.newId()}`,
      timestamp: formatInstant(terms.ctx.clock.now()),
      total,
      ...(paged && { offset: query.offset }),
      ...(parameter.length > 0 && { parameter }),
      ...(contains.length > 0 && { contains }),
    },
  };
}

function queryOf(inputs: Inputs): ExpansionQuery {
  const filter = inputs.text('filter');
  requireFewWords(filter, inputs);
  const count = inputs.count('count');
  const language = inputs.text('displayLanguage');
  const designations = new Set(inputs.texts('designation'));
  return {
    ...(filter !== undefined && { filter }),
    ...(count !== undefined && { count }),
    ...(language !== undefined && { language }),
    offset: inputs.count('offset') ?? 0,
    activeOnly: inputs.flag('activeOnly'),
    selectableOnly: inputs.flag('excludeNotForUI'),
    includeDesignations: inputs.flag('includeDesignations') || designations.size > 0,
    designations,
  };
}

/** As many as of a search by text. */
const maxWords = 50;

function requireFewWords(filter: string | undefined, inputs: Inputs): void {
  if (wordsOf(filter).length <= maxWords) return;
  throw new Problem('invalid-parameter', `The filter has more than ${maxWords} words`, {
    expression: inputs.place('filter'),
  });
}

function headOf({ expansion: _, compose, text: __, ...head }: ValueSet, withDefinition: boolean): object {
  return { ...head, ...(withDefinition && compose && { compose }) };
}

/** What the client asked for, as R4 has the expansion tell it. */
function echo(inputs: Inputs): readonly ValueSetExpansionParameter[] {
  const texts = ['filter', 'displayLanguage'].flatMap((name) => {
    const valueString = inputs.text(name);
    return valueString === undefined ? [] : [{ name, valueString }];
  });
  const numbers = ['offset', 'count'].flatMap((name) => {
    const valueInteger = inputs.count(name);
    return valueInteger === undefined ? [] : [{ name, valueInteger }];
  });
  const flags = ['activeOnly', 'includeDesignations', 'includeDefinition', 'excludeNotForUI']
    .filter(inputs.has)
    .map((name) => ({ name, valueBoolean: inputs.flag(name) }));
  return [...texts, ...numbers, ...flags];
}

function usedVersions(members: Members): readonly ValueSetExpansionParameter[] {
  const used = new Set<string>();
  for (const { system, version } of members.values())
    if (version !== undefined) used.add(`${system}|${version}`);
  return [...used].map((valueUri) => ({ name: 'version', valueUri }));
}
