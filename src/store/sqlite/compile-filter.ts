import type { Filter, InstantBound, ValueTest } from '../../search/filter.ts';
import type { ValueKind } from '../../search/index-values.ts';
import { compositeSql } from './composite-sql.ts';
import { conjunctsOf, rankOf } from './conjuncts.ts';
import { dateWindows } from './date-window.ts';
import type { Names } from './names.ts';
import { type AskedPerson, concernsSet, concernsSql, reachSet, reachSql } from './patient-sql.ts';
import { always, conjunction, disjunction, glue, join, negation, never, type Sql, sql } from './sql.ts';
import { oneOfTexts, valueSql } from './value-sql.ts';

/** What a filter is compiled with. */
export type Compiler = {
  readonly names: Names;
  /** Whether a set has no more rows than the limit. */
  readonly isWithin: (set: Sql, limit: number) => boolean;
  /** Up to so many resources a set is gathered; a scan in the order of the page is better than a larger one. */
  readonly smallSet: number;
  /** The same where the set is the whole filter, so that a scan meets its members as often as they are. */
  readonly smallWhole: () => number;
};

/**
 * A filter as a set of resources, gathered from one index, and what is left to test on each of them. Without a
 * set every resource of the type has to be tested.
 */
export type Plan = { readonly set: Sql | undefined; readonly rest: Filter };

const kindTables: Record<ValueKind, string> = {
  token: 'token_value',
  text: 'text_value',
  string: 'string_value',
  reference: 'reference_value',
  uri: 'uri_value',
  date: 'date_value',
  quantity: 'quantity_value',
  present: 'present_value',
  composite: 'composite_value',
};

/** Parts of an `and` that one set answers, none when it finds more; how likely it is to be small. */
type Candidate = { readonly covers: readonly Filter[]; readonly rank: number; readonly set: Sql | undefined };

/** Picks the part of an `and` that an index finds the fewest resources for; only a small set is worth gathering. */
export function planFilter(filter: Filter, type: string, compiler: Compiler): Plan {
  const parts = conjunctsOf(filter, type);
  const windows = dateWindows(parts, type, compiler.names);
  const single = parts.filter((part) => !windows.some(({ covers }) => covers.includes(part)));
  const candidates: readonly Candidate[] = [
    ...single.map((part) => candidateOf(part, type, compiler)),
    ...windows.map((window) => ({ ...window, rank: 4 })),
  ].sort((a, b) => a.rank - b.rank);
  const most = parts.length === 1 ? compiler.smallWhole() : compiler.smallSet;
  for (const limit of candidates.length === 1 ? [most] : [Math.min(200, most), most]) {
    for (const { covers, set } of candidates) {
      if (set === undefined || !compiler.isWithin(set, limit)) continue;
      return { set, rest: { kind: 'and', of: parts.filter((other) => !covers.includes(other)) } };
    }
  }
  return { set: undefined, rest: filter };
}

export function candidateOf(part: Filter, type: string, compiler: Compiler): Candidate {
  const rank = rankOf(part);
  const set = compileSet(part, type, compiler);
  if (set !== undefined) return { covers: [part], rank, set };
  return { covers: [], rank, set: compileWiderSet(part, type, compiler) };
}

/** `SELECT rid …` of resources among which are all that match; undefined when no index gives them. */
function compileWiderSet(filter: Filter, type: string, { names }: Compiler): Sql | undefined {
  if (filter.kind === 'concerns') return concernsSet(type, filter.anyOf, names);
  return filter.kind === 'reach' ? reachSet(type, filter.anyOf, names) : undefined;
}

/** `SELECT rid …` of the resources that match exactly, some perhaps twice; undefined when no index gives them. */
export function compileSet(filter: Filter, type: string, compiler: Compiler): Sql | undefined {
  switch (filter.kind) {
    case 'id': {
      const typeId = sql('type = ?', compiler.names.typeId(type) ?? -1);
      return glue(
        'SELECT rid FROM resource WHERE ',
        typeId,
        ' AND live = 1 AND ',
        oneOfTexts('id', filter.anyOf),
      );
    }
    case 'lastUpdated': {
      const typeId = sql('type = ?', compiler.names.typeId(type) ?? -1);
      const bounds = boundsSql(filter.bounds, 'last_updated');
      return glue('SELECT rid FROM resource WHERE ', typeId, ' AND live = 1 AND ', bounds);
    }
    case 'value':
      return valueSet(filter.param, filter.test, type, compiler);
    case 'or':
      return unionSet(filter.of, type, compiler);
    case 'and':
      return compileMatching(filter, type, compiler);
    case 'chain': {
      const param = compiler.names.paramId(type, filter.param);
      const targets = compileMatching(filter.of, filter.type, compiler);
      if (param === undefined || targets === undefined) return undefined;
      const from = glue('SELECT x.rid FROM (', targets, ') d CROSS JOIN reference_value x ');
      return glue(from, sql('ON x.target = d.rid AND x.param = ?', param));
    }
    case 'has': {
      const param = compiler.names.paramId(filter.type, filter.param);
      const sources = compileMatching(filter.of, filter.type, compiler);
      if (param === undefined || sources === undefined) return undefined;
      const from = glue('SELECT x.target AS rid FROM (', sources, ') d CROSS JOIN reference_value x ');
      return glue(from, sql('ON x.rid = d.rid AND x.param = ?', param));
    }
    case 'concerns':
    case 'reach':
    case 'type':
    case 'not':
    case 'present':
      return undefined;
  }
}

/** The live resources of the type that match, when a small set leads to them. */
function compileMatching(filter: Filter, type: string, compiler: Compiler): Sql | undefined {
  const { set, rest } = planFilter(filter, type, compiler);
  return set && glue('SELECT r.rid FROM resource r WHERE ', memberSql(set, rest, type, compiler));
}

/** Conditions on `r`: in the set, of the type, live, and passing what is left. */
export function memberSql(set: Sql, rest: Filter, type: string, compiler: Compiler): Sql {
  const ofType = sql(' AND +r.type = ? AND +r.live = 1', compiler.names.typeId(type) ?? -1);
  const test = compileTest(rest, resourceRow(type), compiler);
  return glue('r.rid IN (', set, ')', ofType, ' AND ', test);
}

function unionSet(filters: readonly Filter[], type: string, compiler: Compiler): Sql | undefined {
  const sets = filters.map(
    (part) => compileSet(part, type, compiler) ?? compileMatching(part, type, compiler),
  );
  const known = sets.filter((set) => set !== undefined);
  return known.length === 0 || known.length < sets.length ? undefined : selectAll(known);
}

/** SQLite joins at most 500 SELECTs. */
const mostUnited = 100;

/** Each part is wrapped, since a part may itself be a compound SELECT; many are united in groups. */
function selectAll(sets: readonly Sql[]): Sql {
  const wrapped = sets.map((set) => glue('SELECT rid FROM (', set, ')'));
  if (wrapped.length <= mostUnited) return join(wrapped, ' UNION ALL ');
  const half = Math.ceil(sets.length / 2);
  // A limit keeps SQLite from drawing the inner SELECTs into the outer one.
  const group = (part: readonly Sql[]) => glue(selectAll(part), ' LIMIT -1');
  return selectAll([group(sets.slice(0, half)), group(sets.slice(half))]);
}

const noRows = sql('SELECT rid FROM resource WHERE 0');

function valueSet(code: string, test: ValueTest, type: string, compiler: Compiler): Sql | undefined {
  const param = compiler.names.paramId(type, code);
  if (param === undefined) return noRows;
  if (test.kind === 'composite') {
    const first = test.parts[0];
    if (first?.kind !== 'token' || first.anyOf.some((pattern) => pattern.code === undefined))
      return undefined;
    return glue(
      'SELECT c0.rid FROM ',
      compositeSql(test.parts, compiler.names),
      sql(' AND c0.param = ?', param),
    );
  }
  const { table, index, anyOf } = valueSql(test, compiler.names, 'set');
  if (isTypeOnly(test)) return undefined;
  const from = `SELECT t.rid FROM ${table} t INDEXED BY ${index} WHERE `;
  const sets = anyOf
    .filter((part) => part !== never)
    .map((part) => glue(from, sql('t.param = ? AND ', param), part));
  const only = sets.length === 1 ? sets[0] : undefined;
  return sets.length === 0 ? noRows : (only ?? selectAll(sets));
}

/** Only the index by target id can gather references. */
function isTypeOnly(test: ValueTest): boolean {
  return test.kind === 'reference' && test.anyOf.some(({ id }) => id === undefined);
}

/** Which resource a test is about: the SQL of its rid and of whom it concerns, its type, and how deep in chains it stands. */
type Place = {
  readonly type: string;
  readonly rid: string;
  readonly patient: string;
  readonly depth: number;
  /** Beside which the one person stands whom the search asks for. */
  readonly person?: AskedPerson | undefined;
};

/** The row `r` of the resource that is searched for. */
export function resourceRow(type: string, person?: AskedPerson): Place {
  return { type, rid: 'r.rid', patient: 'r.patient', depth: 0, person };
}

/** A condition on one resource. */
export function compileTest(filter: Filter, place: Place, compiler: Compiler): Sql {
  switch (filter.kind) {
    case 'and':
      return conjunction(filter.of.map((part) => compileTest(part, place, compiler)));
    case 'or':
      return disjunction(filter.of.map((part) => compileTest(part, place, compiler)));
    case 'not':
      return negation(compileTest(filter.of, place, compiler));
    case 'id':
      return existsResource(place, oneOfTexts('+i.id', filter.anyOf));
    case 'type':
      return filter.anyOf.includes(place.type) ? always : never;
    case 'concerns':
      return concernsSql(place.patient, filter.anyOf, compiler.names);
    case 'reach':
      return reachSql(place.patient, filter, compiler.names, place.person);
    case 'lastUpdated':
      return existsResource(place, boundsSql(filter.bounds, '+i.last_updated'));
    case 'value':
      return valueTest(filter.param, filter.test, place, compiler);
    case 'present':
      return disjunction(
        filter.kinds.map((kind) => presentTest(kindTables[kind], filter.param, place, compiler)),
      );
    case 'chain':
      return chainTest(filter, place, compiler);
    case 'has':
      return hasTest(filter, place, compiler);
  }
}

function existsResource(place: Place, condition: Sql): Sql {
  return glue(`EXISTS (SELECT 1 FROM resource i WHERE i.rid = ${place.rid} AND `, condition, ')');
}

function valueTest(code: string, test: ValueTest, place: Place, compiler: Compiler): Sql {
  const param = compiler.names.paramId(place.type, code);
  if (param === undefined) return never;
  if (test.kind === 'composite') {
    const rows = compositeSql(test.parts, compiler.names);
    const own = sql(` AND c0.rid = ${place.rid} AND c0.param = ?`, param);
    return glue('EXISTS (SELECT 1 FROM ', rows, own, ')');
  }
  const { table, anyOf } = valueSql(test, compiler.names, 'test');
  const own = sql(`t.rid = ${place.rid} AND t.param = ? AND `, param);
  return glue(`EXISTS (SELECT 1 FROM ${table} t WHERE `, own, disjunction(anyOf), ')');
}

function presentTest(table: string, code: string, place: Place, compiler: Compiler): Sql {
  const param = compiler.names.paramId(place.type, code);
  if (param === undefined) return never;
  return glue(
    `EXISTS (SELECT 1 FROM ${table} t WHERE `,
    sql(`t.rid = ${place.rid} AND t.param = ?`, param),
    ')',
  );
}

function chainTest(filter: Filter & { kind: 'chain' }, place: Place, compiler: Compiler): Sql {
  const param = compiler.names.paramId(place.type, filter.param);
  const target = compiler.names.typeId(filter.type);
  if (param === undefined || target === undefined) return never;
  const [x, y] = [`x${place.depth}`, `y${place.depth}`];
  const inner = compileTest(
    filter.of,
    { type: filter.type, rid: `${y}.rid`, patient: `${y}.patient`, depth: place.depth + 1 },
    compiler,
  );
  const from = `EXISTS (SELECT 1 FROM reference_value ${x} CROSS JOIN resource ${y} ON ${y}.rid = ${x}.target`;
  const own = sql(` WHERE ${x}.rid = ${place.rid} AND ${x}.param = ? AND +${y}.type = ?`, param, target);
  return glue(from, own, ` AND +${y}.live = 1 AND `, inner, ')');
}

function hasTest(filter: Filter & { kind: 'has' }, place: Place, compiler: Compiler): Sql {
  const param = compiler.names.paramId(filter.type, filter.param);
  if (param === undefined) return never;
  const x = `x${place.depth}`;
  const patient = `(SELECT patient FROM resource WHERE rid = ${x}.rid)`;
  const inner = compileTest(
    filter.of,
    { type: filter.type, rid: `${x}.rid`, patient, depth: place.depth + 1 },
    compiler,
  );
  const from = `EXISTS (SELECT 1 FROM reference_value ${x}`;
  return glue(from, sql(` WHERE ${x}.target = ${place.rid} AND ${x}.param = ? AND `, param), inner, ')');
}

function boundsSql(bounds: readonly InstantBound[], column: string): Sql {
  return conjunction(bounds.map(({ is, at }) => sql(`${column} ${is} ?`, at)));
}
