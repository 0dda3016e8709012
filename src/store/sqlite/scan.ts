import type { ResourceType } from '../../fhir/resource-type.ts';
import { compareText } from '../../search/fold-text.ts';
import type { SortKey, SortValue } from '../../search/sort.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { Position } from '../contract/cursor.ts';
import { type Compiler, compileTest, memberSql, type Plan, resourceRow } from './compile-filter.ts';
import { numberOf, textOf } from './connection.ts';
import type { Reader } from './reader.ts';
import { afterSql, keyColumns, orderBy, sortExpression, type sortedSource } from './sort-sql.ts';
import { conjunction, glue, limitSql, type Sql, sql } from './sql.ts';

export type Found = {
  readonly type: ResourceType;
  readonly id: ResourceId;
  readonly seq: number;
  readonly values: SortValue[];
};

/** How one type is looked through for a page. */
export type Scan = {
  readonly reader: Reader;
  readonly compiler: Compiler;
  readonly type: ResourceType;
  readonly plan: Plan;
  readonly sort: readonly SortKey[];
  readonly limit: number;
  readonly after: Position | undefined;
};

/** A small set: gather it, test it, sort it. */
export function runGathered(scan: Scan, set: Sql): readonly Found[] {
  const { type, plan, sort, compiler, reader } = scan;
  const keys = sort.map((key) => sortExpression(key, type, reader.names));
  const where = conjunction([
    ...watchOf(reader),
    memberSql(set, plan.rest, type, compiler),
    ...afterOf(scan),
  ]);
  return select(
    scan,
    glue('SELECT r.id, r.seq', keyColumns(keys), ' FROM resource r WHERE ', where),
    orderBy(sort),
  );
}

/** The resources of the type in the order of their ids, or of their times; any other order is sorted. */
export function runByResource(scan: Scan, bounds: readonly Sql[] = []): readonly Found[] {
  const { type, sort, reader } = scan;
  const [first] = sort;
  const keys = sort.map((key) => sortExpression(key, type, reader.names));
  const byTime = first?.by === 'lastUpdated';
  const index = byTime ? 'resource_by_time' : 'resource_by_id';
  const from = glue('SELECT r.id, r.seq', keyColumns(keys), ` FROM resource r INDEXED BY ${index} WHERE `);
  const live = sql(byTime ? 'r.type = ? AND r.live = 1' : 'r.type = ? AND +r.live = 1', typeIdOf(scan));
  const where = conjunction([
    live,
    ...watchOf(reader),
    testOf(scan),
    ...startOf(scan),
    ...bounds,
    ...afterOf(scan),
  ]);
  const inOrder = first !== undefined && (byTime || first.by === 'id');
  return select(
    scan,
    glue(from, where),
    inOrder ? plainOrder(sort, byTime ? 'r.last_updated' : 'r.id') : orderBy(sort),
  );
}

/** A bound on the index that is walked, so that a later page starts where the one before ended. */
function startOf(scan: Scan): readonly Sql[] {
  const { sort, after, type } = scan;
  const [first] = sort;
  if (!after) return [];
  if (!first) return after.type === type ? [sql('r.id > ?', after.id)] : [];
  const value = after.values[0];
  if (value === undefined) return [];
  const beyond = first.descending ? '<=' : '>=';
  if (first.by === 'lastUpdated') return [sql(`r.last_updated ${beyond} ?`, value)];
  return first.by === 'id' ? [sql(`r.id ${beyond} ?`, value)] : [];
}

/** Walks the index of the first key; those without a value come after. */
export function runByValue(
  scan: Scan,
  source: NonNullable<ReturnType<typeof sortedSource>>,
): readonly Found[] {
  const { type, sort, reader, limit, after } = scan;
  const rest = sort.slice(1).map((key) => sortExpression(key, type, reader.names));
  const [first] = sort;
  const inMissing = after !== undefined && after.values[0] === undefined;
  const head = (k0: string) => glue('SELECT r.id, r.seq', keyColumns([sql(k0), ...rest]), ' FROM ');
  const test = [...watchOf(reader), sql('+r.live = 1'), testOf(scan), ...afterOf(scan)];
  const start = after?.values[0];
  const from =
    start === undefined ? [] : [sql(`${source.column} ${first?.descending ? '<=' : '>='} ?`, start)];
  const valued = inMissing
    ? []
    : select(
        scan,
        glue(head(source.column), `${source.from} WHERE `, conjunction([source.where, ...from, ...test])),
        plainOrder(sort, source.column),
      );
  if (valued.length >= limit) return valued;
  const ofType = sql('r.type = ?', typeIdOf(scan));
  const missing = select(
    { ...scan, limit: limit - valued.length },
    glue(
      head('NULL'),
      'resource r INDEXED BY resource_by_id WHERE ',
      conjunction([ofType, source.missing, ...test]),
    ),
    orderBy(sort.slice(1), 1),
  );
  return [...valued, ...missing];
}

/** The first key by the column of the index, so that SQLite sees that it is sorted already. */
function plainOrder(sort: readonly SortKey[], column: string): string {
  const direction = sort[0]?.descending ? 'DESC' : 'ASC';
  return `${column} ${direction}, ${orderBy(sort.slice(1), 1)}`;
}

function testOf(scan: Scan): Sql {
  return compileTest(scan.plan.rest, resourceRow(scan.type), scan.compiler);
}

export function watchOf({ watch }: Reader): readonly Sql[] {
  return watch ? [watch('r.rid')] : [];
}

function typeIdOf(scan: Scan): number {
  return scan.reader.names.typeId(scan.type) ?? -1;
}

function afterOf(scan: Scan): readonly Sql[] {
  const { after, sort, type } = scan;
  if (!after) return [];
  const order = compareText(type, after.type);
  const tie = order === 0 ? sql('r.id > ?', after.id) : sql(order > 0 ? '1' : '0');
  return [afterSql(sort, after.values, tie)];
}

function select(scan: Scan, query: Sql, order: string): readonly Found[] {
  const rows = scan.reader.db.all(`${query.text} ORDER BY ${order} ${limitSql(scan.limit)}`, query.args);
  return rows.map((row) => ({
    type: scan.type,
    id: textOf(row, 'id') as ResourceId,
    seq: numberOf(row, 'seq'),
    values: scan.sort.map((_, i) => row[`k${i}`] ?? undefined),
  }));
}
