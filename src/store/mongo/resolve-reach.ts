import type { VersionFilter } from '../../search/filter.ts';
import { isBorneByOne } from '../../search/reach.ts';
import type { HistoryQuery } from '../contract/store.ts';
import { idOf } from './documents.ts';
import { type Reader, readOptions } from './reader.ts';
import { requireMarksSettled } from './require-settled.ts';

/**
 * The same history, asked by whom its versions concern instead of by their marks, where few bear these: so the versions
 * of a small clinic are found without walking along those of all.
 */
export async function resolveReach(reader: Reader, query: HistoryQuery): Promise<HistoryQuery> {
  const marks = query.only ? marksIn(query.only) : [];
  if (!query.only || marks.length === 0 || reader.smallSet < 0) return query;
  await requireMarksSettled(reader, marks);
  const options = { ...readOptions(reader), projection: { marks: 1 }, limit: reader.smallSet + 1 };
  const found = await reader.persons.find({ marks: { $in: [...marks] } }, options).toArray();
  if (found.length > reader.smallSet) return query;
  const bearing = (mark: string) =>
    found.filter((one) => one.marks?.includes(mark)).map(({ _id }) => idOf(_id));
  return { ...query, only: byPersons(query.only, bearing) };
}

function marksIn(filter: VersionFilter): readonly string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.flatMap(marksIn);
    case 'not':
      return marksIn(filter.of);
    case 'reach':
      return filter.anyOf.filter((mark) => !isBorneByOne(mark));
    default:
      return [];
  }
}

function byPersons(filter: VersionFilter, bearing: (mark: string) => readonly string[]): VersionFilter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, of: filter.of.map((part) => byPersons(part, bearing)) };
    case 'not':
      return { kind: 'not', of: byPersons(filter.of, bearing) };
    case 'reach': {
      // What one alone bears is not told by who is among those whom a version concerns.
      const byOne = filter.anyOf.filter(isBorneByOne);
      const marks = filter.anyOf.filter((mark) => !isBorneByOne(mark));
      const of: VersionFilter[] = marks.map((mark) => ({ kind: 'concerns', anyOf: bearing(mark) }));
      if (byOne.length > 0) of.push({ kind: 'reach', anyOf: byOne });
      return of.length > 0 ? { kind: 'or', of } : { kind: 'concerns', anyOf: [] };
    }
    default:
      return filter;
  }
}
