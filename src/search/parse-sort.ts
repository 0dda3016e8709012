import type { ResourceType } from '../fhir/resource-type.ts';
import { ValueFault } from './parse-value.ts';
import type { SearchParamType } from './search-params.ts';
import type { SearchContext } from './search-request.ts';
import type { SortKey, SortKind } from './sort.ts';

const kinds: Readonly<Record<SearchParamType, SortKind | undefined>> = {
  token: 'token',
  string: 'string',
  reference: 'reference',
  date: 'date',
  number: 'quantity',
  quantity: 'quantity',
  uri: 'uri',
  composite: undefined,
  special: undefined,
};

/** Each key is a look-up for each match. */
const maxKeys = 10;

/** `_sort=-date,_id` (R4 search.html#sort); every type searched must have the parameter. */
export function parseSort(
  value: string,
  types: readonly ResourceType[],
  context: SearchContext,
): readonly SortKey[] {
  const texts = value.split(',');
  if (texts.length > maxKeys) throw new ValueFault(`has ${texts.length} keys; at most ${maxKeys} are taken`);
  return texts.map((text) => {
    const descending = text.startsWith('-');
    const param = descending ? text.slice(1) : text;
    return { param, by: kindOf(param, types, context), descending };
  });
}

function kindOf(param: string, types: readonly ResourceType[], { params }: SearchContext): SortKind {
  if (param === '_id') return 'id';
  if (param === '_lastUpdated') return 'lastUpdated';
  const [first, ...others] = types.map((type) => {
    const known = params.get(type)?.get(param);
    return known && known.expression !== '' ? kinds[known.type] : undefined;
  });
  if (first && others.every((kind) => kind === first)) return first;
  throw new ValueFault(
    `is by "${param}", which is no parameter that ${types.slice(0, 3).join(', ')} can be sorted by`,
  );
}
