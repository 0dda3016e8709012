import type { ResourceType } from '../../fhir/resource-type.ts';
import { compareText } from '../../search/fold-text.ts';
import type { SortKey, SortValue } from '../../search/sort.ts';
import type { Position } from '../contract/cursor.ts';
import { allOfQueries, anyOfQueries, type Query } from './query.ts';
import { keyStart } from './sort-stages.ts';

/** Resources of the type that come behind the position: by the keys one after the other, ties by type and id. */
export function afterQuery(type: ResourceType, sort: readonly SortKey[], after: Position): Query {
  const order = compareText(type, after.type);
  const tie: Query = order === 0 ? { _id: { $gt: `${type}/${after.id}` } } : order > 0 ? 'all' : 'none';
  return sort.reduceRight<Query>((behind, key, i) => {
    const { beyond, equal } = atKey(type, key, i, after.values[i]);
    return anyOfQueries([beyond, allOfQueries([equal, behind])]);
  }, tie);
}

function atKey(type: ResourceType, key: SortKey, i: number, value: SortValue) {
  const operator = key.descending ? '$lt' : '$gt';
  if (key.by === 'id' || key.by === 'lastUpdated') {
    const path = key.by === 'id' ? '_id' : 'lastUpdated';
    const bound = key.by === 'id' ? `${type}/${value}` : value;
    return { beyond: { [path]: { [operator]: bound } }, equal: { [path]: bound } };
  }
  const path = `k${i}`;
  const missing = { [path]: null };
  if (value === undefined) return { beyond: 'none' as const, equal: missing };
  const bound = typeof value === 'string' ? `${keyStart(key) ?? ''}${value}` : value;
  return { beyond: { $or: [{ [path]: { [operator]: bound } }, missing] }, equal: { [path]: bound } };
}
