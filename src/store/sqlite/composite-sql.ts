import type { ValueTest } from '../../search/filter.ts';
import { impliedSystem } from '../../search/index-values.ts';
import type { Names } from './names.ts';
import { afterPrefix, always, conjunction, disjunction, glue, never, type Sql, sql } from './sql.ts';
import { endsWith } from './value-sql.ts';

/**
 * The rows of one tuple that pass a composite test: `FROM …` and what follows, with c0 as the first part. What
 * the columns mean: composite-row.ts.
 */
export function compositeSql(parts: readonly ValueTest[], names: Names): Sql {
  const tests = parts.map((part, i) => {
    const own = sql(`c${i}.part = ? AND c${i}.kind = ?`, i, part.kind);
    return glue(own, ' AND ', partSql(part, `c${i}`, names));
  });
  const tables = parts.map((_, i) =>
    i === 0
      ? 'composite_value c0'
      : ` CROSS JOIN composite_value c${i} ON c${i}.rid = c0.rid AND c${i}.param = c0.param AND c${i}.tuple = c0.tuple`,
  );
  return glue(`${tables.join('')} WHERE `, conjunction(tests));
}

function partSql(test: ValueTest, c: string, names: Names): Sql {
  switch (test.kind) {
    case 'token':
      return disjunction(test.anyOf.map(({ system, code }) => tokenPart(system, code, c, names)));
    case 'text':
      return prefixPart(`${c}.text`, test.prefix);
    case 'string':
      return stringPart(test, c);
    case 'reference':
      return disjunction(
        test.anyOf.map(({ type, id }) =>
          conjunction([
            type === undefined ? always : sql(`${c}.system = ?`, names.typeId(type) ?? -1),
            id === undefined ? always : sql(`${c}.code = ?`, id),
          ]),
        ),
      );
    case 'uri':
      return uriPart(test, c);
    case 'date':
      return conjunction(
        test.bounds.map(({ end, is, at }) => sql(`${c}.${end === 'first' ? 'low' : 'high'} ${is} ?`, at)),
      );
    case 'quantity':
      return conjunction([
        ...test.bounds.map(({ end, is, value }) => sql(`${c}.${end} ${is} ?`, value)),
        ...(test.unit ? [unitPart(test.unit, c, names)] : []),
      ]);
    case 'composite':
      return never;
  }
}

function tokenPart(system: string | undefined, code: string | undefined, c: string, names: Names): Sql {
  const sameCode = code === undefined ? always : sql(`${c}.code = ?`, code);
  if (system === undefined) return sameCode;
  const id = names.systemId(system) ?? -1;
  const implied = code === undefined ? id : (names.systemId(impliedSystem) ?? id);
  return conjunction([sameCode, sql(`${c}.system IN (?, ?)`, id, implied)]);
}

function stringPart(test: ValueTest & { kind: 'string' }, c: string): Sql {
  switch (test.match) {
    case 'exact':
      return sql(`${c}.code = ?`, test.text);
    case 'whole':
      return sql(`${c}.text = ?`, test.text);
    case 'prefix':
      return prefixPart(`${c}.text`, test.text);
    case 'suffix':
      return endsWith(`${c}.text`, test.text);
    case 'substring':
      return sql(`instr(${c}.text, ?) > 0`, test.text);
  }
}

function uriPart(test: ValueTest & { kind: 'uri' }, c: string): Sql {
  const { uri, version, match } = test;
  const same = sql(`${c}.text = ?`, uri);
  const sameVersion = version === undefined ? always : sql(`${c}.code = ?`, version);
  if (match === 'exact') return conjunction([same, sameVersion]);
  const longer = prefixPart(`${c}.text`, uri.endsWith('/') ? uri : `${uri}/`);
  const later = version === undefined ? always : prefixPart(`${c}.code`, `${version}.`);
  return conjunction([disjunction([same, longer]), disjunction([sameVersion, later])]);
}

function unitPart(unit: { readonly system?: string; readonly code: string }, c: string, names: Names): Sql {
  if (unit.system === undefined) return sql(`(${c}.code = ? OR ${c}.text = ?)`, unit.code, unit.code);
  return sql(`(${c}.system = ? AND ${c}.code = ?)`, names.systemId(unit.system) ?? -1, unit.code);
}

function prefixPart(column: string, prefix: string): Sql {
  const after = afterPrefix(prefix);
  if (after === undefined) return sql(`${column} >= ?`, prefix);
  return sql(`(${column} >= ? AND ${column} < ?)`, prefix, after);
}
