import type { Document } from 'mongodb';
import type { SortKey, SortValue } from '../../search/sort.ts';
import { idOf, type ResourceDocument } from './documents.ts';
import { keyOf, spanOf } from './value-keys.ts';

/** How a page in the order of values is drawn: the values as k0, k1, …; m0, m1, … is 1 where there is none. */
export type SortStages = {
  readonly draw: readonly Document[];
  readonly keep: Document;
  readonly order: Document;
};

export function sortStages(sort: readonly SortKey[]): SortStages {
  const values: Document = {};
  const missing: Document = {};
  const order: Document = {};
  for (const [i, key] of sort.entries()) {
    const direction = key.descending ? -1 : 1;
    if (key.by === 'id' || key.by === 'lastUpdated') {
      order[key.by === 'id' ? '_id' : 'lastUpdated'] = direction;
      continue;
    }
    values[`k${i}`] = drawn(key);
    missing[`m${i}`] = { $cond: [{ $eq: [`$k${i}`, null] }, 1, 0] };
    order[`m${i}`] = 1;
    order[`k${i}`] = direction;
  }
  if (!('_id' in order)) order['_id'] = 1;
  const drawnNames = [...Object.keys(values), ...Object.keys(missing)];
  return {
    draw: drawnNames.length === 0 ? [] : [{ $set: values }, { $set: missing }],
    keep: { lastUpdated: 1, ...Object.fromEntries(drawnNames.map((name) => [name, 1])) },
    order,
  };
}

/** The least value for an ascending key, the greatest for a descending one; null where there is none. */
function drawn(key: SortKey): Document {
  const least = key.descending ? '$max' : '$min';
  const start = keyStart(key);
  if (start !== undefined) return { [least]: { $filter: { input: '$keys', cond: startsWith(start) } } };
  const names =
    key.by === 'date'
      ? [spanOf.shortDate(key.param), spanOf.longDate(key.param)]
      : [spanOf.quantity(key.param)];
  const spans = { $filter: { input: '$spans', cond: { $in: ['$$this.p', names] } } };
  return { [least]: { $map: { input: spans, in: key.descending ? '$$this.high' : '$$this.low' } } };
}

/** `start` ends with '=', and '>' is the next character. */
function startsWith(start: string): Document {
  return { $and: [{ $gte: ['$$this', start] }, { $lt: ['$$this', `${start.slice(0, -1)}>`] }] };
}

/** What the keys begin with that hold the values of the sort key; undefined for what lies in `spans`. */
export function keyStart({ by, param }: SortKey): string | undefined {
  switch (by) {
    case 'token':
      return keyOf.tokenCode(param, '');
    case 'string':
      return keyOf.string(param, '');
    case 'reference':
      return keyOf.referenceTo(param, '');
    case 'uri':
      return keyOf.uri(param, '');
    default:
      return undefined;
  }
}

export function sortValuesOf(
  sort: readonly SortKey[],
  document: ResourceDocument & Document,
): readonly SortValue[] {
  return sort.map((key, i) => {
    if (key.by === 'id') return idOf(document._id);
    if (key.by === 'lastUpdated') return document.lastUpdated;
    const value: unknown = document[`k${i}`];
    if (typeof value === 'string') return value.slice(keyStart(key)?.length ?? 0);
    return typeof value === 'number' ? value : undefined;
  });
}
