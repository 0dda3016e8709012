import type {
  DateBound,
  NumberBound,
  ReferencePattern,
  TokenPattern,
  ValueTest,
} from '../../search/filter.ts';
import { foldText } from '../../search/fold-text.ts';
import { impliedSystem } from '../../search/index-values.ts';
import type { Names } from './names.ts';
import { afterPrefix, always, conjunction, glue, never, type Sql, sql } from './sql.ts';

/**
 * Where a value test looks: a table under the name `t`, and conditions of which one must hold on one row. To
 * gather a set the index by value is wanted; to test one resource it is not, and a '+' before a column keeps
 * SQLite from it.
 */
export type ValueSql = { readonly table: string; readonly index: string; readonly anyOf: readonly Sql[] };

export type Purpose = 'set' | 'test';

type Column = (name: string) => string;

export function valueSql(
  test: Exclude<ValueTest, { kind: 'composite' }>,
  names: Names,
  purpose: Purpose,
): ValueSql {
  const column: Column = (name) => (purpose === 'set' ? `t.${name}` : `+t.${name}`);
  switch (test.kind) {
    case 'token':
      return { table: 'token_value', index: 'token_by_code', anyOf: tokenSql(test.anyOf, names, column) };
    case 'text':
      return { table: 'text_value', index: 'text_by_phrase', anyOf: [phraseSql(test.prefix, column)] };
    case 'string':
      return { table: 'string_value', index: 'string_by_text', anyOf: [stringSql(test, column)] };
    case 'reference':
      return {
        table: 'reference_value',
        index: 'reference_by_target',
        anyOf: referenceSql(test.anyOf, names, column),
      };
    case 'uri':
      return { table: 'uri_value', index: 'uri_by_text', anyOf: uriSql(test, column) };
    case 'date':
      return dateSql(test.bounds, column);
    case 'quantity': {
      const unit = test.unit ? unitSql(test.unit, names) : always;
      return quantitySql(test.bounds, unit, column);
    }
  }
}

function tokenSql(patterns: readonly TokenPattern[], names: Names, column: Column): readonly Sql[] {
  const codesOf = new Map<string | undefined, string[]>();
  const found: Sql[] = [];
  for (const { system, code } of patterns) {
    if (code === undefined) found.push(wholeSystemSql(system, names, column));
    else codesOf.set(system, [...(codesOf.get(system) ?? []), code]);
  }
  for (const [system, codes] of codesOf) {
    found.push(conjunction([oneOfTexts(column('code'), codes), systemSql(system, names, column)]));
  }
  return found;
}

function wholeSystemSql(system: string | undefined, names: Names, column: Column): Sql {
  if (system === undefined) return always;
  const id = names.systemId(system);
  return id === undefined ? never : sql(`${column('system')} = ?`, id);
}

function systemSql(system: string | undefined, names: Names, column: Column): Sql {
  if (system === undefined) return always;
  const implied = names.systemId(impliedSystem) ?? 0;
  return sql(`${column('system')} IN (?, ?)`, names.systemId(system) ?? implied, implied);
}

/** One text, or a list of any length in one statement. */
export function oneOfTexts(column: string, texts: readonly string[]): Sql {
  const only = texts.length === 1 ? texts[0] : undefined;
  if (only !== undefined) return sql(`${column} = ?`, only);
  return sql(`${column} IN (SELECT value FROM json_each(?))`, JSON.stringify(texts));
}

function phraseSql(prefix: string, column: Column): Sql {
  return glue(`${column('phrase')} IN (SELECT id FROM phrase WHERE `, prefixSql('folded', prefix), ')');
}

function stringSql(test: ValueTest & { kind: 'string' }, column: Column): Sql {
  switch (test.match) {
    case 'prefix':
      return prefixSql(column('folded'), test.text);
    case 'substring':
      return sql('instr(t.folded, ?) > 0', test.text);
    case 'suffix':
      return endsWith('t.folded', test.text);
    case 'whole':
      return sql(`${column('folded')} = ?`, test.text);
    case 'exact':
      return sql(`${column('folded')} = ? AND t.original = ?`, foldText(test.text), test.text);
  }
}

/** SQLite's substr from place -0 is the whole text, so an empty end is asked for otherwise. */
export function endsWith(column: string, text: string): Sql {
  return text === '' ? always : sql(`substr(${column}, -length(?)) = ?`, text, text);
}

function prefixSql(column: string, prefix: string): Sql {
  const after = afterPrefix(prefix);
  if (after === undefined) return sql(`${column} >= ?`, prefix);
  return sql(`${column} >= ? AND ${column} < ?`, prefix, after);
}

function referenceSql(patterns: readonly ReferencePattern[], names: Names, column: Column): readonly Sql[] {
  const idsOf = new Map<string | undefined, string[]>();
  const found: Sql[] = [];
  for (const { type, id } of patterns) {
    if (id === undefined) found.push(targetTypeSql(type, names));
    else idsOf.set(type, [...(idsOf.get(type) ?? []), id]);
  }
  for (const [type, ids] of idsOf) found.push(targetSql(type, ids, names, column));
  return found;
}

function targetSql(type: string | undefined, ids: readonly string[], names: Names, column: Column): Sql {
  const typeId = type === undefined ? undefined : names.typeId(type);
  if (type !== undefined && typeId === undefined) return never;
  const ofType = typeId === undefined ? sql('type IN (SELECT id FROM type)') : sql('type = ?', typeId);
  const rids = glue('(SELECT rid FROM resource WHERE ', ofType, ' AND ', oneOfTexts('id', ids), ')');
  // One resource is a number; only several need a list, which SQLite has to build first.
  const isOne = typeId !== undefined && ids.length === 1;
  return glue(`${column('target')} ${isOne ? '=' : 'IN'} `, rids);
}

function targetTypeSql(type: string | undefined, names: Names): Sql {
  if (type === undefined) return always;
  const id = names.typeId(type);
  return id === undefined ? never : sql('(SELECT type FROM resource WHERE rid = t.target) = ?', id);
}

function uriSql(test: ValueTest & { kind: 'uri' }, column: Column): readonly Sql[] {
  const { uri, version, match } = test;
  if (match === 'exact') {
    const sameVersion = version === undefined ? always : sql('t.version = ?', version);
    return [conjunction([sql(`${column('uri')} = ?`, uri), sameVersion])];
  }
  const longer = uri.endsWith('/') ? uri : `${uri}/`;
  const versions =
    version === undefined
      ? always
      : glue('(', sql('t.version = ?', version), ' OR ', prefixSql('t.version', `${version}.`), ')');
  return [sql(`${column('uri')} = ?`, uri), prefixSql(column('uri'), longer)].map((part) =>
    conjunction([part, versions]),
  );
}

function dateSql(bounds: readonly DateBound[], column: Column): ValueSql {
  const index = bounds.some(({ end }) => end === 'first') ? 'date_by_first' : 'date_by_last';
  const tests = bounds.flatMap(({ end, is, at }) => {
    const test = sql(`${column(end)} ${is} ?`, at);
    const other = impliedEnd(end, is, { low: 'first', high: 'last' });
    return other === undefined ? [test] : [test, sql(`${column(other)} ${is} ?`, at)];
  });
  return { table: 'date_value', index, anyOf: [conjunction(tests)] };
}

function quantitySql(bounds: readonly NumberBound[], unit: Sql, column: Column): ValueSql {
  const index = bounds.some(({ end }) => end === 'low') ? 'quantity_by_low' : 'quantity_by_high';
  const tests = bounds.flatMap(({ end, is, value }) => {
    const test = sql(`${column(end)} ${is} ?`, value);
    const other = impliedEnd(end, is, { low: 'low', high: 'high' });
    return other === undefined ? [test] : [test, sql(`${column(other)} ${is} ?`, value)];
  });
  return { table: 'quantity_value', index, anyOf: [conjunction([...tests, unit])] };
}

/** The low end is never above the high one, so a bound on one may bound the other too: the index then has two. */
function impliedEnd(
  end: string,
  is: DateBound['is'],
  names: { readonly low: string; readonly high: string },
): string | undefined {
  const upper = is === '<' || is === '<=';
  if (upper && end === names.high) return names.low;
  return !upper && end === names.low ? names.high : undefined;
}

export function unitSql(unit: { readonly system?: string; readonly code: string }, names: Names): Sql {
  if (unit.system === undefined) return sql('(t.code = ? OR t.unit = ?)', unit.code, unit.code);
  const system = names.systemId(unit.system);
  return system === undefined ? never : sql('(t.system = ? AND t.code = ?)', system, unit.code);
}
