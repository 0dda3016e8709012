import type { ResourceType } from '../../fhir/resource-type.ts';
import { type Filter, isEverything } from '../../search/filter.ts';
import type { AuditPage, AuditQuery } from '../contract/audit.ts';
import type {
  SnapshotDeletesPage,
  SnapshotDeletesQuery,
  SnapshotPage,
  SnapshotQuery,
} from '../contract/snapshot.ts';
import type { HistoryPage, HistoryQuery, SearchPage, SearchQuery } from '../contract/store.ts';
import { countMatches, countWithin } from './count.ts';
import { countVersions, historyPage } from './history.ts';
import { snapshotDeletes, snapshotPage } from './read-snapshot.ts';
import { TooLongError } from './read-versions.ts';
import type { Reader } from './reader.ts';
import { fewIn, pageOfNext, pageWithin, searchPage } from './search.ts';
import { auditPage } from './search-audit.ts';

/** A read that may look at many rows. It travels to a reader thread, so it is plain data. */
export type ReadOp =
  | { readonly kind: 'search'; readonly query: SearchQuery }
  | { readonly kind: 'count'; readonly types: readonly ResourceType[]; readonly filter: Filter }
  | { readonly kind: 'history'; readonly query: HistoryQuery }
  | { readonly kind: 'count-history'; readonly query: HistoryQuery }
  | { readonly kind: 'audit'; readonly query: AuditQuery }
  | { readonly kind: 'snapshot'; readonly query: SnapshotQuery }
  | { readonly kind: 'snapshot-deletes'; readonly query: SnapshotDeletesQuery };

export type ReadResult<Op extends ReadOp> = Op extends { readonly kind: 'search' }
  ? SearchPage
  : Op extends { readonly kind: 'history' }
    ? HistoryPage
    : Op extends { readonly kind: 'audit' }
      ? AuditPage
      : Op extends { readonly kind: 'snapshot' }
        ? SnapshotPage
        : Op extends { readonly kind: 'snapshot-deletes' }
          ? SnapshotDeletesPage
          : number;

export function runReadOp(reader: Reader, op: ReadOp): ReadResult<ReadOp> {
  switch (op.kind) {
    case 'search':
      return searchPage(reader, op.query);
    case 'count':
      return countMatches(reader, op.types, op.filter);
    case 'history':
      return historyPage(reader, op.query);
    case 'count-history':
      return countVersions(reader, op.query);
    case 'audit':
      return auditPage(reader, op.query);
    case 'snapshot':
      return snapshotPage(reader, op.query);
    case 'snapshot-deletes':
      return snapshotDeletes(reader, op.query);
  }
}

/**
 * The answer of a read that looks at no more rows than a page has, or at few, and whose texts are not long; undefined when
 * that is not sure.
 */
export function readAtOnce<Op extends ReadOp>(reader: Reader, op: Op): ReadResult<Op> | undefined {
  try {
    return atOnce(reader, op) as ReadResult<Op> | undefined;
  } catch (thrown) {
    if (thrown instanceof TooLongError) return undefined;
    throw thrown;
  }
}

function atOnce(reader: Reader, op: ReadOp): ReadResult<ReadOp> | undefined {
  switch (op.kind) {
    case 'search':
      return searchAtOnce(reader, op.query);
    case 'count':
      return countWithin(reader, op.types, op.filter, mostAtOnce);
    case 'history':
      return isOfOne(op.query) || isWhole(op.query) ? historyPage(reader, op.query) : undefined;
    case 'count-history':
      return isOfOne(op.query) ? countVersions(reader, op.query) : undefined;
    case 'audit':
    case 'snapshot':
    case 'snapshot-deletes':
      return undefined;
  }
}

/** To look at so many takes a few milliseconds; a trip to a thread costs more than to look at a few. */
const mostAtOnce = 1000;

/** What one in so many resources matches fills a page from the next few. */
const oneInSo = 10;
/** Each of them may be held against so many values. */
const mostTests = 4;

function searchAtOnce(reader: Reader, query: SearchQuery): SearchPage | undefined {
  if (walksAnIndex(query)) return searchPage(reader, query);
  const few = fewIn(reader, query) ?? pageWithin(reader, query, mostAtOnce);
  if (few || testsOfOwn(query.filter) > mostTests) return few;
  return pageOfNext(reader, query, Math.min(mostAtOnce, oneInSo * (query.count + 1)));
}

/** How many look-ups in its own index values test a resource; no bound is known where others are looked into. */
function testsOfOwn(filter: Filter): number {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.reduce((sum, part) => sum + testsOfOwn(part), 0);
    case 'not':
      return testsOfOwn(filter.of);
    case 'id':
    case 'type':
    case 'lastUpdated':
    case 'present':
    case 'concerns':
    case 'reach':
      return 1;
    case 'value':
      return 'anyOf' in filter.test ? filter.test.anyOf.length : 1;
    case 'chain':
    case 'has':
      return Number.POSITIVE_INFINITY;
  }
}

/** Every resource is on the page that comes next in an order that an index has. */
function walksAnIndex({ filter, sort }: SearchQuery): boolean {
  return isEverything(filter) && (sort.length === 0 || (sort.length === 1 && sort[0]?.by === 'lastUpdated'));
}

function isOfOne({ id }: HistoryQuery): boolean {
  return id !== undefined;
}

function isWhole({ only, since, at }: HistoryQuery): boolean {
  return only === undefined && since === undefined && at === undefined;
}
