import type { ValueSet, ValueSetExpansionParameter } from 'fhir/r4.js';
import { type ExpansionQuery, pageOfMembers } from '../../fhir/terminology/expand-value-set.ts';
import type { Members } from '../../fhir/terminology/value-set-members.ts';
import { formatInstant } from '../../values/instant.ts';
import type { OperationCall } from '../operation.ts';
import { type InputKinds, type Inputs, readInputs } from './operation-inputs.ts';
import { cannotExpand, requireMembers } from './require-members.ts';
import { type Terms, termSource } from './stored-terminology.ts';
import { valueSetAsked } from './validate-code.ts';

/** More codes than this go out in pages only. */
const maxPage = 5000;

const kinds: InputKinds = {
  url: 'text',
  valueSet: 'resource',
  valueSetVersion: 'text',
  context: 'unsupported',
  contextDirection: 'unsupported',
  filter: 'text',
  date: 'text',
  offset: 'integer',
  count: 'integer',
  includeDesignations: 'boolean',
  designation: 'texts',
  includeDefinition: 'boolean',
  activeOnly: 'boolean',
  // The expansion is a flat list of single codes anyway.
  excludeNested: 'boolean',
  excludePostCoordinated: 'boolean',
  excludeNotForUI: 'boolean',
  displayLanguage: 'text',
  'exclude-system': 'unsupported',
  'system-version': 'unsupported',
  'check-system-version': 'unsupported',
  'force-system-version': 'unsupported',
};

/** The parameters that `$expand` acts on. */
export const expansionParameters: readonly string[] = Object.keys(kinds).filter(
  (name) => kinds[name] !== 'unsupported',
);

/** R4 ValueSet/$expand: the codes of a value set. */
export async function expand(terms: Terms, call: OperationCall): Promise<object> {
  const inputs = readInputs(call, kinds);
  const valueSet = await valueSetAsked(terms, call, inputs, termSource(terms));
  const members = requireMembers(valueSet);
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
  const count = inputs.count('count');
  const language = inputs.text('displayLanguage');
  const designations = inputs.texts('designation');
  return {
    ...(filter !== undefined && { filter }),
    ...(count !== undefined && { count }),
    ...(language !== undefined && { language }),
    offset: inputs.count('offset') ?? 0,
    activeOnly: inputs.flag('activeOnly'),
    selectableOnly: inputs.flag('excludeNotForUI'),
    includeDesignations: inputs.flag('includeDesignations') || designations.length > 0,
    designations,
  };
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
