import type { ResourceType } from '../../fhir/resource-type.ts';
import type { Filter } from '../../search/filter.ts';
import { compareText } from '../../search/fold-text.ts';
import type { SearchQuery, StoredResource } from '../contract/store.ts';
import { candidateOf, compileTest, resourceRow } from './compile-filter.ts';
import { conjunctsOf, rankOf } from './conjuncts.ts';
import type { Tuple } from './connection.ts';
import { compilerOf, isKnownLarge, noteLarge, type Reader } from './reader.ts';
import { glue, limitSql, type Sql, sql } from './sql.ts';

/** Two pages of the usual size: of larger sets more texts would be read than a page shows. */
const mostFew = 100;

/** A value of a string, an id or a code may be a rare one; of other tests it is not to be hoped for. */
const worstRank = 3;

/**
 * All matches of a search in the order of their ids, where one index leads to few resources: the searches that an
 * application asks most (by patient, by identifier, by id) then cost one statement. Undefined when the search asks
 * for another order or a later page, or when the index leads to many: then it has to be planned.
 */
export function fewMatches(
  reader: Reader,
  { filter, sort, after }: SearchQuery,
  type: ResourceType,
): readonly StoredResource[] | undefined {
  const typeId = reader.names.typeId(type);
  if (typeId === undefined) return [];
  if (sort.length > 0 || after !== undefined || reader.smallSet < mostFew) return undefined;
  const parts = conjunctsOf(filter, type);
  const [best] = parts.filter((part) => rankOf(part) <= worstRank).sort((a, b) => rankOf(a) - rankOf(b));
  if (!best) return undefined;
  const compiler = compilerOf(reader, mostFew);
  const { set, covers } = candidateOf(best, type, compiler);
  if (!set || isKnownLarge(reader, set, mostFew)) return undefined;
  const rest: Filter = { kind: 'and', of: parts.filter((part) => !covers.includes(part)) };
  const query = fewSql(set, typeId, compileTest(rest, resourceRow(type), compiler));
  const rows = reader.db.tuples(query.text, query.args);
  if (rows.length > mostFew) {
    noteLarge(reader, set, mostFew);
    return undefined;
  }
  return inOrder(rows, type);
}

/**
 * Every member of the set, up to one more than are few; those that do not match come without a text. The limit stands
 * outside, so that SQLite joins the set itself instead of gathering it first.
 */
function fewSql(set: Sql, typeId: number, test: Sql): Sql {
  return glue(
    sql(
      'SELECT r.id, v.version, v.last_updated, v.method, CASE WHEN +r.live = 1 AND +r.type = ? AND ',
      typeId,
    ),
    test,
    ' THEN v.text END AS text FROM (',
    set,
    `) s CROSS JOIN resource r ON r.rid = s.rid CROSS JOIN version v ON v.seq = r.seq ${limitSql(mostFew + 1)}`,
  );
}

/** A resource may stand in the set twice. */
function inOrder(rows: readonly Tuple[], type: ResourceType): readonly StoredResource[] {
  const found = new Map<unknown, StoredResource>();
  for (const [id, versionId, lastUpdated, method, text] of rows) {
    if (text !== null) found.set(id, { type, id, versionId, lastUpdated, method, text } as StoredResource);
  }
  return [...found.values()].sort((a, b) => compareText(a.id, b.id));
}
